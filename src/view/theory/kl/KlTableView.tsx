/**
 * Every estimator and placement at one length.
 *
 * @module
 */
import { LOGIT_NAMES } from "../../../theory/illustration/ThreeLogit.ts"
import type { KlTableRow } from "../../../theory/KlTable.ts"
import { short } from "../../chart/Chart.tsx"
import { CHOICES } from "../Names.ts"
import { estimatorName, PLACEMENT_NAMES } from "./KlForm.ts"
import { entryAt } from "./KlRows.ts"
import { divergenceWords } from "./Words.ts"

const cell = (value: number | null | undefined): string =>
  value === null || value === undefined ? "–" : value === Infinity ? "∞" : short(Math.abs(value) < 1e-12 ? 0 : value)

/** A row a combination; its button chooses it. */
export const KlTableView = ({ choose, chosen, length, rows }: {
  readonly rows: ReadonlyArray<KlTableRow>
  readonly chosen: KlTableRow | undefined
  readonly length: number
  readonly choose: (row: KlTableRow) => void
}) => (
  <div class="scroll" tabIndex={0} role="group" aria-label="Every estimator and placement">
    <table>
      <thead>
        <tr>
          <th scope="col">Estimator, placed</th>
          <th scope="col" class="text">descends</th>
          <th scope="col">on π_S</th>
          <th scope="col">on π_D</th>
          <th scope="col">π_S : π_D</th>
          <th scope="col">ratio grows like</th>
          {LOGIT_NAMES.map((name) => <th key={name} scope="col">{CHOICES[name].logit}</th>)}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => {
          const entry = entryAt(row, length)
          return (
            <tr key={`${row.estimator} ${row.placement}`} class={row === chosen ? "chosen" : undefined}>
              <th scope="row">
                <button type="button" aria-pressed={row === chosen} onClick={() => choose(row)}>
                  {estimatorName(row.estimator)} {PLACEMENT_NAMES[row.placement]}
                </button>
              </th>
              <td class="text">{divergenceWords(row.divergence)}</td>
              <td>{cell(entry?.sampling)}</td>
              <td>{cell(entry?.decision)}</td>
              <td>{cell(entry?.ratio)}</td>
              <td>{row.growth.ratio === null ? "–" : `L^${short(Number(row.growth.ratio.toFixed(2)))}`}</td>
              {LOGIT_NAMES.map((name) => <td key={name}>{cell(entry?.gradient[name])}</td>)}
            </tr>
          )
        })}
      </tbody>
    </table>
  </div>
)
