/**
 * The map of the rates: which of them gains most where.
 *
 * @module
 */
import { useId } from "preact/hooks"
import type { TwoStageRates } from "../../../theory/Accuracy.ts"
import { LOGIT_NAMES, type LogitName } from "../../../theory/illustration/ThreeLogit.ts"
import { percent } from "../../chart/Chart.tsx"
import { CHOICES } from "../Names.ts"
import { Plane } from "../plane/Plane.tsx"
import { leverageMap, mapShares, type Stretch } from "./Sensitivity.ts"

const SIZE = 40

/** The middle of a rate's widest row, for its name. */
const labelPlace = (stretches: ReadonlyArray<Stretch>, name: LogitName): { readonly x: number; readonly y: number } | undefined => {
  const own = stretches.filter((stretch) => stretch.name === name)
  const rows = own.reduce((sum, { from, row, to }) => sum + row * (to - from), 0) / own.reduce((sum, { from, to }) => sum + to - from, 0)
  const near = own.toSorted((a, b) => (b.to - b.from) / (1 + Math.abs(b.row - rows)) - (a.to - a.from) / (1 + Math.abs(a.row - rows)))[0]
  return near === undefined || near.to - near.from < 5 ? undefined : { x: (near.from + near.to) / 2 / SIZE, y: (near.row + 0.5) / SIZE }
}

/** Draws the map at this p_D|C, the reader's place on it. A click moves there. */
export const LeverageMap = ({ cap, move, rates }: {
  readonly rates: TwoStageRates
  readonly cap: number
  readonly move: (sampleCorrect: number, resampleGivenWrong: number) => void
}) => {
  const id = useId()
  const stretches = leverageMap(rates.stopGivenCorrect, cap, SIZE)
  const shares = mapShares(stretches, SIZE)
  return (
    <figure>
      <figcaption id={id}>Which rate gains most, over p_S and p_D|W, at p_D|C = {percent(rates.stopGivenCorrect)}</figcaption>
      <Plane labelledBy={id} move={move}>
        {({ x, y }) => (
          <>
            {stretches.map(({ from, name, row, to }) => (
              <rect
                key={`${row} ${from}`}
                x={x(from / SIZE)}
                y={y((row + 1) / SIZE)}
                width={x(to / SIZE) - x(from / SIZE)}
                height={y(row / SIZE) - y((row + 1) / SIZE)}
                fill={CHOICES[name].color}
                fill-opacity=".35"
              />
            ))}
            {LOGIT_NAMES.map((name) => {
              const place = labelPlace(stretches, name)
              return place === undefined ?
                null :
                <text key={name} class="strong" x={x(place.x)} y={y(place.y)} dy=".35em" text-anchor="middle">{CHOICES[name].rate}</text>
            })}
            <circle class="here" cx={x(rates.sampleCorrect)} cy={y(rates.resampleGivenWrong)} r="6" />
          </>
        )}
      </Plane>
      <p class="readout">
        The ring is here. Share of the map: {LOGIT_NAMES.map((name) => `${CHOICES[name].rate} ${percent(shares[name])}`).join(", ")}.
      </p>
    </figure>
  )
}
