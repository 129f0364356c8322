/**
 * How a run is drawn.
 *
 * @module
 */
import { runStyle } from "./RunCurves.ts"

/** A short line in a run's colour and dashes. */
export const RunSwatch = ({ place }: { readonly place: number }) => {
  const { color, dash } = runStyle(place)
  return (
    <svg class="swatch" width="24" height="10" aria-hidden="true">
      <line x1="0" x2="24" y1="5" y2="5" stroke={color} stroke-width="3" stroke-dasharray={dash?.join(" ")} />
    </svg>
  )
}
