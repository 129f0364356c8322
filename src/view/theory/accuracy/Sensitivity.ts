/**
 * How accuracy answers to each of the three rates: curves, derivatives, and where which rate gains most.
 *
 * @module
 */
import { gainsByAttempt, largestOf } from "../../../eval/calibration/Leverage.ts"
import { twoStageAccuracy, type TwoStageRates } from "../../../theory/Accuracy.ts"
import { LOGIT_NAMES, type LogitName, mapLogits } from "../../../theory/illustration/ThreeLogit.ts"

/** What raising one rate is worth at the rates as they are. */
export interface Sensitivity {
  readonly name: LogitName
  readonly rate: number
  /** ∂acc/∂rate: points of accuracy for a point of the rate; 0 for a rate that is 1. */
  readonly gain: number
  /** (rate/acc)·∂acc/∂rate: percent of accuracy for a percent of the rate; null where accuracy is 0. */
  readonly elasticity: number | null
  /** ∂acc/∂θ = rate·(1 − rate)·∂acc/∂rate, what plain gradient ascent on the logit sees. */
  readonly onLogit: number
  /** Accuracy with this rate at 1, the others as they are. */
  readonly atOne: number
}

/** Computes ∂acc/∂rate for each rate, with at most `cap` attempts (Infinity: no cap); a rate that is 1 gains 0. */
export const gainsAt = (rates: TwoStageRates, cap: number): TwoStageRates => {
  const { sampleCorrect, ...decision } = rates
  const attempts = cap === Infinity ? 1 : cap
  const gains = gainsByAttempt(Array.from({ length: attempts }, () => sampleCorrect), decision, cap !== Infinity)
  return { sampleCorrect: gains.pSample, stopGivenCorrect: gains.pStopGivenCorrect, resampleGivenWrong: gains.pResampleGivenWrong }
}

/** Computes what raising each rate is worth, in the order p_S, p_D|C, p_D|W. */
export const sensitivities = (rates: TwoStageRates, cap: number): ReadonlyArray<Sensitivity> => {
  const accuracy = twoStageAccuracy(rates, cap)
  const gains = gainsAt(rates, cap)
  return LOGIT_NAMES.map((name) => ({
    name,
    rate: rates[name],
    gain: gains[name],
    elasticity: accuracy === 0 ? null : (rates[name] / accuracy) * gains[name],
    onLogit: rates[name] * (1 - rates[name]) * gains[name],
    atOne: twoStageAccuracy({ ...rates, [name]: 1 }, cap)
  }))
}

/** The rates that gain most: more than one where they gain alike, none where none can gain. */
export const mostGaining = (rates: TwoStageRates, cap: number): ReadonlyArray<LogitName> => {
  const gains = gainsAt(rates, cap)
  const largest = largestOf({
    pSample: gains.sampleCorrect,
    pStopGivenCorrect: gains.stopGivenCorrect,
    pResampleGivenWrong: gains.resampleGivenWrong
  })
  const isLargest: Readonly<Record<LogitName, boolean>> = {
    sampleCorrect: largest.pSample === 1,
    stopGivenCorrect: largest.pStopGivenCorrect === 1,
    resampleGivenWrong: largest.pResampleGivenWrong === 1
  }
  return LOGIT_NAMES.filter((name) => isLargest[name])
}

/** Accuracy along each rate from 0 to 1, the others as they are; every curve has the same places, the rates themselves among them. */
export const curves = (rates: TwoStageRates, cap: number): Readonly<Record<LogitName, ReadonlyArray<{ x: number; y: number }>>> => {
  const places = [...new Set([...Array.from({ length: 101 }, (_, i) => i / 100), ...LOGIT_NAMES.map((name) => rates[name])])]
    .sort((a, b) => a - b)
  const along = (name: LogitName) => places.map((x) => ({ x, y: twoStageAccuracy({ ...rates, [name]: x }, cap) }))
  return {
    sampleCorrect: along("sampleCorrect"),
    stopGivenCorrect: along("stopGivenCorrect"),
    resampleGivenWrong: along("resampleGivenWrong")
  }
}

/** A stretch of the map's row on which one rate gains most. */
export interface Stretch {
  readonly from: number
  readonly to: number
  readonly row: number
  readonly name: LogitName
}

/**
 * The map: p_S to the right, p_D|W upwards, p_D|C and the cap as given; for each of `size`² fields the rate that gains most at its middle,
 * fields side by side of one rate joined.
 */
export const leverageMap = (stopGivenCorrect: number, cap: number, size: number): ReadonlyArray<Stretch> =>
  Array.from({ length: size }, (_, row) => {
    const stretches: Array<{ from: number; to: number; row: number; name: LogitName }> = []
    for (let column = 0; column < size; column++) {
      const at = { sampleCorrect: (column + 0.5) / size, stopGivenCorrect, resampleGivenWrong: (row + 0.5) / size }
      const name = mostGaining(at, cap)[0]
      const last = stretches.at(-1)
      if (name === undefined) continue
      if (last?.name === name && last.to === column) last.to = column + 1
      else stretches.push({ from: column, to: column + 1, row, name })
    }
    return stretches
  }).flat()

/** The share of the map on which each rate gains most. */
export const mapShares = (stretches: ReadonlyArray<Stretch>, size: number): TwoStageRates =>
  mapLogits((name) => stretches.filter((stretch) => stretch.name === name).reduce((sum, { from, to }) => sum + (to - from), 0) / size ** 2)
