/**
 * A sweep: the stages of one preset under several seeds, computed by any number of processes on any number of machines that share one folder. Each
 * process takes whatever stage is free, and goes on with what a process that died was at.
 *
 *     sweep.json               the preset, the sources and the arithmetic: who joins with others is refused
 *     cache/                   stages, kept as reproduce keeps them; leases of those under way
 *     PRESET-SEED/             results.json, report.html and the rest, as reproduce writes them
 *     seeds/                   all seeds pooled, as seeds writes them
 *
 * @module
 */
import { Effect, FileSystem, Path, Result, Schema } from "effect"
import { writeAtomically } from "../../domain/WholeFile.ts"
import { ConfigError, FileError } from "../../domain/Errors.ts"
import { refused } from "../../domain/Files.ts"
import { choiceOf } from "../../model/device/Products.ts"
import { firstDifference } from "../../training/RunFolder.ts"
import { arithmeticDigest } from "../reproduce/Arithmetic.ts"
import * as Lease from "../reproduce/Lease.ts"
import { Leases, makeLeases, StageBusy } from "../reproduce/Lease.ts"
import { Progress, type ProgressService } from "../Progress.ts"
import { type Preset, presets, pretrainedOf } from "../reproduce/Preset.ts"
import { modelDigest } from "../reproduce/ModelDigest.ts"
import { computeStages, reproduce, type ReproduceOptions } from "../reproduce/Reproduce.ts"
import { sourceDigest } from "../reproduce/SourceDigest.ts"
import { poolSeeds } from "../seeds/PoolSeeds.ts"

/** What a process of a sweep works on. */
export interface SweepOptions extends Pick<ReproduceOptions, "workers" | "products"> {
  /** The experiment; its own seed does not matter. */
  readonly preset: Preset
  readonly seeds: ReadonlyArray<number>
  /** The folder that all processes share. */
  readonly folder: string
  /** Seconds without a sign of life after which another process's stage is taken over. */
  readonly expiry: number
}

/** What a process has come to, for whoever looks on. */
export interface SweepResult {
  /** results.json of every seed. */
  readonly results: ReadonlyArray<string>
  /** The report of all seeds; left out with one. */
  readonly pooled?: string
}

const SWEEP_VERSION = "sweep-1"

// The most seeds of one range: more are a slip of the keyboard.
const MOST_SEEDS = 10_000

/** Reads seeds such as "1-4,7": ranges with both ends, in the order given. Throws ConfigError. */
export const parseSeeds = (text: string): ReadonlyArray<number> => {
  const refuse = (): never => {
    throw new ConfigError({
      field: "--seeds",
      value: JSON.stringify(text),
      expected: "whole numbers and ranges, each seed once, such as 1-4 or 1,2,5-8"
    })
  }
  const seeds = text.split(",").flatMap((part) => {
    const [, from, to] = /^\s*(\d{1,9})(?:\s*-\s*(\d{1,9}))?\s*$/.exec(part) ?? refuse()
    const [first, last] = [Number(from), Number(to ?? from)]
    if (last < first || last - first >= MOST_SEEDS) refuse()
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  })
  if (new Set(seeds).size < seeds.length) refuse()
  return seeds
}

/** Runs of reinforcement learning that a sweep may add to a preset, by name: those of any preset. */
export const VARIANTS = new Map(
  Object.values(presets).flatMap((preset) => (pretrainedOf(preset) === undefined ? preset.variants : [])).map((each) => [each.id, each])
)

/** A preset with further variants by name. Throws ConfigError where there is none of a name or the preset cannot have it. */
export const withVariants = (preset: Preset, names: ReadonlyArray<string>): Preset => {
  const own = new Set(preset.variants.map(({ id }) => id))
  const starts = new Set(["base", "sft-none", "sft-echo", "sft-expert", ...preset.base.keep.map((step) => `sft-echo-${step}`)])
  const known = [...VARIANTS.values()].filter(({ id, parent }) => own.has(id) || starts.has(parent)).map(({ id }) => id)
  const added = names.filter((name) => !own.has(name)).map((name) => {
    const variant = known.includes(name) ? VARIANTS.get(name) : undefined
    if (variant === undefined) {
      throw new ConfigError({ field: "--variants", value: JSON.stringify(name), expected: `names among ${known.join(", ")}` })
    }
    return variant
  })
  return { ...preset, variants: [...preset.variants, ...new Map(added.map((each) => [each.id, each])).values()] }
}

