/** A worker of the tiny grammar's transformer; `workerData` says what goes wrong in it, if anything. */
import { Effect, Layer } from "effect"
import { workerData } from "node:worker_threads"
import { ConfigError } from "../../../src/domain/Errors.ts"
import type { Policy } from "../../../src/domain/Policy.ts"
import { Sampler } from "../../../src/domain/Sampler.ts"
import { Backprop } from "../../../src/model/Backprop.ts"
import { deviceWasm } from "../../../src/model/device/Wasm.ts"
import { serve } from "../../../src/model/parallel/PolicyServer.ts"
import * as TransformerPolicy from "../../../src/model/policy/TransformerPolicy.ts"
import { layerTiny, tinyGrammar } from "../../../src/laws/TinyWords.ts"

const tiny = TransformerPolicy.layer({ width: 8, layers: 1, heads: 2 }).pipe(
  Layer.provide(layerTiny(tinyGrammar)),
  Layer.provide(deviceWasm)
)

/** Dies when it is asked to sample. */
const dying = Layer.effect(
  Sampler,
  Effect.map(Sampler, () => ({ sample: () => Effect.sync(() => process.exit(7)) }))
).pipe(Layer.provideMerge(tiny))

/** Says nothing of entropies, as a policy does that was written before there was an entropy bonus. */
const silent = Layer.effect(
  Backprop,
  Effect.map(Backprop, ({ gradient }) => ({ gradient }))
).pipe(Layer.provideMerge(tiny))

const unbuildable: Layer.Layer<Sampler | Policy | Backprop, ConfigError> = Layer.unwrap(
  Effect.fail(new ConfigError({ field: "width", value: "none", expected: "some" }))
)

if (workerData === "crash") throw new Error("this worker never starts")

const served = workerData === "unbuildable"
  ? serve(unbuildable)
  : serve(workerData === "dying" ? dying : workerData === "silent" ? silent : tiny)
Effect.runFork(served)
