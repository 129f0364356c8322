// Multi-head attention over whole sequences with the visibility rule, and its gradient.
// Sequence r is the positions starts[r] … starts[r+1] − 1 of qkv [positions, (heads + 2·keyHeads)·headWidth]: queries, keys, values; heads / keyHeads heads
// of queries in a row share a head of keys and values. `longest` is the length of the longest sequence. Of the softmax, weights, each sequence has
// [heads, length, length rounded up to 8], one after the other.

import { madd, sum4, upToEight } from "./simd"
import { maskedSoftmax } from "./softmax"
import { columnsTimesPanel, packPanel, rowsTimesPanel } from "./tile"
import { visible4 } from "./visibility"

/** Bytes of scratch `attention` needs. */
export function attentionScratch(length: i32, headWidth: i32): i32 {
  const padded = upToEight(length)
  return 128 + 4 * (padded + length * padded + padded * headWidth + length * upToEight(headWidth))
}

/** Bytes of scratch `attentionGrad` needs. */
export function attentionGradScratch(length: i32, headWidth: i32): i32 {
  const padded = upToEight(length)
  return 128 + 4 * (length * padded + padded * headWidth + 3 * length * upToEight(headWidth))
}

/** Packs the transpose of x [length, headWidth] (rows xRow bytes apart): panels [headWidth][8 positions]. */
function packAcross(x: usize, xRow: usize, length: i32, headWidth: i32, to: usize): void {
  for (let j = 0; j < length; j += 8) {
    packPanel(x + <usize>j * xRow, 4, xRow, headWidth, min(8, length - j), to)
    to += <usize>headWidth << 5
  }
}

/** Packs x [length, headWidth]: panels [length][8 columns]. */
function packDown(x: usize, xRow: usize, length: i32, headWidth: i32, to: usize): void {
  for (let d = 0; d < headWidth; d += 8) {
    packPanel(x + (<usize>d << 2), xRow, 4, length, min(8, headWidth - d), to)
    to += <usize>length << 5
  }
}

/** c [rows, headWidth] = a · x for x packed down: the first `depth` of its positions. */
function timesDown(
  a: usize, aRow: usize, rows: i32, panels: usize, length: i32, depth: i32,
  c: usize, cRow: usize, headWidth: i32, edge: usize
): void {
  for (let d = 0; d < headWidth; d += 8) {
    rowsTimesPanel(a, aRow, rows, panels, depth, c + (<usize>d << 2), cRow, min(8, headWidth - d), false, edge)
    panels += <usize>length << 5
  }
}

/** c [rows, headWidth] = aᵀ · x (or that added to it) for x packed down: its positions from `first` on. */
function timesDownTransposed(
  a: usize, aRow: usize, rows: i32, panels: usize, length: i32, first: i32,
  c: usize, cRow: usize, headWidth: i32, accumulate: bool, edge: usize
): void {
  let panel = panels + (<usize>first << 5)
  for (let d = 0; d < headWidth; d += 8) {
    columnsTimesPanel(a, aRow, rows, panel, length - first, c + (<usize>d << 2), cRow, min(8, headWidth - d), accumulate, edge)
    panel += <usize>length << 5
  }
}

export function attention(
  qkv: usize, groups: usize, starts: usize, out: usize, weights: usize,
  rows: i32, longest: i32, width: i32, heads: i32, keyHeads: i32, scratch: usize
): void {
  const headWidth = width / heads
  const shared = heads / keyHeads
  const edge = scratch
  const codes = edge + 128
  const mask = codes + (<usize>upToEight(longest) << 2)
  const keys = mask + (<usize>(longest * upToEight(longest)) << 2)
  const values = keys + (<usize>(upToEight(longest) * headWidth) << 2)
  const outRow = <usize>width << 2
  const keysAt = outRow
  const valuesAt = outRow + (<usize>(keyHeads * headWidth) << 2)
  const inRow = outRow + (<usize>(keyHeads * headWidth) << 3)
  const scale: f32 = <f32>1 / sqrt<f32>(<f32>headWidth)
  let p = weights
  for (let row = 0; row < rows; row++) {
    const start = load<i32>(starts + (<usize>row << 2))
    const length = load<i32>(starts + (<usize>row << 2), 4) - start
    const padded = upToEight(length)
    const weightRow = <usize>padded << 2
    // Copied, because whole vectors of codes are read; what follows the row comes after every i and is masked.
    memory.copy(codes, groups + (<usize>start << 2), <usize>length << 2)
    for (let i = 0; i < length; i++) {
      const group = load<i32>(codes + (<usize>i << 2))
      for (let j = 0; j < upToEight(i + 4) && j < padded; j += 4) {
        store<v128>(mask + <usize>i * weightRow + (<usize>j << 2), visible4(v128.load(codes + (<usize>j << 2)), j, i, group))
      }
    }
    for (let head = 0; head < heads; head++) {
      const from = qkv + <usize>start * inRow
      const q = from + (<usize>(head * headWidth) << 2)
      if (head % shared == 0) {
        const k = from + (<usize>((head / shared) * headWidth) << 2)
        packAcross(k + keysAt, inRow, length, headWidth, keys)
        packDown(k + valuesAt, inRow, length, headWidth, values)
      }
      const o = out + <usize>start * outRow + (<usize>(head * headWidth) << 2)
      for (let i = 0; i < length; i += 4) {
        const count = min(4, length - i)
        const seen = upToEight(i + count)
        const pi = p + <usize>i * weightRow
        for (let j = 0; j < seen; j += 8) {
          rowsTimesPanel(q + <usize>i * inRow, inRow, count, keys + (<usize>(j * headWidth) << 2), headWidth, pi + (<usize>j << 2), weightRow, 8, false, edge)
        }
        for (let r = 0; r < count; r++) {
          maskedSoftmax(pi + <usize>r * weightRow, mask + <usize>(i + r) * weightRow, seen, scale)
        }
        timesDown(pi, weightRow, count, values, length, i + count, o + <usize>i * outRow, outRow, headWidth, edge)
      }
      p += <usize>length * weightRow
    }
  }
}

