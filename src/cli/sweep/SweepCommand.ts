/**
 * `decision-sampling sweep`: a preset under several seeds, by any number of processes and machines.
 *
 * @module
 */
import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { ConfigError } from "../../domain/Errors.ts"
import { failing } from "../../domain/Throws.ts"
import { PRODUCT_CHOICES } from "../../model/device/Products.ts"
import { collectSeldom } from "../GarbageCollection.ts"
import { layer as progressLayer } from "../Progress.ts"
import { EXPIRY } from "../reproduce/Lease.ts"
import { presetFlags } from "../reproduce/PresetFlags.ts"
import { jsonFlag, withDefault } from "../Help.ts"
import { jsonText } from "../JsonText.ts"

const LEAST_EXPIRY = 5

/** Computes what is free of a sweep until all of it is done; prints where the results are. */
export const sweepCommand = Command.make(
  "sweep",
  {
    preset: Flag.String("preset").pipe(Flag.withDescription("A preset of reproduce"), withDefault("quick")),
    seeds: Flag.String("seeds").pipe(Flag.withDescription("Seeds and ranges of seeds, such as 1-8 or 1,2,5-8")),
    variants: Flag.String("variants").pipe(
      Flag.withDescription("Further runs of reinforcement learning for each seed, by name, such as nsr-echo,single-turn"),
      Flag.optional
    ),
    dir: Flag.String("dir").pipe(
      Flag.withDescription("The folder that all processes share; runs/sweep-PRESET by default"),
      Flag.optional
    ),
    model: presetFlags.model,
    workers: presetFlags.workers,
    products: Flag.Literals("products", PRODUCT_CHOICES).pipe(
      Flag.withDescription("What multiplies matrices; machines with unlike processors need simd, whose bits are the same everywhere"),
      withDefault("relaxed")
    ),
    takeOver: Flag.Finite("take-over").pipe(
      Flag.withDescription(
        "Seconds without a sign of life after which a stage is taken over, by this process and of it; the larger of two processes' counts"
      ),
      withDefault(EXPIRY)
    ),
    json: jsonFlag("the paths as JSON")
  },
  Effect.fn(function* ({ dir, json, model, preset: name, products, seeds: seedText, takeOver, variants, workers }) {
    collectSeldom()
    const [{ defaultWorkers, findPreset, services, settleProducts }, { parseSeeds, sweep, withVariants }] = yield* Effect.promise(() =>
      Promise.all([import("../reproduce/Reproduce.ts"), import("./Sweep.ts")])
    )
    const seeds = yield* failing([ConfigError], () => parseSeeds(seedText))
    if (takeOver < LEAST_EXPIRY) {
      return yield* new ConfigError({ field: "--take-over", value: String(takeOver), expected: `at least ${LEAST_EXPIRY} seconds` })
    }
    const found = yield* findPreset(name, seeds[0], Option.getOrUndefined(model))
    const names = Option.match(variants, { onNone: () => [], onSome: (text) => text.split(",").map((each) => each.trim()) })
    const preset = yield* failing([ConfigError], () => withVariants(found, names))
    const options = {
      preset,
      seeds,
      folder: Option.getOrElse(dir, () => `runs/sweep-${preset.name}`),
      products: yield* settleProducts(products),
      workers: Option.getOrElse(workers, () => defaultWorkers(preset)),
      expiry: takeOver
    }
    const done = yield* sweep(options).pipe(Effect.provide([services(options), progressLayer]))
    if (json) return yield* Console.log(jsonText(done))
    yield* Console.log(done.results.join("\n"))
    if (done.pooled !== undefined) yield* Console.log(`All seeds: ${done.pooled}`)
  })
).pipe(
  Command.withDescription(
    "Run a preset under several seeds: start the same command on as many machines as you like, with one shared folder, and each takes what is free"
  ),
  Command.withExamples([
    { command: "decision-sampling sweep --preset small --seeds 1-8 --dir /shared/small", description: "The same command on every machine" }
  ])
)
