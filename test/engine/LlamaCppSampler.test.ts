import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { Effect, Fiber, Layer } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { Parameters } from "../../src/domain/Policy.ts"
import { onPolicy, Sampler, type SamplingParameters } from "../../src/domain/Sampler.ts"
import type { AdapterWriter } from "../../src/engine/AdapterPublisher.ts"
import type { LlamaDrawing, LlamaPackage } from "../../src/engine/LlamaCpp.ts"
import * as LlamaCppSampler from "../../src/engine/LlamaCppSampler.ts"
import { END, freeWords, ROOM } from "./FreeWords.ts"

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "llama-cpp-"))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** What was asked of the stand-in, in order. */
interface Notes {
  readonly log: Array<string>
  readonly drawings: Array<LlamaDrawing>
  readonly contexts: Array<{ readonly sequences: number; readonly contextSize: number; readonly adapter: Float32Array }>
  /** Sequences in the order of their steps: a text's first step, its further ones, its end. */
  readonly steps: Array<string>
}

interface Behaviour {
  readonly token?: (prompt: ReadonlyArray<number>, n: number, seed: number) => number
  readonly confidence?: number
  /** Milliseconds a token. */
  readonly pace?: number
  readonly failing?: "getLlama" | "loadModel" | "createContext" | "evaluate"
}

/** A stand-in for the package: tokens 7 to 11 by seed, the fourth is the end; every probability ¼. */
const standIn = (
  { confidence = 0.25, failing, pace = 0, token = (_, n, seed) => (n === 3 ? END : 7 + ((seed + n) % 5)) }: Behaviour = {}
) => {
  const notes: Notes = { log: [], drawings: [], contexts: [], steps: [] }
  const fail = (where: Behaviour["failing"]): void => {
    if (failing === where) throw new Error(`${where} went wrong`)
  }
  let drawn = 0
  const held = new Map<number, Array<number>>()
  async function* draw(id: number, tokens: ReadonlyArray<number>, drawing: LlamaDrawing) {
    const prompt = [...held.get(id) ?? [], ...tokens]
    held.set(id, prompt)
    notes.drawings.push(drawing)
    for (let n = 0;; n++) {
      notes.steps.push(n === 0 ? `first ${id} of ${prompt.join(" ")}` : `next ${id}`)
      await new Promise((resolve) => setTimeout(resolve, pace))
      drawn++
      fail("evaluate")
      yield { token: token(prompt, n, drawing.seed), confidence }
    }
  }
  const loaded: LlamaPackage = {
    getLlama: async () => {
      fail("getLlama")
      return {
        loadModel: async ({ modelPath }) => {
          fail("loadModel")
          notes.log.push(`open ${modelPath}`)
          return {
            createContext: async ({ contextSize, lora, sequences }) => {
              fail("createContext")
              let made = 0
              const file = lora!.adapters[0]!.filePath
              notes.log.push(`context ${file.slice(folder.length + 1)}`)
              notes.contexts.push({ sequences, contextSize, adapter: new Float32Array(new Uint8Array(readFileSync(file)).buffer) })
              return {
                getSequence: () => {
                  const id = made++
                  if (made > sequences) throw new Error("No sequences left")
                  return {
                    evaluateWithoutGeneratingNewTokens: async (tokens) => {
                      notes.steps.push(`read ${id}`)
                      held.set(id, tokens)
                    },
                    evaluate: async function* (tokens, drawing) {
                      for await (const { token } of draw(id, tokens, drawing)) yield token
                    },
                    evaluateWithMetadata: (tokens, _, drawing) => draw(id, tokens, drawing),
                    clearHistory: async () => {
                      notes.steps.push(`end ${id}`)
                      held.delete(id)
                    }
                  }
                },
                dispose: async () => {
                  notes.log.push("close context")
                }
              }
            },
            dispose: async () => {
              notes.log.push("close model")
            }
          }
        },
        dispose: async () => {
          notes.log.push("end")
        }
      }
    }
  }
  return { notes, isOpen: () => held.size, drawn: () => drawn, load: () => Promise.resolve(loaded) }
}

const writer: AdapterWriter = {
  identity: "test",
  write: (parameters, path) => Effect.sync(() => writeFileSync(path, new Uint8Array(parameters.buffer)))
}
const layerOf = (load: LlamaCppSampler.LlamaCppSettings["load"], more: Partial<LlamaCppSampler.LlamaCppSettings> = {}, by = writer) =>
  LlamaCppSampler.layer({
    path: "model.gguf",
    sequences: 2,
    threads: 1,
    gpu: false,
    logProbs: true,
    folder,
    ...(load && { load }),
    ...more
  }, by)
    .pipe(Layer.provide([NodeServices.layer, freeWords]))

