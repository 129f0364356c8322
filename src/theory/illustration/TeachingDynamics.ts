/**
 * How the three rates move under reinforcement learning: the flow θ̇ = M·g(θ) on the three logits, its invariants and its times.
 *
 * g is the expected gradient of what is ascended: accuracy (capped or not), times φ_G where advantages are group-relative
 * (`GroupPush`), minus a KL penalty's. M is 1 for plain gradient ascent, the inverse Fisher matrix for the natural gradient, or any
 * mobility: how far a network's shared parameters let each logit follow each push. Expected, so without noise; small steps, so without
 * an optimizer's own dynamics. `Dynamics` is the same with figure 1's finite steps.
 *
 * @module
 */
import { cappedAccuracyGradient, expectedCycles, twoStageAccuracy, type TwoStageRates } from "../Accuracy.ts"
import { type Mobility, naturalDecisionWeights } from "../DecisionWeights.ts"
import { logitFisher, naturalAccuracyGradient } from "../estimator/ThreeLogitFisher.ts"
import { type GroupEstimator, groupPush } from "../GroupPush.ts"
import { seqMeanTokenSum } from "../Aggregate.ts"
import { expectedKlGradient } from "../KlTable.ts"
import { logAddExp, logSigmoid, sigmoid } from "../LogSpace.ts"
import { assertFinite, assertRange } from "../TheoryError.ts"
import { assertTimes, integrate } from "./RungeKutta.ts"
import { LOGIT_NAMES, type LogitName, mapLogits, ratesOf, type ThreeLogits } from "./ThreeLogit.ts"
import { accuracyLogitGradient, addLogits, klPenaltyLogitGradient } from "./ThreeLogitGradient.ts"

/** A KL penalty that holds the policy: β, the reference, tokens an answer; k1 in the reward or k3 in the loss, sums over tokens. */
export interface TeachingPenalty {
  readonly beta: number
  readonly reference: ThreeLogits
  readonly length: number
  readonly placement: "reward" | "loss"
}

/**
 * What teaches.
 *
 * - `group`: advantages compared in groups of `size`; left out: the gradient of accuracy itself.
 * - `maxCycles`: the cap on attempts, truncations failing; left out: none.
 * - `kl`: left out: no penalty. In the reward with a cap it is enumerated, so the cap is at most 12.
 * - `mobility`: "euclidean" (default, M = 1), "fisher" (M = F⁻¹, F the trajectory's Fisher matrix), or numbers.
 * - `pushed`: the choices that the reward pushes; left out: all. π_D alone is the latter two. With shared parameters the others move with them.
 * - `decisions`: "natural" weighs the pushes on the decisions by `naturalDecisionWeights` (cut at 10), "mobile" by those that also turn back
 *   the given mobility; "plain" (default) does not.
 */
export interface Teaching {
  readonly group?: { readonly estimator: GroupEstimator; readonly size: number }
  readonly maxCycles?: number
  readonly kl?: TeachingPenalty
  readonly mobility?: "euclidean" | "fisher" | Mobility
  readonly pushed?: ReadonlyArray<LogitName>
  readonly decisions?: "plain" | "natural" | "mobile"
}

const factorsOf = (rates: TwoStageRates, { decisions = "plain", mobility, pushed = LOGIT_NAMES }: Teaching): ThreeLogits => {
  const turned = decisions === "mobile" && typeof mobility === "object" ? { mobility } : {}
  const weights = decisions === "plain" ? { correct: 1, wrong: 1 } : naturalDecisionWeights(rates, turned)
  const factors = { sampleCorrect: 1, stopGivenCorrect: weights.correct, resampleGivenWrong: weights.wrong }
  return mapLogits((name) => (pushed.includes(name) ? factors[name] : 0))
}

