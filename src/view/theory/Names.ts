/**
 * How the rates and the logits are called and drawn on every page of the theory.
 *
 * @module
 */
import { rateSeries, roleColors } from "../../eval/figures/Theme.ts"
import { short } from "../chart/Chart.tsx"
import type { LogitName } from "../../theory/illustration/ThreeLogit.ts"

/** A choice of the three-logit model: its rate, its logit, and whose it is. */
export interface ChoiceName {
  readonly rate: string
  readonly logit: string
  readonly means: string
  readonly owner: "π_S" | "π_D"
  readonly color: string
  readonly dash: ReadonlyArray<number>
}

/** Names and colours by logit; p_S is blue, what decides is warm, in every figure. */
export const CHOICES: Readonly<Record<LogitName, ChoiceName>> = {
  sampleCorrect: { rate: "p_S", logit: "θ_S", means: "an attempt is right", owner: "π_S", color: rateSeries.pSample.color, dash: [] },
  stopGivenCorrect: {
    rate: "p_D|C",
    logit: "θ_C",
    means: "a right attempt is accepted (STOP)",
    owner: "π_D",
    color: rateSeries.pStopGivenCorrect.color,
    dash: rateSeries.pStopGivenCorrect.dash
  },
  resampleGivenWrong: {
    rate: "p_D|W",
    logit: "θ_W",
    means: "a wrong attempt is rejected (RESAMPLE)",
    owner: "π_D",
    color: rateSeries.pResampleGivenWrong.color,
    dash: rateSeries.pResampleGivenWrong.dash
  }
}

/** Colours of the two sub-policies and of accuracy. */
export const COLORS = { sampling: roleColors.sampling, decision: roleColors.resample, accuracy: roleColors.accuracy } as const

/** A number with its sign. */
export const signed = (value: number): string => (value > 0 ? `+${short(value)}` : short(value))

/** A difference of shares in percentage points. */
export const points = (value: number): string => `${Math.abs(Number((100 * value).toFixed(1)))} points`

/** A number with four decimals, as the paper's tables have them. */
export const four = (value: number): string => {
  const text = value.toFixed(4)
  return (Number(text) === 0 ? "0.0000" : text).replace("-", "−")
}
