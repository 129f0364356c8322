import { describe, expect, it } from "@effect/vitest"
import { NodeServices } from "@effect/platform-node"
import { Effect, FileSystem, Schema } from "effect"
import { vi } from "vitest"
import type * as Report from "../../src/eval/report/Report.ts"
import { layerSilent } from "../../src/cli/Progress.ts"
import { type Preset, presets, pretrainedOf, quick, small, smollm2 } from "../../src/cli/reproduce/Preset.ts"
import { findPreset, reproduce, services, settleProducts } from "../../src/cli/reproduce/Reproduce.ts"
import type { Products } from "../../src/model/device/Products.ts"
import { tinyPreset } from "../support/TinyPreset.ts"
import { nativeHere } from "../support/NativeProducts.ts"
import { constant } from "../../src/training/Schedule.ts"
import { Machine } from "../../src/eval/results/Machine.ts"
import { Results } from "../../src/eval/results/Results.ts"

// To draw a report takes longer than to train these models: it is drawn where a test reads it.
const report = vi.hoisted(() => ({ isDrawn: true }))
vi.mock("../../src/eval/report/Report.ts", async (importOriginal) => {
  const original = await importOriginal<typeof Report>()
  const renderReport: typeof original.renderReport = (results) =>
    report.isDrawn ? original.renderReport(results) : Effect.succeed("not drawn")
  return { ...original, renderReport }
})
const undrawn = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      report.isDrawn = false
    }),
    () => effect,
    () =>
      Effect.sync(() => {
        report.isDrawn = true
      })
  )

const run = (folder: string, out: string, cache: string, workers: number, preset = tinyPreset, products?: Products) => {
  const chosen = products === undefined ? {} : { products }
  return reproduce({ preset, out: `${folder}/${out}`, cache: `${folder}/${cache}`, workers, ...chosen }).pipe(
    Effect.provide([services({ preset, workers, ...chosen }), layerSilent])
  )
}

const inFolder = <A, E, R>(body: (folder: string) => Effect.Effect<A, E, R>) =>
  Effect.scoped(Effect.flatMap(FileSystem.FileSystem, (files) => Effect.flatMap(files.makeTempDirectoryScoped(), body))).pipe(
    Effect.provide(NodeServices.layer)
  )

const inUndrawn = <A, E, R>(body: (folder: string) => Effect.Effect<A, E, R>) => undrawn(inFolder(body))