const pushOf = (policy: ThreeLogits, teaching: Teaching): ThreeLogits => {
  const { group, maxCycles = Infinity } = teaching
  const rates = ratesOf(policy)
  const byRate = maxCycles === Infinity ? undefined : cappedAccuracyGradient(rates, maxCycles)
  const gradient = byRate === undefined
    ? accuracyLogitGradient(policy)
    : mapLogits((name) => byRate[name] * sigmoid(policy[name]) * sigmoid(-policy[name]))
  const factor = group === undefined ? 1 : groupPush(group.estimator, group.size, twoStageAccuracy(rates, maxCycles))
  const factors = factorsOf(rates, teaching)
  return mapLogits((name) => factor * factors[name] * gradient[name])
}

const dragOf = (policy: ThreeLogits, kl: TeachingPenalty, maxCycles: number): ThreeLogits => {
  const { beta, length, placement, reference } = kl
  if (placement === "reward" && maxCycles === Infinity) {
    return klPenaltyLogitGradient({ policy, reference, lengths: { correct: length, wrong: length }, beta }).total
  }
  if (placement === "reward") {
    const options = { estimator: "k1", placement: "reward", aggregation: seqMeanTokenSum, length } as const
    const descended = expectedKlGradient({ policy, reference, maxCycles }, options)
    return mapLogits((name) => -beta * descended[name])
  }
  // k3 in the loss pulls each visited choice to the reference's rate: the forward KL's gradient, π − π_ref.
  const rates = ratesOf(policy)
  const cycles = expectedCycles(rates, maxCycles)
  const { sampleCorrect: p } = rates
  const visits: ThreeLogits = { sampleCorrect: cycles * length, stopGivenCorrect: cycles * p, resampleGivenWrong: cycles * (1 - p) }
  return mapLogits((name) => -beta * visits[name] * (rates[name] - sigmoid(reference[name])))
}

/**
 * Computes θ̇ = M·(push + drag), the velocity of the three logits.
 *
 * push = φ_G(acc)·∇acc (weighed, or kept to some choices), drag = −β·∇KL on all. Units: logits a unit of time, one unit being a gradient step of
 * learning rate 1. Domain: a penalty has β ≥ 0 and answers of whole lengths ≥ 1. Errors: `NonFinite`, `OutOfRange`.
 * Source: this paper, Lemma 2 and section 3.3, as a flow.
 */
export const teachingVelocity = (policy: ThreeLogits, teaching: Teaching = {}): ThreeLogits => {
  const { kl, maxCycles = Infinity, mobility = "euclidean" } = teaching
  const where = "teachingVelocity"
  if (kl !== undefined) {
    const { beta, length, reference } = kl
    assertRange(where, "kl.beta", beta, beta >= 0 && beta < Infinity, "[0, ∞)")
    assertRange(where, "kl.length", length, Number.isInteger(length) && length >= 1, "the integers from 1")
    for (const name of LOGIT_NAMES) assertFinite(where, `kl.reference.${name}`, [reference[name]])
  }
  if (typeof mobility === "object") {
    for (const row of LOGIT_NAMES) assertFinite(where, `mobility.${row}`, LOGIT_NAMES.map((column) => mobility[row][column]))
  }
  const push = pushOf(policy, teaching)
  const net = kl === undefined ? push : addLogits(push, dragOf(policy, kl, maxCycles))
  if (mobility === "euclidean") return net
  if (mobility === "fisher") {
    const fisher = logitFisher(policy, maxCycles)
    // Where a choice is never visited nothing pushes it either.
    return mapLogits((name) => (net[name] === 0 ? 0 : net[name] / fisher[name]))
  }
  return mapLogits((row) => LOGIT_NAMES.reduce((sum, column) => sum + mobility[row][column] * net[column], 0))
}

/** A moment of a flow. */
export interface TaughtState {
  readonly time: number
  readonly logits: ThreeLogits
  readonly rates: TwoStageRates
  readonly accuracy: number
}

const vectorOf = (logits: ThreeLogits): ReadonlyArray<number> => LOGIT_NAMES.map((name) => logits[name])
const logitsAt = (vector: ReadonlyArray<number>): ThreeLogits => mapLogits((name) => vector[LOGIT_NAMES.indexOf(name)]!)

