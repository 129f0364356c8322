/**
 * Training from a configuration file: the services, the data and the trainer that it describes, in a folder of its own.
 *
 * @module
 */
import { createHash } from "node:crypto"
import { createRequire } from "node:module"
import { availableParallelism } from "node:os"
import { dirname, relative, resolve } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { Effect, FileSystem, Layer, Option, Result, Schema, Stream } from "effect"
import { bytesOf } from "../../domain/Bytes.ts"
import { refused } from "../../domain/Files.ts"
import { ConfigError, type Fault, PolicyError, TokenizerError } from "../../domain/Errors.ts"
import { Grammar, type GrammarService } from "../../domain/Grammar.ts"
import { owners, PartitionError } from "../../domain/Partition.ts"
import type { Parameters, ScoredTokens } from "../../domain/Policy.ts"
import type { Query } from "../../domain/Query.ts"
import { layerReward } from "../../domain/RewardSpec.ts"
import { decisive } from "../../domain/SamplerSpec.ts"
import { shownValue } from "../../domain/ShownValue.ts"
import { faultsOfChecks } from "../../domain/SchemaFaults.ts"
import { draws, fold, type Seed } from "../../domain/Seed.ts"
import { caught, failing } from "../../domain/Throws.ts"
import { Task, type TaskService, trainingQueries } from "../../domain/Task.ts"
import type { Tokens } from "../../domain/Tokenizer.ts"
import { reasonOf } from "../../model/device/Auto.ts"
import { type DeviceChoice, type DeviceName, hasOneAThread } from "../../model/device/DeviceName.ts"
import { resolveDevice } from "../../model/device/NamedDevice.ts"
import { choiceOf, type ProductChoice, type Products } from "../../model/device/Products.ts"
import * as ModelLayer from "../../model/ModelLayer.ts"
import { ModelSpec } from "../../model/ModelSpec.ts"
import * as PretrainedPolicy from "../../model/policy/PretrainedPolicy.ts"
import { placeTokens } from "../../model/policy/Choices.ts"
import { Placement } from "../../model/policy/Placement.ts"
import { speechAtHand } from "../../model/policy/PolicyServices.ts"
import { graderFile } from "../../tasks/grading/OwnGrader.ts"
import * as TaskSpec from "../../tasks/TaskSpec.ts"
import * as Checkpoint from "../../training/Checkpoint.ts"
import * as Demonstrations from "../../training/Demonstrations.ts"
import * as GroupRelativeTrainer from "../../training/GroupRelativeTrainer.ts"
import type { AttributionRow } from "../../training/GradientAttribution.ts"
import { drawOwnAnswers } from "../../training/OwnAnswers.ts"
import * as RolloutLog from "../../training/RolloutLog.ts"
import * as Run from "../../training/Run.ts"
import { faultsOfParts, faultsOfSettings } from "../../training/RunFaults.ts"
import * as RunFolder from "../../training/RunFolder.ts"
import * as SupervisedTrainer from "../../training/SupervisedTrainer.ts"
import * as Presets from "../../training/Presets.ts"
import * as TrainerSettings from "../../training/TrainerSettings.ts"
import * as TrainConfig from "../../training/TrainConfig.ts"
import { fromParameters, initialize, type TrainState } from "../../training/TrainState.ts"
import { sayMemory } from "../MemoryLine.ts"
import { Progress } from "../Progress.ts"
import * as EngineSampler from "./EngineSampler.ts"
import { record } from "./Telemetry.ts"

/** What the command line says. */
export interface TrainOptions {
  readonly trainer: Presets.SupervisedName | Presets.GroupRelativeName
  readonly config: string
  readonly out: string
  readonly isResumed: boolean
  /** In place of the configuration's. */
  readonly device?: DeviceChoice
  readonly products?: ProductChoice
}

type AnyRun = TrainConfig.SupervisedRun | TrainConfig.GroupRelativeRun

/** What a run computes on. */
interface ComputedOn {
  readonly device: DeviceName
  readonly products: Products | undefined
}