describe("the main job", () => {
  it.effect("writes results that decode, a report, metrics and rollouts; a second run takes every stage from the cache", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const first = yield* run(folder, "first", "cache", 1)
        const text = yield* files.readFileString(`${folder}/first/results.json`)
        const results = yield* Schema.decodeUnknownEffect(Schema.fromJsonString(Results))(text)
        expect(results.models.map((model) => model.id)).toEqual([
          "base",
          "sft-none",
          "sft-echo",
          "sft-expert",
          "dft-expert",
          "grpo-echo",
          "grpo-expert",
          "grpo-echo-decision"
        ])
        expect(results.models.every((model) => model.calibration.levels.length === 3)).toBe(true)
        expect(results.comparisons).toHaveLength(8)
        expect(results.attribution.find((entry) => entry.model === "grpo-echo")!.rows.map((row) => row.part)).toContain("kl-k3")
        expect(yield* files.readFileString(first.report)).toContain("<html")
        expect((yield* files.readDirectory(`${folder}/first/rollouts`)).length).toBe(8)
        const machineIn = (out: string) =>
          Effect.flatMap(files.readFileString(`${folder}/${out}/machine.json`), Schema.decodeUnknownEffect(Schema.fromJsonString(Machine)))
        expect(yield* machineIn("first")).toMatchObject({
          device: "wasm",
          products: "relaxed products: own kernels",
          workers: 1,
          fromCache: 0
        })
        expect(results).not.toHaveProperty("machine")

        // With one thread two stages at most are trained at once: waiting for a turn is no training.
        const { total, ...trained } = first.timings
        expect(Object.values<number>(trained).filter((seconds) => seconds > 0)).toHaveLength(8)
        expect(Object.values<number>(trained).reduce((sum, seconds) => sum + seconds, 0)).toBeLessThanOrEqual(2 * total)

        const stages = yield* files.readDirectory(`${folder}/cache`)
        expect(stages).toHaveLength(17)
        // A process killed between its last write and the end leaves the stage's folder behind.
        const stage = stages.find((name) => name.endsWith(".checkpoint"))!
        yield* files.makeDirectory(`${folder}/cache/${stage.split(".")[0]!}.run-1`)
        yield* undrawn(run(folder, "second", "cache", 1))
        expect(yield* files.readFileString(`${folder}/second/results.json`)).toBe(text)
        expect(yield* machineIn("second")).toMatchObject({ fromCache: 8 })
        expect(yield* files.readDirectory(`${folder}/cache`)).toHaveLength(17)

        // A changed later stage keeps the earlier ones: three new reinforcement runs, two files each.
        yield* undrawn(run(folder, "third", "cache", 1, { ...tinyPreset, grpo: { ...tinyPreset.grpo, schedule: constant(1e-4) } }))
        expect(yield* files.readDirectory(`${folder}/cache`)).toHaveLength(23)

        // Other tests are no other training.
        const fewer = { ...tinyPreset.task, testLevels: ["2x1"], testPerLevel: 3, generations: 1 }
        yield* undrawn(run(folder, "fourth", "cache", 1, { ...tinyPreset, task: fewer }))
        expect(yield* files.readDirectory(`${folder}/cache`)).toHaveLength(23)
      })
    ))

  it.effect("has the relaxed kernels' results unless asked otherwise, and never takes stages of other products from the cache", () =>
    inUndrawn((folder) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const of = (out: string) => files.readFileString(`${folder}/${out}/results.json`)
        yield* run(folder, "usual", "cache", 1)
        yield* run(folder, "relaxed", "cache", 1, tinyPreset, yield* settleProducts("relaxed"))
        expect(yield* of("relaxed")).toBe(yield* of("usual"))
        expect(yield* files.readDirectory(`${folder}/cache`)).toHaveLength(17)
        yield* run(folder, "simd", "cache", 1, tinyPreset, yield* settleProducts("simd"))
        expect(yield* files.readDirectory(`${folder}/cache`)).toHaveLength(34)
        const { device } = yield* Schema.decodeUnknownEffect(Schema.fromJsonString(Results))(yield* of("simd"))
        expect(device).toBe("wasm, simd products: own kernels without fused multiply-add")
        const refused = yield* Effect.result(settleProducts("native"))
        if (nativeHere === undefined) {
          expect(refused).toMatchObject({ _tag: "Failure", failure: { _tag: "ConfigError", field: "--products" } })
        } else expect(refused).toMatchObject({ _tag: "Success", success: { kind: "native", by: nativeHere.by } })
      })
    ))

  it.effect("gives the same results.json byte for byte when trained anew, with one worker or two", () =>
    inUndrawn((folder) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        yield* run(folder, "one", "cache-one", 1)
        yield* run(folder, "two", "cache-two", 2)
        expect(yield* files.readFileString(`${folder}/two/results.json`)).toBe(yield* files.readFileString(`${folder}/one/results.json`))
      })
    ))

  it.effect(
    "runs variants, earlier moments of the base and the full history, and says of base models what their verdicts know",
    () =>
      inFolder((folder) =>
        Effect.gen(function* () {
          const preset: Preset = {
            ...tinyPreset,
            base: { ...tinyPreset.base, steps: 4, keep: [2] },
            variants: small.variants.filter(({ id }) => ["nsr-echo", "grpo-echo-kl-in-reward", "single-turn"].includes(id)),
            history: true
          }
          // The main models come from the cache, so the expert's pool is drawn when the history's grammar is the one in force.
          yield* undrawn(run(folder, "main", "cache", 2, { ...preset, base: { ...preset.base, keep: [] }, variants: [], history: false }))
          const { results } = yield* run(folder, "out", "cache", 2, preset)
          const variants = results.models.filter(({ variant }) => variant === true)
          expect(variants.map(({ id }) => id)).toEqual([
            "base-2",
            "grpo-echo-kl-in-reward",
            "nsr-echo",
            "single-turn",
            "sft-echo-2",
            "grpo-echo-2",
            "sft-echo-history",
            "sft-expert-history",
            "grpo-echo-history",
            "grpo-expert-history"
          ])
          // Findings are about the main models.
          const claims = results.summary.map(({ claim }) => claim).join()
          expect(claims).toContain("GRPO from echo")
          expect(claims).not.toContain("NSR")
          // KL in the reward leaves no KL part in the loss; one answer leaves no decision to train.
          const partsOf = (id: string) => results.attribution.find(({ model }) => model === id)!.rows.map(({ part }) => part)
          expect(partsOf("grpo-echo")).toContain("kl-k3")
          expect(partsOf("grpo-echo-kl-in-reward")).not.toContain("kl-k3")
          expect(results.attribution.find(({ model }) => model === "single-turn")!.rows.every(({ tokensDecision }) => tokensDecision === 0))
            .toBe(true)
          for (const { calibration, id, verifier } of results.models) {
            expect(verifier !== undefined).toBe(id.startsWith("base"))
            verifier?.forEach(({ acceptsRight, level, rejectsWrong, right, wrong }) => {
              expect(right + wrong).toBe(calibration.levels.find((found) => found.level === level)!.n)
              for (const rate of [acceptsRight, rejectsWrong]) if (rate !== null) expect(rate > 0 && rate < 1).toBe(true)
            })
          }
        })
      ),
    240_000
  )

  it.effect("keeps an earlier moment of the base without changing what comes after it", () =>
    inUndrawn((folder) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const base = { ...tinyPreset.base, steps: 4, attributionEvery: 1 }
        const whole = yield* run(folder, "whole", "one", 1, { ...tinyPreset, base })
        const parts = yield* run(folder, "parts", "two", 1, { ...tinyPreset, base: { ...base, keep: [1, 2] } })
        // What was measured on the way is whole too; of metrics the first and the last step of each part are kept.
        const measured = ({ results }: typeof whole) => results.attribution.find(({ model }) => model === "base")!.rows
        expect(measured(whole).filter(({ part }) => part === "total").map(({ step }) => step)).toEqual([0, 1, 2, 3])
        expect(measured(parts)).toEqual(measured(whole))
        const stepsOf = ({ results }: typeof whole) => results.training.find(({ model }) => model === "base")!.rows.map(({ step }) => step)
        expect([stepsOf(whole), stepsOf(parts)]).toEqual([[1, 4], [1, 2, 4]])
        const rollouts = (out: string) => files.readFileString(`${folder}/${out}/rollouts/base.jsonl`)
        expect(yield* rollouts("parts")).toBe(yield* rollouts("whole"))
      })
    ))

  it.effect("a damaged cache entry is trained again, not trusted", () =>
    inUndrawn((folder) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        yield* run(folder, "before", "cache", 1)
        const before = yield* files.readFileString(`${folder}/before/results.json`)
        for (const name of (yield* files.readDirectory(`${folder}/cache`)).filter((file) => file.endsWith(".checkpoint"))) {
          yield* files.writeFileString(`${folder}/cache/${name}`, "not a checkpoint")
        }
        yield* run(folder, "after", "cache", 1)
        expect(yield* files.readFileString(`${folder}/after/results.json`)).toBe(before)
      })
    ))
})

