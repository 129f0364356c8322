/**
 * The table of part 2: the KL penalty's Q along the trajectory, last action first.
 *
 * @module
 */
import { PRINTED } from "../../../theory/illustration/AppendixCPrinted.ts"
import { CHOICES, four } from "../Names.ts"
import { chainOf, type PushInputs } from "./PushAndDrag.ts"

/** A row an action; in brackets what the paper prints, where the inputs are its own. */
export const ChainTable = ({ hasPrinted, inputs }: { readonly inputs: PushInputs; readonly hasPrinted: boolean }) => {
  const cell = (value: number, printed: number | undefined) => (
    <td>
      {four(value)}
      {hasPrinted && printed !== undefined && <span class="dim">({four(printed)})</span>}
    </td>
  )
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label="The Q chain of the KL penalty">
      <table>
        <thead>
          <tr>
            <th scope="col">Action</th>
            <th scope="col">Attempt</th>
            <th scope="col">r</th>
            <th scope="col">to come</th>
            <th scope="col">Q = r + to come</th>
            <th scope="col" class="text">pushes</th>
            <th scope="col">Q·∇log π</th>
          </tr>
        </thead>
        <tbody>
          {chainOf(inputs).map((row, index) => {
            const printed = PRINTED.steps[index]
            return (
              <tr key={row.action}>
                <th scope="row">{row.action}</th>
                <td>{row.step}</td>
                {cell(row.immediate, printed?.r)}
                {cell(row.future, printed?.future)}
                {cell(row.q, printed?.q)}
                <td class="text">{CHOICES[row.parameter].logit}</td>
                {cell(row.contribution, printed?.contribution)}
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
