/**
 * A range of whole numbers in two fields.
 *
 * @module
 */
import { rangeOfTexts } from "./FilterParts.ts"

/** The two ends of a range within `ends`; a field that says nothing is the end itself. */
export const RangeFields = ({ ends, legend, onChange, range }: {
  readonly legend: string
  readonly ends: readonly [number, number]
  readonly range: readonly [number, number] | undefined
  readonly onChange: (range: readonly [number, number] | undefined) => void
}) => {
  const [first, last] = range ?? ends
  return (
    <fieldset class="range">
      <legend>{legend}</legend>
      <label>
        from{" "}
        <input
          type="number"
          min={ends[0]}
          max={ends[1]}
          value={first}
          onChange={(event) => onChange(rangeOfTexts(event.currentTarget.value, String(last), ends))}
        />
      </label>
      <label>
        to{" "}
        <input
          type="number"
          min={ends[0]}
          max={ends[1]}
          value={last}
          onChange={(event) => onChange(rangeOfTexts(String(first), event.currentTarget.value, ends))}
        />
      </label>
    </fieldset>
  )
}