// The experiment on a language model that is too small and random to learn anything: every stage, twice, the second time from the cache.
const tinyText: Preset = {
  ...smollm2,
  task: { ...smollm2.task, trainLevels: ["1x1", "2x1"], testLevels: ["1x1", "2x2"], testPerLevel: 4, maxTokens: 40, maxAttempts: 2 },
  model: {
    _tag: "Pretrained",
    path: "test/fixtures/pretrained/llama",
    positions: 500,
    system: "",
    trains: { _tag: "Adapter", rank: 2, alpha: 4 }
  },
  sft: { ...smollm2.sft, steps: 2, batchSize: 2, attributionEvery: 1 },
  expert: { ...smollm2.expert, problems: 12, answers: 4, maxTokens: 60 },
  grpo: { ...smollm2.grpo, steps: 1, queries: 2, miniBatchQueries: 2, groupSize: 2, maxTokens: 20, attributionEvery: 1 },
  bootstrapRounds: 20,
  shards: 1
}

describe("the main job on a pretrained language model", () => {
  it.effect(
    "trains adapters, tests them as text, and takes stages, own answers and responses from the cache, wherever the model lies",
    () =>
      inFolder((folder) =>
        Effect.gen(function* () {
          const files = yield* FileSystem.FileSystem
          // Of more positions than it was made for: the demonstrations are long for a tokenizer of letters.
          const modelAt = Effect.fnUntraced(function* (path: string) {
            yield* files.copy("test/fixtures/pretrained/llama", path)
            const config = JSON.parse(yield* files.readFileString(`${path}/config.json`)) as object
            yield* files.writeFileString(`${path}/config.json`, JSON.stringify({ ...config, max_position_embeddings: 500 }))
            return { ...tinyText, model: { ...tinyText.model, path } as Preset["model"] }
          })
          yield* run(folder, "first", "cache", 1, yield* modelAt(`${folder}/llama`))
          const text = yield* files.readFileString(`${folder}/first/results.json`)
          const results = yield* Schema.decodeUnknownEffect(Schema.fromJsonString(Results))(text)
          expect(results.models.map(({ id }) => id)).toEqual([
            "base",
            "sft-none",
            "sft-echo",
            "sft-expert",
            "dft-expert",
            "grpo-echo",
            "grpo-expert",
            "grpo-echo-decision",
            "single-turn"
          ])
          expect(results.task.model).toBe("llama")
          expect(results.models[0]).toMatchObject({ steps: 0 })
          expect(yield* files.readFileString(`${folder}/first/report.html`)).toContain("made of llama by training an adapter")
          const kept = yield* files.readDirectory(`${folder}/cache`)
          // Two files a stage, one of responses, and the own answers.
          expect(kept).toHaveLength(9 * 3 + 1)
          yield* files.copy("test/fixtures/pretrained/llama", `${folder}/llama`)
          const elsewhere = { ...tinyText.model, path: `${folder}/llama` } as Preset["model"]
          yield* undrawn(run(folder, "second", "cache", 1, { ...tinyText, model: elsewhere }))
          expect((yield* files.readDirectory(`${folder}/cache`)).toSorted()).toEqual(kept.toSorted())
          expect(yield* files.readFileString(`${folder}/second/results.json`)).toBe(text)
        })
      ),
    240_000
  )
})

