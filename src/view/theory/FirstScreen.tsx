/**
 * What the paper claims, and what can be done on the pages of the theory.
 *
 * @module
 */
import { linkTo } from "../Place.ts"
import { PAGES } from "./Pages.ts"

/** The first screen. */
export const FirstScreen = ({ unknown }: { readonly unknown: string | null }) => (
  <>
    <h1>Theory</h1>
    {unknown !== null && <p class="note">There is no page {JSON.stringify(unknown)}; these are the pages.</p>}
    <p>
      The paper (The Two-Stage Decision-Sampling Hypothesis, arXiv 2601.01580) reads a model that reflects as two sub-policies in one
      network: π_S samples an answer, π_D decides on it, STOP or RESAMPLE. It claims that reinforcement learning's reward pushes both alike,
      while SFT and KL penalties bear mostly on π_S, whose answers have many tokens where a decision has one; so reinforcement learning
      teaches to decide, and SFT does not. The pages below run this library's theory in your browser: move a value and the figures, the
      sentence and the address follow, so that every state can be sent as a link.
    </p>
    <dl class="pages-list">
      {PAGES.map(({ asks, id, name }) => (
        <div key={id}>
          <dt>
            <a href={linkTo("theory", { page: id })}>{name}</a>
          </dt>
          <dd>{asks}</dd>
        </div>
      ))}
    </dl>
    <p class="dim">
      p_S is the probability that an attempt is right, p_D|C that a right one is accepted (STOP), p_D|W that a wrong one is rejected
      (RESAMPLE). θ_S, θ_C and θ_W are their logits.
    </p>
  </>
)
