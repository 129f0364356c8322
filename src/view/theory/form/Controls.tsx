/**
 * Groups of controls of a form.
 *
 * @module
 */
import type { Choice, Form, Quantity } from "./Form.ts"
import { Slider } from "./Slider.tsx"

/** Changes some values, by name. */
export type Change = (changes: Readonly<Record<string, number | string>>, how?: "push" | "replace") => void

/** Some of a form's controls under a name. */
export const Controls = ({ change, chosen, form, legend, names, numbers }: {
  readonly legend: string
  readonly form: Form
  /** Which, in order. */
  readonly names: ReadonlyArray<string>
  readonly numbers: Readonly<Record<string, number>>
  readonly chosen: Readonly<Record<string, string>>
  readonly change: Change
}) => (
  <fieldset class="controls">
    <legend>{legend}</legend>
    {names.map((name) => {
      const quantity: Quantity | undefined = form.quantities.find((each) => each.name === name)
      if (quantity !== undefined) {
        return <Slider key={name} quantity={quantity} value={numbers[name]!} onChange={(value) => change({ [name]: value }, "replace")} />
      }
      const choice: Choice | undefined = form.choices.find((each) => each.name === name)
      return choice === undefined ? null : (
        <label key={name}>
          {choice.label}
          <select value={chosen[name]!} onChange={(event) => change({ [name]: event.currentTarget.value })}>
            {choice.options.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
          </select>
        </label>
      )
    })}
  </fieldset>
)
