/**
 * How curves are drawn: what the x axis counts, and how much they are smoothed.
 *
 * @module
 */
import type { XAxis } from "./RunCurves.ts"

/** The controls. */
export const RunControls = ({ axis, canCountTokens, onAxis, onWeight, weight }: {
  readonly axis: XAxis
  readonly canCountTokens: boolean
  readonly weight: number
  readonly onAxis: (axis: XAxis) => void
  readonly onWeight: (weight: number) => void
}) => (
  <div class="bar">
    <label>
      x axis
      <select value={axis} onChange={(event) => onAxis(event.currentTarget.value === "tokens" ? "tokens" : "steps")}>
        <option value="steps">steps</option>
        <option value="tokens" disabled={!canCountTokens}>tokens{canCountTokens ? "" : " (not counted)"}</option>
      </select>
    </label>
    <label>
      smoothing: {weight === 0 ? "none" : `weight ${weight}`}
      <input
        type="range"
        min="0"
        max="0.99"
        step="0.01"
        value={weight}
        onInput={(event) => onWeight(Number(event.currentTarget.value))}
      />
    </label>
  </div>
)
