/**
 * The laws that every layer of `Sampler`, `Policy` and `Backprop` obeys, on a grammar whose trajectories can be listed.
 *
 * @module
 */
import { Effect, type Layer, ManagedRuntime, Result } from "effect"
import { afterAll, describe, expect, it } from "vitest"
import { DECISION, NOT_OWNED, owners, SAMPLING, TWO_STAGE } from "../domain/Partition.ts"
import { Grammar } from "../domain/Grammar.ts"
import { Policy } from "../domain/Policy.ts"
import { onPolicy, Sampler, type SampleRequest } from "../domain/Sampler.ts"
import type { PolicyErrorReason } from "../domain/Errors.ts"
import { draws, fold } from "../domain/Seed.ts"
import { Tokenizer } from "../domain/Tokenizer.ts"
import { choiceSets, placeTokens, type Speech } from "../model/policy/Choices.ts"
import { Placement } from "../model/policy/Placement.ts"
import type { Rollout } from "../domain/Trajectory.ts"
import { tokenMean, weights } from "../theory/Aggregate.ts"
import {
  add,
  entropyBonus,
  evaluate,
  klCov,
  klInLoss,
  nll,
  type Objective,
  readsEntropies,
  restrict,
  scale,
  surrogate
} from "../theory/Objective.ts"
import { Backprop, type LossRequest } from "../model/Backprop.ts"
import { enumerateTrajectories, tinyPrompts } from "./TinyWords.ts"
import { generalizedCrossEntropy, margin } from "./OwnLosses.ts"

/** What is tested, and how closely. */
export interface LawOptions {
  /** The policy on the tiny grammar, with that grammar's words (`TinyWords.layerTiny`). */
  readonly layer: Layer.Layer<Sampler | Policy | Backprop | Tokenizer | Grammar | Placement, unknown>
  /** Relative error of the gradient against central differences of step `step`. */
  readonly gradientTolerance: number
  readonly step: number
  /** Error of sums of log-probabilities. */
  readonly tolerance: number
  /** Whether the laws also train losses of one's own, which are functions; left out: no. */
  readonly trainsOwnLosses?: boolean
}

const requestsOf = (count: number, seed: number): ReadonlyArray<SampleRequest> =>
  Array.from({ length: count }, (_, i) => ({ prompt: tinyPrompts[i % tinyPrompts.length]!, seed: fold(seed, i) }))

/** A loss request for rollouts, with made-up old and reference log-probabilities near the sampler's and advantages by row. */
const lossRequest = (rollouts: ReadonlyArray<Rollout>, objective: Objective, temperature = 1): LossRequest => {
  const offsets = Int32Array.from([
    0,
    ...rollouts.map((_, i) => rollouts.slice(0, i + 1).reduce((sum, { tokens }) => sum + tokens.length, 0))
  ])
  const owner = Uint8Array.from(rollouts.flatMap((rollout) => [...owners(rollout)]))
  const noise = draws(77).uniform
  const near = () => Float64Array.from(rollouts.flatMap(({ logProbs }) => [...logProbs]), (value) => Math.min(0, value + noise() - 0.5))
  return {
    trajectories: rollouts,
    objective,
    partition: TWO_STAGE,
    temperature,
    offsets,
    owner,
    weights: weights(tokenMean, offsets, owner),
    oldLogProbs: near(),
    referenceLogProbs: near(),
    advantages: Float64Array.from(rollouts.flatMap(({ tokens }, i) => tokens.map(() => (i % 3) - 0.8))),
    selected: Float64Array.from(owner, (_, t) => (t % 4 === 0 ? 1 : 0))
  }
}

/** KL-Cov has a kink where a token's ratio is 1: no token is so near that a step of differences crosses it. */
const smoothHere = (request: LossRequest, logProbs: ReadonlyArray<number>): LossRequest => ({
  ...request,
  oldLogProbs: request.oldLogProbs!.map((old, t) => (Math.abs(logProbs[t]! - old) < 0.05 ? Math.min(0, logProbs[t]!) - 0.1 : old))
})

