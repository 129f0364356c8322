/**
 * The operations at many shapes: what a device is asked, and what the definition answers.
 *
 * @module
 */
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core"
import type { TensorLibrary } from "../../model/device/Device.ts"
import type { Ops } from "../../model/device/Ops.ts"
import * as definitions from "./Definitions.ts"
import type { Numbers } from "./Definitions.ts"

/** One operation at one shape: the inputs to differentiate, how a device computes it, how the definition does. */
export interface Case {
  readonly name: string
  /** Small enough for central differences of the definition in every input number. */
  readonly small: boolean
  readonly inputs: ReadonlyArray<{ readonly values: Numbers; readonly shape: ReadonlyArray<number> }>
  readonly device: (ops: Ops, tf: TensorLibrary, inputs: ReadonlyArray<Tensor>) => Tensor
  readonly definition: (...inputs: ReadonlyArray<Numbers>) => Array<number>
}

/** Whole numbers below 2³², from a seed (xorshift). */
const integers = (seed: number): () => number => {
  let state = (seed * 2654435761) >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state
  }
}

/** Numbers on a grid from −2 to 2, exact in float32. */
export const numbers = (count: number, seed: number): Array<number> => {
  const next = integers(seed)
  return Array.from({ length: count }, () => ((next() % 1025) - 512) / 256)
}

const below = (count: number, bound: number, seed: number): Array<number> => {
  const next = integers(seed)
  return Array.from({ length: count }, () => next() % bound)
}

/** A prompt of group 0, then positions of mixed groups, then padding of a length that differs by row. */
export const mixedGroups = (rows: number, length: number): Array<number> =>
  Array.from({ length: rows * length }, (_, n) => {
    const row = Math.floor(n / length)
    const position = n % length
    if (position < Math.ceil(length / 3)) return 0
    return position >= length - (row % 3) ? -1 : 1 + ((position + row) % 3 === 0 ? 1 : 0)
  })

const rmsNorm = (rows: number, width: number, small = false, epsilon?: number): Case => ({
  name: `rmsNorm [${rows},${width}]${epsilon === undefined ? "" : `, epsilon ${epsilon}`}`,
  small,
  inputs: [
    { values: numbers(rows * width, 1), shape: [rows, width] },
    { values: numbers(width, 2), shape: [width] }
  ],
  device: (ops, _tf, [x, gain]) => ops.rmsNorm(x as Tensor2D, gain as Tensor1D, epsilon),
  definition: (x, gain) => definitions.rmsNorm(x, gain, epsilon)
})

const gelu = (rows: number, width: number, small = false): Case => ({
  name: `gelu [${rows},${width}]`,
  small,
  inputs: [{ values: numbers(rows * width, 3).map((v) => 3 * v), shape: [rows, width] }],
  device: (ops, _tf, [x]) => ops.gelu(x as Tensor2D),
  definition: (x) => definitions.gelu(x)
})

const swiGlu = (rows: number, width: number, small = false): Case => ({
  name: `swiGlu [${rows},${width}]`,
  small,
  inputs: [
    { values: numbers(rows * width, 14).map((v) => 3 * v), shape: [rows, width] },
    { values: numbers(rows * width, 15), shape: [rows, width] }
  ],
  device: (ops, _tf, [gate, up]) => ops.swiGlu(gate as Tensor2D, up as Tensor2D),
  definition: (gate, up) => definitions.swiGlu(gate, up)
})

/** Angles that differ by position and pair, as numbers of float32. */
const rotate = (count: number, heads: number, half: number, small = false): Case => {
  const angles = Array.from({ length: count * half }, (_, n) => Math.floor(n / half) * 10 ** -((n % half) / half))
  const [cosines, sines] = [angles.map((angle) => Math.fround(Math.cos(angle))), angles.map((angle) => Math.fround(Math.sin(angle)))]
  return {
    name: `rotate [${count},${heads}·${2 * half}]`,
    small,
    inputs: [{ values: numbers(count * heads * 2 * half, 16), shape: [count, heads * 2 * half] }],
    device: (ops, tf, [x]) => ops.rotate(x as Tensor2D, tf.tensor2d(cosines, [count, half]), tf.tensor2d(sines, [count, half]), heads),
    definition: (x) => definitions.rotate(x, cosines, sines, count, heads)
  }
}

