/**
 * `decision-sampling reproduce`: the main job on the command line.
 *
 * @module
 */
import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { PRODUCT_CHOICES } from "../../model/device/Products.ts"
import { tryFolder } from "../Destination.ts"
import { collectSeldom } from "../GarbageCollection.ts"
import { beside, outputWidth } from "../Layout.ts"
import { layer as progressLayer } from "../Progress.ts"
import { presetFlags } from "./PresetFlags.ts"
import { jsonFlag, withDefault } from "../Help.ts"
import { jsonText } from "../JsonText.ts"

const EVIDENCE_FROM = 11

const clock = (seconds: number): string => `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`

/** Trains, evaluates and reports; prints where the report is. */
export const reproduceCommand = Command.make(
  "reproduce",
  {
    preset: Flag.String("preset").pipe(
      Flag.withDescription(
        "quick (minutes), deciding (ten minutes: what raises p_D|W), small (about an hour: every variant), decimal or paper (the seed's sizes), smollm2 (hours: a pretrained language model)"
      ),
      withDefault("quick")
    ),
    seed: Flag.Int("seed").pipe(Flag.withDescription("Seed of everything random; the preset's own by default"), Flag.optional),
    model: presetFlags.model,
    out: Flag.String("out").pipe(
      Flag.withDescription("Folder for results.json, report.html, metrics and rollouts; runs/PRESET-SEED by default"),
      Flag.optional
    ),
    cache: Flag.String("cache").pipe(
      Flag.withDescription("Folder in which trained stages are kept between runs"),
      withDefault("runs/cache")
    ),
    workers: presetFlags.workers,
    products: Flag.Literals("products", PRODUCT_CHOICES).pipe(
      Flag.withDescription("What multiplies matrices (docs/guide/devices.md); anything but relaxed gives results of other last bits"),
      withDefault("relaxed")
    ),
    json: jsonFlag("the summary and the paths as JSON")
  },
  Effect.fn(function* ({ cache, json, model, out, preset: name, products, seed, workers }) {
    collectSeldom()
    const { defaultWorkers, findPreset, reproduce, services, settleProducts } = yield* Effect.promise(() => import("./Reproduce.ts"))
    const preset = yield* findPreset(name, Option.getOrUndefined(seed), Option.getOrUndefined(model))
    const options = {
      preset,
      out: Option.getOrElse(out, () => `runs/${preset.name}-${preset.seed}`),
      cache,
      products: yield* settleProducts(products),
      workers: Option.getOrElse(workers, () => defaultWorkers(preset))
    }
    yield* tryFolder(options.out)
    yield* tryFolder(options.cache)
    const { report, results, timings } = yield* reproduce(options).pipe(Effect.provide([services(options), progressLayer]))
    if (json) {
      yield* Console.log(
        jsonText({ report, results: report.replace(/report\.html$/, "results.json"), seconds: timings.total, summary: results.summary })
      )
      return
    }
    for (const finding of results.summary) {
      yield* Console.log(beside(finding.verdict, `${finding.claim}\n${finding.evidence}`, EVIDENCE_FROM, outputWidth()))
    }
    yield* Console.log(`\n${clock(timings.total)}. The report: ${report}`)
  })
).pipe(
  Command.withDescription("Train and evaluate the models of the paper's experiment at a small scale, and write a report"),
  Command.withExamples([
    { command: "decision-sampling reproduce", description: "The main models, in minutes" },
    {
      command: "decision-sampling reproduce --preset small --seed 2 --json",
      description: "Every variant under another seed, the summary as JSON"
    }
  ])
)