const sliceRequest = (request: LossRequest, from: number, to: number): LossRequest => {
  const [start, end] = [request.offsets[from], request.offsets[to]]
  return {
    ...request,
    trajectories: request.trajectories.slice(from, to),
    offsets: request.offsets.slice(from, to + 1).map((offset) => offset - start!),
    owner: request.owner.slice(start, end),
    weights: request.weights.slice(start, end),
    oldLogProbs: request.oldLogProbs!.slice(start, end),
    referenceLogProbs: request.referenceLogProbs!.slice(start, end),
    advantages: request.advantages!.slice(start, end),
    selected: request.selected!.slice(start, end)
  }
}

const grpo: Objective = add(surrogate({ clipLow: null, clipHigh: null }), klInLoss({ beta: 0.3 }))
const mixed: Objective = add(
  add(scale(surrogate({ ratio: "sequence", clipLow: null, clipHigh: null }), 0.5), restrict(nll(), "decision")),
  klCov({ coefficient: 0.5 })
)

const explored: Objective = add(surrogate({ clipLow: null, clipHigh: null }), scale(entropyBonus({ coefficient: 0.4 }), 2))
const exploredDecision: Objective = add(nll(), restrict(entropyBonus({ coefficient: 0.7 }), "decision"))

const own: Objective = add(scale(restrict(margin({ slope: 0.5 }), "decision"), 0.5), add(generalizedCrossEntropy({ q: 0.5 }), nll()))

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0)

