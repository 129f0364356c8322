/**
 * The pages of the view Theory.
 *
 * @module
 */

/** What a page is given: the parameters of the address, and how to go to others. */
export interface PageProps {
  readonly params: URLSearchParams
  readonly go: (params: URLSearchParams, how?: "push" | "replace") => void
}

/** Each page with the question that it answers. */
export const PAGES = [
  {
    id: "accuracy",
    name: "Accuracy",
    asks: "What do the three rates p_S, p_D|C and p_D|W make of accuracy, and which of them gains most from here?"
  },
  {
    id: "length",
    name: "Push and drag",
    asks: "How do the reward's push and the KL penalty's drag on π_S and π_D change with the length of answers? (Appendix C)"
  },
  { id: "kl", name: "KL", asks: "What does a KL estimator descend in the loss or in the reward, and on which sub-policy does it pull?" },
  {
    id: "dynamics",
    name: "Dynamics",
    asks: "Where do the three rates go under reinforcement learning, SFT, DFT or negative feedback, and where do they rest?"
  },
  { id: "claims", name: "Claims", asks: "Which claims of the paper hold, under what, and which counterexample shows where one ends?" }
] as const

/** A page. */
export type PageId = (typeof PAGES)[number]["id"]

/** The page that parameters name; undefined: the first screen. */
export const pageOf = (params: URLSearchParams): PageId | undefined => PAGES.find(({ id }) => id === params.get("page"))?.id
