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
  const chosen = range ?? ends
  return (
    <fieldset class="range">
      <legend>{legend}</legend>
      {(["from", "to"] as const).map((name, end) => (
        <label key={name}>
          {name}{" "}
          <input
            type="number"
            min={ends[0]}
            max={ends[1]}
            value={chosen[end]}
            onChange={(event) => {
              const [first, last] = chosen.map((value, i) => (i === end ? event.currentTarget.value : String(value)))
              onChange(rangeOfTexts(first!, last!, ends))
            }}
          />
        </label>
      ))}
    </fieldset>
  )
}