/** Fails unless |actual − expected| stays below `tolerance` times the largest expected entry. */
const expectVector = (actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void => {
  expect(actual.length).toBe(expected.length)
  const size = Array.from(expected).reduce((largest, value) => Math.max(largest, Math.abs(value)), 0)
  const error = Array.from(expected).reduce((largest, value, i) => Math.max(largest, Math.abs(value - actual[i]!)), 0)
  expect(size).toBeGreaterThan(0)
  expect(error).toBeLessThan(tolerance * size)
}

/** The entropy of every choice of the rollouts, slow and obvious: every alternative is put in its place and scored. */
const entropiesByScoring = Effect.fnUntraced(function* (
  { policy, speech }: { readonly policy: Policy["Service"]; readonly speech: Speech },
  rollouts: ReadonlyArray<Rollout>,
  parameters: Float32Array,
  temperature: number
) {
  const choices = choiceSets(speech)
  const places = rollouts.flatMap((rollout) => {
    const { sets } = placeTokens("laws", speech, rollout, 0)
    return rollout.tokens.map((_, t) =>
      sets[t]! < 0 ? [] : choices[sets[t]!]!.map((token) => ({ ...rollout, tokens: [...rollout.tokens.slice(0, t), token] }))
    )
  })
  const scores = yield* policy.logProbs(parameters, places.flat(), temperature)
  let next = 0
  return Float64Array.from(places, (alternatives) =>
    alternatives.reduce((total, { tokens }) => {
      const logProb = scores[next++]![tokens.length - 1]!
      return total - Math.exp(logProb) * logProb
    }, 0))
})

/**
 * Declares the laws of a policy as a vitest suite: its sampler and its scorer agree, probabilities sum to 1, frequencies match them, the
 * gradient is that of central differences of the theory's loss, shares of a batch add up, and a seed decides everything.
 */
export const policyServiceLaws = (
  name: string,
  { gradientTolerance, layer, step, tolerance, trainsOwnLosses = false }: LawOptions
): void =>
  void describe(`Policy and Backprop: ${name}`, () => {
    const runtime = ManagedRuntime.make(layer)
    afterAll(() => runtime.dispose())

    const services = Effect.gen(function* () {
      const policy = yield* Policy
      const backprop = yield* Backprop
      const sampler = yield* Sampler
      const grammar = yield* Grammar
      const speech: Speech = { grammar, placement: yield* Placement, vocabulary: (yield* Tokenizer).vocabulary }
      // Freshly initialised logits are nearly uniform; these are not.
      const noise = draws(5).uniform
      const parameters = (yield* policy.initialize(3)).map((value) => value + 1.2 * (noise() - 0.5))
      return { sampler, policy, backprop, grammar, speech, parameters }
    })
    type Services = Effect.Success<typeof services>
    const law = (sentence: string, body: (services: Services) => Effect.Effect<void, unknown>) =>
      it(sentence, () => runtime.runPromise(Effect.flatMap(services, body)))

    law("initial parameters are a function of the seed", ({ policy }) =>
      Effect.gen(function* () {
        const [a, b, c] = [yield* policy.initialize(1), yield* policy.initialize(1), yield* policy.initialize(2)]
        expect(a.length).toBe(policy.parameterCount)
        expect([...a]).toEqual([...b])
        expect([...a]).not.toEqual([...c])
      }))

    law(
      "the same seed gives the same rollout, whatever is sampled beside it and in whatever order",
      ({ parameters, sampler }) =>
        Effect.gen(function* () {
          const requests = requestsOf(37, 1)
          const together = yield* sampler.sample(parameters, requests, onPolicy)
          const reversed = yield* sampler.sample(parameters, requests.toReversed(), onPolicy)
          const alone = yield* Effect.forEach(requests, (request) => sampler.sample(parameters, [request], onPolicy))
          together.forEach((rollout, i) => {
            for (const other of [reversed[requests.length - 1 - i], alone[i]![0]]) {
              expect({ ...other, logProbs: [] }).toEqual({ ...rollout, logProbs: [] })
              other!.logProbs.forEach((value, t) => expect(Math.abs(value - rollout.logProbs[t]!)).toBeLessThan(tolerance))
            }
          })
          const otherSeed = yield* sampler.sample(parameters, requestsOf(37, 2), onPolicy)
          expect(otherSeed.map(({ tokens }) => tokens)).not.toEqual(together.map(({ tokens }) => tokens))
        })
    )

    law(
      "the probabilities of all trajectories of a prompt sum to 1, at every temperature and offset",
      ({ grammar, parameters, policy }) =>
        Effect.gen(function* () {
          for (const prompt of tinyPrompts) {
            for (const offset of [0, 2]) {
              for (const temperature of [1, 0.6, 2]) {
                const all = enumerateTrajectories(grammar, { prompt, offset })
                const logProbs = yield* policy.logProbs(parameters, all, temperature)
                expect(Math.abs(sum(logProbs.map((tokens) => Math.exp(sum(tokens)))) - 1)).toBeLessThan(tolerance)
              }
            }
          }
        })
    )

    law(
      "log-probabilities are at most 0, below 0 where there was a choice and 0 where there was none",
      ({ grammar, parameters, policy, speech }) =>
        Effect.gen(function* () {
          const all = enumerateTrajectories(grammar, { prompt: tinyPrompts[1]!, offset: 1 })
          const logProbs = yield* policy.logProbs(parameters, all, 1)
          all.forEach((trajectory, i) => {
            const { sets } = placeTokens("laws", speech, trajectory, 0)
            sets.forEach((set, t) => (set < 0 ? expect(logProbs[i]![t]).toBe(0) : expect(logProbs[i]![t]).toBeLessThan(0)))
          })
        })
    )

    law(
      "the sampler's log-probabilities are those that scoring gives, at every temperature, top-k and top-p",
      ({ parameters, policy, sampler }) =>
        Effect.gen(function* () {
          for (const change of [{}, { temperature: 0.6 }, { temperature: 2, topK: 1 }, { topP: 0.5 }, { temperature: 0 }]) {
            const sampling = { ...onPolicy, ...change }
            const rollouts = yield* sampler.sample(parameters, requestsOf(20, 4), sampling)
            const scored = yield* policy.logProbs(parameters, rollouts, sampling.temperature)
            rollouts.forEach(({ logProbs }, i) =>
              logProbs.forEach((value, t) => expect(Math.abs(value - scored[i]![t]!)).toBeLessThan(Math.max(tolerance, 1e-12)))
            )
          }
        })
    )

    law(
      "sampling frequencies match probabilities (chi-square within 5 standard deviations)",
      ({ grammar, parameters, policy, sampler }) =>
        Effect.gen(function* () {
          const count = 2000
          for (const prompt of tinyPrompts) {
            const requests = Array.from({ length: count }, (_, i) => ({ prompt, seed: fold(9, prompt.length, i) }))
            const rollouts = yield* sampler.sample(parameters, requests, onPolicy)
            const seen = new Map<string, number>()
            for (const { tokens } of rollouts) seen.set(tokens.join(" "), (seen.get(tokens.join(" ")) ?? 0) + 1)
            // The sampler shifts positions; what is expected is the mean over the shifts that it drew.
            const expected = new Map<string, number>()
            for (const [offset, shifted] of Map.groupBy(rollouts, (rollout) => rollout.offset)) {
              const all = enumerateTrajectories(grammar, { prompt, offset })
              const logProbs = yield* policy.logProbs(parameters, all, 1)
              all.forEach(({ tokens }, i) => {
                const name = tokens.join(" ")
                expected.set(name, (expected.get(name) ?? 0) + shifted.length * Math.exp(sum(logProbs[i]!)))
              })
            }
            const cells = [...expected].map(([name, mean]) => ({ expected: mean, observed: seen.get(name) ?? 0 }))
            expect(sum(cells.map(({ observed }) => observed))).toBe(count)
            // Rare trajectories are counted as one, so that every expected count is at least 5.
            const common = cells.filter(({ expected }) => expected >= 5)
            const rare = {
              expected: count - sum(common.map(({ expected }) => expected)),
              observed: count - sum(common.map(({ observed }) => observed))
            }
            const tested = rare.expected >= 5 ? [...common, rare] : common
            const chiSquare = sum(tested.map(({ expected, observed }) => (observed - expected) ** 2 / expected))
            const freedom = tested.length - 1
            expect(freedom).toBeGreaterThan(2)
            expect(chiSquare).toBeLessThan(freedom + 5 * Math.sqrt(2 * freedom))
          }
        })
    )

    law(
      "temperature 0, top-k 1 and a tiny top-p all take the most probable token",
      ({ grammar, parameters, policy, sampler }) =>
        Effect.gen(function* () {
          const requests = requestsOf(12, 6)
          const greedy = yield* sampler.sample(parameters, requests, { ...onPolicy, temperature: 0 })
          for (const change of [{ topK: 1 }, { topP: 1e-9 }]) {
            const other = yield* sampler.sample(parameters, requests, { ...onPolicy, ...change })
            expect(other.map(({ tokens }) => tokens)).toEqual(greedy.map(({ tokens }) => tokens))
          }
          const first = greedy[1]!
          const rivals = enumerateTrajectories(grammar, { prompt: requests[1]!.prompt, offset: first.offset })
          const scores = yield* policy.logProbs(parameters, rivals, 1)
          const t = first.spans[0]!.start
          const best = scores.map((tokens) => tokens[t]!).reduce((a, b) => Math.max(a, b))
          expect(first.logProbs[t]).toBeCloseTo(best, 4)
        })
    )

    law(
      "a token limit truncates, and the rest of the trajectory is what it would have been",
      ({ parameters, sampler }) =>
        Effect.gen(function* () {
          const requests = requestsOf(30, 8)
          const whole = yield* sampler.sample(parameters, requests, onPolicy)
          const cut = yield* sampler.sample(parameters, requests, { ...onPolicy, maxTokens: 4 })
          expect(cut.some(({ ending }) => ending === "truncated")).toBe(true)
          cut.forEach(({ ending, promptLength, tokens }, i) => {
            expect(tokens).toEqual(whole[i]!.tokens.slice(0, promptLength + 4))
            expect(ending).toBe(tokens.length < whole[i]!.tokens.length ? "truncated" : whole[i]!.ending)
          })
        })
    )

    for (
      const [label, objective, temperature] of [
        ["GRPO with KL", grpo, 1],
        ["a mixed objective", mixed, 0.7],
        ["GRPO with an entropy bonus", explored, 1],
        ["SFT with an entropy bonus on decisions", exploredDecision, 0.7],
        ...(trainsOwnLosses ? [["losses of one's own beside SFT", own, 0.7] as const] : [])
      ] as const
    ) {
      law(`the gradient of ${label} equals central differences of theory's loss`, (services) =>
        Effect.gen(function* () {
          const { backprop, parameters, policy, sampler } = services
          const rollouts = yield* sampler.sample(parameters, requestsOf(10, 10), onPolicy)
          const here = (yield* policy.logProbs(parameters, rollouts, temperature)).flatMap((tokens) => [...tokens])
          const request = smoothHere(lossRequest(rollouts, objective, temperature), here)
          const result = yield* backprop.gradient(parameters, request)
          const loss = Effect.fnUntraced(function* (at: Float32Array) {
            const scored = yield* policy.logProbs(at, rollouts, temperature)
            const logProbs = Float64Array.from(scored.flatMap((tokens) => [...tokens]))
            const entropies = readsEntropies(objective)
              ? yield* entropiesByScoring(services, rollouts, at, temperature)
              : new Float64Array(logProbs.length)
            const evaluated = evaluate(objective, { ...request, logProbs, entropies }, TWO_STAGE).loss
            return sum(evaluated.map((value, token) => value * request.weights[token]!))
          })
          expect(Math.abs(result.loss - (yield* loss(parameters)))).toBeLessThan(tolerance)

          const directional: Array<number> = []
          const predicted: Array<number> = []
          for (let k = 0; k < 16; k++) {
            const { integer } = draws(fold(21, k))
            const direction = Float64Array.from(parameters, () => integer(0, 1) * 2 - 1)
            // The step as float32 arithmetic takes it: what matters is the difference of the vectors really evaluated.
            const at = (steps: number) => parameters.map((value, i) => value + steps * step * direction[i]!)
            const [ahead, behind] = [at(1), at(-1)]
            directional.push((yield* loss(ahead)) - (yield* loss(behind)))
            predicted.push(sum(result.gradient.map((slope, i) => slope * (ahead[i]! - behind[i]!))))
          }
          expectVector(predicted, directional, gradientTolerance)
        }))
    }

    law(
      "the gradient restricted to sampling plus that restricted to decision is the whole gradient",
      ({ backprop, parameters, sampler }) =>
        Effect.gen(function* () {
          const rollouts = yield* sampler.sample(parameters, requestsOf(24, 11), onPolicy)
          for (const objective of [grpo, surrogate({ ratio: "sequence" }), explored, ...(trainsOwnLosses ? [own] : [])]) {
            const of = (part: Objective) => backprop.gradient(parameters, lossRequest(rollouts, part))
            const [whole, sampling, decision] = [
              yield* of(objective),
              yield* of(restrict(objective, "sampling")),
              yield* of(restrict(objective, "decision"))
            ]
            expectVector(sampling.gradient.map((value, i) => value + decision.gradient[i]!), whole.gradient, Math.max(tolerance, 1e-6))
            expect(sampling.loss + decision.loss).toBeCloseTo(whole.loss, 5)
          }
        })
    )

    law(
      "the gradients of two halves of a batch add up to that of the whole",
      ({ backprop, parameters, sampler }) =>
        Effect.gen(function* () {
          const rollouts = yield* sampler.sample(parameters, requestsOf(24, 12), onPolicy)
          const request = lossRequest(rollouts, grpo)
          const whole = yield* backprop.gradient(parameters, request)
          const [left, right] = [
            yield* backprop.gradient(parameters, sliceRequest(request, 0, 9)),
            yield* backprop.gradient(parameters, sliceRequest(request, 9, 24))
          ]
          expectVector(left.gradient.map((value, i) => value + right.gradient[i]!), whole.gradient, Math.max(tolerance, 1e-6))
          expect(left.loss + right.loss).toBeCloseTo(whole.loss, 5)
          expectVector([...left.logProbs, ...right.logProbs], whole.logProbs, Math.max(tolerance, 1e-6))
        })
    )

    law(
      "the parts of the loss, weighted, sum to the loss, and a gradient pass scores as scoring does",
      ({ backprop, parameters, policy, sampler }) =>
        Effect.gen(function* () {
          const rollouts = yield* sampler.sample(parameters, requestsOf(24, 13), onPolicy)
          const request = lossRequest(rollouts, mixed, 0.7)
          const result = yield* backprop.gradient(parameters, request)
          expect(Object.keys(result.parts)).toEqual(["surrogate", "nll-decision", "kl-cov"])
          const weighted = Object.values(result.parts).map((part) => sum(part.map((value, token) => value * request.weights[token]!)))
          expect(sum(weighted)).toBeCloseTo(result.loss, 5)
          const scored = yield* policy.logProbs(parameters, rollouts, 0.7)
          expectVector(result.logProbs, scored.flatMap((tokens) => [...tokens]), Math.max(tolerance, 1e-6))
          result.parts["nll-decision"]!.forEach((value, token) => {
            if (request.owner[token] === DECISION) expect(value).toBeCloseTo(-result.logProbs[token]!, 4)
            if (request.owner[token] === SAMPLING || request.owner[token] === NOT_OWNED) expect(Math.abs(value)).toBe(0)
          })
        })
    )

    law(
      "the entropy of a choice is the mean of −log π over its alternatives",
      ({ backprop, grammar, parameters, policy }) =>
        Effect.gen(function* () {
          const all = enumerateTrajectories(grammar, { prompt: tinyPrompts[0]!, offset: 0 })
          const logProbs = yield* policy.logProbs(parameters, all, 1)
          const rollouts = all.map((trajectory, i) => ({
            ...trajectory,
            ...Result.getOrThrow(grammar.read(trajectory)),
            logProbs: [...logProbs[i]!]
          }))
          const { entropies } = yield* backprop.gradient(parameters, lossRequest(rollouts, nll()))
          const first = tinyPrompts[0]!.length + 1
          const alternatives = new Map(all.map(({ tokens }, i) => [tokens[first], logProbs[i]![first]!]))
          expect(alternatives.size).toBeGreaterThan(1)
          expect(entropies[first]).toBeCloseTo(sum([...alternatives.values()].map((value) => -Math.exp(value) * value)), 4)
          expect(entropies[first - 1]).toBe(0)
        })
    )

    law(
      "refuses what it cannot compute with a PolicyError that says what to do, and by its reason what kind of refusal it is",
      ({ backprop, parameters, policy, sampler }) =>
        Effect.gen(function* () {
          const rollouts = yield* sampler.sample(parameters, requestsOf(4, 14), onPolicy)
          const request = lossRequest(rollouts, grpo)
          const foreign = rollouts.map((rollout) => ({
            ...rollout,
            tokens: rollout.tokens.map((token, t) => (t === rollout.spans[0]!.start ? 3 : token))
          }))
          const { oldLogProbs: _, ...withoutOld } = request
          const refused: ReadonlyArray<readonly [PolicyErrorReason, Effect.Effect<unknown, unknown>]> = [
            ["Mismatch", sampler.sample(parameters.slice(1), requestsOf(1, 1), onPolicy)],
            ["Mismatch", policy.logProbs(parameters, rollouts.map((rollout) => ({ ...rollout, offset: 99 })), 1)],
            ["Settings", sampler.sample(parameters, requestsOf(1, 1), { ...onPolicy, temperature: -1 })],
            ["Settings", sampler.sample(parameters, requestsOf(1, 1), { ...onPolicy, topP: 0 })],
            ["NotFinite", sampler.sample(parameters.map(() => NaN), requestsOf(1, 1), onPolicy)],
            ["Mismatch", policy.logProbs(parameters, foreign, 1)],
            ["Settings", policy.logProbs(parameters, rollouts, NaN)],
            ["NotFinite", policy.logProbs(parameters.map(() => NaN), rollouts, 1)],
            ["NotFinite", backprop.gradient(parameters.map(() => NaN), request)],
            ["Request", backprop.gradient(parameters, withoutOld)],
            ["Request", backprop.gradient(parameters, { ...request, objective: restrict(nll(), "critic") })],
            ["Request", backprop.gradient(parameters, { ...request, weights: request.weights.slice(1) })]
          ]
          for (const [reason, effect] of refused) {
            const error = yield* Effect.flip(Effect.asVoid(effect))
            expect(error).toMatchObject({ _tag: "PolicyError", reason })
          }
        })
    )
  })
