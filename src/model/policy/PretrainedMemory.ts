/**
 * The memory that a pretrained model takes, counted before anything of it is read: what must be there whatever is computed, and what a pass takes
 * that is as large as the limits allow.
 *
 * @module
 */
import { Effect } from "effect"
import { type LlamaConfig, llamaLayout } from "../architecture/LlamaConfig.ts"
import { nodeBuiltin } from "../device/NodeBuiltins.ts"
import { loraLayout, type LoraSize } from "../pretrained/LoraWeights.ts"
import { ModelFileError } from "../pretrained/ModelFileError.ts"
import { MOST_MERGED } from "../weights/Adapter.ts"
import { LARGE } from "./Choices.ts"
import type { PassLimits } from "./TransformerPolicy.ts"

/** What is done with the model: scoring, sampling, gradients of losses; `train` is all of these and an optimizer. */
export type ModelUse = "score" | "sample" | "differentiate" | "train"

/** What memory is counted for. */
export interface MemoryAsked {
  /** An adapter over frozen weights, or every weight. */
  readonly trains: LoraSize | "whole"
  /** The most tokens of a prompt and its response. */
  readonly positions: number
  readonly limits: PassLimits
  /** Threads, each with the model in the memory of a device of its own; 1 where this thread computes. */
  readonly workers: number
  readonly use: ModelUse
}

/** Bytes in the memory of one device. */
export interface DeviceMemory {
  /** Weights that are frozen. */
  readonly weights: number
  /** What is trained, and its gradient where that is computed. */
  readonly trained: number
  /** The largest pass: activations, those that are kept for a gradient, and the logits of all its tokens. */
  readonly pass: number
  /** Keys and values of the texts that are written side by side, and the matrices with an adapter added to them. */
  readonly cache: number
  /** All of them; the cache is there beside passes that read texts in, not beside those that score or differentiate. */
  readonly total: number
}

/** Bytes that a model takes. */
export interface ModelMemory {
  /** Of each worker's device. */
  readonly device: DeviceMemory
  /** Outside of devices: parameters, gradients and their split by sub-policies, the optimizer's moments; of all threads. */
  readonly host: number
  /** Devices and host together. */
  readonly total: number
  /** What is there whatever the batches are: without pass and cache, and without copies that may be gone again. */
  readonly certain: { readonly device: number; readonly total: number }
}

const FLOAT = 4

/** Numbers that a pass makes of a token in one block: forward, and in the backward pass besides. `length` is that of the longest text. */
const perBlock = (config: LlamaConfig, trains: MemoryAsked["trains"], length: number) => {
  const { hasBiases, hasHeadNorms, headWidth, heads, innerWidth, keyHeads, width } = config
  const [queries, keys] = [heads * headWidth, keyHeads * headWidth]
  const projected = queries + 2 * keys
  // A softmax over what stands before a token, a row of it padded to a multiple of 8.
  const softmax = heads * Math.ceil(length / 8) * 8
  const corrections = trains === "whole" ? 0 : 2 * trains.rank * trains.targets.length
  const forward = projected + (hasBiases ? projected : 0) + (hasHeadNorms ? queries + keys : 0) + queries + keys + projected + queries +
    softmax +
    6 * width + 3 * innerWidth + corrections
  // The gradient of each factor of a product and of each sum that it goes into; the softmax's is not kept.
  const backward = 4 * queries + 5 * keys + 11 * width + 3 * innerWidth + corrections
  return { forward, backward }
}

/** Rows of logits that are there at once where a pass needs no more of them. */
const LOGITS_AT_ONCE = 256

/**
 * What a pass takes at most. Without a gradient the intermediates of one block at a time, and some rows of logits; with one those of all blocks, from the last
 * of which its backward pass begins. A table that is trained needs the logits of all its tokens and their gradient.
 */