const Manifest = Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown))

// A look at the folder costs little, and a stage takes seconds at the least.
const looksOf = (expiry: number): number => Math.min(2000, (1000 * expiry) / 30)

// Done by one process under a lease, which is not busy with it, and finds it done otherwise. It is given up where the lease is lost.
const once = <E, R>(
  cache: string,
  name: string,
  isDone: Effect.Effect<boolean, never, FileSystem.FileSystem>,
  work: (isHeld: Effect.Effect<boolean>) => Effect.Effect<unknown, E, R>
) =>
  Effect.scoped(Effect.gen(function* () {
    if (yield* isDone) return
    const lease = yield* Lease.take(cache, name)
    const busy = new StageBusy({ name, holder: "a process that took it over" })
    if (!(yield* isDone)) yield* Effect.raceFirst(work(lease.isHeld), Effect.andThen(lease.lost, Effect.fail(busy)))
    if (!(yield* lease.isHeld)) return yield* busy
    yield* lease.finish
  }))

// The same, for what nobody may go on without.
const onceDone = Effect.fnUntraced(function* <E, R> (expiry: number, ...what: Parameters<typeof once<E, R>>) {
  for (;;) {
    const done = yield* Effect.result(once(...what))
    if (Result.isSuccess(done)) return
    if (!(done.failure instanceof StageBusy)) return yield* Effect.fail(done.failure)
    yield* Effect.sleep(looksOf(expiry))
  }
})

// Who joins a sweep computes the same experiment, by the same sources, to the same bits.
const join = Effect.fnUntraced(function* ({ expiry, folder, preset, products }: SweepOptions, cache: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const file = path.join(folder, "sweep.json")
  const pretrained = pretrainedOf(preset)
  const { seed: _, ...settings } = preset
  const asked = JSON.parse(JSON.stringify({
    version: SWEEP_VERSION,
    // A model is its files, wherever they lie.
    preset: pretrained === undefined
      ? settings
      : { ...settings, model: { ...pretrained, path: undefined }, modelDigest: yield* modelDigest(pretrained.path) },
    products: products?.kind ?? "relaxed",
    by: products?.by ?? "own kernels",
    arithmetic: yield* Effect.mapError(
      arithmeticDigest(choiceOf(products?.kind ?? "relaxed")),
      ({ message }) =>
        new ConfigError({ field: "--products", value: products?.kind ?? "relaxed", expected: `products that compute here: ${message}` })
    ),
    sources: sourceDigest(["cli/reproduce/Reproduce"])
  })) as Readonly<Record<string, unknown>>
  const isThere = Effect.orElseSucceed(files.exists(file), () => false)
  // Many may begin at once: one of them writes it, and the others read what it says.
  const write = writeAtomically(file, new TextEncoder().encode(JSON.stringify(asked, null, 2) + "\n"))
  yield* onceDone(expiry, cache, "sweep", isThere, () => write)
  const advice = "Join a sweep with the command and the version that began it, or give it another folder (--dir)"
  const there = yield* Effect.flatMap(files.readFileString(file), Schema.decodeUnknownEffect(Manifest)).pipe(
    Effect.mapError(refused(file, advice))
  )
  const field = firstDifference(there, asked)
  if (field === undefined) return
  if (field === "arithmetic") {
    return yield* new FileError({
      file,
      problem: "this machine's products have other last bits than those of the machine that began the sweep",
      advice: "Begin it with --products simd, whose bits are the same everywhere, in another folder (--dir)"
    })
  }
  const begunWith = field === "products"
    ? `--products ${String(there[field])}`
    : field.startsWith("preset.variants")
    ? "other --variants"
    : `another ${field}`
  return yield* new FileError({ file, problem: `the sweep was begun with ${begunWith}`, advice })
})

