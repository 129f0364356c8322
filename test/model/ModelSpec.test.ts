import { Effect, Layer, Schema } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { ConfigError } from "../../src/domain/Errors.ts"
import { Grammar } from "../../src/domain/Grammar.ts"
import { owners, TWO_STAGE } from "../../src/domain/Partition.ts"
import { Policy } from "../../src/domain/Policy.ts"
import { onPolicy, Sampler } from "../../src/domain/Sampler.ts"
import { Tokenizer } from "../../src/domain/Tokenizer.ts"
import { Backprop } from "../../src/model/Backprop.ts"
import { deviceCpu } from "../../src/model/device/Cpu.ts"
import { deviceWasm } from "../../src/model/device/Wasm.ts"
import * as Batch from "../../src/model/loss/Batch.ts"
import * as ModelLayer from "../../src/model/ModelLayer.ts"
import type { ProductChoice } from "../../src/model/device/Products.ts"
import * as ModelSpec from "../../src/model/ModelSpec.ts"
import { Placement } from "../../src/model/policy/Placement.ts"
import * as Countdown from "../../src/tasks/Countdown.ts"
import { tokenMean, weights } from "../../src/theory/Aggregate.ts"
import { nll } from "../../src/theory/Objective.ts"

const transformer = { width: 8, layers: 1, heads: 2 }
const folder = mkdtempSync(join(tmpdir(), "decision-sampling-model-"))
const own = join(folder, "own.mjs")
beforeAll(() => {
  writeFileSync(own, `export { makeTiny as words } from ${JSON.stringify(new URL("../../src/laws/TinyWords.ts", import.meta.url).href)}`)
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const words: ReadonlyArray<readonly [name: string, words: ModelSpec.WordsSpec, prompt: string]> = [
  ["products", { _tag: "Arithmetic", radix: 5, maxAttempts: 3, context: "markov", positions: 16 }, "Calculate 43 * 2. Think step by step."],
  [
    "sums",
    { _tag: "Arithmetic", radix: 5, maxAttempts: 3, context: "history", positions: 16, operator: "+" },
    "Calculate 43 + 2. Think step by step."
  ],
  [
    "countdown",
    { _tag: "Countdown", maxAttempts: 2, longest: 7, context: "markov", positions: 40 },
    Countdown.promptOf({ numbers: [3, 5], target: 8 })
  ],
  ["a module's", { _tag: "Module", module: pathToFileURL(own).href, settings: { symbols: 3, maxAttempts: 2, context: "markov" } }, "QQ"]
]
const cases = words.flatMap(([name, spec, prompt]) =>
  [false, true].map((singleTurn) => ({
    name: `${name}${singleTurn ? ", single-turn" : ""}`,
    singleTurn,
    prompt,
    words: { ...spec, singleTurn }
  }))
)

const specOf = (words: ModelSpec.WordsSpec): ModelSpec.ModelSpec => ({ _tag: "Columns", words, transformer })

/** What a model writes, scores and differentiates, on prompts of a text. */
const computed = (prompt: string) =>
  Effect.gen(function* () {
    const policy = yield* Policy
    const given = yield* Effect.fromResult((yield* Grammar).prompt({ prompt }))
    const parameters = (yield* policy.initialize(1)).map((value, i) => value + Math.sin(i) / 2)
    const requests = Array.from({ length: 20 }, (_, seed) => ({ prompt: given, seed }))
    const rollouts = yield* (yield* Sampler).sample(parameters, requests, onPolicy)
    const scores = yield* policy.logProbs(parameters, rollouts, 1)
    const batch = Batch.make(rollouts)
    const owner = Uint8Array.from(rollouts.flatMap((rollout) => [...owners(rollout)]))
    const request = {
      ...batch,
      owner,
      objective: nll(),
      partition: TWO_STAGE,
      temperature: 1,
      weights: weights(tokenMean, batch.offsets, owner)
    }
    return { parameters, rollouts, scores, result: yield* (yield* Backprop).gradient(parameters, request) }
  })

describe("a model of a module", () => {
  const source = (path: string): string => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href)
  const moduleOf = (name: string, made: string): string => {
    const file = join(folder, `${name}.mjs`)
    writeFileSync(
      file,
      `import { make } from ${source("model/grammar/ArithmeticGrammar.ts")}
import { transformer as network } from ${source("model/architecture/Transformer.ts")}
import { transformerSizes } from ${source("model/policy/TransformerPolicy.ts")}
const words = make({ radix: 5, maxAttempts: 3, context: "markov", positions: 16 })
const architecture = network(transformerSizes({ width: 8, layers: 1, heads: 2 }, { ...words, vocabulary: words.tokenizer.vocabulary }))
export const model = (settings) => (${made})`
    )
    return pathToFileURL(file).href
  }

  it("is the same model to the bit as one by its settings, here and in a thread, and survives JSON", async () => {
    const spec = { _tag: "Module" as const, module: moduleOf("same", "{ words, architecture }") }
    expect(Schema.decodeUnknownSync(ModelSpec.ModelSpec)(JSON.parse(JSON.stringify(spec)))).toEqual(spec)
    const [, arithmetic, prompt] = words[0]!
    const on = (model: ModelSpec.ModelSpec, threads?: { readonly workers: number; readonly shards: number }) =>
      Effect.runPromise(computed(prompt).pipe(Effect.provide(ModelLayer.layer(model, threads === undefined ? {} : { threads }))))
    const [usual, own, there] = await Promise.all([on(specOf(arithmetic)), on(spec), on(spec, { workers: 1, shards: 1 })])
    expect(own).toEqual(usual)
    expect(there).toEqual(usual)
  })

  it.each([
    ["no architecture", "{ words }", "architecture: undefined is no object"],
    ["no words", "{ architecture }", "words: undefined is no object"],
    [
      "a layout that does not add up",
      "{ words, architecture: { ...architecture, layout: { ...architecture.layout, count: 7 } } }",
      "layout is not what it should be"
    ],
    [
      "heads that do not divide",
      "{ words, architecture: { ...architecture, cache: { layers: 1, heads: 3, width: 8 } } }",
      "cache is not what it should be"
    ],
    [
      "heads of keys that do not divide those of queries",
      "{ words, architecture: { ...architecture, cache: { layers: 1, heads: 2, keyHeads: 3, width: 8 } } }",
      "cache is not what it should be"
    ],
    ["matrices that are none", "{ words, architecture: { ...architecture, matrices: ['up'] } }", "matrices is not what it should be"],
    [
      "a matrix beyond the weights",
      "{ words, architecture: { ...architecture, matrices: [{ offset: architecture.layout.count - 3, rows: 2, columns: 2, stride: 2 }] } }",
      "matrices is not what it should be"
    ],
    ["no forward pass", "{ words, architecture: { ...architecture, logits: 3 } }", "logits is no function but number"],
    ["limits of nothing", "{ words, architecture, limits: { tokens: 0, rows: 1 } }", "limits is not what it should be"]
  ])("%s is a ConfigError", async (name, made, problem) => {
    const spec = { _tag: "Module" as const, module: moduleOf(name.replaceAll(" ", "-"), made) }
    const error = await Effect.runPromise(Effect.flip(Effect.scoped(Layer.build(ModelLayer.layer(spec)))))
    expect(error).toMatchObject({ _tag: "ConfigError", field: "model.module" })
    expect(error.message).toContain(problem)
  })

  // Each a network that computes something else than it is asked for: `pass` is changed on its way in, or what comes out.
  const network = (change: string) => `{ words, architecture: { ...architecture, ${change} } }`
  const passing = (change: string) =>
    network(`logits: (tf, ops, weights, inputs, pass) => architecture.logits(tf, ops, weights, inputs, { ...pass, ${change} })`)
  it.each([
    [
      "logits of every token",
      passing("select: (x) => x, spread: undefined"),
      "architecture.logits is made of all tokens; expected those that select"
    ],
    [
      "laid out what was not selected",
      passing("select: (x) => x"),
      /architecture\.(?:spread is called; expected select before it|logits is made of all tokens)/
    ],
    [
      "selected among too few",
      passing("select: (x) => pass.select(tf.slice(x, [1, 0]))"),
      /architecture\.select is given \[\d+, 8\]; expected \d+ rows, one for each token/
    ],
    [
      "laid out fewer than it selected",
      passing("...(pass.spread ? { spread: (x) => pass.spread(tf.slice(x, [1, 0])) } : {})"),
      /architecture\.spread is given \[\d+, 8\]; expected \d+ rows, those that select gave/
    ],
    [
      "a block that the cache has not",
      passing("attend: (x) => pass.attend(x, 1)"),
      "attention of block 1; expected blocks 0 to 0: cache.layers is 1"
    ],
    [
      "one block's number twice",
      passing("attend: (x, n) => (pass.attend(x, n), pass.attend(x, n))"),
      "attention of block 0 twice in a pass; expected one number for each call"
    ],
    [
      "a cache of another width",
      network("cache: { layers: 1, heads: 2, width: 16 }"),
      /architecture\.attend is given \[\d+, 24\]; expected 48 columns: the queries of 2 heads, then keys and values of 2/
    ],
    [
      "another vocabulary",
      network("logits: (tf, ...given) => { const x = architecture.logits(tf, ...given); return tf.slice(x, [0, 0], [x.shape[0], 9]) }"),
      /architecture\.logits is given \[\d+, 9\]; expected 11 columns, one for each token of the vocabulary/
    ],
    ["no logits", network("logits: () => undefined"), "architecture.logits is made of all tokens"],
    [
      "too few weights",
      network("initialize: () => new Float32Array(3)"),
      /initialize is a function that makes 3 numbers; expected the \d+ of/
    ],
    [
      "weights in a list",
      network("initialize: () => [1, 2]"),
      "architecture.initialize is object; expected a function that makes a Float32Array"
    ],
    [
      "a weight that is no number",
      network("initialize: (seed) => architecture.initialize(seed).fill(NaN, 5, 6)"),
      "architecture.initialize is a function that makes NaN of number 5; expected finite numbers"
    ]
  ])("%s: the pass is refused, not read as other tokens' numbers", async (name, made, problem) => {
    const spec = { _tag: "Module" as const, module: moduleOf(name.replaceAll(/\W/g, "-"), made) }
    const exit = await Effect.runPromiseExit(computed(words[0]![2]).pipe(Effect.provide(ModelLayer.layer(spec))))
    expect(exit._tag).toBe("Failure")
    const texts = exit._tag === "Failure"
      ? exit.cause.reasons.map((reason) => String("error" in reason ? reason.error : "defect" in reason ? reason.defect : ""))
      : []
    expect(texts.join()).toMatch(problem)
  })

  it("says which function threw", async () => {
    const spec = {
      _tag: "Module" as const,
      module: moduleOf("throws", "{ words, architecture: { ...architecture, logits: () => { throw new Error('not yet') } } }")
    }
    const exit = await Effect.runPromiseExit(computed(words[0]![2]).pipe(Effect.provide(ModelLayer.layer(spec))))
    expect(JSON.stringify(exit)).toContain("a module whose logits does not throw; it threw not yet")
  })
})

describe("a model's spec", () => {
  it.each(cases)("$name: survives JSON, and its model writes what it scores", async ({ prompt, singleTurn, words }) => {
    const spec = specOf(words)
    expect(Schema.decodeUnknownSync(ModelSpec.ModelSpec)(JSON.parse(JSON.stringify(spec)))).toEqual(spec)
    const { parameters, result, rollouts, scores } = await Effect.runPromise(
      computed(prompt).pipe(Effect.provide(ModelSpec.layer(spec).pipe(Layer.provide(deviceWasm))))
    )
    expect(parameters.length).toBeGreaterThan(500)
    expect(result.gradient.some((slope) => slope !== 0)).toBe(true)
    rollouts.forEach(({ logProbs, spans }, i) => {
      expect(spans.some(({ kind }) => kind === "decision")).toBe(!singleTurn)
      logProbs.forEach((value, t) => expect(Math.abs(value - scores[i]![t]!)).toBeLessThan(1e-4))
    })
  })

  const on = (
    words: ModelSpec.WordsSpec,
    prompt: string,
    threads?: { readonly workers: number; readonly shards: number },
    products: ProductChoice = "auto"
  ) => Effect.runPromise(computed(prompt).pipe(Effect.provide(ModelLayer.layer(specOf(words), { products, ...(threads && { threads }) }))))

  it.each(cases.filter(({ name, singleTurn }) => !singleTurn || name.startsWith("products")))(
    "$name: the same bits in this thread and in a thread of its own",
    async ({ prompt, words }) => {
      const [here, there] = await Promise.all([on(words, prompt), on(words, prompt, { workers: 1, shards: 1 })])
      expect(there).toEqual(here)
    }
  )

  it("more shards sum a gradient in another order; what is written and scored stays", async () => {
    const [, arithmetic, prompt] = words[0]!
    // A BLAS sums a matrix of fewer rows in another order.
    const [here, there] = await Promise.all([
      on(arithmetic, prompt, undefined, "relaxed"),
      on(arithmetic, prompt, { workers: 2, shards: 3 }, "relaxed")
    ])
    expect([there.parameters, there.rollouts, there.scores]).toEqual([here.parameters, here.rollouts, here.scores])
    there.result.gradient.forEach((slope, i) => expect(Math.abs(here.result.gradient[i]! - slope)).toBeLessThan(1e-5))
  })

  it("the layer offers the words that it was built over: vocabulary, positions and segments are theirs", async () => {
    const [, arithmetic] = words[0]!
    const [vocabulary, placement] = await Effect.runPromise(
      Effect.all([Effect.map(Tokenizer, ({ vocabulary }) => vocabulary), Placement]).pipe(
        Effect.provide(ModelLayer.layer(specOf(arithmetic)))
      )
    )
    expect([vocabulary, placement.positions, placement.segments]).toEqual([11, 16, 4])
  })

  it("a pass of few tokens and rows computes the same to rounding", async () => {
    const [, arithmetic, prompt] = words[0]!
    const on = (limits?: { readonly tokens: number; readonly rows: number }) =>
      Effect.runPromise(
        computed(prompt).pipe(
          Effect.provide(ModelLayer.layer({ _tag: "Columns", words: arithmetic, transformer, ...(limits === undefined ? {} : { limits }) }))
        )
      )
    const [usual, small] = [await on(), await on({ tokens: 40, rows: 3 })]
    expect(small.rollouts.map(({ tokens }) => tokens)).toEqual(usual.rollouts.map(({ tokens }) => tokens))
    usual.result.gradient.forEach((slope, i) => expect(Math.abs(small.result.gradient[i]! - slope)).toBeLessThan(1e-5))
    // Sums in another order: the limits were heard.
    expect(small.result.gradient).not.toEqual(usual.result.gradient)
  })

  it("the named device computes, here and in threads", async () => {
    const [, arithmetic, prompt] = words[0]!
    const computedOn = (layer: ReturnType<typeof ModelLayer.layer>) => Effect.runPromise(Effect.provide(computed(prompt), layer))
    const spec = specOf(arithmetic)
    const cpu = await computedOn(ModelSpec.layer(spec).pipe(Layer.provide(deviceCpu)))
    expect(await computedOn(ModelLayer.layer(spec, { device: "cpu" }))).toEqual(cpu)
    expect(await computedOn(ModelLayer.layer(spec, { device: "cpu", threads: { workers: 1, shards: 1 } }))).toEqual(cpu)
    // Devices round differently, so another one would be seen.
    expect((await computedOn(ModelLayer.layer(spec))).result.gradient).not.toEqual(cpu.result.gradient)
  })
})

describe("refusals", () => {
  const refused = (spec: ModelSpec.ModelSpec, computed: ModelLayer.Computed = {}) =>
    Effect.runPromise(Effect.flip(Effect.provide(Policy, ModelLayer.layer(spec, computed))))
  const ofWords = (words: ModelSpec.WordsSpec) => refused(specOf(words))

  it("a module that is missing and one without the export are ConfigErrors that name the field", async () => {
    const absent = pathToFileURL(join(folder, "absent.mjs")).href
    expect(await ofWords({ _tag: "Module", module: absent })).toMatchObject({
      _tag: "ConfigError",
      field: "model.words.module",
      value: JSON.stringify(absent)
    })
    const other = join(folder, "other.mjs")
    writeFileSync(other, "export const task = 1")
    expect(await ofWords({ _tag: "Module", module: pathToFileURL(other).href })).toMatchObject({
      _tag: "ConfigError",
      field: "model.words.module",
      expected: "a module with the export words; it has task"
    })
    const half = join(folder, "half.mjs")
    writeFileSync(half, "export const words = () => ({ tokenizer: {}, grammar: {} })")
    expect(await ofWords({ _tag: "Module", module: pathToFileURL(half).href })).toMatchObject({
      _tag: "ConfigError",
      field: "model.words.module",
      expected: "a module whose export words makes words: { tokenizer, grammar, placement }; tokenizer: encode is missing"
    })
  })

  it.each([
    ["7", /export words is a function of settings; it is number/],
    ["() => { throw new Error(\"no luck\") }", /it threw no luck/],
    ["async () => ({})", /tokenizer: undefined is no object/],
    ["() => ({ tokenizer: { vocabulary: 0, encode() {}, pieces() {} } })", /tokenizer: vocabulary is not what it should be/],
    [
      "() => ({ tokenizer: { vocabulary: 2, encode() {}, pieces() {} }, grammar: { sets: [[0, 2]], prompt() {}, open() {}, read() {}, write() {}, render() {} } })",
      /grammar: sets is not what it should be/
    ]
  ])("words of a module that are none are refused in a sentence, here and from threads: %s", async (text, expected) => {
    const module = join(folder, `none-${text.length}.mjs`)
    writeFileSync(module, `export const words = ${text}`)
    const spec = { _tag: "Module", module: pathToFileURL(module).href } as const
    const error = await ofWords(spec)
    expect(error).toMatchObject({ _tag: "ConfigError", field: `model.words.${/throw/.test(text) ? "settings" : "module"}` })
    expect(error.message).toMatch(expected)
    expect((await refused(specOf(spec), { threads: { workers: 1, shards: 1 } })).message).toMatch(expected)
  })

  it("a ConfigError that a module's words throw is the layer's", async () => {
    const module = join(folder, "picky.mjs")
    // The class comes with the settings: a test's modules and Node's are not the same ones.
    writeFileSync(
      module,
      "export const words = (Refusal) => { throw new Refusal({ field: 'settings.size', value: '0', expected: 'more' }) }"
    )
    const spec = { _tag: "Module", module: pathToFileURL(module).href, settings: ConfigError } as const
    expect(await Effect.runPromise(Effect.flip(ModelSpec.wordsOf(spec)))).toMatchObject({ _tag: "ConfigError", field: "settings.size" })
  })

  it.each<readonly [field: string, spec: ModelSpec.ModelSpec]>([
    ["grammar.radix", specOf({ _tag: "Arithmetic", radix: 1, maxAttempts: 2, context: "markov", positions: 9 })],
    ["grammar.maxAttempts", specOf({ _tag: "Arithmetic", radix: 2, maxAttempts: 0, context: "markov", positions: 9 })],
    ["placement.positions", specOf({ _tag: "Arithmetic", radix: 2, maxAttempts: 2, context: "markov", positions: 0 })],
    ["grammar.longest", specOf({ _tag: "Countdown", longest: 1, maxAttempts: 2, context: "markov", positions: 9 })],
    ["limits.rows", { _tag: "Columns", words: words[0]![1], transformer, limits: { tokens: 10, rows: 0 } }],
    ["transformer.heads", { _tag: "Columns", words: words[0]![1], transformer: { width: 8, layers: 1, heads: 3 } }]
  ])("%s that cannot work is a ConfigError, here and from threads", async (field, spec) => {
    expect(await refused(spec)).toMatchObject({ _tag: "ConfigError", field })
    const fromThreads = await refused(spec, { threads: { workers: 1, shards: 1 } })
    expect(fromThreads.message).toContain(field)
    expect(fromThreads.message).not.toMatch(/\n|ConfigError:/)
  })
})
