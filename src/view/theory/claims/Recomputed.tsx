/**
 * A counterexample, computed here and now beside the ledger's numbers.
 *
 * @module
 */
import { useMemo } from "preact/hooks"
import type { Claim } from "../../../theory/claims/Claim.ts"
import { recomputeCounterexample } from "../../../theory/claims/Counterexamples.ts"
import { digits } from "./Digits.ts"

/** A row a number. */
export const Recomputed = ({ claim }: { readonly claim: Claim }) => {
  const numbers = useMemo(() => recomputeCounterexample(claim), [claim])
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={`Numbers of ${claim.id}`}>
      <table>
        <thead>
          <tr>
            <th scope="col">Number</th>
            <th scope="col">Computed now</th>
            <th scope="col">Ledger</th>
            <th scope="col" class="text">To four digits</th>
          </tr>
        </thead>
        <tbody>
          {numbers.map(({ agrees, computed, ledger, name }) => (
            <tr key={name}>
              <th scope="row">
                <code>{name}</code>
              </th>
              <td>{digits(computed)}</td>
              <td>{digits(ledger)}</td>
              <td class="text">{agrees ? <span class="right">✓ the same</span> : <span class="wrong">✗ another</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
