/**
 * The flow in the plane of p_S and p_D|W: the field, the path, its ends and its rest.
 *
 * @module
 */
import { useId } from "preact/hooks"
import type { TwoStageRates } from "../../../theory/Accuracy.ts"
import type { TaughtState } from "../../../theory/illustration/TeachingDynamics.ts"
import { percent } from "../../chart/Chart.tsx"
import { COLORS } from "../Names.ts"
import { Plane } from "../plane/Plane.tsx"
import type { Arrow } from "./Flow.ts"

const LENGTH = 0.045

/** An arrow's shaft and head in rates; the length says nothing, only the direction. */
const arrowPath = (
  { across, resampleGivenWrong, sampleCorrect, size, up }: Arrow,
  x: (p: number) => number,
  y: (w: number) => number
): string => {
  const [dx, dy] = [(across / size) * LENGTH, (up / size) * LENGTH]
  const [tipX, tipY] = [x(sampleCorrect + dx / 2), y(resampleGivenWrong + dy / 2)]
  const [tailX, tailY] = [x(sampleCorrect - dx / 2), y(resampleGivenWrong - dy / 2)]
  const [backX, backY] = [(tailX - tipX) * 0.4, (tailY - tipY) * 0.4]
  return `M${tailX} ${tailY}L${tipX} ${tipY}m${backX - backY * 0.6} ${backY + backX * 0.6}L${tipX} ${tipY}l${backX + backY * 0.6} ${
    backY - backX * 0.6
  }`
}

/** Draws it. A click moves the start. */
export const FlowPlane = ({ field, move, rest, states }: {
  readonly field: ReadonlyArray<Arrow>
  readonly states: ReadonlyArray<TaughtState>
  readonly rest: TwoStageRates | null
  readonly move: (sampleCorrect: number, resampleGivenWrong: number) => void
}) => {
  const id = useId()
  const [first, last] = [states[0]!.rates, states.at(-1)!.rates]
  return (
    <figure>
      <figcaption id={id}>The path in the plane of p_S and p_D|W; arrows: the flow at p_D|C = {percent(first.stopGivenCorrect)}</figcaption>
      <Plane labelledBy={id} move={move}>
        {({ x, y }) => (
          <>
            {field.filter(({ size }) => size > 1e-12).map((arrow) => (
              <path key={`${arrow.sampleCorrect} ${arrow.resampleGivenWrong}`} class="field" fill="none" d={arrowPath(arrow, x, y)} />
            ))}
            <path class="flow" d={`M${states.map(({ rates }) => `${x(rates.sampleCorrect)} ${y(rates.resampleGivenWrong)}`).join("L")}`} />
            <circle class="here" cx={x(first.sampleCorrect)} cy={y(first.resampleGivenWrong)} r="6" />
            <circle class="ends" cx={x(last.sampleCorrect)} cy={y(last.resampleGivenWrong)} r="4.5" />
            {rest !== null && (
              <path
                d={`M${x(rest.sampleCorrect)} ${y(rest.resampleGivenWrong)}m-7 0h14m-7 -7v14`}
                stroke={COLORS.accuracy}
                stroke-width="3"
                fill="none"
              />
            )}
          </>
        )}
      </Plane>
      <p class="readout">
        Ring: start (click to move it). Dot: the state at the end of the time shown.{rest !== null && " Cross: where it rests."}
      </p>
    </figure>
  )
}
