/**
 * The machine that a run is computed on, as it tells of itself.
 *
 * @module
 */
import { availableParallelism, cpus, totalmem } from "node:os"
import type { Machine } from "../../eval/results/Machine.ts"
import type { ReproduceOptions } from "./Reproduce.ts"

/** Describes this machine. `fromCache` stages were found, not computed. */
export const machineOf = ({ products, workers }: Pick<ReproduceOptions, "products" | "workers">, fromCache: number): Machine => ({
  device: "wasm",
  products: products === undefined ? "relaxed products: own kernels" : `${products.kind} products: ${products.by}`,
  processor: cpus()[0]?.model.trim() || "not known",
  cores: availableParallelism(),
  memory: totalmem(),
  workers,
  platform: `${process.platform} ${process.arch}`,
  node: process.versions.node,
  fromCache
})
