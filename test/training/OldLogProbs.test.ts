import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import type { Parameters } from "../../src/domain/Policy.ts"
import { Sampler } from "../../src/domain/Sampler.ts"
import * as RolloutCorrection from "../../src/theory/RolloutCorrection.ts"
import * as Checkpoint from "../../src/training/Checkpoint.ts"
import * as GroupRelativeTrainer from "../../src/training/GroupRelativeTrainer.ts"
import { adam } from "../../src/training/Optimizer.ts"
import { put } from "../../src/training/OldLogProbs.ts"
import * as Presets from "../../src/training/Presets.ts"
import * as Schedule from "../../src/training/Schedule.ts"
import { initialize, type TrainState } from "../../src/training/TrainState.ts"
import { fixedRollouts, gradientOf, group, LENGTHS, query } from "../support/FixedRollouts.ts"

type Config = GroupRelativeTrainer.GroupRelativeConfig
const config = (changes: Partial<Config> = {}): Config => ({
  ...Presets.groupRelative(8)["grpo-verl"],
  optimizer: adam,
  schedule: Schedule.constant(0.01),
  clipNorm: 1e9,
  attributionEvery: 0,
  groupSize: 4,
  queries: 1,
  miniBatchQueries: 1,
  ...changes
})
// Rewards 1, 1, 0, 0: mean ½, sample deviation √⅓.
const A = 0.5 / (Math.sqrt(1 / 3) + 1e-6)
const SIGNED = [A, A, -A, -A]
const TOKENS = 15

const step = (changes: Partial<Config>, from?: TrainState) =>
  Effect.gen(function* () {
    const start = from ?? (yield* initialize(3))
    return yield* GroupRelativeTrainer.step(config(changes), start.parameters)(start, [query])
  })
const updated = (changes: Partial<Config>) => Effect.map(step(changes), ({ state }) => state.parameters)

/** log π − log π_sampler of each chosen token: an engine that is off by other amounts at every token. */
const OFF = LENGTHS.map((length, row) => Array.from({ length }, (_, t) => 0.9 * Math.sin(1 + 3 * row + 7 * t)))
const engine = (whose: "engine" | "none" | undefined) => fixedRollouts((row, chosen) => OFF[row]![chosen]!, whose)
const all = OFF.flat()
const mean = (values: ReadonlyArray<number>) => values.reduce((sum, value) => sum + value, 0) / values.length
const k3 = (x: number) => Math.exp(x) - 1 - x

describe("where ratios start", () => {
  it.effect("an engine's log-probabilities are not taken for the policy's: the update is that of the library's own sampler", () =>
    Effect.gen(function* () {
      const own = yield* Effect.provide(updated({}), fixedRollouts(0))
      expect(yield* Effect.provide(updated({}), engine("engine"))).toEqual(own)
      expect(yield* Effect.provide(updated({}), engine("none"))).toEqual(own)
      expect(yield* Effect.provide(updated({ oldLogProbs: "policy" }), engine(undefined))).toEqual(own)
    }))

  it.effect("with oldLogProbs sampler the ratio starts at the engine: e^x on every token, within the clip", () =>
    Effect.gen(function* () {
      const { parameters } = yield* initialize(3)
      const ratio = OFF.map((row, i) =>
        row.map((x) => {
          const a = SIGNED[i]!
          const r = Math.exp(x)
          // The clipped side has no gradient: r > 1.2 with a > 0, r < 0.8 with a < 0.
          return (a > 0 && r > 1.2) || (a < 0 && r < 0.8) ? 0 : (a * r) / TOKENS
        })
      )
      const gradient = yield* gradientOf(parameters, ratio)
      const { metrics } = yield* step({ oldLogProbs: "sampler" })
      expect(metrics["grad_norm"]).toBeCloseTo(Math.hypot(...gradient), 4)
      expect(metrics).not.toHaveProperty("sampling/sampling_logp_difference/mean")
    }).pipe(Effect.provide(engine("engine"))))

  it.effect("truncated importance sampling weighs every token by min(e^x, C), x = log π before the step − log π_sampler", () =>
    Effect.gen(function* () {
      const { parameters } = yield* initialize(3)
      for (const high of [1.5, 2, 100]) {
        const weights = RolloutCorrection.importanceWeights({ level: "token", high })
        const gradient = yield* gradientOf(
          parameters,
          OFF.map((row, i) => row.map((x) => (SIGNED[i]! * Math.min(Math.exp(x), high)) / TOKENS))
        )
        const { metrics, state } = yield* step({ correction: { weights } })
        expect(metrics["grad_norm"]).toBeCloseTo(Math.hypot(...gradient), 4)
        gradient.forEach((slope, k) => {
          if (Math.abs(slope) > 1e-4) expect(state.parameters[k]! - parameters[k]!).toBeCloseTo(0.01 * Math.sign(slope), 5)
        })
        const above = all.filter((x) => Math.exp(x) > high).length
        expect(metrics["rollout_corr/rollout_is_ratio_fraction_high"]).toBeCloseTo(above / TOKENS, 12)
        expect(above > 0).toBe(high < 100)
      }
    }).pipe(Effect.provide(engine("engine"))))

  it.effect("says how far sampler and policy are apart, and how far on π_S's and π_D's tokens", () =>
    Effect.gen(function* () {
      const { metrics } = yield* step({})
      expect(metrics["sampling/sampling_logp_difference/mean"]).toBeCloseTo(mean(all.map(Math.abs)), 6)
      expect(metrics["sampling/sampling_logp_difference/max"]).toBeCloseTo(Math.max(...all.map(Math.abs)), 6)
      expect(metrics["rollout_corr/k3_kl"]).toBeCloseTo(mean(all.map(k3)), 6)
      // Each attempt of three chosen tokens: two digits, then the decision.
      const isDecision = (t: number) => t % 3 === 2
      const decisions = OFF.flatMap((row) => row.filter((_, t) => isDecision(t)))
      const digits = OFF.flatMap((row) => row.filter((_, t) => !isDecision(t)))
      expect(metrics["sampling/sampling_logp_difference/mean/decision"]).toBeCloseTo(mean(decisions.map(Math.abs)), 6)
      expect(metrics["sampling/sampling_logp_difference/mean/sampling"]).toBeCloseTo(mean(digits.map(Math.abs)), 6)
      expect(metrics["sampling/sampling_logp_difference/max/decision"]).toBeCloseTo(Math.max(...decisions.map(Math.abs)), 6)
      expect(metrics["rollout_corr/k3_kl/decision"]).toBeCloseTo(mean(decisions.map(k3)), 6)
      expect(metrics["rollout_corr/k3_kl/sampling"]).toBeCloseTo(mean(digits.map(k3)), 6)
      expect(metrics["sampling/steps_old"]).toBe(0)
    }).pipe(Effect.provide(engine("engine"))))

  it.effect("a sampler without log-probabilities has no mismatch to measure, and nothing that needs them is done with it", () =>
    Effect.gen(function* () {
      const { metrics } = yield* step({})
      expect(Object.keys(metrics).filter((name) => /logp_difference|rollout_corr/.test(name))).toEqual([])
      const correction = { weights: RolloutCorrection.importanceWeights() }
      for (
        const [field, changes] of [["oldLogProbs", { oldLogProbs: "sampler" }], ["correction", { correction }], ["offPolicyThreshold", {
          offPolicyThreshold: 1
        }]] as const
      ) {
        expect(yield* Effect.flip(step(changes))).toMatchObject({ _tag: "ConfigError", field })
      }
    }).pipe(Effect.provide(engine("none"))))

  it("a correction of a ratio that already starts at the sampler is refused, and steps that are none", () => {
    const refused = (changes: Partial<Config>) => {
      try {
        GroupRelativeTrainer.assertSettings(config(changes))
        return undefined
      } catch (error) {
        return (error as { readonly field?: string }).field
      }
    }
    expect(refused({ oldLogProbs: "sampler", correction: { veto: 1e-4 } })).toBe("oldLogProbs")
    for (const publishEvery of [0, -1, 1.5, NaN, Infinity]) expect(refused({ publishEvery })).toBe("publishEvery")
    expect(refused({ publishEvery: 3, oldLogProbs: "policy", correction: { veto: 1e-4 } })).toBeUndefined()
  })
})