/** The threads that a run takes: as many as there are cores, at most one a shard. */
const workersOf = ({ shards = 1 }: AnyRun, device: DeviceName): number =>
  hasOneAThread(device) ? Math.min(shards, availableParallelism()) : 1

/** The model of a run: a text is read for the kind of answers that the task has, unless it says itself for which. */
const modelOf = ({ model }: AnyRun, { answers }: TaskService): ModelSpec =>
  model._tag !== "Pretrained" || answers === undefined ? model : { answers, ...model }

const services = (run: AnyRun, { device, products: settled }: ComputedOn, out: string) => {
  const shards = run.shards ?? 1
  const products = settled === undefined ? "auto" : choiceOf(settled.kind)
  const workers = workersOf(run, device)
  // One layer, built once: a task may read files.
  const task = TaskSpec.layer(run.task)
  const reward = layerReward(run.reward ?? { _tag: "Exact" }).pipe(Layer.provideMerge(task))
  const computed = { device, products, ...(shards > 1 ? { threads: { workers, shards } } : {}) }
  const model = Layer.unwrap(
    Effect.map(Task, (asked) => {
      const spec = modelOf(run, asked)
      const layer = ModelLayer.layer(spec, computed)
      return "sampler" in run && run.sampler !== undefined
        ? EngineSampler.layer(run.sampler, spec, out).pipe(Layer.provideMerge(layer))
        : layer
    })
  ).pipe(Layer.provide(task))
  return Layer.merge(model, reward)
}

/** So many queries of each level are tried: one alone may happen to hold no digit that the words lack. */
const TRIED_QUERIES = 32

/** An attempt that takes the first token of every choice, with its prompt; undefined where so many tokens do not end it. */
const firstAttempt = (grammar: GrammarService, prompt: Tokens, most: number): Omit<ScoredTokens, "offset"> | undefined => {
  const tokens = [...prompt]
  let cursor = grammar.open(prompt)
  while (tokens.length < prompt.length + most) {
    const { next } = cursor
    if (next._tag === "Ended") return { tokens, promptLength: prompt.length }
    const token = next._tag === "Forced" ? next.token : next._tag === "Free" ? 0 : grammar.sets[next.set]![0]!
    tokens.push(token)
    cursor = cursor.advance(token)
  }
  return undefined
}

/** So many tokens are followed to an attempt's end. */
const MOST_FOLLOWED = 1_000

/** What `checkWords` asks of one query; `level` is for messages. */
const checkQuery = Effect.fnUntraced(function* (query: Query, level: string, { model, partition, restrict }: AnyRun) {
  const [{ teacher }, speech] = [yield* Task, yield* speechAtHand]
  const { grammar } = speech
  const said = (what: string): string => `${JSON.stringify(what)} (level ${level})`
  const unsaid = (value: string, what: string) => ({ problem }: TokenizerError) =>
    model._tag === "Pretrained"
      ? new ConfigError({
        field: "model",
        value: "one that cannot take the task's texts",
        expected: `tokens and room for ${said(what)}: ${problem}`
      })
      : new ConfigError({ field: "model.words", value, expected: `words for ${said(what)}: ${problem}` })
  const placed = (spoken: Omit<ScoredTokens, "offset">) =>
    Effect.mapError(
      failing([PolicyError], () => placeTokens("train", speech, { ...spoken, offset: 0 }, 0)),
      ({ problem }) =>
        new ConfigError({
          field: "model.words",
          value: "without room for an attempt",
          expected: `places for ${said(query.prompt)} and an answer: ${problem}`
        })
    )
  const prompt = yield* Effect.mapError(Effect.fromResult(grammar.prompt(query)), unsaid("of another language", query.prompt))
  const attempt = firstAttempt(grammar, prompt, MOST_FOLLOWED)
  const spans = attempt && Result.getOrUndefined(grammar.read(attempt))?.spans
  if (
    partition === undefined && restrict !== undefined && spans?.every(({ kind }) => (kind === "sample" ? "sampling" : kind) !== restrict)
  ) {
    const expected = `a sub-policy that writes something: of ${said(query.prompt)} it has no token, as in single-turn words`
    return yield* new ConfigError({ field: "restrict", value: restrict, expected })
  }
  if (partition !== undefined && attempt !== undefined && spans !== undefined) {
    yield* Effect.mapError(
      failing([PartitionError], () => owners({ tokens: attempt.tokens, spans }, { names: partition })),
      ({ field, value }) =>
        new ConfigError({ field: "partition", value: partition.join(", "), expected: `an owner for every span: ${field} is ${value}` })
    )
  }
  if (attempt !== undefined) yield* placed(attempt)
  if (teacher === undefined) return
  const answer = teacher.answer(query)
  const taught = Effect.fromResult(grammar.write(query, [{ answer }]))
  yield* placed(yield* Effect.mapError(taught, unsaid("without room for answers", answer)))
})

