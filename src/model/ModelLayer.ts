/**
 * A model's layer by device and threads: in this thread, or computed by worker threads that build the same spec.
 *
 * @module
 */
import { Effect, Layer } from "effect"
import type { ConfigError, PolicyError } from "../domain/Errors.ts"
import type { Grammar } from "../domain/Grammar.ts"
import type { Policy } from "../domain/Policy.ts"
import type { Sampler } from "../domain/Sampler.ts"
import type { Tokenizer } from "../domain/Tokenizer.ts"
import type { Backprop } from "./Backprop.ts"
import type { DeviceError } from "./device/Device.ts"
import type { DeviceName } from "./device/DeviceName.ts"
import { layerNamed } from "./device/NamedDevice.ts"
import type { ProductChoice } from "./device/Products.ts"
import { layer as layerOf, layerSpeech, type ModelSpec } from "./ModelSpec.ts"
import * as ParallelPolicy from "./parallel/ParallelPolicy.ts"
import { workerModule } from "./parallel/PolicyClient.ts"
import type { Placement } from "./policy/Placement.ts"
import * as PretrainedPolicy from "./policy/PretrainedPolicy.ts"
import type { ModelFileError } from "./pretrained/ModelFileError.ts"

/** What computes a model: a device by name (left out: wasm), what multiplies matrices (left out: `auto`), and threads, if it is to be threads. */
export interface Computed {
  readonly device?: DeviceName
  readonly products?: ProductChoice
  readonly threads?: ParallelPolicy.ParallelConfig
}

/** Each thread has the model once: what all together need is checked before one is started. */
const checkThreads = (spec: ModelSpec, workers: number, device: DeviceName) =>
  spec._tag === "Pretrained" ? PretrainedPolicy.checkMemory(spec, "score", workers, device) : Effect.void

/** Layer of a model's words and policy. Without `threads` it computes in this thread. */
export const layer = (
  spec: ModelSpec,
  { device = "wasm", products = "auto", threads }: Computed = {}
): Layer.Layer<Sampler | Policy | Backprop | Tokenizer | Grammar | Placement, ConfigError | PolicyError | DeviceError | ModelFileError> =>
  threads === undefined
    ? layerOf(spec).pipe(Layer.provide(layerNamed(device, products)))
    : Layer.unwrap(
      Effect.as(
        checkThreads(spec, threads.workers, device),
        Layer.merge(ParallelPolicy.layer(workerModule("Worker"), { spec, device, products }, threads), layerSpeech(spec))
      )
    )
