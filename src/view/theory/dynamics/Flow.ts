/**
 * The flow of the three rates that the page on dynamics draws: who teaches, from where, held by what.
 *
 * @module
 */
import { groupRelative } from "../../../theory/Advantage.ts"
import type { TwoStageRates } from "../../../theory/Accuracy.ts"
import { logitsOf, mapLogits, ratesOf, type ThreeLogits } from "../../../theory/illustration/ThreeLogit.ts"
import {
  dftLogitGradient,
  NEGATIVE_ONLY,
  outcomeLogitGradient,
  POSITIVE_ONLY,
  sftLogitGradient,
  SIGNED
} from "../../../theory/illustration/ThreeLogitFeedback.ts"
import { addLogits, surrogateLogitGradient } from "../../../theory/illustration/ThreeLogitGradient.ts"
import {
  decisionsAlong,
  follow,
  restingPolicy,
  type TaughtState,
  teach,
  type Teaching,
  teachingVelocity
} from "../../../theory/illustration/TeachingDynamics.ts"

/** Who teaches. */
export const LEARNERS = [
  { id: "accuracy", name: "reward 0/1: RLOO, REINFORCE" },
  { id: "grpo", name: "reward 0/1: GRPO in groups of G" },
  { id: "surrogate", name: "reward 0/1: the paper's surrogate, endless groups" },
  { id: "psr", name: "right samples alone (PSR)" },
  { id: "nsr", name: "wrong samples alone (NSR)" },
  { id: "signed", name: "reward ±1" },
  { id: "sft", name: "SFT on demonstrations" },
  { id: "dft", name: "DFT on demonstrations" }
] as const

/** A learner. */
export type LearnerId = (typeof LEARNERS)[number]["id"]

/** What a learner can be given. */
export const USES: Readonly<Record<LearnerId, { group: boolean; cap: boolean; geometry: boolean; data: boolean; refresh: boolean }>> = {
  accuracy: { group: false, cap: true, geometry: true, data: false, refresh: true },
  grpo: { group: true, cap: true, geometry: true, data: false, refresh: true },
  surrogate: { group: false, cap: false, geometry: false, data: false, refresh: false },
  psr: { group: false, cap: true, geometry: false, data: false, refresh: false },
  nsr: { group: false, cap: true, geometry: false, data: false, refresh: false },
  signed: { group: false, cap: true, geometry: false, data: false, refresh: false },
  sft: { group: false, cap: false, geometry: false, data: true, refresh: false },
  dft: { group: false, cap: false, geometry: false, data: true, refresh: false }
}

/** All that a flow depends on. What a learner does not use is ignored (`inForce`). */
export interface Setting {
  readonly start: TwoStageRates
  readonly learner: LearnerId
  readonly groupSize: number
  /** Infinity: none. */
  readonly cap: number
  readonly kl: "none" | "reward" | "loss"
  readonly beta: number
  readonly length: number
  /** Time between replacements of the reference by the policy; Infinity: never. */
  readonly refreshEvery: number
  readonly geometry: "euclidean" | "fisher"
  readonly data: TwoStageRates
  readonly horizon: number
}

/** A setting without what its learner does not use. A penalty in the reward is taken without a cap, since only then has it a closed form. */
export const inForce = (setting: Setting): Setting => {
  const uses = USES[setting.learner]
  return {
    ...setting,
    cap: uses.cap && setting.kl !== "reward" ? setting.cap : Infinity,
    refreshEvery: uses.refresh && setting.kl !== "none" ? setting.refreshEvery : Infinity,
    geometry: uses.geometry ? setting.geometry : "euclidean"
  }
}

/** The groups in which advantages are compared; undefined: the gradient of accuracy itself. */
export const groupOf = ({ groupSize, learner }: Setting): Teaching["group"] =>
  learner === "grpo" ? { estimator: { ...groupRelative({ std: "population" }), scale: "group" }, size: groupSize } : undefined

const teachingOf = (setting: Setting, reference: ThreeLogits): Teaching => {
  const { beta, cap, geometry, kl, length } = setting
  const group = groupOf(setting)
  return {
    ...(group !== undefined && { group }),
    ...(cap !== Infinity && { maxCycles: cap }),
    ...(kl !== "none" && { kl: { beta, reference, length, placement: kl } }),
    mobility: geometry
  }
}

const isTaught = (learner: LearnerId): boolean => learner === "accuracy" || learner === "grpo"

const gradientOf = ({ cap, data, learner }: Setting, policy: ThreeLogits): ThreeLogits => {
  switch (learner) {
    case "psr":
      return outcomeLogitGradient(policy, POSITIVE_ONLY, cap)
    case "nsr":
      return outcomeLogitGradient(policy, NEGATIVE_ONLY, cap)
    case "signed":
      return outcomeLogitGradient(policy, SIGNED, cap)
    case "sft":
      return sftLogitGradient(policy, data)
    case "dft":
      return dftLogitGradient(policy, data)
    default:
      return surrogateLogitGradient(policy)
  }
}