const stateAt = (time: number, vector: ReadonlyArray<number>, maxCycles: number | undefined): TaughtState => {
  const logits = logitsAt(vector)
  const rates = ratesOf(logits)
  return { time, logits, rates, accuracy: twoStageAccuracy(rates, maxCycles) }
}

/**
 * Follows the flow from `start` and gives the state at each of the times.
 *
 * `refreshEvery` replaces the reference by the policy after every so much time (this paper, footnote 11). By an adaptive method of fifth order,
 * relative error a step 1e-9. `times` ascend from 0 on. Errors: as `teachingVelocity` and `integrate`; `OutOfRange` for a period that is not positive.
 */
export const teach = (
  start: ThreeLogits,
  times: ReadonlyArray<number>,
  teaching: Teaching & { readonly refreshEvery?: number } = {}
): ReadonlyArray<TaughtState> => {
  const { kl, maxCycles, refreshEvery } = teaching
  const period = refreshEvery ?? Infinity
  assertRange("teach", "refreshEvery", period, period > 0, "(0, ∞]")
  assertTimes("teach", times)
  let [from, at, held] = [0, vectorOf(start), teaching]
  const states: Array<TaughtState> = []
  let left = times
  while (left.length > 0) {
    const until = from + period
    const within = left.filter((time) => time < until)
    const stops = within.length === left.length ? within : [...within, until]
    const run = integrate((vector) => vectorOf(teachingVelocity(logitsAt(vector), held)), at, stops.map((time) => time - from))
    within.forEach((time, index) => states.push(stateAt(time, run.states[index]!, maxCycles)))
    left = left.slice(within.length)
    from = until
    at = run.last
    if (kl !== undefined) held = { ...teaching, kl: { ...kl, reference: logitsAt(at) } }
  }
  return states
}

/**
 * Follows any flow θ̇ = velocity(θ) of the three logits from `start` and gives the state at each of the times: what demonstrations or rewards of another
 * kind teach, with `ThreeLogitFeedback`'s gradients for a velocity.
 *
 * `maxCycles` caps the accuracy that states report. Method, tolerance and errors are those of `integrate`; `times` ascend from 0 on.
 */
export const follow = (
  start: ThreeLogits,
  times: ReadonlyArray<number>,
  velocity: (policy: ThreeLogits) => ThreeLogits,
  maxCycles?: number
): ReadonlyArray<TaughtState> => {
  const { states } = integrate((vector) => vectorOf(velocity(logitsAt(vector))), vectorOf(start), times)
  return states.map((vector, index) => stateAt(times[index]!, vector, maxCycles))
}

/**
 * What plain gradient ascent on any function of the uncapped accuracy leaves unchanged, whatever the advantage estimator, group size or schedule:
 *
 *     I_W = θ_W − e^{−θ_W} − θ_S,    I_C = θ_C + e^{θ_C} − θ_S.
 *
 * Because dθ_W/dθ_S = w and dθ_C/dθ_S = 1 − c along the flow. So *how far* p_D|W rises is settled by the start and by how far sampling moves, and only
 * *when* by the estimator: with w small, 1/w₀ − 1/w ≈ Δθ_S. Diagonal mobilities κ change the slopes: pass `mobility` (κ_S, κ_C, κ_W), default 1 each.
 * No cap, no KL. Domain: κ > 0, logits with −θ_W and θ_C below 709, where e^x is finite. Errors: `NonFinite`, `OutOfRange`. Source: from eq. 6-10 of this paper by separation of variables.
 */
