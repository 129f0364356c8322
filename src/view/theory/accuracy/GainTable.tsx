/**
 * What each rate is worth here.
 *
 * @module
 */
import type { TwoStageRates } from "../../../theory/Accuracy.ts"
import { percent, short } from "../../chart/Chart.tsx"
import { CHOICES } from "../Names.ts"
import { mostGaining, sensitivities } from "./Sensitivity.ts"

/** A row a rate: derivative, elasticity, derivative by the logit, and accuracy with the rate at 1. */
export const GainTable = ({ cap, rates }: { readonly rates: TwoStageRates; readonly cap: number }) => {
  const most = mostGaining(rates, cap)
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label="What each rate is worth here">
      <table>
        <thead>
          <tr>
            <th scope="col">Rate</th>
            <th scope="col" class="text">Owner</th>
            <th scope="col">Here</th>
            <th scope="col">∂acc/∂rate</th>
            <th scope="col">Elasticity</th>
            <th scope="col">∂acc/∂θ</th>
            <th scope="col">Accuracy at rate 1</th>
          </tr>
        </thead>
        <tbody>
          {sensitivities(rates, cap).map(({ atOne, elasticity, gain, name, onLogit, rate }) => (
            <tr key={name}>
              <th scope="row">{CHOICES[name].rate}</th>
              <td class="text">{CHOICES[name].owner}</td>
              <td>{percent(rate)}</td>
              <td>{short(gain)}{most.includes(name) && <strong>most</strong>}</td>
              <td>{elasticity === null ? "–" : short(elasticity)}</td>
              <td>{short(onLogit)}</td>
              <td>{percent(atOne)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