/** Works on a sweep until every seed has its results, whoever computed them. */
export const sweep = Effect.fn("Sweep.sweep")(function* (options: SweepOptions) {
  const { expiry, folder, preset, seeds } = options
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const progress = yield* Progress
  const cache = path.join(folder, "cache")
  yield* join(options, cache)
  const outOf = (seed: number): string => path.join(folder, `${preset.name}-${seed}`)
  const resultsOf = (seed: number): string => path.join(outOf(seed), "results.json")
  const exists = (file: string) => Effect.orElseSucceed(files.exists(file), () => false)
  const runOf = (seed: number): ReproduceOptions => ({
    preset: { ...preset, seed },
    out: outOf(seed),
    cache,
    workers: options.workers,
    ...(options.products === undefined ? {} : { products: options.products })
  })
  const seedOf = Effect.fnUntraced(function* (seed: number) {
    if (yield* exists(resultsOf(seed))) return []
    const run = runOf(seed)
    const nameOf = (name: string): string => `Seed ${seed}: ${name}`
    // What will be left of the others depends on who else takes part.
    const ofSeed = `of seed ${seed} (${seeds.indexOf(seed) + 1} of ${seeds.length})`
    const named: ProgressService = {
      stage: (name, total) => progress.stage(nameOf(name), total),
      plan: (stages) => progress.plan(stages.map((stage) => ({ ...stage, name: nameOf(stage.name) })), ofSeed),
      skip: (name) => progress.skip(nameOf(name))
    }
    const busy = yield* Effect.provideService(computeStages(run), Progress, named)
    if (busy.length > 0) return busy
    const report = Effect.provideService(reproduce(run), Progress, named)
    const reported = yield* Effect.result(once(cache, `results-${seed}`, exists(resultsOf(seed)), () => report))
    if (Result.isSuccess(reported)) return []
    if (reported.failure instanceof StageBusy) return [reported.failure]
    return yield* Effect.fail(reported.failure)
  })

  // What is waited for is over when it is there, or when nobody computes it any more.
  const isOver = Effect.fnUntraced(function* ({ name }: StageBusy) {
    return (yield* Lease.busyWith(cache, name)) === undefined
  })
  for (;;) {
    const busy: Array<StageBusy> = []
    for (const seed of seeds) busy.push(...(yield* seedOf(seed)))
    if (busy.length === 0) break
    const waiting = yield* progress.stage("Others compute", 0)
    waiting.show(
      0,
      busy.slice(0, 3).map(({ holder, name }) => `${name} (${holder})`).join(", ") + (busy.length > 3 ? `, ${busy.length - 3} more` : "")
    )
    for (let over = false; !over;) {
      yield* Effect.sleep(looksOf(expiry))
      over = (yield* Effect.forEach(busy, isOver)).includes(true)
    }
    yield* waiting.end
  }

  const results = seeds.map(resultsOf)
  if (seeds.length < 2) return { results } satisfies SweepResult
  const out = path.join(folder, "seeds")
  const pooled = path.join(out, "report.html")
  // Which seeds: others may be asked for later.
  const list = path.join(out, "pooled.json")
  const asked = JSON.stringify(results.map((file) => path.relative(folder, file)))
  const isPooled = Effect.map(Effect.orElseSucceed(files.readFileString(list), () => ""), (text) => text === asked)
  // The list says what the report is of: there is none while it is written, nor of a process that lost it to another.
  const pool = (isHeld: Effect.Effect<boolean>) =>
    Effect.gen(function* () {
      yield* Effect.ignore(files.remove(list, { force: true }))
      yield* poolSeeds(results, out)
      if (yield* isHeld) yield* writeAtomically(list, new TextEncoder().encode(asked))
    })
  yield* onceDone(expiry, cache, "pooled", isPooled, pool)
  return { results, pooled } satisfies SweepResult
}, (effect, { expiry }) => Effect.provideService(effect, Leases, makeLeases({ onBusy: "fail", expiry })))