/**
 * The model's words must be able to say what the task asks and what its teacher answers, and have places for it: tried with queries of
 * each level. And every span must belong to one of the sub-policies.
 */
const checkWords = Effect.fnUntraced(function* (run: AnyRun) {
  const task = yield* Task
  const tried = task.levels.flatMap((level) => Array.from({ length: TRIED_QUERIES }, (_, i) => task.training(level, fold(1, i))))
  const queries = task.listed ?? tried
  for (const query of queries) yield* checkQuery(query, query.level, run)
  yield* checkSolutions(queries)
})

/** Solutions that the reading of text would not read as one attempt make no demonstrations: how many there are is told. */
const checkSolutions = Effect.fnUntraced(function* (queries: ReadonlyArray<Query>) {
  const [{ teacher }, grammar, progress] = [yield* Task, yield* Grammar, yield* Progress]
  if (grammar.writesText !== true || teacher?.work === undefined) return
  const { work } = teacher
  const unread = queries.flatMap((query) => {
    const written = grammar.write(query, [{ ...work(query, { slip: 0, isWrong: false }, draws(1)), decision: "STOP" }])
    return Result.isFailure(written) ? [{ id: query.id, problem: written.failure.problem }] : []
  })
  const [first] = unread
  if (first === undefined) return
  const stage = yield* progress.stage("solutions", queries.length)
  yield* stage.done(
    `${unread.length} of ${queries.length} are not read as one attempt and make no demonstrations; the first is ${first.id}: ${first.problem}`
  )
})

/** The device that a run computes on, told to the reader. Fails with why it cannot be used. */
const deviceOf = Effect.fnUntraced(function* (options: TrainOptions, run: AnyRun) {
  const choice = options.device ?? run.device ?? "wasm"
  const products = options.products ?? run.products ?? "auto"
  const progress = yield* Progress
  const stage = yield* progress.stage("device", 1)
  const { info, name } = yield* resolveDevice(choice, { products }).pipe(
    Effect.mapError((error) =>
      new ConfigError({
        field: products === "auto" ? "device" : "products",
        value: products === "auto" ? choice : products,
        expected: `one that works here: ${reasonOf(error)}. \`decision-sampling doctor\` examines all`
      })
    )
  )
  yield* stage.done(`${name}: ${info.description}`)
  yield* sayMemory(run.model, "train", workersOf(run, name), name)
  const computedOn: ComputedOn = { device: name, products: info.products }
  return computedOn
})

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

/** SHA-256 of the parameters that a run starts from, where a file gives them: part of its settings, because files change. */
const startDigest = (
  run: AnyRun,
  { parameters }: TrainState
) => (run.start === undefined ? {} : { startDigest: sha256(bytesOf(parameters)) })

/** SHA-256 of the files of problems: a run that goes on goes on with the same. */
const problemDigests = Effect.fnUntraced(function* ({ task }: AnyRun) {
  if (task._tag !== "Problems") return {}
  const files = yield* FileSystem.FileSystem
  const digestOf = (file: string) =>
    Effect.map(
      Effect.mapError(files.readFile(file), refused(file, "May it be read?")),
      sha256
    )
  return {
    problemsDigest: yield* digestOf(task.file),
    ...(task.test === undefined ? {} : { testProblemsDigest: yield* digestOf(task.test) })
  }
})