const sampling: SamplingParameters = { ...onPolicy, maxTokens: 8 }
const parameters: Parameters = Float32Array.of(1, 2, 3)
const requests = Array.from({ length: 5 }, (_, i) => ({ prompt: [5, 6], seed: i }))
const sampled = (layer: ReturnType<typeof layerOf>, drawn = sampling, asked = requests) =>
  Effect.runPromise(Effect.flatMap(Sampler, (sampler) => sampler.sample(parameters, asked, drawn)).pipe(Effect.provide(layer)))
const refusal = (layer: ReturnType<typeof layerOf>, drawn = sampling) =>
  Effect.runPromise(
    Effect.flip(Effect.flatMap(Sampler, (sampler) => sampler.sample(parameters, requests, drawn)).pipe(Effect.provide(layer)))
  )

describe("a sampler by llama.cpp", () => {
  it("draws as many side by side as there are sequences, in order, with everything said that shapes the distribution", async () => {
    const engine = standIn()
    const rollouts = await sampled(layerOf(engine.load), { ...sampling, temperature: 0.7 })
    expect(rollouts.map(({ tokens }) => tokens)).toEqual(
      requests.map(({ seed }) => [5, 6, 7 + (seed % 5), 7 + ((seed + 1) % 5), 7 + ((seed + 2) % 5), END])
    )
    expect(rollouts[0]).toMatchObject({ ending: "stop", promptLength: 2, logProbs: [0, 0, ...Array(4).fill(Math.log(0.25))] })
    expect(rollouts[0]!.version).toMatch(/^adapter-[0-9a-f]{16}$/)
    expect(engine.notes.drawings[0]).toEqual({ temperature: 0.7, topK: 0, topP: 1, minP: 0, seed: 0, yieldEogToken: true })
    expect(engine.notes.contexts[0]).toMatchObject({ sequences: 2, contextSize: 10 })
    expect(engine.isOpen()).toBe(0)
  })

  it("steps sequences in their order, all by one token, and begins texts apart from those that go on", async () => {
    // Texts of 1, 3 and 2 tokens with their end.
    const lengths = [1, 3, 2]
    const engine = standIn({ token: (_, n, seed) => (n === lengths[seed]! - 1 ? END : 7) })
    const rollouts = await sampled(layerOf(engine.load), sampling, requests.slice(0, 3))
    expect(rollouts.map(({ promptLength, tokens }) => tokens.length - promptLength)).toEqual(lengths)
    expect(engine.notes.steps).toEqual(
      [
        "read 0",
        "read 1",
        "first 0 of 5 6",
        "first 1 of 5 6",
        "end 0",
        "next 1",
        "read 0",
        "first 0 of 5 6",
        "next 0",
        "next 1",
        "end 0",
        "end 1"
      ]
    )
    const short = standIn()
    await sampled(layerOf(short.load), sampling, [{ prompt: [5], seed: 1 }])
    expect(short.notes.steps.slice(0, 2)).toEqual(["first 0 of 5", "next 0"])
  })

  it("stops at the limit and at the room of the words, and never has llama.cpp choose a seed", async () => {
    const engine = standIn({ token: () => 7 })
    const [cut] = await sampled(layerOf(engine.load), sampling, [{ prompt: [5, 6], seed: 0xffffffff }])
    expect([cut!.tokens.length, cut!.ending]).toEqual([10, "truncated"])
    expect(engine.notes.drawings[0]!.seed).toBe(0)
    const [long] = await sampled(layerOf(engine.load), { ...sampling, maxTokens: 1000 }, [{ prompt: [5, 6], seed: 1 }])
    expect(long!.tokens.length).toBe(ROOM)
  })

  it("writes a new adapter under a new name where parameters changed, closes the one before, and leaves no file", async () => {
    const engine = standIn()
    const versions = await Effect.runPromise(
      Effect.gen(function* () {
        const sampler = yield* Sampler
        const names: Array<string> = []
        for (const each of [parameters, parameters.slice(), Float32Array.of(9, 2, 3), parameters]) {
          names.push((yield* sampler.sample(each, requests.slice(0, 1), sampling))[0]!.version!)
          expect(readdirSync(folder)).toEqual([`${names.at(-1)}.gguf`])
        }
        return names
      }).pipe(Effect.provide(layerOf(engine.load)))
    )
    const [a, , b] = versions
    expect(versions).toEqual([a, a, b, a])
    expect(engine.notes.log).toEqual([
      "open model.gguf",
      `context ${a}.gguf`,
      "close context",
      `context ${b}.gguf`,
      "close context",
      `context ${a}.gguf`,
      "close context",
      "close model",
      "end"
    ])
    expect(engine.notes.contexts.map(({ adapter }) => adapter[0])).toEqual([1, 9, 1])
    expect(readdirSync(folder)).toEqual([])
  })

  it("opens the model anew after 16 adapters, which would stay in memory", async () => {
    const engine = standIn()
    await Effect.runPromise(
      Effect.gen(function* () {
        const sampler = yield* Sampler
        for (let n = 0; n < 33; n++) yield* sampler.sample(Float32Array.of(n), requests.slice(0, 1), sampling)
      }).pipe(Effect.provide(layerOf(engine.load)))
    )
    expect(engine.notes.log.filter((line) => line === "open model.gguf")).toHaveLength(3)
    expect(engine.notes.log.filter((line) => line === "close model")).toHaveLength(3)
  })

  it("makes a larger context for longer texts of the same parameters", async () => {
    const engine = standIn()
    await Effect.runPromise(
      Effect.gen(function* () {
        const sampler = yield* Sampler
        for (const maxTokens of [4, 3, 8]) yield* sampler.sample(parameters, requests.slice(0, 1), { ...sampling, maxTokens })
      }).pipe(Effect.provide(layerOf(engine.load)))
    )
    expect(engine.notes.contexts.map(({ contextSize }) => contextSize)).toEqual([6, 10])
  })

  it("brings NaN in the place of log-probabilities that it was not asked for", async () => {
    const engine = standIn({ confidence: NaN })
    const [rollout] = await sampled(layerOf(engine.load, { logProbs: false }))
    expect(rollout!.logProbs).toEqual([0, 0, NaN, NaN, NaN, NaN])
  })

  it.each<readonly [string, Behaviour, RegExp]>([
    ["a model that does not open", { failing: "loadModel" }, /model.gguf: the model cannot be opened \(loadModel went wrong\)/],
    ["an adapter that does not fit", { failing: "createContext" }, /no context with the adapter.*createContext went wrong/s],
    ["a failure while it draws", { failing: "evaluate" }, /model.gguf: sampling failed \(evaluate went wrong\)/],
    ["a probability of 0", { confidence: 0 }, /log-probability of token 0 of the answer, \d+, is -Infinity/],
    ["NaN", { confidence: NaN }, /is NaN/],
    ["another vocabulary", { token: () => 99 }, /token 0 of the answer is 99/]
  ])("ends with a typed error at %s, and leaves nothing behind", async (_, behaviour, expected) => {
    const engine = standIn(behaviour)
    const error = await refusal(layerOf(engine.load))
    expect(error).toMatchObject({ _tag: "PolicyError", reason: "Engine" })
    expect(error.message).toMatch(expected)
    expect(engine.isOpen()).toBe(0)
    expect(readdirSync(folder)).toEqual([])
    expect(engine.notes.log.at(-1)).toBe("end")
  })

  it("says which package is missing and how to install it, and what settings it does not take", async () => {
    const missing = await refusal(layerOf(() => Promise.reject(new Error("Cannot find package 'node-llama-cpp' imported from /here"))))
    expect(missing).toMatchObject({ _tag: "ConfigError", field: "sampler" })
    expect(missing.message).toContain(
      "(Cannot find package 'node-llama-cpp'). Install it: npm install --ignore-scripts node-llama-cpp@3.21.1"
    )
    expect(await refusal(layerOf(standIn({ failing: "getLlama" }).load))).toMatchObject({ _tag: "ConfigError" })
    expect(await refusal(layerOf(standIn().load, { sequences: 0 }))).toMatchObject({ _tag: "ConfigError", field: "sampler.sequences" })
    expect(await refusal(layerOf(standIn().load, { threads: 1.5 }))).toMatchObject({ _tag: "ConfigError", field: "sampler.threads" })
    const engine = standIn()
    expect(await refusal(layerOf(engine.load), { ...sampling, topP: 0.9 })).toMatchObject({ _tag: "PolicyError", reason: "Settings" })
    expect(engine.notes.log).toEqual(["end"])
    const unwritten = await refusal(layerOf(standIn().load, {}, { ...writer, write: () => Effect.fail(new Error("disk is full")) }))
    expect(unwritten).toMatchObject({ _tag: "PolicyError", operation: "publish" })
  })

  it("stops drawing when it is interrupted, and gives its sequences back", async () => {
    const engine = standIn({ token: () => 7, pace: 20 })
    await Effect.runPromise(
      Effect.gen(function* () {
        const sampler = yield* Sampler
        const fiber = yield* Effect.forkChild(sampler.sample(parameters, requests, sampling))
        while (engine.drawn() < 2) yield* Effect.sleep(5)
        yield* Fiber.interrupt(fiber)
        while (engine.isOpen() > 0) yield* Effect.sleep(5)
        // Two sequences of at most eight tokens: neither was written to its end.
        expect(engine.drawn()).toBeLessThan(8)
      }).pipe(Effect.provide(layerOf(engine.load)))
    )
  })
})
