/**
 * All counterexamples at once.
 *
 * @module
 */
import { useState } from "preact/hooks"
import { CLAIMS } from "../../../theory/Claims.ts"
import { recomputeCounterexample } from "../../../theory/claims/Counterexamples.ts"
import { linkTo } from "../../Place.ts"

interface Result {
  readonly claims: number
  readonly numbers: number
  readonly others: ReadonlyArray<string>
  readonly milliseconds: number
}

/** Computes every counterexample of the ledger and names the claims whose numbers are not the ledger's. */
const recomputeAll = (): Result => {
  const begun = performance.now()
  const all = CLAIMS.map((claim) => ({ id: claim.id, numbers: recomputeCounterexample(claim) })).filter(({ numbers }) => numbers.length > 0)
  return {
    claims: all.length,
    numbers: all.reduce((sum, { numbers }) => sum + numbers.length, 0),
    others: all.filter(({ numbers }) => numbers.some(({ agrees }) => !agrees)).map(({ id }) => id),
    milliseconds: Math.round(performance.now() - begun)
  }
}

/** A button that does it, and what came out. */
export const AllRecomputed = () => {
  const [result, setResult] = useState<Result>()
  return (
    <div class="bar">
      <button type="button" onClick={() => setResult(recomputeAll())}>Compute all counterexamples now</button>
      <span role="status">
        {result !== undefined && (
          <>
            {result.numbers} numbers of {result.claims} claims in {result.milliseconds} ms: {result.others.length === 0
              ? <span class="right">✓ all are the ledger's, to four digits</span>
              : (
                <span class="wrong">
                  ✗ not the ledger's:{" "}
                  {result.others.map((id) => <a key={id} href={linkTo("theory", { page: "claims", claim: id })}>{id}</a>)}
                </span>
              )}
          </>
        )}
      </span>
    </div>
  )
}
