/**
 * Choices of which any number may hold.
 *
 * @module
 */

/** A choice. */
export interface Choice<A> {
  readonly value: A
  readonly name: string
  /** How many rollouts it is of. */
  readonly count?: number
}

/** Check boxes, one a line. */
export const CheckList = <A extends string>({ choices, chosen, legend, onToggle }: {
  readonly legend: string
  readonly choices: ReadonlyArray<Choice<A>>
  readonly chosen: ReadonlyArray<A>
  readonly onToggle: (value: A, isIn: boolean) => void
}) => (
  <fieldset class="checks">
    <legend>{legend}</legend>
    {choices.map(({ count, name, value }) => (
      <label key={value} class="check">
        <input type="checkbox" checked={chosen.includes(value)} onChange={(event) => onToggle(value, event.currentTarget.checked)} />
        <span>{name}</span>
        {count !== undefined && <span class="dim count">{count.toLocaleString("en")}</span>}
      </label>
    ))}
  </fieldset>
)
