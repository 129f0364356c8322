/**
 * The worker of every model that has a spec: the module that `ModelLayer` starts in each thread.
 *
 * @module
 */
import { Effect, Layer, Schema } from "effect"
import { workerData } from "node:worker_threads"
import { ConfigError } from "../../domain/Errors.ts"
import { DEVICE_NAMES } from "../device/DeviceName.ts"
import { layerNamed } from "../device/NamedDevice.ts"
import { PRODUCT_CHOICES } from "../device/Products.ts"
import { layer as layerOf, ModelSpec } from "../ModelSpec.ts"
import { serve } from "./PolicyServer.ts"

/** What the thread is told when it starts. */
const WorkerData = Schema.Struct({ spec: ModelSpec, device: Schema.Literals(DEVICE_NAMES), products: Schema.Literals(PRODUCT_CHOICES) })

const layer = Layer.unwrap(
  Schema.decodeUnknownEffect(WorkerData)(workerData).pipe(
    Effect.mapError(({ message }) => new ConfigError({ field: "workerData", value: message, expected: "what ModelLayer sends" })),
    Effect.map(({ device, products, spec }) => layerOf(spec).pipe(Layer.provide(layerNamed(device, products))))
  )
)

Effect.runFork(serve(layer))