/** dqkv from the saved softmax weights. Only weights up to the end of each block of 8 are defined, and read. */
export function attentionGrad(
  qkv: usize, weights: usize, starts: usize, dy: usize, dqkv: usize,
  rows: i32, longest: i32, width: i32, heads: i32, keyHeads: i32, scratch: usize
): void {
  const headWidth = width / heads
  const shared = heads / keyHeads
  const edge = scratch
  const slopes = edge + 128
  const values = slopes + (<usize>(longest * upToEight(longest)) << 2)
  const keys = values + (<usize>(upToEight(longest) * headWidth) << 2)
  const panelBytes = <usize>(longest * upToEight(headWidth)) << 2
  const queries = keys + panelBytes
  const outers = queries + panelBytes
  const outRow = <usize>width << 2
  const keysAt = outRow
  const valuesAt = outRow + (<usize>(keyHeads * headWidth) << 2)
  const inRow = outRow + (<usize>(keyHeads * headWidth) << 3)
  const scale = f32x4.splat(<f32>1 / sqrt<f32>(<f32>headWidth))
  let p = weights
  for (let row = 0; row < rows; row++) {
    const start = load<i32>(starts + (<usize>row << 2))
    const length = load<i32>(starts + (<usize>row << 2), 4) - start
    const weightRow = <usize>upToEight(length) << 2
    for (let head = 0; head < heads; head++) {
      const offset = <usize>start * inRow + (<usize>(head * headWidth) << 2)
      const keyOffset = <usize>start * inRow + (<usize>((head / shared) * headWidth) << 2)
      const q = qkv + offset
      const k = qkv + keyOffset
      const dq = dqkv + offset
      const dyHead = dy + <usize>start * outRow + (<usize>(head * headWidth) << 2)
      if (head % shared == 0) {
        packAcross(k + valuesAt, inRow, length, headWidth, values)
        packDown(k + keysAt, inRow, length, headWidth, keys)
      }
      packDown(q, inRow, length, headWidth, queries)
      packDown(dyHead, outRow, length, headWidth, outers)
      for (let i = 0; i < length; i += 4) {
        const count = min(4, length - i)
        const seen = upToEight(i + count)
        const si = slopes + <usize>i * weightRow
        for (let j = 0; j < seen; j += 8) {
          rowsTimesPanel(dyHead + <usize>i * outRow, outRow, count, values + (<usize>(j * headWidth) << 2), headWidth, si + (<usize>j << 2), weightRow, 8, false, edge)
        }
        for (let r = 0; r < count; r++) {
          const s = si + <usize>r * weightRow
          const w = p + <usize>(i + r) * weightRow
          let dot = f32x4.splat(0)
          for (let j: usize = 0; j < <usize>seen << 2; j += 16) dot = madd(v128.load(w + j), v128.load(s + j), dot)
          const mean = f32x4.splat(sum4(dot))
          for (let j: usize = 0; j < <usize>seen << 2; j += 16) {
            v128.store(s + j, f32x4.mul(f32x4.mul(v128.load(w + j), f32x4.sub(v128.load(s + j), mean)), scale))
          }
        }
        timesDown(si, weightRow, count, keys, length, i + count, dq + <usize>i * inRow, inRow, headWidth, edge)
      }
      for (let j = 0; j < length; j += 4) {
        const count = min(4, length - j)
        // Column j of the weights starts at row j: nobody sees what comes after it.
        const corner = <usize>j * weightRow + (<usize>j << 2)
        const dk = dqkv + keyOffset + <usize>j * inRow
        // The first head of those that share keys and values writes, the others add.
        const accumulate = head % shared != 0
        timesDownTransposed(slopes + corner, weightRow, count, queries, length, j, dk + keysAt, inRow, headWidth, accumulate, edge)
        timesDownTransposed(p + corner, weightRow, count, outers, length, j, dk + valuesAt, inRow, headWidth, accumulate, edge)
      }
      p += <usize>length * weightRow
    }
  }
}
