import { NodeServices } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Deferred, Effect, Fiber, FileSystem, Layer, Stream } from "effect"
import { ConfigError, PolicyError } from "../../src/domain/Errors.ts"
import { Reward } from "../../src/domain/Reward.ts"
import * as ArithmeticGrammar from "../../src/model/grammar/ArithmeticGrammar.ts"
import { deviceWasm } from "../../src/model/device/Wasm.ts"
import * as GroupRelativeTrainer from "../../src/training/GroupRelativeTrainer.ts"
import * as TransformerPolicy from "../../src/model/policy/TransformerPolicy.ts"
import * as Run from "../../src/training/Run.ts"
import * as RunFolder from "../../src/training/RunFolder.ts"
import { hold } from "../../src/training/RunLock.ts"
import * as Schedule from "../../src/training/Schedule.ts"
import type { AttributionRow } from "../../src/training/GradientAttribution.ts"
import type { StepReport } from "../../src/training/StepReport.ts"
import { fromParameters, initialize } from "../../src/training/TrainState.ts"
import { config, query, runOptions, services, task } from "../support/TinyRun.ts"

const everything = Layer.merge(services, NodeServices.layer)

const temporary = Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped())

describe("a loss that is not a number", () => {
  it.effect("NaN and infinite parameters stop the run with a typed error; the folder keeps the last good state and its metrics", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      for (const value of [NaN, Infinity]) {
        const folder = yield* temporary
        const options = yield* runOptions(folder)
        const error = yield* Effect.flip(
          Run.run({
            ...options,
            train: (start) =>
              Stream.map(
                options.train(start),
                (report) =>
                  report.state.step === 6
                    ? { ...report, state: { ...report.state, parameters: report.state.parameters.map(() => value) } }
                    : report
              )
          })
        )
        expect(error).toMatchObject({ _tag: "RunError", reason: "NotFinite", step: 6 })
        expect(error.message).toMatch(/checkpoints before this step are whole/)
        expect(yield* RunFolder.checkpointSteps(folder)).toEqual([4, 2])
        expect((yield* files.readFileString(`${folder}/metrics.jsonl`)).trim().split("\n")).toHaveLength(5)
      }
    }).pipe(Effect.scoped, Effect.provide(everything)))

  it.effect("an objective whose loss overflows is reported with its step, before anything is written", () =>
    Effect.gen(function* () {
      const folder = yield* temporary
      const options = yield* runOptions(folder, { config: { advantage: (rewards) => rewards.map(() => 1e308), queries: 2 } })
      const error = yield* Effect.flip(Run.run(options))
      expect(error).toMatchObject({ _tag: "RunError", reason: "NotFinite", step: 1 })
      expect(error.message).toMatch(/There is no checkpoint yet: delete the folder/)
      expect(yield* RunFolder.checkpointSteps(folder)).toEqual([])
    }).pipe(Effect.scoped, Effect.provide(everything)))
})

describe("a step that fails", () => {
  it.effect("is NotFinite by the error's reason, whatever its text says", () =>
    Effect.gen(function* () {
      const cases = [
        [new PolicyError({ operation: "gradient", reason: "NotFinite", problem: "overflow", advice: "Look" }), "NotFinite"],
        [new PolicyError({ operation: "gradient", reason: "Device", problem: "no kernel isNaN", advice: "Look" }), "StepFailed"],
        [new ConfigError({ field: "x", value: "NaN", expected: "Infinity, not finite" }), "StepFailed"]
      ] as const
      for (const [failure, reason] of cases) {
        const options = yield* runOptions(yield* temporary)
        const error = yield* Effect.flip(Run.run({ ...options, train: () => Stream.fail(failure) }))
        expect(error).toMatchObject({ _tag: "RunError", reason, step: 1, problem: failure.message })
      }
    }).pipe(Effect.scoped, Effect.provide(everything)))
})

describe("a run that is stopped", () => {
  it.effect("saves the step that it was at, and ends as one that was never stopped", () =>
    Effect.gen(function* () {
      const [folder, whole] = [yield* temporary, yield* temporary]
      const options = { ...(yield* runOptions(folder)), checkpointEvery: 100 }
      const reached = yield* Deferred.make<void>()
      const onStep = ({ state }: StepReport) =>
        state.step < 3 ? Effect.void : Effect.andThen(Deferred.succeed(reached, undefined), Effect.never)
      const fiber = yield* Effect.forkChild(Run.run({ ...options, onStep }))
      yield* Deferred.await(reached)
      yield* Fiber.interrupt(fiber)
      expect(yield* RunFolder.checkpointSteps(folder)).toEqual([3])
      const resumed = yield* Run.run({ ...options, isResumed: true })
      expect(resumed).toEqual(yield* Run.run({ ...options, folder: whole }))
      expect(yield* RunFolder.readMetrics(folder, 0, 8)).toEqual(yield* RunFolder.readMetrics(whole, 0, 8))
    }).pipe(Effect.scoped, Effect.provide(everything)))
})

