/**
 * Which claims of the ledger are listed: by verdict, by words, and the one that a link names.
 *
 * @module
 */
import { CLAIMS } from "../../../theory/Claims.ts"
import type { Claim, ClaimStatus } from "../../../theory/claims/Claim.ts"

/** The verdicts in the order in which they are offered, with what they say. */
export const VERDICTS: Readonly<Record<ClaimStatus, string>> = {
  exact: "holds exactly",
  "in expectation": "holds in expectation",
  "under assumption": "holds under an assumption",
  "refuted as stated": "refuted as stated",
  definition: "definition",
  empirical: "judged by measurement"
}

/** A verdict's name in code. */
export const STATUSES = Object.keys(VERDICTS) as ReadonlyArray<ClaimStatus>

/** What is asked for; no verdict: all of them. */
export interface ClaimFilter {
  readonly statuses: ReadonlyArray<ClaimStatus>
  readonly text: string
}

/** Reads the filter from parameters; verdicts that are none are left out. */
export const claimFilterOf = (params: URLSearchParams): ClaimFilter => {
  const named = params.getAll("verdict")
  return { statuses: STATUSES.filter((status) => named.includes(status)), text: params.get("text") ?? "" }
}

const wordsOf = ({ assumption = "", counterexample, finding, id, statement, where }: Claim): string =>
  [id, where, statement, assumption, finding, counterexample?.given ?? "", counterexample?.instead ?? ""].join(" ").toLowerCase()

/** The claims that a filter asks for, in the order of the ledger: each word of the text has to occur. */
export const claimsFor = ({ statuses, text }: ClaimFilter): ReadonlyArray<Claim> => {
  const words = text.toLowerCase().split(/\s+/).filter((word) => word !== "")
  return CLAIMS.filter((claim) =>
    (statuses.length === 0 || statuses.includes(claim.status)) && words.every((word) => wordsOf(claim).includes(word))
  )
}

/** Parameters of the page with a filter and the claim that is open. */
export const claimParams = ({ statuses, text }: ClaimFilter, claim: string | null): URLSearchParams => {
  const params = new URLSearchParams({ page: "claims" })
  for (const status of statuses) params.append("verdict", status)
  if (text !== "") params.set("text", text)
  if (claim !== null) params.set("claim", claim)
  return params
}