/** All modules of one's own that a configuration names, by URL. */
const modulesOf = (value: unknown): ReadonlyArray<string> => {
  if (typeof value !== "object" || value === null) return []
  const { _tag, module } = value as Readonly<Record<string, unknown>>
  return [...(_tag === "Module" && typeof module === "string" ? [module] : []), ...Object.values(value).flatMap(modulesOf)]
}

/** SHA-256 of the files of modules, graders among them, by the names that run.json has for them. What a module imports is not looked at. */
const moduleDigests = Effect.fnUntraced(function* (config: string, run: AnyRun) {
  const files = yield* FileSystem.FileSystem
  const name = recorded(config)
  const modules = modulesOf(run).filter((module) => module.startsWith("file:")).map((module) => ({
    name: (name({ _tag: "Module", module }) as { readonly module: string }).module,
    file: fileURLToPath(module)
  }))
  const kinds = [run.task, run.model].flatMap((spec) => ("answers" in spec && spec.answers !== undefined ? [spec.answers] : []))
  const graders = kinds.flatMap((kind) => {
    const file = graderFile(kind)
    return file === undefined ? [] : [{ name: file, file }]
  })
  const digests = yield* Effect.forEach([...modules, ...graders], ({ file, name }) =>
    Effect.match(files.readFile(file), {
      onFailure: () => [],
      onSuccess: (bytes) => [[name, sha256(bytes)] as const]
    }))
  return Object.fromEntries(digests.flat())
})

const StartedFrom = Schema.Struct({ model: ModelSpec })
const decodeStartedFrom = Schema.decodeUnknownOption(StartedFrom)

const OF_WORDS: ReadonlySet<string> = new Set(["_tag", "radix", "context"])

/**
 * What a model's numbers mean: an adapter's by its rank, scale and matrices, and the weights below it; a network's by its sizes and its digits. Attempts,
 * levels and turns may be others. What a module makes of its settings it knows alone.
 */
const meaningOf = (spec: ModelSpec): Readonly<Record<string, unknown>> => {
  switch (spec._tag) {
    case "Pretrained":
      return { trains: spec.trains ?? PretrainedPolicy.DEFAULT_TRAINING, adapter: spec.adapter ?? null }
    case "Columns":
      return {
        transformer: spec.transformer,
        words: Object.fromEntries(Object.entries(spec.words).filter(([field]) => OF_WORDS.has(field)))
      }
    case "Module":
      return {}
  }
}

/** Numbers mean what they meant in the run that the checkpoint is from, whose settings stand beside it. */
const checkStart = Effect.fnUntraced(function* ({ model }: AnyRun, start: string) {
  const before = Option.getOrUndefined(decodeStartedFrom(yield* Effect.orElseSucceed(RunFolder.readRun(dirname(start)), () => undefined)))
  if (before === undefined) return
  const of = (spec: ModelSpec) => ({ _tag: spec._tag, ...meaningOf(spec) })
  const field = RunFolder.firstDifference(of(before.model), of(model))
  if (field === undefined) return
  return yield* new ConfigError({
    field: `model.${field}`,
    value: shownValue(meaningOf(model)),
    expected: `that of ${start}, whose numbers mean something else otherwise: ${shownValue(meaningOf(before.model))}`
  })
})

const startOf = Effect.fnUntraced(function* (run: AnyRun) {
  const fresh = yield* initialize(run.seed)
  if (run.start === undefined) return fresh
  const { parameters } = yield* Checkpoint.load(run.start)
  yield* checkStart(run, run.start)
  if (parameters.length === fresh.parameters.length) return fromParameters(parameters, run.seed)
  return yield* new ConfigError({
    field: "model",
    value: `one of ${fresh.parameters.length} parameters`,
    expected: `that of ${run.start}, which has ${parameters.length}`
  })
})

