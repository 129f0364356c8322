/**
 * Which runs are shown.
 *
 * @module
 */
import type { RunInfo } from "../Api.ts"
import { linkTo } from "../Place.ts"
import { RunSwatch } from "./RunSwatch.tsx"
import { stateOf } from "./RunWords.ts"

/** A table of all runs with a check box each, how each stands, and its rollouts. */
export const RunChoice = ({ chosen, onChange, places, runs }: {
  readonly runs: ReadonlyArray<RunInfo>
  readonly chosen: ReadonlyArray<string>
  readonly places: ReadonlyMap<string, number>
  readonly onChange: (ids: ReadonlyArray<string>) => void
}) => (
  <div class="scroll tall" role="region" aria-label="Runs" tabIndex={0}>
    <table class="runs">
      <thead>
        <tr>
          <th class="text" scope="col">Run</th>
          <th class="text" scope="col">by</th>
          <th class="text" scope="col">state</th>
          <th class="text" scope="col">rollouts</th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => {
          const { kind, words } = stateOf(run)
          return (
            <tr key={run.id}>
              <td>
                <label class="check" title={run.path}>
                  <input
                    type="checkbox"
                    checked={chosen.includes(run.id)}
                    disabled={run.points === 0}
                    onChange={(event) =>
                      onChange(runs.flatMap(({ id }) => ((id === run.id ? event.currentTarget.checked : chosen.includes(id)) ? [id] : [])))}
                  />
                  <RunSwatch place={places.get(run.id) ?? 0} />
                  <span>{run.name}</span>
                </label>
              </td>
              <td class="text">{run.by}</td>
              <td class={kind === "failed" || kind === "stopped" ? "text wrong" : "text"}>
                {kind === "running" ? "▶ " : kind === "failed" || kind === "stopped" ? "! " : ""}
                {words}
              </td>
              <td class="text">
                {run.sets.length === 0 ?
                  <span class="dim">none</span> :
                  run.sets.map((set, i) => (
                    <a key={set} href={linkTo("rollouts", { set })}>{run.sets.length === 1 ? "rollouts" : `rollouts ${i + 1} `}</a>
                  ))}
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  </div>
)
