/**
 * Decoding with a key-value cache, many drafts side by side.
 *
 * Drafts finish at different times. Each has a row of the cache; a step computes the rows that are still written, and rows
 * that became free go to drafts that wait. What a draft becomes does not depend on when or beside whom it is written.
 *
 * @module
 */
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core"
import type { TensorLibrary } from "../../domain/Device.ts"
import type { KvCache, Ops } from "../../domain/Ops.ts"
import type { SamplingParameters } from "../../domain/Policy.ts"
import type { TokenizerService } from "../../domain/Tokenizer.ts"
import { type Draft, extend, isFinished } from "./Draft.ts"
import { fromColumn, gridTensors, inputGrid } from "./TokenGrid.ts"
import { type TransformerSizes, transformerLogits } from "./Transformer.ts"

/** The least room for new tokens in a cache; long texts get room for as much again. */
const LEAST_ROOM = 32

/** Waiting drafts are read in once this part of the rows is free: a pass over few rows costs more a row. */
const FREE_PART = 1 / 4

/** How much is computed at once. */
export interface SamplerLimits {
  /** The most padded tokens that are read in at once. */
  readonly tokens: number
  /** The most drafts written side by side. */
  readonly rows: number
}

/** What writing needs: the device's operations, the model, and how tokens are drawn. */
export interface Writer {
  readonly tf: TensorLibrary
  readonly ops: Ops
  readonly sizes: TransformerSizes
  readonly weights: ReadonlyArray<Tensor>
  readonly tokenizer: TokenizerService
  readonly sampling: SamplingParameters
}

const readValues = async (logits: Tensor2D): Promise<Float32Array> => {
  const values = await logits.data<"float32">()
  logits.dispose()
  return values
}

/** Reads drafts into their rows of the caches and writes one token to each. */
const readIn = async (writer: Writer, caches: ReadonlyArray<KvCache>, drafts: ReadonlyArray<Draft>, rows: Int32Array): Promise<void> => {
  const { ops, sampling, tf, tokenizer, weights } = writer
  const lengths = drafts.map(({ tokens }) => tokens.length)
  const grid = inputGrid(drafts.map((draft) => ({ ...draft, length: draft.tokens.length })), Math.max(...lengths))
  const first = Math.min(...lengths) - 1
  const logits = await readValues(tf.tidy(() => {
    const { groups, inputs } = gridTensors(tf, grid)
    return transformerLogits(tf, ops, weights, inputs, {
      attend: (qkv, block) => ops.prefillAttention(qkv, groups, caches[block], rows),
      select: fromColumn(tf, grid, first)
    })
  }))
  drafts.forEach((draft, row) => {
    const cell = row * (grid.columns - first) + lengths[row] - 1 - first
    extend(draft, tokenizer.allowedSets, logits, cell * tokenizer.vocabulary.length, sampling)
  })
}

/** Feeds each draft's last token, which the caches do not hold yet, and writes one more to each. */
const writeOn = async (writer: Writer, caches: ReadonlyArray<KvCache>, drafts: ReadonlyArray<Draft>, rows: Int32Array): Promise<void> => {
  const { ops, sampling, tf, tokenizer, weights } = writer
  const [tokens, positions, segments, groups, slots] = Array.from({ length: 5 }, () => new Int32Array(drafts.length))
  for (let i = 0; i < drafts.length; i++) {
    const draft = drafts[i]
    const last = draft.tokens.length - 1
    tokens[i] = draft.tokens[last]
    positions[i] = draft.positions[last]
    segments[i] = draft.segments[last]
    groups[i] = draft.groups[last]
    slots[i] = last
  }
  const logits = await readValues(tf.tidy(() => {
    const inputs = { tokens: tf.tensor1d(tokens, "int32"), positions: tf.tensor1d(positions, "int32"), segments: tf.tensor1d(segments, "int32") }
    return transformerLogits(tf, ops, weights, inputs, {
      attend: (qkv, block) => ops.decodeAttention(qkv, caches[block], slots, groups, rows),
      select: (x) => x
    })
  }))
  drafts.forEach((draft, i) => extend(draft, tokenizer.allowedSets, logits, i * tokenizer.vocabulary.length, sampling))
}

/** Writes waiting drafts, shortest first, until each is finished or as long as the cache that the longest at the start got. */
const writeInOneCache = async (writer: Writer, waiting: ReadonlyArray<Draft>, limits: SamplerLimits): Promise<void> => {
  const { ops, sampling, sizes } = writer
  const rows = Math.min(limits.rows, waiting.length)
  const longest = waiting[waiting.length - 1].tokens.length
  const room = longest + Math.max(LEAST_ROOM, longest)
  const caches = Array.from({ length: sizes.layers }, () => ops.makeCache(rows, room, sizes.width, sizes.heads))
  let written: ReadonlyArray<{ readonly draft: Draft; readonly row: number }> = []
  let free = Array.from({ length: rows }, (_, row) => row)
  let readSoFar = 0
  for (;;) {
    const going = written.filter(({ draft }) => !isFinished(draft, sampling.maxTokens) && draft.tokens.length <= room)
    if (going.length < written.length) {
      const kept = new Set(going.map(({ row }) => row))
      free = [...free, ...written.map(({ row }) => row).filter((row) => !kept.has(row))]
      written = going
    }
    if (readSoFar < waiting.length && free.length >= rows * FREE_PART) {
      const next = waiting.slice(readSoFar, readSoFar + free.length)
      const fitting = next.filter(({ tokens }, i) => i === 0 || tokens.length * (i + 1) <= limits.tokens)
      readSoFar += fitting.length
      const taken = free.splice(0, fitting.length)
      await readIn(writer, caches, fitting, Int32Array.from(taken))
      written = [...written, ...fitting.map((draft, i) => ({ draft, row: taken[i] }))]
      continue
    }
    if (written.length === 0) break
    await writeOn(writer, caches, written.map(({ draft }) => draft), Int32Array.from(written, ({ row }) => row))
  }
  for (const cache of caches) cache.dispose()
}

/** Writes drafts until the grammar or the limit ends each. */
export const writeDrafts = async (writer: Writer, drafts: ReadonlyArray<Draft>, limits: SamplerLimits): Promise<void> => {
  for (;;) {
    const waiting = drafts
      .filter((draft) => !isFinished(draft, writer.sampling.maxTokens))
      .sort((a, b) => a.tokens.length - b.tokens.length)
    if (waiting.length === 0) return
    await writeInOneCache(writer, waiting, limits)
  }
}