const passBytes = (config: LlamaConfig, { limits, positions, trains }: MemoryAsked, kind: "read" | "score" | "differentiate"): number => {
  const { layers, vocabulary, width } = config
  const { tokens } = limits
  const { backward, forward } = perBlock(config, trains, Math.min(tokens, positions))
  const isLarge = vocabulary >= LARGE
  const some = isLarge ? Math.min(LOGITS_AT_ONCE, tokens) : tokens
  if (kind !== "differentiate") return FLOAT * (tokens * (forward + 2 * width) + (kind === "read" ? 0 : some * vocabulary))
  const logits = isLarge && trains !== "whole" ? some : 2 * tokens
  return FLOAT * (tokens * (layers * forward + backward + 4 * width) + logits * vocabulary)
}

/** The matrices that an adapter is added to, copied while texts are written; not copied where they are too many. */
const mergedBytes = (config: LlamaConfig, { trains }: MemoryAsked): number => {
  if (trains === "whole") return 0
  const targets: ReadonlySet<string> = new Set(trains.targets)
  const bytes = FLOAT *
    llamaLayout(config).entries.reduce((sum, { name, size }) => sum + (targets.has(name.replace(/^block\d+\./, "")) ? size : 0), 0)
  return bytes > MOST_MERGED ? 0 : bytes
}

/** Rows of keys and values of every block, as long as texts may be, and a row's logits. The cache doubles as texts grow, so it may be so much or up to twice of it. */
const cacheBytes = ({ headWidth, keyHeads, layers, vocabulary }: LlamaConfig, { limits, positions }: MemoryAsked): number =>
  FLOAT * limits.rows * (positions * layers * 2 * keyHeads * headWidth + vocabulary)

/**
 * Counts the memory of a model. Float32 throughout. Of each device W bytes of frozen weights, n of what is trained (twice with its gradient) and
 * the largest pass; with all weights trained, W is 0 and n all of them. Outside: parameters, gradients, the sums that a measured split of a gradient
 * needs, and for `train` two moments of Adam.
 *
 * It is an estimate for the device wasm: on SmolLM2-135M within an eighth of what a gradient of 512 tokens and sampling were measured to take (docs/guide/language-models.md).
 */
export const memoryOf = (config: LlamaConfig, asked: MemoryAsked): ModelMemory => {
  const { trains, use, workers } = asked
  const all = FLOAT * llamaLayout(config).count
  const parameters = trains === "whole" ? all : FLOAT * loraLayout(config, trains).count
  const hasGradient = use === "differentiate" || use === "train"
  const weights = trains === "whole" ? 0 : all
  // A table that is embedding and unembedding has a gradient of each, and their sum.
  const tables = trains === "whole" && hasGradient && config.isTied ? 2 * FLOAT * config.vocabulary * config.width : 0
  const trained = (hasGradient ? 2 : 1) * parameters
  const reading = passBytes(config, asked, "read")
  const pass = hasGradient
    ? passBytes(config, asked, "differentiate") + tables
    : use === "score"
    ? passBytes(config, asked, "score")
    : reading
  const cache = use === "sample" || use === "train" ? cacheBytes(config, asked) + mergedBytes(config, asked) : 0
  const device = { weights, trained, pass, cache, total: weights + trained + Math.max(pass, cache > 0 ? reading + cache : 0) }
  // The published weights stay where the policy begins with them.
  const published = trains === "whole" ? workers * all : 0
  // The sum, and each tensor's numbers as they come from the device; with threads each has parameters and a gradient in shared memory besides.
  const gradients = hasGradient ? (workers > 1 ? 1 + 4 * workers : 2) * parameters : 0
  // A gradient that is split between sampling and deciding: sums of the whole and of a block for each in float64, and the shares themselves. It is
  // more than the new parameters and moments of a step, or a checkpoint's bytes, which are there at other times.
  const split = hasGradient ? 10 * parameters : 0
  const moments = use === "train" ? 2 * parameters : 0
  const host = published + parameters + gradients + split + moments
  const least = { device: weights + trained, host: published + (use === "train" ? 3 : 1) * parameters + (hasGradient ? parameters : 0) }
  return {
    device,
    host,
    total: workers * device.total + host,
    certain: { device: least.device, total: workers * least.device + least.host }
  }
}

