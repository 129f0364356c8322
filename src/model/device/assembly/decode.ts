// Attention of one new position per row against a cache of keys and values, written in place.
// Layouts: keys [rows, keyHeads, slots / 4 rounded up, headWidth, 4 slots], values [rows, keyHeads, slots, headWidth rounded up to 4],
// codes (the groups) int32 [rows, slots rounded up to 4]. What the slots so far need lies together, at the start.

import { madd, upToFour } from "./simd"
import { maskedSoftmax } from "./softmax"
import { visible4 } from "./visibility"

/** Puts key and value of one position and head into their slot. */
// @ts-ignore: decorator
@inline
function remember(k: usize, v: usize, keys: usize, values: usize, slot: i32, headWidth: i32): void {
  let to = keys + (<usize>((slot >> 2) * headWidth) << 4) + (<usize>(slot & 3) << 2)
  for (let d = 0; d < headWidth; d++) {
    store<f32>(to, load<f32>(k + (<usize>d << 2)))
    to += 16
  }
  memory.copy(values + (<usize>(slot * upToFour(headWidth)) << 2), v, <usize>headWidth << 2)
}

/** Writes the positions of qkv [rows·length, (heads + 2·keyHeads)·headWidth] into slots 0..length−1 of the cache rows at `rowOf`. */
export function fillCache(
  qkv: usize, groups: usize, keys: usize, values: usize, codes: usize, rowOf: usize,
  rows: i32, length: i32, slots: i32, width: i32, heads: i32, keyHeads: i32
): void {
  const headWidth = width / heads
  const keyHead = <usize>(headWidth * upToFour(slots)) << 2
  const valueHead = <usize>(slots * upToFour(headWidth)) << 2
  const part = <usize>width << 2
  const keyPart = <usize>(keyHeads * headWidth) << 2
  for (let row = 0; row < rows; row++) {
    const into = load<i32>(rowOf + (<usize>row << 2))
    for (let t = 0; t < length; t++) {
      const from = qkv + <usize>(row * length + t) * (part + 2 * keyPart)
      store<i32>(codes + (<usize>(into * upToFour(slots) + t) << 2), load<i32>(groups + (<usize>(row * length + t) << 2)))
      for (let head = 0; head < keyHeads; head++) {
        const k = from + part + (<usize>(head * headWidth) << 2)
        const at = <usize>(into * keyHeads + head)
        remember(k, k + keyPart, keys + at * keyHead, values + at * valueHead, t, headWidth)
      }
    }
  }
}

/** Copies all slots of a cache into one with more. */
export function growCache(
  keys: usize, values: usize, codes: usize, slots: i32,
  intoKeys: usize, intoValues: usize, intoCodes: usize, intoSlots: i32,
  rows: i32, headWidth: i32, keyHeads: i32
): void {
  const codeRow = <usize>upToFour(slots) << 2
  const keyHead = <usize>headWidth * codeRow
  const valueHead = <usize>(slots * upToFour(headWidth)) << 2
  const intoCodeRow = <usize>upToFour(intoSlots) << 2
  for (let row = 0; row < rows; row++) {
    memory.copy(intoCodes, codes, codeRow)
    codes += codeRow
    intoCodes += intoCodeRow
  }
  for (let at = 0; at < rows * keyHeads; at++) {
    memory.copy(intoKeys, keys, keyHead)
    memory.copy(intoValues, values, valueHead)
    keys += keyHead
    values += valueHead
    intoKeys += <usize>headWidth * intoCodeRow
    intoValues += <usize>(intoSlots * upToFour(headWidth)) << 2
  }
}

/** scores[0..count) = q · keys; count is a multiple of 4. */
// @ts-ignore: decorator
@inline
function scoreKeys(q: usize, keys: usize, headWidth: i32, scores: usize, count: i32): void {
  const block = <usize>headWidth << 4
  let j: usize = 0
  const end = <usize>count << 2
  for (; j + 64 <= end; j += 64) {
    let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0
    const k1 = keys + block
    const k2 = k1 + block
    const k3 = k2 + block
    for (let d: usize = 0; d < block; d += 16) {
      const s = v128.load32_splat(q + (d >> 2))
      a0 = madd(s, v128.load(keys + d), a0)
      a1 = madd(s, v128.load(k1 + d), a1)
      a2 = madd(s, v128.load(k2 + d), a2)
      a3 = madd(s, v128.load(k3 + d), a3)
    }
    keys = k3 + block
    v128.store(scores + j, a0)
    v128.store(scores + j, a1, 16)
    v128.store(scores + j, a2, 32)
    v128.store(scores + j, a3, 48)
  }
  for (; j < end; j += 16) {
    let a0 = f32x4.splat(0)
    for (let d: usize = 0; d < block; d += 16) a0 = madd(v128.load32_splat(q + (d >> 2)), v128.load(keys + d), a0)
    v128.store(scores + j, a0)
    keys += block
  }
}

