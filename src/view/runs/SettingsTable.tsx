/**
 * The settings of runs side by side: what differs first.
 *
 * @module
 */
import type { RunInfo } from "../Api.ts"
import { type SettingRow, settingRows } from "./RunWords.ts"

const Rows = (
  { label, rows, runs }: { readonly label: string; readonly rows: ReadonlyArray<SettingRow>; readonly runs: ReadonlyArray<RunInfo> }
) => (
  <div class="scroll" role="region" aria-label={label} tabIndex={0}>
    <table>
      <thead>
        <tr>
          <th scope="col">Setting</th>
          {runs.map((run) => <th key={run.id} class="text" scope="col">{run.name}</th>)}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, values }) => (
          <tr key={name}>
            <th scope="row">
              <code>{name}</code>
            </th>
            {runs.map((run, i) => <td key={run.id} class="text setting">{values[i] ?? <span class="dim">not set</span>}</td>)}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)

/** Settings that differ, and folded those that do not. */
export const SettingsTable = ({ runs }: { readonly runs: ReadonlyArray<RunInfo> }) => {
  const rows = settingRows(runs)
  const [different, same] = [rows.filter(({ isSame }) => !isSame), rows.filter(({ isSame }) => isSame)]
  if (rows.length === 0) return null
  return (
    <section aria-labelledby="settings">
      <h2 id="settings">{runs.length > 1 ? "What differs in their settings" : "Settings"}</h2>
      {runs.length > 1 && (different.length === 0
        ? (
          <p>
            Nothing: their settings are the same. {runs.some(({ by }) => by === "reproduce") &&
              "Of reproduce they are those of the whole preset; the name of a run says which of its trainings it is."}
          </p>
        )
        : <Rows label="Settings that differ" rows={different} runs={runs} />)}
      {same.length > 0 && (
        <details>
          <summary>{runs.length > 1 ? `${same.length} settings are the same` : `${same.length} settings`}</summary>
          <Rows label={runs.length > 1 ? "Settings that are the same" : "Settings"} rows={same} runs={runs.slice(0, 1)} />
        </details>
      )}
    </section>
  )
}
