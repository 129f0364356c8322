/**
 * Generators of the theory's inputs.
 *
 * Numbers are integers divided by a scale: generators of floats walk bit patterns, so nearly all of their values are close to 0
 * and policies made of them nearly uniform. `Arbitraries.test.ts` checks that these are not degenerate.
 */
import fc from "fast-check"
import { NOT_OWNED, type ScoredAttempt, type ScoredTrajectory, type TokenBatch } from "../../src/theory/index.ts"
import { PARAMETERS } from "./TinyPolicy.ts"

/** Numbers from `min` to `max` on a grid of thousandths. */
export const grid = (min: number, max: number): fc.Arbitrary<number> =>
  fc.integer({ min: Math.round(min * 1000), max: Math.round(max * 1000) }).map((value) => value / 1000)

/** A vector of logits in [−3, 3]: probabilities from about 0.002 to 0.998 for two options. */
export const logits = (length: number): fc.Arbitrary<ReadonlyArray<number>> =>
  fc.array(grid(-3, 3), { minLength: length, maxLength: length })

/** The tiny policy's parameters. */
export const tinyLogits: fc.Arbitrary<ReadonlyArray<number>> = logits(PARAMETERS)

/** A log-probability: usually in [−4, −0.001], now and then that of a sure or a nearly impossible token. */
export const logProb: fc.Arbitrary<number> = fc.oneof(
  { weight: 8, arbitrary: grid(-4, -0.001) },
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: grid(-12, -8) }
)

/** A discount: 0, 1, or between. */
export const discount: fc.Arbitrary<number> = fc.oneof(fc.constant(0), fc.constant(1), grid(0.01, 0.999))

/** An advantage, reward or Q: in [−3, 3], 0 included. */
export const advantage: fc.Arbitrary<number> = fc.oneof(
  { weight: 9, arbitrary: grid(-3, 3) },
  { weight: 1, arbitrary: fc.constant(0) }
)

interface TrajectorySize {
  readonly minAttempts?: number
  readonly maxAttempts?: number
  readonly maxTokens?: number
}

/** A scored trajectory with reference: 1 to 4 attempts of 1 to 5 tokens unless told. */
export const scoredTrajectory = (size: TrajectorySize = {}): fc.Arbitrary<ScoredTrajectory> => {
  const attempt = fc.integer({ min: 1, max: size.maxTokens ?? 5 }).chain((length) =>
    fc.record({
      tokenLogProbs: fc.array(logProb, { minLength: length, maxLength: length }),
      referenceTokenLogProbs: fc.array(logProb, { minLength: length, maxLength: length }),
      decision: fc.constant<ScoredAttempt["decision"]>("RESAMPLE"),
      decisionLogProb: logProb,
      referenceDecisionLogProb: logProb
    })
  )
  return fc
    .array(attempt, { minLength: size.minAttempts ?? 1, maxLength: size.maxAttempts ?? 4 })
    .map((attempts) => ({
      attempts: attempts.map((each, index) => ({ ...each, decision: index === attempts.length - 1 ? "STOP" : "RESAMPLE" }))
    }))
}

/** Rewards of one group, 1 to 8 of them: 0/1 rewards, graded ones, and all equal. */
export const rewardGroup: fc.Arbitrary<ReadonlyArray<number>> = fc.oneof(
  fc.array(fc.constantFrom(0, 1), { minLength: 1, maxLength: 8 }),
  fc.array(grid(-5, 5), { minLength: 2, maxLength: 8 }),
  fc.tuple(grid(-5, 5), fc.integer({ min: 1, max: 8 })).map(([reward, size]) => Array.from({ length: size }, () => reward))
)

/** The rewards of several groups laid end to end. */
export interface RewardGroups {
  readonly rewards: Float64Array
  readonly groups: Int32Array
}

/** Lays groups of rewards end to end with their offsets. */
export const layGroups = (groups: ReadonlyArray<ReadonlyArray<number>>): RewardGroups => ({
  rewards: Float64Array.from(groups.flat()),
  groups: Int32Array.from([0, ...groups.map((_, index) => groups.slice(0, index + 1).flat().length)])
})

/** One to four groups of rewards. */
export const rewardGroups: fc.Arbitrary<RewardGroups> = fc.array(rewardGroup, { minLength: 1, maxLength: 4 }).map(layGroups)

/** A token batch with every column present. */
export type FullTokenBatch = Required<TokenBatch>

/**
 * A batch of 0 to 5 sequences of 0 to 6 tokens over `owners` sub-policies, every column present. Tokens nobody owns, sequences without tokens
 * and sequences fully masked occur. Advantages are one number a sequence.
 */
export const tokenBatch = (owners: number = 2): fc.Arbitrary<FullTokenBatch> => {
  const token = fc.record({
    owner: fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 0, max: owners - 1 }) }, { weight: 1, arbitrary: fc.constant(NOT_OWNED) }),
    logProb,
    old: logProb,
    reference: logProb,
    entropy: grid(0, 3),
    selected: fc.constantFrom(0, 1)
  })
  const sequence = fc.record({
    tokens: fc.array(token, { maxLength: 6 }),
    advantage,
    masked: fc.integer({ min: 0, max: 7 }).map((value) => value === 0)
  })
  return fc.array(sequence, { maxLength: 5 }).map((sequences) => {
    const lengths = sequences.map(({ tokens }) => tokens.length)
    const flat = sequences.flatMap(({ advantage: value, masked, tokens }) => tokens.map((each) => ({ ...each, value, masked })))
    return {
      offsets: Int32Array.from([0, ...lengths.map((_, index) => lengths.slice(0, index + 1).reduce((sum, length) => sum + length, 0))]),
      owner: Uint8Array.from(flat.map(({ masked, owner }) => (masked ? NOT_OWNED : owner))),
      logProbs: Float64Array.from(flat.map((each) => each.logProb)),
      oldLogProbs: Float64Array.from(flat.map((each) => each.old)),
      referenceLogProbs: Float64Array.from(flat.map((each) => each.reference)),
      entropies: Float64Array.from(flat.map((each) => each.entropy)),
      advantages: Float64Array.from(flat.map((each) => each.value)),
      selected: Float64Array.from(flat.map((each) => each.selected))
    }
  })
}
