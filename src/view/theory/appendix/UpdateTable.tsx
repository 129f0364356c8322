/**
 * The table of C.2: push, drag and net by logit, beside what the paper prints and the mean over all trajectories.
 *
 * @module
 */
import { LOGIT_NAMES, type LogitName } from "../../../theory/illustration/ThreeLogit.ts"
import { CHOICES, four } from "../Names.ts"
import { printedOf, pushAndDrag, type PushInputs } from "./PushAndDrag.ts"

const COLUMNS = ["push", "drag", "net"] as const

const parts = ({ drag, push }: { readonly drag: number; readonly push: number }) => ({ push, drag, net: push + drag })

/** Nine numbers a reading; the printed ones only where the inputs are the paper's. */
export const UpdateTable = ({ hasPrinted, inputs }: { readonly inputs: PushInputs; readonly hasPrinted: boolean }) => {
  const [sample, mean] = [pushAndDrag(inputs, "trajectory"), pushAndDrag(inputs, "expectation")]
  const at = (name: LogitName, { drag, push }: typeof sample) => parts({ drag: drag[name], push: push[name] })
  const rows = (name: LogitName) => {
    const printed = printedOf(name)
    return [
      { over: "one trajectory", ...at(name, sample) },
      ...(hasPrinted ? [{ over: "printed in the paper", push: printed.reward, drag: printed.kl, net: printed.net }] : []),
      { over: "all trajectories", ...at(name, mean) }
    ]
  }
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label="Push, drag and net">
      <table>
        <thead>
          <tr>
            <th scope="col">Logit</th>
            <th scope="col" class="text">Over</th>
            <th scope="col">Reward's push</th>
            <th scope="col">KL drag</th>
            <th scope="col">Net</th>
          </tr>
        </thead>
        <tbody>
          {LOGIT_NAMES.flatMap((name) =>
            rows(name).map((row, index) => (
              <tr key={`${name} ${row.over}`}>
                <th scope="row">
                  {CHOICES[name].logit}
                  <span class="dim">{index === 0 ? `of ${CHOICES[name].owner}` : ""}</span>
                </th>
                <td class="text">{row.over}</td>
                {COLUMNS.map((column) => <td key={column}>{four(row[column])}</td>)}
              </tr>
            ))
          )}
        </tbody>
      </table>
    </div>
  )
}