/** Gives θ̇ by the logits of the policy, the reference being the start. */
export const velocityOf = (given: Setting): (policy: ThreeLogits) => ThreeLogits => {
  const setting = inForce(given)
  const teaching = teachingOf(setting, logitsOf(setting.start))
  if (isTaught(setting.learner)) return (policy) => teachingVelocity(policy, teaching)
  // With nothing pushed the velocity is the penalty's drag.
  const drag = setting.kl === "none" ? undefined : (policy: ThreeLogits) => teachingVelocity(policy, { ...teaching, pushed: [] })
  return (policy) => (drag === undefined ? gradientOf(setting, policy) : addLogits(gradientOf(setting, policy), drag(policy)))
}

const PLACES = 120

/** Follows the flow to the horizon, at 121 moments. */
export const statesOf = (given: Setting): ReadonlyArray<TaughtState> => {
  const setting = inForce(given)
  const { cap, horizon, learner, refreshEvery } = setting
  const start = logitsOf(setting.start)
  const times = Array.from({ length: PLACES + 1 }, (_, i) => (horizon * i) / PLACES)
  const cycles = cap === Infinity ? undefined : cap
  return isTaught(learner)
    ? teach(start, times, { ...teachingOf(setting, start), ...(refreshEvery !== Infinity && { refreshEvery }) })
    : follow(start, times, velocityOf(setting), cycles)
}

/** Where a flow comes to rest, and why it is known; null where there is no closed form. */
export const restOf = (given: Setting): { readonly rates: TwoStageRates; readonly why: string } | null => {
  const setting = inForce(given)
  const { beta, cap, data, kl, learner, length, refreshEvery, start } = setting
  if (learner === "sft" && kl === "none") {
    const rates = { ...data, resampleGivenWrong: data.sampleCorrect === 1 ? start.resampleGivenWrong : data.resampleGivenWrong }
    return { rates, why: "SFT rests at the data's rates; a choice that the data never shows stays where it is" }
  }
  if (learner === "dft" && kl === "none") {
    const end = (name: keyof TwoStageRates): number => (data[name] > 0.5 ? 1 : data[name] < 0.5 ? 0 : start[name])
    return { rates: mapLogits(end), why: "DFT goes on to whichever option the data shows more often" }
  }
  const scale = learner === "signed" ? 2 : 1
  const isAccuracy = learner === "accuracy" || learner === "psr" || learner === "nsr" || learner === "signed"
  if (isAccuracy && kl === "reward" && beta > 0 && cap === Infinity && refreshEvery === Infinity) {
    const resting = restingPolicy({ beta: beta / scale, length, reference: logitsOf(start) })
    return { rates: ratesOf(resting), why: "reward and penalty are in balance where each choice is π_ref·e^(Q/β)" }
  }
  return null
}

/** p_D|W and p_D|C once p_S has come to `sampleCorrect`, by what plain ascent leaves unchanged; null where something else acts too. */
export const decisionsAt = (given: Setting, sampleCorrect: number): TwoStageRates | null => {
  const { cap, geometry, kl, learner, start } = inForce(given)
  const isPlain = kl === "none" && cap === Infinity && geometry === "euclidean" && !USES[learner].data
  if (!isPlain || start.sampleCorrect >= sampleCorrect) return null
  return ratesOf(decisionsAlong(logitsOf(start), Math.log(sampleCorrect) - Math.log1p(-sampleCorrect)))
}

/** An arrow of the field: from a point of the plane (p_S, p_D|W) towards where the flow goes there, both in rates; `size` is the speed. */
export interface Arrow {
  readonly sampleCorrect: number
  readonly resampleGivenWrong: number
  readonly across: number
  readonly up: number
  readonly size: number
}

/** The field on a grid of the plane, p_D|C as given: ṗ = p(1 − p)·θ̇_S and ẇ = w(1 − w)·θ̇_W. */
export const fieldOf = (setting: Setting, stopGivenCorrect: number, size: number): ReadonlyArray<Arrow> => {
  const velocity = velocityOf(setting)
  const places = Array.from({ length: size }, (_, i) => (i + 0.5) / size)
  return places.flatMap((sampleCorrect) =>
    places.map((resampleGivenWrong) => {
      const moved = velocity(logitsOf({ sampleCorrect, stopGivenCorrect, resampleGivenWrong }))
      const across = sampleCorrect * (1 - sampleCorrect) * moved.sampleCorrect
      const up = resampleGivenWrong * (1 - resampleGivenWrong) * moved.resampleGivenWrong
      return { sampleCorrect, resampleGivenWrong, across, up, size: Math.hypot(across, up) }
    })
  )
}
