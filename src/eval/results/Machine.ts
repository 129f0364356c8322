/**
 * On what a run was computed: what may differ between runs whose results are equal, and so stands beside results.json, not in it.
 *
 * @module
 */
import { Schema } from "effect"

/** The machine of a run, as `machine.json` beside results.json has it. */
export const Machine = Schema.Struct({
  /** What computes tensors, e.g. "wasm". */
  device: Schema.String,
  /** What multiplies matrices, and whose kernels these are, e.g. "relaxed: own kernels". */
  products: Schema.String,
  /** The name that the processor gives itself. */
  processor: Schema.String,
  /** Its logical cores. */
  cores: Schema.Int,
  /** Memory in bytes. */
  memory: Schema.Int,
  /** Threads that computed. */
  workers: Schema.Int,
  /** Operating system and architecture, e.g. "linux x64". */
  platform: Schema.String,
  /** The version of Node. */
  node: Schema.String,
  /** Stages that this run did not compute but found in the cache, perhaps another machine's. */
  fromCache: Schema.optionalKey(Schema.Int)
})

/** The machine of a run. */
export type Machine = typeof Machine.Type