const attention = (
  rows: number,
  length: number,
  width: number,
  heads: number,
  groups: Numbers,
  kind: string,
  small = false,
  keyHeads = heads
): Case => {
  const all = (width / heads) * (heads + 2 * keyHeads)
  return {
    name: `attention [${rows}·${length},${all}], ${heads} heads${keyHeads === heads ? "" : ` of queries and ${keyHeads} of keys`}, ${kind}`,
    small,
    inputs: [{ values: numbers(rows * length * all, 4), shape: [rows * length, all] }],
    device: (ops, tf, [qkv]) => ops.attention(qkv as Tensor2D, tf.tensor2d([...groups], [rows, length], "int32"), heads, keyHeads),
    definition: (qkv) => definitions.attention(qkv, groups, rows, heads, keyHeads)
  }
}

/** Heads of queries that share keys and values, causal and with groups and padding. */
const sharedAttention = (rows: number, length: number, width: number, heads: number, keyHeads: number, small = false): Case =>
  attention(rows, length, width, heads, mixedGroups(rows, length), "groups and padding", small, keyHeads)

const causalAttention = (rows: number, length: number, width: number, heads: number, small = false): Case =>
  attention(rows, length, width, heads, Array.from({ length: rows * length }, () => 0), "causal", small)

const groupedAttention = (rows: number, length: number, width: number, heads: number, small = false): Case =>
  attention(rows, length, width, heads, mixedGroups(rows, length), "groups and padding", small)

/** Attention of sequences of several lengths; where a device does not offer it, of each by itself. */
const raggedAttention = (lengths: ReadonlyArray<number>, width: number, heads: number, small = false, keyHeads = heads): Case => {
  const all = (width / heads) * (heads + 2 * keyHeads)
  const starts = [0]
  for (const length of lengths) starts.push(starts.at(-1)! + length)
  const positions = starts.at(-1)!
  const groups = lengths.flatMap((length, row) => mixedGroups(row + 1, length).slice(row * length))
  const each = <A>(compute: (start: number, end: number) => A): Array<A> => lengths.map((_, row) => compute(starts[row]!, starts[row + 1]!))
  return {
    name: `attention of sequences of ${lengths} positions, [${positions},${all}], ${heads} heads${
      keyHeads === heads ? "" : ` of queries and ${keyHeads} of keys`
    }`,
    small,
    inputs: [{ values: numbers(positions * all, 14), shape: [positions, all] }],
    device: (ops, tf, [qkv]) =>
      ops.raggedAttention?.(qkv as Tensor2D, tf.tensor1d(groups, "int32"), Int32Array.from(starts), heads, keyHeads) ??
        tf.concat(each((start, end) =>
          ops.attention(
            tf.slice(qkv as Tensor2D, [start, 0], [end - start, all]),
            tf.tensor2d(groups.slice(start, end), [1, end - start], "int32"),
            heads,
            keyHeads
          )
        )),
    definition: (qkv) =>
      each((start, end) => definitions.attention(qkv.slice(start * all, end * all), groups.slice(start, end), 1, heads, keyHeads)).flat()
  }
}

const tokenLogProb = (rows: number, vocabulary: number, small = false): Case => {
  const sets = [
    Array.from({ length: vocabulary }, () => 1),
    Array.from({ length: vocabulary }, (_, v) => (v % 3 === 0 ? 1 : 0)),
    Array.from({ length: vocabulary }, (_, v) => (v === 0 ? 1 : 0))
  ]
  const setIds = below(rows, 4, 5).map((id) => id - 1)
  const targets = below(rows, vocabulary, 6).map((target, n) => {
    const set = setIds[n]! < 0 ? sets[0]! : sets[setIds[n]!]!
    return set[target] === 1 ? target : 0
  })
  const allowed = sets.flat()
  return {
    name: `tokenLogProb [${rows},${vocabulary}]`,
    small,
    inputs: [{ values: numbers(rows * vocabulary, 7).map((v) => 4 * v), shape: [rows, vocabulary] }],
    device: (ops, tf, [logits]) =>
      ops.tokenLogProb(
        logits as Tensor2D,
        tf.tensor1d(targets, "int32"),
        tf.tensor2d(allowed, [3, vocabulary]),
        tf.tensor1d(setIds, "int32")
      ),
    definition: (logits) => definitions.tokenLogProb(logits, targets, allowed, setIds)
  }
}