export const teachingInvariants = (
  policy: ThreeLogits,
  mobility: ThreeLogits = { sampleCorrect: 1, stopGivenCorrect: 1, resampleGivenWrong: 1 }
): { readonly resample: number; readonly stop: number } => {
  for (const name of LOGIT_NAMES) {
    assertFinite("teachingInvariants", name, [policy[name]])
    assertRange("teachingInvariants", `mobility.${name}`, mobility[name], mobility[name] > 0 && mobility[name] < Infinity, "(0, ∞)")
  }
  const { resampleGivenWrong: w, sampleCorrect: s, stopGivenCorrect: c } = policy
  const kept = {
    resample: (w - Math.exp(-w)) / mobility.resampleGivenWrong - s / mobility.sampleCorrect,
    stop: (c + Math.exp(c)) / mobility.stopGivenCorrect - s / mobility.sampleCorrect
  }
  assertFinite("teachingInvariants", "invariants", [kept.resample, kept.stop])
  return kept
}

/** Solves x + eˣ = target by Newton's method from a point right of the root: the function is convex, so it comes down to it and cannot miss. */
const solveLinearPlusExp = (target: number): number => {
  let x = target > 1 ? Math.log(target) : target
  for (let turn = 0; turn < 100; turn++) {
    const step = (x + Math.exp(x) - target) / (1 + Math.exp(x))
    x -= step
    if (Math.abs(step) <= 1e-15 * (1 + Math.abs(x))) break
  }
  return x
}

/**
 * Computes where the decision logits are once the sampling logit has come from `start` to `sampleCorrect`, along any flow of `teachingInvariants`.
 *
 * Units: logits in, logits out. Errors: those of `teachingInvariants`.
 */
export const decisionsAlong = (start: ThreeLogits, sampleCorrect: number, mobility?: ThreeLogits): ThreeLogits => {
  const kept = teachingInvariants(start, mobility)
  assertFinite("decisionsAlong", "sampleCorrect", [sampleCorrect])
  const of = (name: LogitName): number => mobility?.[name] ?? 1
  const moved = sampleCorrect / of("sampleCorrect")
  const resample = (kept.resample + moved) * of("resampleGivenWrong")
  const stop = (kept.stop + moved) * of("stopGivenCorrect")
  return {
    sampleCorrect,
    stopGivenCorrect: solveLinearPlusExp(stop),
    // x − e⁻ˣ = r is y + e^y = −r with y = −x.
    resampleGivenWrong: -solveLinearPlusExp(-resample)
  }
}

/**
 * Computes the time in which ascent on the uncapped accuracy brings w from w₀ to w₁ with p and c held: what it takes to teach rejecting.
 *
 * With a = p·c + 1 − p and b = 1 − p, so that S = a − b·w:
 *   euclidean (θ̇_W = ∂acc/∂θ_W): ∫ S²/(p(1 − p)c·w²(1 − w)²) dw = [a²·(−1/w) + (a − b)²/(1 − w) + 2a(a − b)·log(w/(1 − w))]/(p(1 − p)c);
 *   fisher    (θ̇_W = acc):       ∫ S/(p·c·w(1 − w)) dw = [a·log w − (a − b)·log(1 − w)]/(p·c).
 * So from w₀ → 0 it takes a²/(p(1 − p)c)/w₀ in plain coordinates and a/(pc)·log(1/w₀) with the natural gradient. A group's φ divides the former
 * where acc is nearly constant. Units: steps of learning rate 1. Domain: 0 < w₀ ≤ w₁ < 1, p and c in (0, 1), c = 1 too. Errors: `OutOfRange`.
 */
export const teachingTime = (
  rates: Pick<TwoStageRates, "sampleCorrect" | "stopGivenCorrect">,
  from: number,
  to: number,
  geometry: "euclidean" | "fisher" = "euclidean"
): number => {
  const where = "teachingTime"
  const { sampleCorrect: p, stopGivenCorrect: c } = rates
  assertRange(where, "sampleCorrect", p, p > 0 && p < 1, "(0, 1)")
  assertRange(where, "stopGivenCorrect", c, c > 0 && c <= 1, "(0, 1]")
  assertRange(where, "from", from, from > 0 && from <= to, "(0, to]")
  assertRange(where, "to", to, to < 1, "[from, 1)")
  const a = p * c + 1 - p
  const rest = p * c
  const odds = Math.log(to) - Math.log1p(-to) - Math.log(from) + Math.log1p(-from)
  if (geometry === "fisher") return (a * Math.log(to / from) - rest * (Math.log1p(-to) - Math.log1p(-from))) / (p * c)
  const own = a * a * (1 / from - 1 / to) + rest * rest * (1 / (1 - to) - 1 / (1 - from)) + 2 * a * rest * odds
  return own / (p * (1 - p) * c)
}