describe("presets", () => {
  it("differ in sizes only: the same settings by name", () => {
    const shape = (value: unknown): unknown =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]))
        : typeof value
    // quick's base is made with Muon, the others' with Adam.
    const sized = (preset: Preset) => shape({ ...preset, base: { ...preset.base, optimizer: undefined } })
    const small = Object.values(presets).filter((preset) => pretrainedOf(preset) === undefined)
    expect(small.map(sized)).toEqual(small.map(() => sized(quick)))
    expect(small.map((preset) => preset.task.context)).toEqual(small.map(() => "markov"))
    expect(Object.values(presets).filter((preset) => pretrainedOf(preset) !== undefined)).toEqual([smollm2])
  })

  it.effect("an unknown name is refused with the names there are", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(findPreset("huge", undefined))
      expect(error.message).toBe("--preset is huge; expected one of quick, deciding, small, decimal, paper, smollm2")
      for (const name of ["constructor", "__proto__", "toString"]) {
        expect((yield* Effect.flip(findPreset(name, undefined))).message).toContain(`--preset is ${name}; expected one of quick`)
      }
      expect((yield* findPreset("quick", 7)).seed).toBe(7)
      expect((yield* findPreset("smollm2", 7, "here.gguf")).model).toMatchObject({ _tag: "Pretrained", path: "here.gguf" })
      expect((yield* Effect.flip(findPreset("quick", 7, "here.gguf"))).message).toContain("quick trains its own from scratch")
    }))
})