/** Memory that there is, in bytes. */
export interface MachineMemory {
  /** All that this process may have: the machine's, or that of its container where that is less. */
  readonly most: number
  /** What of it is free now. */
  readonly free: number
  /** What one device may have. */
  readonly device: number
}

/** The largest memory of a WebAssembly module with pointers of 32 bits. */
const WASM = 2 ** 32

/** The memory of this machine, for a device by its name. In a container it is what that may use (cgroups). */
export const machineMemory = (device = "wasm"): MachineMemory => {
  const { totalmem } = nodeBuiltin("node:os", "asking for the machine's memory")
  const { process } = globalThis as { readonly process?: Partial<NodeJS.Process> }
  const constrained = process?.constrainedMemory?.() ?? 0
  // Without a limit the system says 0, or more than any machine has.
  const most = constrained > 0 ? Math.min(totalmem(), constrained) : totalmem()
  return { most, free: Math.min(most, process?.availableMemory?.() ?? most), device: device === "wasm" ? WASM : Infinity }
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`

const adviceFor = ({ trains, workers }: MemoryAsked): string => {
  const ways = [
    ...(workers > 1 ? ["take fewer workers"] : []),
    ...(trains === "whole" ? ["train an adapter in place of every weight"] : []),
    "take a smaller model"
  ]
  const text = ways.join(", or ")
  return `${text[0]!.toUpperCase()}${text.slice(1)}`
}

/**
 * Fails with ModelFileError (`Memory`) where a model cannot fit for certain: what must be in a device's memory is more than that can have, or all
 * together more than the machine has. What a pass takes is not counted here: batches may be smaller than the limits.
 */
export const assertMemory = (
  path: string,
  config: LlamaConfig,
  asked: MemoryAsked,
  there: MachineMemory = machineMemory()
): Effect.Effect<void, ModelFileError> => {
  const { certain } = memoryOf(config, asked)
  const refused = (found: string, expected: string) =>
    Effect.fail(new ModelFileError({ reason: "Memory", file: path, found, expected, advice: adviceFor(asked) }))
  const what = asked.trains === "whole" ? "training every weight" : "the model with an adapter"
  if (certain.device > there.device) {
    return refused(
      `${what} takes at least ${gigabytes(certain.device)} of the device's memory, before any batch`,
      `at most ${gigabytes(there.device)}, which is all that WebAssembly has`
    )
  }
  if (certain.total <= there.most) return Effect.void
  const threads = asked.workers > 1 ? ` with ${asked.workers} workers` : ""
  return refused(
    `${what}${threads} takes at least ${gigabytes(certain.total)}, before any batch`,
    `at most ${gigabytes(there.most)}, which is what this machine lets it have (${gigabytes(there.free)} of it free)`
  )
}

/** The memory in a sentence, beside what there is; says so where a pass as large as the limits allow would not fit. */
export const memoryText = (config: LlamaConfig, asked: MemoryAsked, there: MachineMemory = machineMemory()): string => {
  const { device, host, total } = memoryOf(config, asked)
  const { cache, pass, trained, weights } = device
  const parts = [
    ...(weights > 0 ? [`weights ${gigabytes(weights)}`] : []),
    `trained ${gigabytes(trained)}`,
    `a pass of ${asked.limits.tokens} tokens ${gigabytes(pass)}`,
    ...(cache > 0 ? [`cache of ${asked.limits.rows} texts ${gigabytes(cache)}`] : [])
  ].join(", ")
  const each = asked.workers > 1 ? ` in each of ${asked.workers} workers` : ""
  const tooMuch = device.total > there.device
    ? `; more than the ${gigabytes(there.device)} of a device: lower limits.tokens where batches are that large`
    : total > there.free
    ? "; more than is free: lower limits.tokens or the number of workers"
    : ""
  return `about ${gigabytes(total)} of ${gigabytes(there.free)} free: ${parts}${each}, outside ${gigabytes(host)}${tooMuch}`
}
