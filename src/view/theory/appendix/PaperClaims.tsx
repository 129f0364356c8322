/**
 * What appendix C concludes from its numbers, on the trajectory and in expectation.
 *
 * @module
 */
import { appendixC } from "../../../theory/illustration/AppendixC.ts"
import { short } from "../../chart/Chart.tsx"
import { linkTo } from "../../Place.ts"
import { four } from "../Names.ts"

const Verdict = (
  { holds }: { readonly holds: boolean }
) => (holds ? <span class="right">✓ holds</span> : <span class="wrong">✗ does not</span>)

/** The three claims at the restored inputs, and why ours differ from the printed numbers. */
export const PaperClaims = () => {
  const { claims, largestDifference } = appendixC()
  return (
    <>
      <h2>What the appendix concludes, at its own inputs</h2>
      <div class="scroll" tabIndex={0} role="group" aria-label="Claims of appendix C">
        <table>
          <thead>
            <tr>
              <th scope="col">Claim</th>
              <th scope="col">From the printed numbers</th>
              <th scope="col">On this trajectory</th>
              <th scope="col">Over all trajectories</th>
            </tr>
          </thead>
          <tbody>
            {claims.map(({ holds, holdsInExpectation, inExpectation, printed, statement, value }) => (
              <tr key={statement}>
                <th scope="row">{statement}</th>
                <td>{short(printed)}</td>
                <td>
                  {short(value)} <Verdict holds={holds} />
                </td>
                <td>
                  {short(inExpectation)} <Verdict holds={holdsInExpectation} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p>
        Every printed figure is met to{" "}
        {four(largestDifference)}. The paper's text lost its inputs; these are the ones that reproduce its tables. What is left is rounding:
        the paper rounded two log-ratios to 0.0415 and 0.0588 before it multiplied them by 8. One trajectory is one sample of a gradient:
        over all trajectories the ratios are others, and the push on θ_S has the other sign (<a
          href={linkTo("theory", { page: "claims", claim: "C25" })}
        >
          claim C25
        </a>, <a href={linkTo("theory", { page: "claims", claim: "C24" })}>C24</a>).
      </p>
    </>
  )
}
