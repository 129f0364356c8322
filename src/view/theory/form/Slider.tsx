/**
 * A number: a slider, and a field beside it for exact values.
 *
 * @module
 */
import { useId, useState } from "preact/hooks"
import { numberIn, placeAmong, type Quantity, rangeOf } from "./Form.ts"

/** A slider with its field. The field takes a number as soon as it is one, and shows what counts when it is left. */
export const Slider = ({ onChange, quantity, value }: {
  readonly quantity: Quantity
  readonly value: number
  readonly onChange: (value: number) => void
}) => {
  const id = useId()
  const [draft, setDraft] = useState<string>()
  const { isWhole = false, label, least, most, step, stops } = quantity
  const isWrong = draft !== undefined && numberIn(quantity, draft) === undefined
  const slide = (text: string): void => onChange(stops === undefined ? Number(text) : stops[Number(text)]!)
  return (
    <div class="slider">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="range"
        min={stops === undefined ? least : 0}
        max={stops === undefined ? most : stops.length - 1}
        step={stops === undefined ? step : 1}
        value={stops === undefined ? value : placeAmong(stops, value)}
        aria-valuetext={String(value)}
        onInput={(event) => slide(event.currentTarget.value)}
      />
      <input
        type="text"
        inputMode={isWhole ? "numeric" : "decimal"}
        aria-label={`${label}, ${rangeOf(quantity)}`}
        aria-invalid={isWrong}
        title={rangeOf(quantity)}
        value={draft ?? String(value)}
        onInput={(event) => {
          const text = event.currentTarget.value
          setDraft(text)
          const number = numberIn(quantity, text)
          if (number !== undefined) onChange(number)
        }}
        onBlur={() => setDraft(undefined)}
      />
      {isWrong && <span class="wrong" role="alert">Expected {rangeOf(quantity)}</span>}
    </div>
  )
}
