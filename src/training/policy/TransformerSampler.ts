/**
 * Decoding with a key-value cache, many drafts side by side.
 *
 * Drafts finish at different times. A round therefore ends once three quarters of its rows rest: the survivors go to the pool
 * and are read in again together with others of their length, which costs less than computing resting rows.
 *
 * @module
 */
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core"
import type { TensorLibrary } from "../../domain/Device.ts"
import type { Ops } from "../../domain/Ops.ts"
import type { SamplingParameters } from "../../domain/Policy.ts"
import type { TokenizerService } from "../../domain/Tokenizer.ts"
import { type Draft, extend, isFinished } from "./Draft.ts"
import { fromColumn, gridTensors, inputGrid } from "./TokenGrid.ts"
import { type TransformerSizes, transformerLogits } from "./Transformer.ts"

/** The least room for new tokens in a round's cache; long texts get room for as much again. */
const LEAST_ROOM = 32

/** A round this small is not split further. */
const SMALLEST_ROUND = 16

/** Takes the next round's drafts, the shortest, out of those that are not finished. */
export const nextRound = (drafts: ReadonlyArray<Draft>, maxTokens: number, rows: number): ReadonlyArray<Draft> =>
  drafts
    .filter((draft) => !isFinished(draft, maxTokens))
    .sort((a, b) => a.tokens.length - b.tokens.length)
    .slice(0, rows)

/** Reads the drafts in, then writes one token a step to each until three quarters are finished or the cache is full. */
export const writeRound = async (
  tf: TensorLibrary,
  ops: Ops,
  sizes: TransformerSizes,
  weights: ReadonlyArray<Tensor>,
  tokenizer: TokenizerService,
  drafts: ReadonlyArray<Draft>,
  sampling: SamplingParameters
): Promise<void> => {
  const { allowedSets, vocabulary } = tokenizer
  const grid = inputGrid(drafts.map((draft) => ({ ...draft, length: draft.tokens.length })))
  const { columns, rows } = grid
  const room = columns + Math.max(LEAST_ROOM, columns)
  const caches = Array.from({ length: sizes.layers }, () => ops.makeCache(rows, room, sizes.width, sizes.heads))
  const read = async (logits: Tensor2D): Promise<Float32Array> => {
    const values = await logits.data<"float32">()
    logits.dispose()
    return values
  }

  const first = Math.min(...drafts.map(({ tokens }) => tokens.length)) - 1
  const prefilled = await read(tf.tidy(() => {
    const { groups, inputs } = gridTensors(tf, grid)
    return transformerLogits(tf, ops, weights, inputs, {
      attend: (qkv, block) => ops.prefillAttention(qkv, groups, caches[block]),
      select: fromColumn(tf, grid, first)
    })
  }))
  const seen = drafts.map(({ tokens }) => tokens.length)
  drafts.forEach((draft, row) => {
    const cell = row * (columns - first) + seen[row] - 1 - first
    extend(draft, allowedSets, prefilled, cell * vocabulary.length, sampling)
  })

  const slots = new Int32Array(rows)
  const groups = new Int32Array(rows)
  for (;;) {
    const active = drafts.map((draft) => !isFinished(draft, sampling.maxTokens))
    const count = active.filter(Boolean).length
    const isFull = Math.max(...seen) >= room
    if (count === 0 || isFull || (count <= rows / 4 && rows > SMALLEST_ROUND)) break
    // A resting row is computed with token 0 and its result ignored.
    const next = (values: (draft: Draft) => ReadonlyArray<number>) =>
      Int32Array.from(drafts, (draft, row) => (active[row] ? values(draft)[seen[row]] : 0))
    drafts.forEach((draft, row) => {
      slots[row] = active[row] ? seen[row] : -1
      groups[row] = active[row] ? draft.groups[seen[row]] : -1
    })
    const logits = await read(tf.tidy(() => {
      const inputs = {
        tokens: tf.tensor1d(next((draft) => draft.tokens), "int32"),
        positions: tf.tensor1d(next((draft) => draft.positions), "int32"),
        segments: tf.tensor1d(next((draft) => draft.segments), "int32")
      }
      return transformerLogits(tf, ops, weights, inputs, {
        attend: (qkv, block) => ops.decodeAttention(qkv, caches[block], slots, groups),
        select: (x) => x
      })
    }))
    drafts.forEach((draft, row) => {
      if (!active[row]) return
      seen[row]++
      extend(draft, allowedSets, logits, row * vocabulary.length, sampling)
    })
  }
  for (const cache of caches) cache.dispose()
}