const shown = (names: ReadonlyArray<string>, metrics: Readonly<Record<string, number>>): string =>
  names.flatMap((name) => (metrics[name] === undefined ? [] : [`${name} ${metrics[name].toFixed(3)}`])).join("  ")

const SYMBOLS: Readonly<Record<string, string>> = { sampling: "S", decision: "D" }

/** A measured split of a gradient in words: the norm of each sub-policy's share, and their cosine where they are two. */
export const splitText = ({ cosines, norms }: Pick<AttributionRow, "cosines" | "norms">): string => {
  const shares = Object.entries(norms).map(([name, norm]) =>
    `‖g_${Object.hasOwn(SYMBOLS, name) ? SYMBOLS[name] : name}‖ ${norm.toPrecision(2)}`
  )
  return [...shares, ...(cosines.length === 1 ? [`cos ${cosines[0]!.cosine.toFixed(2)}`] : [])].join(" ")
}

/** A configuration whose modules' names are changed. */
const mapModules = (change: (module: string) => string) => (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(mapModules(change))
  if (typeof value !== "object" || value === null) return value
  const fields = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapModules(change)(inner)]))
  const { _tag, module } = fields
  return _tag === "Module" && typeof module === "string" ? { ...fields, module: change(module) } : fields
}

/**
 * Modules of a configuration are looked for from its file: paths are relative to it, packages are those installed for it (under a global
 * installation ours has none of the user's). A package that require does not resolve (ESM alone, or not there) is left to import, which
 * says what is wrong.
 */
const located = (file: string) =>
  mapModules((module) => {
    if (/^[./]/.test(module)) return pathToFileURL(resolve(dirname(file), module)).href
    if (URL.canParse(module)) return module
    try {
      return pathToFileURL(createRequire(resolve(file)).resolve(module)).href
    } catch {
      return module
    }
  })

/** The same modules as run.json names them: from the configuration's folder, so that a project that moved goes on. */
const recorded = (file: string) =>
  mapModules((module) => {
    if (!module.startsWith("file:")) return module
    const path = relative(dirname(resolve(file)), fileURLToPath(module)).replaceAll("\\", "/")
    return path.startsWith(".") ? path : `./${path}`
  })

/** Runs a trainer with progress: the metrics that matter to it, and the last measured split of its gradient. */
const supervise = Effect.fnUntraced(function* <E extends { readonly message: string }, R> (
  options: TrainOptions,
  run: AnyRun,
  { device, products }: ComputedOn,
  names: ReadonlyArray<string>,
  rest: Pick<Run.RunOptions<E, R>, "start" | "train">
) {
  const progress = yield* Progress
  const stage = yield* progress.stage(options.trainer, run.steps)
  // What was asked of devices gives way to what came of it.
  const { checkpointEvery, products: _asked, steps, ...settings } = run
  // A library's name and version: part of the last bits, and noted; its kind alone decides whether a run may go on.
  const modules = yield* moduleDigests(options.config, run)
  const noted = {
    ...(products === undefined ? {} : { products: products.by }),
    ...(Object.keys(modules).length === 0 ? {} : { modules })
  }
  const before = options.isResumed ? yield* RunFolder.noted(options.out) : undefined
  const productsBefore = before?.["products"]
  if (productsBefore !== undefined && productsBefore !== noted.products) {
    yield* stage.done(
      `products: the run was started with ${
        typeof productsBefore === "string" ? productsBefore : shownValue(productsBefore)
      } and goes on with ${noted.products}; last bits may differ`
    )
  }
  // A word in a comment changes a file too: whether what it computes is the same, its author knows.
  const changed = Object.entries((before?.["modules"] ?? {}) as Readonly<Record<string, string>>).filter(([module, digest]) =>
    modules[module] !== digest
  )
  for (const [module] of changed) {
    yield* stage.done(
      `${module} is not the file that the run was started with: where it computes something else, the steps before were of another model, task or reward`
    )
  }
  let split = ""
  let text = ""
  let [taken, idle] = [0, 0]
  const last = yield* Run.run({
    ...rest,
    folder: options.out,
    settings: {
      trainer: options.trainer,
      ...(recorded(options.config)(settings) as typeof settings),
      ...("sampler" in run && run.sampler !== undefined ? { sampler: decisive(run.sampler) } : {}),
      device,
      ...(products === undefined ? {} : { products: products.kind }),
      ...startDigest(run, rest.start),
      ...(yield* problemDigests(run))
    },
    noted,
    steps,
    checkpointEvery,
    isResumed: options.isResumed,
    onStart: ({ step }) => Effect.sync(() => stage.from(step)),
    onStep: (report) =>
      Effect.suspend(() => {
        const total = report.attribution.find(({ part }) => part === "total")
        if (total !== undefined) split = `  ${splitText(total)}`
        taken++
        if (report.metrics["grad_norm"] === 0 || report.metrics["frac_advantage_zero"] === 1) idle++
        text = shown(names, report.metrics) + split
        stage.show(report.state.step, text)
        return record(report)
      })
  })
  yield* stage.done(text === "" ? `complete at step ${last.step}` : text)
  if (settings.schedule.peak === 0) yield* stage.done("the learning rate is 0 (schedule.peak): the run measured, and changed nothing")
  if (idle > 0) {
    yield* stage.done(
      `nothing was to be learnt in ${idle} of ${taken} steps: all advantages were 0, or no token was trained. See frac_advantage_zero, ` +
        "frac_reward_zero_std, completions/clipped_ratio in metrics.jsonl"
    )
  }
  return last
})