describe("log-probabilities that are put into rollouts", () => {
  it("are each rollout's own, across groups", () => {
    const member = (n: number) => ({ trajectory: { ...group[n]!, logProbs: [] }, outcome: "Wrong" as const, reward: n })
    const groups = [{ query, members: [member(0)] }, { query, members: [member(1), member(2)] }]
    const lengths = [0, 1, 2].map((n) => group[n]!.tokens.length)
    const offsets = Int32Array.of(0, lengths[0]!, lengths[0]! + lengths[1]!, lengths[0]! + lengths[1]! + lengths[2]!)
    const given = Float64Array.from({ length: offsets[3]! }, (_, t) => -t)
    const members = put(groups, given, offsets).flatMap((each) => each.members)
    expect(members.map(({ trajectory }) => trajectory.logProbs.length)).toEqual(lengths)
    expect(members.flatMap(({ trajectory }) => trajectory.logProbs)).toEqual([...given])
    expect(members.map(({ reward }) => reward)).toEqual([0, 1, 2])
  })
})

describe("rollouts of parameters that are published every other step", () => {
  /** The library's own sampler, which notes the parameters that it was given. */
  const noting = (seen: Array<Parameters>) =>
    Layer.effect(
      Sampler,
      Effect.map(Sampler, (sampler) => ({
        sample: (parameters, requests, sampling) => {
          seen.push(parameters)
          return sampler.sample(parameters, requests, sampling)
        }
      }))
    ).pipe(Layer.provideMerge(fixedRollouts(0)))

  it.effect("are of the last step that is a multiple, say how old they are, and go on so from a checkpoint, bit for bit", () => {
    const seen: Array<Parameters> = []
    return Effect.gen(function* () {
      const states: Array<TrainState> = [yield* initialize(3)]
      const old: Array<unknown> = []
      for (let n = 0; n < 5; n++) {
        const { metrics, state } = yield* step({ publishEvery: 2, oldLogProbs: "policy" }, states[n]!)
        states.push(state)
        old.push(metrics["sampling/steps_old"])
      }
      expect(old).toEqual([0, 1, 0, 1, 0])
      expect(seen.slice(0, 5)).toEqual([0, 0, 2, 2, 4].map((n) => states[n]!.parameters))
      expect(seen[1]).not.toEqual(states[1]!.parameters)
      const read = yield* Checkpoint.decode(Checkpoint.encode(states[3]!), "memory")
      expect(read).toEqual(states[3])
      expect(read.sampler).toEqual({ step: 2, parameters: states[2]!.parameters })
      expect((yield* step({ publishEvery: 2, oldLogProbs: "policy" }, read)).state).toEqual(states[4])
      const both = { ...states[3]!, reference: states[1]!.parameters }
      expect(yield* Checkpoint.decode(Checkpoint.encode(both), "memory")).toEqual(both)
      const fresh = yield* step({})
      expect(fresh.metrics).not.toHaveProperty("sampling/steps_old")
      expect(fresh.state.sampler).toBeUndefined()
    }).pipe(Effect.provide(noting(seen)))
  })
})