describe("two processes in one folder", () => {
  it.live("the second is refused with the number of the first; what a dead one left is taken over, and nothing is left", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const folder = yield* temporary
      const options = yield* runOptions(folder)
      const lock = `${folder}/lock`
      // The parent of this process lives as long as it does.
      yield* files.writeFileString(lock, JSON.stringify({ process: process.ppid, began: 1 }))
      const error = yield* Effect.flip(Run.run(options))
      expect(error).toMatchObject({ _tag: "RunError", reason: "FolderInUse" })
      expect(error.message).toMatch(new RegExp(`process ${process.ppid} trains in this folder.*delete .*lock`))
      expect(yield* files.readDirectory(folder)).toEqual(["lock"])
      const within = yield* Effect.flip(Effect.andThen(Effect.andThen(files.remove(lock), hold(folder)), hold(folder)).pipe(Effect.scoped))
      expect(within.message).toContain(`process ${process.pid} `)
      // An earlier process of this number, one that nothing is known of, and half a file.
      for (const left of [{ process: process.pid, began: 1 }, { process: 2 ** 22 + 1, began: 1 }, "{"]) {
        yield* files.writeFileString(lock, typeof left === "string" ? left : JSON.stringify(left))
        yield* Run.run({ ...options, isResumed: true })
        expect(yield* files.exists(lock)).toBe(false)
      }
    }).pipe(Effect.scoped, Effect.provide(everything)))
})

describe("rows of metrics.jsonl", () => {
  const parts = (names: ReadonlyArray<string>, hasNoise: boolean): ReadonlyArray<AttributionRow> =>
    ["total", "surrogate"].map((part, k) => {
      const named = (value: (i: number) => number) => Object.fromEntries(names.map((name, i) => [name, value(i)]))
      return {
        step: 6,
        part,
        norms: named((i) => i + k + 0.5),
        tokens: named((i) => 10 * i + k),
        ...(hasNoise ? { signals: named((i) => i - k - 0.25), variances: named((i) => 2 * i + k + 0.125) } : {}),
        cosines: names.flatMap((first, i) =>
          names.slice(i + 1).map((second, j) => ({
            first,
            second,
            cosine: (i - 2 * j + k) / 8,
            ...(hasNoise ? { product: i + j + 0.5, covariance: -0.5 - i - j - k } : {})
          }))
        )
      }
    })

  it.each(
    [true, false].flatMap((hasNoise) =>
      [["sampling", "decision"], ["plan", "execute", "verify"], ["all"]].map((names) => [names, hasNoise] as const)
    )
  )(
    "%j, noise measured %j: what is read back is what was written",
    (names, hasNoise) => {
      const report: StepReport = {
        state: { ...fromParameters(new Float32Array(1), 1), step: 7 },
        metrics: { loss: 0.25, "loss/part/nll": 1 },
        attribution: parts(names, hasNoise)
      }
      const { attribution, metrics } = report
      // JSON is what lies between.
      const row = JSON.parse(JSON.stringify(Run.metricsRow(report)))
      expect(Run.readRow(row, names)).toEqual({ step: 7, metrics, attribution })
    }
  )
})

describe("metrics", () => {
  it.effect("are read back whole; rows of two processes in one folder are refused, and so is a row too few", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const folder = yield* temporary
      yield* Run.run(yield* runOptions(folder))
      expect((yield* RunFolder.readMetrics(folder, 0, 8)).map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
      const file = `${folder}/metrics.jsonl`
      const lines = (yield* files.readFileString(file)).trim().split("\n")
      for (
        const [kept, line] of [[[...lines.slice(0, 3), ...lines.slice(2)], 4], [lines.slice(0, 7), 8], [[...lines, lines[0]], 9]] as const
      ) {
        yield* files.writeFileString(file, kept.map((text) => `${text}\n`).join(""))
        const error = yield* Effect.flip(RunFolder.readMetrics(folder, 0, 8))
        expect(error).toMatchObject({ _tag: "RunError", reason: "MetricsIncomplete" })
        expect(error.message).toContain(`line ${line} of metrics.jsonl`)
      }
    }).pipe(Effect.scoped, Effect.provide(everything)))
})

describe("settings", () => {
  it("the first difference is found by its path, missing fields included", () => {
    expect(RunFolder.firstDifference({ a: { b: [1, 2] } }, { a: { b: [1, 2] } })).toBeUndefined()
    expect(RunFolder.firstDifference({ a: { b: [1, 2] } }, { a: { b: [1, 3] } })).toBe("a.b.1")
    expect(RunFolder.firstDifference({ a: 1 }, { a: 1, kl: { beta: 1 } })).toBe("kl")
  })
})

describe("memory", () => {
  const transformer = Layer.merge(
    TransformerPolicy.layer({ width: 8, layers: 1, heads: 2 }).pipe(
      Layer.provideMerge(ArithmeticGrammar.layer({ radix: 2, maxAttempts: 2, context: "markov", positions: 8 })),
      Layer.provideMerge(deviceWasm)
    ),
    Reward.layerExact.pipe(Layer.provide(task))
  )

  it.effect("numTensors is flat over 300 steps of GRPO on a transformer", () =>
    Effect.gen(function* () {
      const start = yield* initialize(1)
      const settings = { ...config, groupSize: 2, queries: 1, attributionEvery: 50, schedule: Schedule.constant(1e-3) }
      const counts = yield* GroupRelativeTrainer.train(settings, start.parameters, () => [query])(start).pipe(
        Stream.take(300),
        Stream.map(() => tf.memory().numTensors),
        Stream.runCollect
      )
      expect(counts).toHaveLength(300)
      expect(new Set(counts).size).toBe(1)
    }).pipe(Effect.provide(transformer)), 60_000)
})