/** log π of choices among all tokens, and after them their entropies. */
const choiceScores = (rows: number, width: number, vocabulary: number, isTransposed: boolean, temperature: number, small = false): Case => {
  const table = numbers(vocabulary * width, 18)
  const targets = below(rows, vocabulary, 19)
  return {
    name: `choiceScores [${rows},${width}] among ${vocabulary}${isTransposed ? ", tied" : ""}, temperature ${temperature}`,
    small,
    inputs: [{ values: numbers(rows * width, 17), shape: [rows, width] }],
    device: (ops, tf, [x]) => {
      const matrix = tf.tensor2d(table, isTransposed ? [vocabulary, width] : [width, vocabulary])
      const settings = { temperature, isTransposed, isEntropyDifferentiated: true }
      const { entropies, logProbs } = ops.choiceScores(x as Tensor2D, matrix, Int32Array.from(targets), settings)
      return tf.concat([logProbs, entropies])
    },
    definition: (x) => {
      const { entropies, logProbs } = definitions.choiceScores(x, table, targets, vocabulary, temperature, isTransposed)
      return [...logProbs, ...entropies]
    }
  }
}

const embed = (count: number, vocabulary: number, width: number, small = false): Case => {
  const ids = below(count, vocabulary, 8)
  return {
    name: `embed [${vocabulary},${width}] at ${count} ids`,
    small,
    inputs: [{ values: numbers(vocabulary * width, 9), shape: [vocabulary, width] }],
    device: (ops, tf, [table]) => ops.embed(table as Tensor2D, tf.tensor1d(ids, "int32")),
    definition: (table) => definitions.embed(table, ids, width)
  }
}

const pickRows = (count: number, rows: number, width: number, small = false): Case => {
  const ids = below(count, rows, 15)
  return {
    name: `${count} rows picked of [${rows},${width}]`,
    small,
    inputs: [{ values: numbers(rows * width, 16), shape: [rows, width] }],
    device: (ops, tf, [x]) => (ops.pickRows ?? ops.embed)(x as Tensor2D, tf.tensor1d(ids, "int32")),
    definition: (x) => definitions.embed(x, ids, width)
  }
}

const matMul = (m: number, k: number, n: number, small = false): Case => ({
  name: `matMul [${m},${k}]·[${k},${n}]`,
  small,
  inputs: [
    { values: numbers(m * k, 10), shape: [m, k] },
    { values: numbers(k * n, 11), shape: [k, n] }
  ],
  device: (_ops, tf, [a, b]) => tf.matMul(a as Tensor2D, b as Tensor2D),
  definition: (a, b) => definitions.matMul(a, b, k)
})

/** Batches of products; a batch of one is repeated to fit the other, any factor transposed. */
const batchedMatMul = (
  aBatch: number,
  bBatch: number,
  [m, k, n]: readonly [number, number, number],
  transposeA: boolean,
  transposeB: boolean
): Case => {
  const transposed = (x: Numbers, rows: number, columns: number): Array<number> =>
    x.map((_, i) => x[(i % rows) * columns + Math.floor(i / rows)]!)
  const one = (x: Numbers, batch: number, size: number): Numbers => x.slice(batch * size, (batch + 1) * size)
  return {
    name: `matMul of ${aBatch} × [${m},${k}] and ${bBatch} × [${k},${n}]${transposeA ? ", first transposed" : ""}${
      transposeB ? ", second transposed" : ""
    }`,
    small: true,
    inputs: [
      { values: numbers(aBatch * m * k, 12), shape: transposeA ? [aBatch, k, m] : [aBatch, m, k] },
      { values: numbers(bBatch * k * n, 13), shape: transposeB ? [bBatch, n, k] : [bBatch, k, n] }
    ],
    device: (_ops, tf, [a, b]) => tf.matMul(a!, b!, transposeA, transposeB),
    definition: (a, b) =>
      Array.from({ length: Math.max(aBatch, bBatch) }, (_, batch) => {
        const left = one(a, aBatch === 1 ? 0 : batch, m * k)
        const right = one(b, bBatch === 1 ? 0 : batch, k * n)
        return definitions.matMul(transposeA ? transposed(left, k, m) : left, transposeB ? transposed(right, n, k) : right, k)
      }).flat()
  }
}