/** out[0..headWidth) = Σ_j weights[j] · values[j]. */
// @ts-ignore: decorator
@inline
function mixValues(weights: usize, values: usize, valueRow: usize, count: i32, out: usize, headWidth: i32): void {
  let d = 0
  for (; d + 16 <= headWidth; d += 16) {
    let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0
    let v = values + (<usize>d << 2)
    for (let j = 0; j < count; j++) {
      const w = v128.load32_splat(weights + (<usize>j << 2))
      a0 = madd(w, v128.load(v), a0)
      a1 = madd(w, v128.load(v, 16), a1)
      a2 = madd(w, v128.load(v, 32), a2)
      a3 = madd(w, v128.load(v, 48), a3)
      v += valueRow
    }
    const to = out + (<usize>d << 2)
    v128.store(to, a0)
    v128.store(to, a1, 16)
    v128.store(to, a2, 32)
    v128.store(to, a3, 48)
  }
  for (; d < headWidth; d += 4) {
    let a0 = f32x4.splat(0)
    let v = values + (<usize>d << 2)
    for (let j = 0; j < count; j++) {
      a0 = madd(v128.load32_splat(weights + (<usize>j << 2)), v128.load(v), a0)
      v += valueRow
    }
    const to = out + (<usize>d << 2)
    if (d + 4 <= headWidth) {
      v128.store(to, a0)
    } else {
      store<f32>(to, f32x4.extract_lane(a0, 0))
      if (d + 1 < headWidth) store<f32>(to + 4, f32x4.extract_lane(a0, 1))
      if (d + 2 < headWidth) store<f32>(to + 8, f32x4.extract_lane(a0, 2))
    }
  }
}

/** Bytes of scratch `decodeAttention` needs beside the rows, slots and groups: scores and mask of one row. */
export function decodeScratch(slots: i32): i32 {
  return 8 * upToFour(slots)
}

/** out [rows, width] from the cache rows at `rowOf`. A row of slot −1 rests and gets 0. Returns 0, or 1 + the first row whose slot does not exist. */
export function decodeAttention(
  qkv: usize, keys: usize, values: usize, codes: usize, rowOf: usize, slotOf: usize, groupOf: usize, out: usize,
  rows: i32, slots: i32, width: i32, heads: i32, keyHeads: i32, scratch: usize
): i32 {
  const headWidth = width / heads
  const shared = heads / keyHeads
  const paddedSlots = upToFour(slots)
  const keyRow = <usize>paddedSlots << 2
  const keyHeadBytes = <usize>headWidth * keyRow
  const valueRow = <usize>upToFour(headWidth) << 2
  const valueHead = <usize>slots * valueRow
  const part = <usize>width << 2
  const keyPart = <usize>(keyHeads * headWidth) << 2
  const scores = scratch
  const mask = scratch + keyRow
  const scale: f32 = <f32>1 / sqrt<f32>(<f32>headWidth)
  for (let row = 0; row < rows; row++) {
    const slot = load<i32>(slotOf + (<usize>row << 2))
    if (slot >= slots) return row + 1
    if (slot < 0) {
      memory.fill(out, 0, part)
    } else {
      const group = load<i32>(groupOf + (<usize>row << 2))
      const from = load<i32>(rowOf + (<usize>row << 2))
      const rowCodes = codes + <usize>from * keyRow
      store<i32>(rowCodes + (<usize>slot << 2), group)
      const count = upToFour(slot + 1)
      for (let j = 0; j < count; j += 4) {
        v128.store(mask + (<usize>j << 2), visible4(v128.load(rowCodes + (<usize>j << 2)), j, slot, group))
      }
      for (let head = 0; head < heads; head++) {
        const keyHead = head / shared
        const at = <usize>(from * keyHeads + keyHead)
        const q = qkv + (<usize>(head * headWidth) << 2)
        const headKeys = keys + at * keyHeadBytes
        const headValues = values + at * valueHead
        if (head % shared == 0) {
          const k = qkv + part + (<usize>(keyHead * headWidth) << 2)
          remember(k, k + keyPart, headKeys, headValues, slot, headWidth)
        }
        scoreKeys(q, headKeys, headWidth, scores, count)
        maskedSoftmax(scores, mask, count, scale)
        mixValues(scores, headValues, valueRow, slot + 1, out + (<usize>(head * headWidth) << 2), headWidth)
      }
    }
    qkv += part + 2 * keyPart
    out += part
  }
  return 0
}