/** The most attempts of a demonstration that is text, where nothing else is asked for. */
const TEXT_ATTEMPTS = 4

/** What a supervised run learns from: example `index` of a seed. Expert demonstrations are made of the start model's own answers. */
const demonstrationOf = Effect.fnUntraced(function* ({ demonstrations, model, seed }: TrainConfig.SupervisedRun, start: Parameters) {
  const words = { grammar: yield* Grammar, placement: yield* Placement }
  const spoken = model._tag === "Columns" ? model.words : undefined
  const cap = model._tag === "Pretrained" ? TEXT_ATTEMPTS : spoken !== undefined && "maxAttempts" in spoken ? spoken.maxAttempts : undefined
  const maxAttempts = ("maxAttempts" in demonstrations ? demonstrations.maxAttempts : undefined) ?? cap
  if (maxAttempts === undefined && demonstrations.kind !== "none" && demonstrations.kind !== "pretraining") {
    return yield* new ConfigError({ field: "demonstrations.maxAttempts", value: "missing", expected: "a cap: words of a module say none" })
  }
  const data: Demonstrations.DataConfig = {
    task: yield* Task,
    words,
    maxAttempts: maxAttempts ?? 1,
    slip: "slip" in demonstrations ? demonstrations.slip : 0,
    ...("wrongAttempts" in demonstrations && { wrongAttempts: demonstrations.wrongAttempts })
  }
  const make = (): Demonstrations.Demonstration => {
    switch (demonstrations.kind) {
      case "none":
        return Demonstrations.withoutReflection(data)
      case "echo":
        return Demonstrations.withEcho(data, demonstrations.resampleRate)
      case "corrections":
        return Demonstrations.withCorrections(data, demonstrations)
      case "pretraining":
        return Demonstrations.pretraining(data, demonstrations)
      case "expert":
        return Demonstrations.withExpert(data, pool)
    }
  }
  const pool = demonstrations.kind === "expert" ? yield* drawOwnAnswers(start, demonstrations, seed) : []
  // The first shows whether the words have such trajectories at all: single-turn words have no decisions.
  const tried = failing([ConfigError, TokenizerError], () => {
    const demonstration = make()
    demonstration(seed, 0)
    return demonstration
  })
  return yield* Effect.catchTag(
    tried,
    "TokenizerError",
    ({ problem }) => Effect.fail(new ConfigError({ field: "demonstrations.kind", value: demonstrations.kind, expected: problem }))
  )
})

