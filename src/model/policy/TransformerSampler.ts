/**
 * Decoding with a key-value cache, many drafts side by side.
 *
 * Drafts finish at different times. Each has a row of the cache; a step computes the rows that are still written, and rows
 * that became free go to drafts that wait. What a draft becomes does not depend on when or beside whom it is written.
 *
 * @module
 */
import type { Tensor2D } from "@tensorflow/tfjs-core"
import type { TensorLibrary } from "../device/Device.ts"
import type { KvCache, Ops } from "../device/DeviceOps.ts"
import type { SamplingParameters } from "../../domain/Sampler.ts"
import type { Tokens } from "../../domain/Tokenizer.ts"
import { type Draft, extend, extendDrawn, isFinished } from "./Draft.ts"
import { fromColumn, gridTensors, inputGrid } from "./TokenGrid.ts"
import type { Architecture, Weights } from "../architecture/Architecture.ts"
import { areAmongAll, NO_CHOICE, setOf, type Speech } from "./Choices.ts"

/** The room for new tokens that a cache begins with; it doubles when a draft needs more. */
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
  readonly architecture: Architecture
  readonly weights: Weights
  readonly speech: Speech
  readonly sets: ReadonlyArray<Tokens>
  readonly sampling: SamplingParameters
}

/** Writes a token to each draft from the row of the logits that is its own, and frees them. `rowOf` left out: in order. */
const writeTokens = async (
  { ops, sampling, sets, speech }: Writer,
  drafts: ReadonlyArray<Draft>,
  logits: Tensor2D,
  rowOf: (i: number) => number = (i) => i
): Promise<void> => {
  const { temperature, topK, topP } = sampling
  const choices = drafts.map(({ cursor }) => setOf(cursor.next, speech.grammar))
  if (topK === 0 && topP === 1 && temperature > 0 && areAmongAll(choices, speech)) {
    const shares = new Float64Array(logits.shape[0])
    drafts.forEach(({ uniform }, i) => {
      if (choices[i] !== NO_CHOICE) shares[rowOf(i)] = uniform()
    })
    const { logProbs, tokens } = await ops.vocabularyDraws(logits, shares, temperature)
    drafts.forEach((draft, i) => extendDrawn(speech, draft, tokens[rowOf(i)]!, logProbs[rowOf(i)]!))
  } else {
    const values = await logits.data<"float32">()
    drafts.forEach((draft, i) => extend(speech, draft, sets, values, rowOf(i) * speech.vocabulary, sampling))
  }
  logits.dispose()
}

/** Reads drafts into their rows of the caches and writes one token to each. */
const readIn = async (writer: Writer, caches: ReadonlyArray<KvCache>, drafts: ReadonlyArray<Draft>, rows: Int32Array): Promise<void> => {
  const { architecture, ops, tf, weights } = writer
  const lengths = drafts.map(({ tokens }) => tokens.length)
  const grid = inputGrid(drafts.map((draft) => ({ ...draft, length: draft.tokens.length })), Math.max(...lengths))
  const { pickRows } = ops
  const first = Math.min(...lengths) - 1
  const last = Int32Array.from(lengths, (length, row) => row * grid.columns + length - 1)
  const logits = tf.tidy(() => {
    const { groups, inputs } = gridTensors(tf, grid)
    return architecture.logits(tf, ops, weights, inputs, {
      attend: (qkv, block) => ops.prefillAttention(qkv, groups, caches[block]!, rows),
      select: pickRows === undefined ? fromColumn(tf, grid, first) : (x) => pickRows(x, tf.tensor1d(last, "int32"))
    })
  })
  const each = pickRows === undefined ? grid.columns - first : 1
  await writeTokens(writer, drafts, logits, (row) => row * each + (pickRows === undefined ? lengths[row]! - 1 - first : 0))
}

/** Feeds each draft's last token, which the caches do not hold yet, and writes one more to each. */
const writeOn = async (writer: Writer, caches: ReadonlyArray<KvCache>, drafts: ReadonlyArray<Draft>, rows: Int32Array): Promise<void> => {
  const { architecture, ops, tf, weights } = writer
  const column = () => new Int32Array(drafts.length)
  const [tokens, positions, segments, groups, slots] = [column(), column(), column(), column(), column()]
  for (const [i, draft] of drafts.entries()) {
    const last = draft.tokens.length - 1
    tokens[i] = draft.tokens[last]!
    positions[i] = draft.positions[last]!
    segments[i] = draft.segments[last]!
    groups[i] = draft.groups[last]!
    slots[i] = last
  }
  const logits = tf.tidy(() => {
    const inputs = {
      tokens: tf.tensor1d(tokens, "int32"),
      positions: tf.tensor1d(positions, "int32"),
      segments: tf.tensor1d(segments, "int32")
    }
    return architecture.logits(tf, ops, weights, inputs, {
      attend: (qkv, block) => ops.decodeAttention(qkv, caches[block]!, slots, groups, rows),
      select: (x) => x
    })
  })
  await writeTokens(writer, drafts, logits)
}

/** A draft and its row of the caches. */
interface Seated {
  readonly draft: Draft
  readonly row: number
}

/** Writes drafts, the shortest first, until the grammar or the limit ends each. */
export const writeDrafts = async (writer: Writer, drafts: ReadonlyArray<Draft>, limits: SamplerLimits): Promise<void> => {
  const { architecture, ops, sampling } = writer
  const { heads, keyHeads, layers, width } = architecture.cache
  const isGoing = (draft: Draft): boolean => !isFinished(draft, sampling.maxTokens)
  const waiting = drafts.filter(isGoing).sort((a, b) => a.tokens.length - b.tokens.length)
  if (waiting.length === 0) return
  const rows = Math.min(limits.rows, waiting.length)
  let caches = Array.from(
    { length: layers },
    () => ops.makeCache(rows, waiting[0]!.tokens.length + LEAST_ROOM, width, heads, keyHeads)
  )
  const makeRoom = (needed: number): void => {
    const room = caches[0]!.slots
    if (needed > room) caches = caches.map((cache) => ops.growCache(cache, Math.max(needed, 2 * room)))
  }
  let written: ReadonlyArray<Seated> = []
  let free = Array.from({ length: rows }, (_, row) => row)
  let readSoFar = 0
  for (;;) {
    free = [...free, ...written.filter(({ draft }) => !isGoing(draft)).map(({ row }) => row)]
    written = written.filter(({ draft }) => isGoing(draft))
    if (readSoFar < waiting.length && free.length >= rows * FREE_PART) {
      const next = waiting.slice(readSoFar, readSoFar + free.length)
      const fitting = next.filter(({ tokens }, i) => i === 0 || tokens.length * (i + 1) <= limits.tokens)
      readSoFar += fitting.length
      makeRoom(fitting.at(-1)!.tokens.length)
      const taken = free.splice(0, fitting.length)
      await readIn(writer, caches, fitting, Int32Array.from(taken))
      written = [...written, ...fitting.map((draft, i) => ({ draft, row: taken[i]! }))]
      continue
    }
    if (written.length === 0) break
    makeRoom(Math.max(...written.map(({ draft }) => draft.tokens.length)))
    await writeOn(writer, caches, written.map(({ draft }) => draft), Int32Array.from(written, ({ row }) => row))
  }
  for (const cache of caches) cache.dispose()
}