/**
 * Computes the KL coefficient above which k3 in the loss keeps a policy that hardly rejects from learning to: β* = φ_G(acc)·acc.
 *
 * At w → 0 the push on θ_W is visits·w·φ·acc and the pull back visits·β·(w − w_ref), so small w grows iff φ·acc > β; below that it
 * rests at β·w_ref/(β − φ·acc). No cap, sums over tokens. Domain: finite logits. Errors: `NonFinite`, `OutOfRange`.
 */
export const rejectionThreshold = (policy: ThreeLogits, group?: Teaching["group"]): number => {
  const accuracy = naturalAccuracyGradient(policy).resampleGivenWrong
  return accuracy * (group === undefined ? 1 : groupPush(group.estimator, group.size, accuracy))
}

/**
 * Computes where reward and a KL penalty in the reward come to rest: θ* = θ_ref + (Q of the one option − Q of the other)/β for each choice, π ∝ π_ref·e^{Q/β}.
 *
 * Q counts the penalties to come, V = acc − β·E[KL] being a new cycle's value: θ_W* − θ_W,ref = V/β, θ_C* − θ_C,ref = (1 − V)/β, and for the L tokens of an
 * answer, which share one logit here, (U_C − U_W)/(β·L), U the value after a right or a wrong answer. Found by soft value iteration on V, whose
 * solution is unique: V(π*) = max over policies. No cap, γ = 1. Domain: β > 0. Errors: `NonFinite`, `OutOfRange`.
 * Source: Ziebart et al., 2008; Levine, 2018 (soft optimality), for this paper's process.
 */
export const restingPolicy = (kl: Omit<TeachingPenalty, "placement">): ThreeLogits => {
  const where = "restingPolicy"
  const { beta, length, reference } = kl
  assertRange(where, "beta", beta, beta > 0 && beta < Infinity, "(0, ∞)")
  assertRange(where, "length", length, Number.isInteger(length) && length >= 1, "the integers from 1")
  for (const name of LOGIT_NAMES) assertFinite(where, `reference.${name}`, [reference[name]])
  // scale·log(σ(θ)·e^{taken/scale} + σ(−θ)·e^{other/scale}): a large scale needs the mean, in which scale·log(1 + …) keeps its digits, a small one the larger term.
  const soft = (logit: number, taken: number, other: number, scale: number): number => {
    const distance = (other - taken) / scale
    return Math.abs(distance) < 1
      ? taken + scale * Math.log1p(sigmoid(-logit) * Math.expm1(distance))
      : taken + scale * logAddExp(logSigmoid(logit), logSigmoid(-logit) + distance)
  }
  const after = (value: number) => ({
    right: soft(reference.stopGivenCorrect, 1, value, beta),
    wrong: soft(reference.resampleGivenWrong, value, 0, beta)
  })
  // One cycle's backup is increasing in V with slope P(goes on) < 1, so the fixed point is where it crosses the diagonal.
  const backup = (value: number): number => {
    const { right, wrong } = after(value)
    return soft(reference.sampleCorrect, right, wrong, beta * length)
  }
  let [low, high] = [Math.min(0, backup(0)), 1]
  for (let turn = 0; turn < 200 && high - low > 1e-16; turn++) {
    const middle = (low + high) / 2
    if (backup(middle) > middle) low = middle
    else high = middle
  }
  const value = (low + high) / 2
  const { right, wrong } = after(value)
  return {
    sampleCorrect: reference.sampleCorrect + (right - wrong) / (beta * length),
    stopGivenCorrect: reference.stopGivenCorrect + (1 - value) / beta,
    resampleGivenWrong: reference.resampleGivenWrong + value / beta
  }
}
