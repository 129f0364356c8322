/**
 * The worker of the arithmetic transformer: the module that `ParallelPolicy.layerArithmetic` starts in each thread.
 *
 * @module
 */
import { Effect, Layer, Schema } from "effect"
import { workerData } from "node:worker_threads"
import { ConfigError } from "../../domain/Errors.ts"
import * as ArithmeticTokenizer from "../grammar/ArithmeticTokenizer.ts"
import { DEVICE_NAMES } from "../device/DeviceName.ts"
import { layerNamed } from "../device/NamedDevice.ts"
import { serve } from "./PolicyWorker.ts"
import { TransformerConfig } from "../architecture/Transformer.ts"
import * as TransformerPolicy from "../policy/TransformerPolicy.ts"

/** What the thread is told when it starts. */
const WorkerData = Schema.Struct({
  transformer: TransformerConfig,
  tokenizer: ArithmeticTokenizer.ArithmeticConfig,
  limits: Schema.Struct({ tokens: Schema.Int, rows: Schema.Int }),
  device: Schema.Literals(DEVICE_NAMES)
})

const layer = Layer.unwrap(
  Schema.decodeUnknownEffect(WorkerData)(workerData).pipe(
    Effect.mapError(({ message }) => new ConfigError({ field: "workerData", value: message, expected: "what layerArithmetic sends" })),
    Effect.map(({ device, limits, tokenizer, transformer }) =>
      TransformerPolicy.layer(transformer, limits).pipe(
        Layer.provide(ArithmeticTokenizer.layer(tokenizer)),
        Layer.provide(layerNamed(device))
      )
    )
  )
)

Effect.runFork(serve(layer))