const runSupervised = Effect.fnUntraced(
  function* (options: TrainOptions, name: Presets.SupervisedName, run: TrainConfig.SupervisedRun) {
    const computedOn = yield* deviceOf(options, run)
    return yield* Effect.gen(function* () {
      yield* checkWords(run)
      const start = yield* startOf(run)
      const demonstration = yield* demonstrationOf(run, start.parameters)
      const train = SupervisedTrainer.train(TrainerSettings.supervised(name, run), demonstration)
      return yield* supervise(options, run, computedOn, ["loss", "loss/nll"], { start, train })
    }).pipe(Effect.provide(services(run, computedOn, options.out)))
  }
)

const runGroups = Effect.fnUntraced(
  function* (options: TrainOptions, name: Presets.GroupRelativeName, run: TrainConfig.GroupRelativeRun) {
    const config = TrainerSettings.groupRelative(name, run)
    const computedOn = yield* deviceOf(options, run)
    return yield* Effect.gen(function* () {
      yield* checkWords(run)
      const task = yield* Task
      const fresh = yield* startOf(run)
      const start = config.kl._tag === "None" ? fresh : { ...fresh, reference: fresh.parameters }
      const metrics = ["reward", "p_sample", "p_stop_given_correct", "p_resample_given_wrong"]
      const queries = (seed: Seed, step: number) => trainingQueries(task, seed, step, run.queries)
      // How much of it is written down is no part of what is computed.
      const { rolloutsEvery = 0, ...computed } = run
      const steps = GroupRelativeTrainer.train(config, fresh.parameters, queries)
      return yield* supervise(options, computed, computedOn, metrics, {
        start,
        train: (from) => Stream.tap(steps(from), RolloutLog.write(options.out, rolloutsEvery))
      })
    }).pipe(Effect.provide(services(run, computedOn, options.out)))
  }
)

// A preset's group is the same for completions of any length.
const LEAST_TOKENS = 2

/** The faults of a method's settings, and of an engine that does not go with them. */
const faultsOfMethod = (name: Presets.GroupRelativeName, run: TrainConfig.GroupRelativeRun): ReadonlyArray<Fault> =>
  Result.match(caught([ConfigError], () => TrainerSettings.groupRelative(name, run)), {
    onFailure: ({ faults }) => faults,
    onSuccess: (described) =>
      faultsOfChecks([
        () => GroupRelativeTrainer.assertSettings(described),
        () => run.sampler === undefined || EngineSampler.assertFits(run.sampler, run.model, described)
      ])
  })

const isSupervised = (name: TrainOptions["trainer"]): name is Presets.SupervisedName =>
  Presets.SUPERVISED_NAMES.some((supervised) => supervised === name)

// A module's pure functions can only throw: what they throw has become a ConfigError, and is the user's to read, not a defect.
const asFailure = Effect.catchDefect((defect) => (defect instanceof ConfigError ? Effect.fail(defect) : Effect.die(defect)))

/** Trains as the configuration file says and returns the last state. */
export const train = Effect.fn("Train.train")(function* (options: TrainOptions) {
  const files = yield* FileSystem.FileSystem
  const text = yield* files.readFileString(options.config).pipe(
    Effect.mapError(refused(options.config, "Does the configuration exist, and may it be read?"))
  )
  const { trainer } = options
  const locate = located(options.config)
  if (isSupervised(trainer)) {
    const faults = (
      json: unknown,
      run?: TrainConfig.SupervisedRun
    ) => [...faultsOfParts(json), ...(run === undefined ? [] : faultsOfSettings(run))]
    return yield* runSupervised(options, trainer, yield* TrainConfig.decode(TrainConfig.SupervisedRun, text, locate, faults))
  }
  const faults = (json: unknown, run?: TrainConfig.GroupRelativeRun) => [
    ...faultsOfParts(json, Presets.groupRelative(LEAST_TOKENS)[trainer].groupSize),
    ...(run === undefined ? [] : [...faultsOfSettings(run), ...faultsOfMethod(trainer, run)])
  ]
  return yield* runGroups(options, trainer, yield* TrainConfig.decode(TrainConfig.GroupRelativeRun, text, locate, faults))
}, asFailure)