/** What is compared in value and gradient. */
export const cases: ReadonlyArray<Case> = [
  rmsNorm(3, 5, true),
  rmsNorm(1, 1),
  rmsNorm(37, 64),
  rmsNorm(6, 63),
  rmsNorm(4, 130),
  rmsNorm(2, 7, false, 0.125),
  gelu(3, 5, true),
  gelu(1, 1),
  gelu(9, 64),
  gelu(5, 31),
  swiGlu(3, 5, true),
  swiGlu(1, 1),
  swiGlu(9, 64),
  rotate(2, 2, 3, true),
  rotate(1, 1, 1),
  rotate(7, 3, 16),
  rotate(5, 2, 10),
  causalAttention(2, 3, 4, 2, true),
  groupedAttention(1, 5, 6, 2, true),
  causalAttention(1, 1, 1, 1),
  causalAttention(2, 12, 64, 4),
  groupedAttention(3, 12, 64, 4),
  groupedAttention(3, 13, 21, 3),
  groupedAttention(2, 7, 10, 1),
  causalAttention(2, 33, 24, 2),
  groupedAttention(2, 30, 34, 2),
  sharedAttention(1, 5, 12, 4, 2, true),
  sharedAttention(2, 4, 6, 3, 1, true),
  sharedAttention(3, 13, 36, 9, 3),
  sharedAttention(2, 30, 64, 4, 1),
  raggedAttention([3, 1, 5], 4, 2, true),
  raggedAttention([13, 4, 33, 8, 12], 24, 2),
  raggedAttention([9, 30, 16], 64, 4),
  raggedAttention([2, 5, 1], 12, 6, true, 2),
  raggedAttention([9, 30, 16], 36, 9, false, 3),
  tokenLogProb(7, 5, true),
  tokenLogProb(1, 1),
  tokenLogProb(50, 16),
  tokenLogProb(33, 19),
  tokenLogProb(12, 130),
  choiceScores(3, 4, 5, true, 1, true),
  choiceScores(2, 3, 6, false, 0.7, true),
  choiceScores(1, 1, 1, true, 1),
  choiceScores(9, 16, 259, false, 1.5),
  choiceScores(270, 5, 30, true, 1),
  embed(7, 4, 3, true),
  embed(1, 1, 1),
  embed(60, 16, 64),
  embed(40, 19, 13),
  pickRows(4, 7, 3, true),
  pickRows(60, 200, 64),
  matMul(3, 4, 5, true),
  matMul(1, 1, 1),
  matMul(64, 64, 64),
  matMul(7, 13, 5),
  matMul(61, 37, 99),
  matMul(4, 300, 8),
  matMul(300, 9, 16),
  matMul(130, 9, 11),
  matMul(5, 700, 3),
  batchedMatMul(2, 2, [3, 4, 5], false, false),
  batchedMatMul(3, 3, [2, 5, 9], true, false),
  batchedMatMul(2, 2, [5, 3, 4], false, true),
  batchedMatMul(2, 2, [4, 3, 9], true, true)
]

/** Products whose batches differ; the tensor library's gradient does not know them, so they are compared by value only. */
export const broadcastCases: ReadonlyArray<Case> = [
  batchedMatMul(1, 3, [2, 4, 3], false, false),
  batchedMatMul(3, 1, [2, 4, 3], false, true)
]
