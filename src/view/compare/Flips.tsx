/**
 * Problems that one model solves and the other does not.
 *
 * @module
 */
import type { Compared, Flip } from "../Api.ts"
import { linkTo } from "../Place.ts"

const Samples = ({ name, of: { all, right, row }, set }: { readonly name: string; readonly of: Flip["from"]; readonly set: string }) => (
  <a class="number" href={linkTo("rollouts", { set, promptOf: row })} aria-label={`${name}: ${right} of ${all} right, its samples`}>
    {right} of {all}
  </a>
)

const FlipTable = ({ count, flips, from, name, sign, to }: {
  readonly name: string
  readonly sign: string
  readonly count: number
  readonly flips: ReadonlyArray<Flip>
  readonly from: string
  readonly to: string
}) => (
  <section aria-label={name}>
    <h3>
      <span class={sign === "+" ? "right" : "wrong"}>{sign}</span> {name}: {count.toLocaleString("en")}
    </h3>
    {flips.length < count && <p class="dim">The {flips.length} that changed most.</p>}
    {flips.length > 0 && (
      <div class="scroll tall" role="region" aria-label={`${name}, problem by problem`} tabIndex={0}>
        <table class="flips">
          <thead>
            <tr>
              <th scope="col">problem</th>
              <th scope="col" class="text">level</th>
              <th scope="col">right before</th>
              <th scope="col">right after</th>
            </tr>
          </thead>
          <tbody>
            {flips.map((flip, i) => (
              <tr key={i}>
                <td class="prompt">{flip.prompt}</td>
                <td class="text">{flip.level}</td>
                <td>
                  <Samples name={`before, ${flip.prompt}`} of={flip.from} set={from} />
                </td>
                <td>
                  <Samples name={`after, ${flip.prompt}`} of={flip.to} set={to} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    )}
  </section>
)

/** What was gained and what was lost, each problem with its samples in both sets. */
export const Flips = ({ compared: { gained, gainedCount, lost, lostCount, shared }, from, to }: {
  readonly compared: Compared
  readonly from: string
  readonly to: string
}) => (
  <section aria-labelledby="flips">
    <h2 id="flips">Problems that flipped</h2>
    {shared === 0 ? <p>No prompt is in both, so no problem can be followed from one to the other.</p> : (
      <>
        <p>
          Of {shared.toLocaleString("en")} problems that both have, {gainedCount.toLocaleString("en")} were gained and{" "}
          {lostCount.toLocaleString("en")} lost: more of their responses are right, or fewer.
        </p>
        <div class="charts">
          <FlipTable name="Gained" sign="+" count={gainedCount} flips={gained} from={from} to={to} />
          <FlipTable name="Lost" sign="−" count={lostCount} flips={lost} from={from} to={to} />
        </div>
      </>
    )}
  </section>
)
