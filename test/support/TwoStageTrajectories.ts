/**
 * The two-stage model run and enumerated cycle by cycle: slow, obvious computations that the closed forms are
 * compared with.
 */
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64"
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus"
import type { TwoStageRates } from "../../src/theory/Accuracy.ts"

export interface Cycle {
  readonly correct: boolean
  readonly decision: "STOP" | "RESAMPLE"
}

export interface WeightedTrajectory {
  readonly probability: number
  readonly cycles: ReadonlyArray<Cycle>
}

/** P(correct) at an attempt, 0-based, after the cycles so far. */
export type SamplingRule = (attempt: number, cycles: ReadonlyArray<Cycle>) => number

const cycleProbability = (cycle: Cycle, sampleCorrect: number, rates: TwoStageRates): number => {
  const sampled = cycle.correct ? sampleCorrect : 1 - sampleCorrect
  const stop = cycle.correct ? rates.stopGivenCorrect : 1 - rates.resampleGivenWrong
  return sampled * (cycle.decision === "STOP" ? stop : 1 - stop)
}

/** All trajectories of at most `maxCycles` cycles with their probabilities; the last RESAMPLE is a truncation. */
export const enumerateTrajectories = (
  rates: TwoStageRates,
  maxCycles: number,
  rule: SamplingRule = () => rates.sampleCorrect
): ReadonlyArray<WeightedTrajectory> => {
  const extend = (cycles: ReadonlyArray<Cycle>, probability: number): ReadonlyArray<WeightedTrajectory> => {
    if (cycles.length === maxCycles || cycles.at(-1)?.decision === "STOP") return [{ probability, cycles }]
    const sampleCorrect = rule(cycles.length, cycles)
    return [true, false].flatMap((correct) =>
      (["STOP", "RESAMPLE"] as const).flatMap((decision) => {
        const cycle = { correct, decision }
        return extend([...cycles, cycle], probability * cycleProbability(cycle, sampleCorrect, rates))
      })
    )
  }
  return extend([], 1)
}

/** True iff the trajectory stopped, and on a correct answer. */
export const succeeds = (cycles: ReadonlyArray<Cycle>): boolean => {
  const last = cycles.at(-1)
  return last !== undefined && last.correct && last.decision === "STOP"
}

/** Draws trajectories from a seed; each is cut at `maxCycles`. */
export const simulateTrajectories = (
  rates: TwoStageRates,
  options: { readonly count: number; readonly seed: number; readonly maxCycles: number; readonly rule?: SamplingRule }
): ReadonlyArray<ReadonlyArray<Cycle>> => {
  const generator = xoroshiro128plus(options.seed)
  const happens = (probability: number): boolean => uniformFloat64(generator) < probability
  return Array.from({ length: options.count }, () => {
    const cycles: Array<Cycle> = []
    while (cycles.length < options.maxCycles && cycles.at(-1)?.decision !== "STOP") {
      const sampleCorrect = options.rule?.(cycles.length, cycles) ?? rates.sampleCorrect
      const correct = happens(sampleCorrect)
      const stops = happens(correct ? rates.stopGivenCorrect : 1 - rates.resampleGivenWrong)
      cycles.push({ correct, decision: stops ? "STOP" : "RESAMPLE" })
    }
    return cycles
  })
}

/** Half-width of a six-sigma band around a mean of `count` draws with standard deviation at most `deviation`. */
export const sixSigma = (deviation: number, count: number): number => (6 * deviation) / Math.sqrt(count)
