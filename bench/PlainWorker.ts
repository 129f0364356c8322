/** The worker thread of a transformer with the plain grammar; `workerData` holds both configurations. */
import { Effect, Layer } from "effect"
import { workerData } from "node:worker_threads"
import { deviceWasmWith } from "../src/model/device/Wasm.ts"
import { serve } from "../src/model/parallel/PolicyServer.ts"
import type { TransformerConfig } from "../src/model/architecture/Transformer.ts"
import * as TransformerPolicy from "../src/model/policy/TransformerPolicy.ts"
import type { ProductChoice } from "../src/model/device/Products.ts"
import { layerPlain, type PlainConfig } from "./PlainWords.ts"

const { plain, products, transformer } = workerData as {
  readonly plain: PlainConfig
  readonly transformer: TransformerConfig
  readonly products: ProductChoice
}

Effect.runFork(serve(TransformerPolicy.layer(transformer).pipe(Layer.provide(Layer.merge(layerPlain(plain), deviceWasmWith(products))))))
