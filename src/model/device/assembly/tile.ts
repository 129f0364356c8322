// The inner loops of every matrix product: 4 × 8 tiles of C from A and a packed panel of B.
// What runs at the processor's peak was found by measuring: eight accumulators, one index for all four rows, few other
// live values, and the loop over k inside a loop over tiles, because V8 unrolls nested loops of this size and no others.
// More accumulators, unrolling by hand or running pointers per row are each a fifth to a half slower. So these loops
// write whole tiles only; partial tiles go through 128 bytes of scratch, `edge`.

import { madd } from "./simd"

/** C[4·blocks × 8] = A · panel (or +=) for row-major A (rows aRow bytes apart); `panel` is [depth][8]. */
function rowBlocks(a: usize, aRow: usize, blocks: i32, panel: usize, depth: i32, c: usize, cRow: usize, accumulate: bool): void {
  const end = <usize>depth << 2
  for (; blocks > 0; blocks--) {
    const a1 = a + aRow
    const a2 = a1 + aRow
    const a3 = a2 + aRow
    let c00 = f32x4.splat(0), c01 = f32x4.splat(0)
    let c10 = f32x4.splat(0), c11 = f32x4.splat(0)
    let c20 = f32x4.splat(0), c21 = f32x4.splat(0)
    let c30 = f32x4.splat(0), c31 = f32x4.splat(0)
    if (accumulate) {
      let from = c
      c00 = v128.load(from)
      c01 = v128.load(from, 16)
      from += cRow
      c10 = v128.load(from)
      c11 = v128.load(from, 16)
      from += cRow
      c20 = v128.load(from)
      c21 = v128.load(from, 16)
      from += cRow
      c30 = v128.load(from)
      c31 = v128.load(from, 16)
    }
    let b = panel
    for (let k: usize = 0; k < end; k += 4) {
      const b0 = v128.load(b)
      const b1 = v128.load(b, 16)
      b += 32
      let s = v128.load32_splat(a + k)
      c00 = madd(s, b0, c00)
      c01 = madd(s, b1, c01)
      s = v128.load32_splat(a1 + k)
      c10 = madd(s, b0, c10)
      c11 = madd(s, b1, c11)
      s = v128.load32_splat(a2 + k)
      c20 = madd(s, b0, c20)
      c21 = madd(s, b1, c21)
      s = v128.load32_splat(a3 + k)
      c30 = madd(s, b0, c30)
      c31 = madd(s, b1, c31)
    }
    v128.store(c, c00)
    v128.store(c, c01, 16)
    c += cRow
    v128.store(c, c10)
    v128.store(c, c11, 16)
    c += cRow
    v128.store(c, c20)
    v128.store(c, c21, 16)
    c += cRow
    v128.store(c, c30)
    v128.store(c, c31, 16)
    c += cRow
    a = a3 + aRow
  }
}

/**
 * The same for A given by columns: element (r,k) of a block lies at a + r·4 + k·aColumn, and the next block follows
 * where the columns of this one end.
 */
function columnBlocks(
  a: usize, aColumn: usize, blocks: i32, panel: usize, depth: i32, c: usize, cRow: usize, accumulate: bool
): void {
  const end = panel + (<usize>depth << 5)
  for (; blocks > 0; blocks--) {
    let c00 = f32x4.splat(0), c01 = f32x4.splat(0)
    let c10 = f32x4.splat(0), c11 = f32x4.splat(0)
    let c20 = f32x4.splat(0), c21 = f32x4.splat(0)
    let c30 = f32x4.splat(0), c31 = f32x4.splat(0)
    if (accumulate) {
      let from = c
      c00 = v128.load(from)
      c01 = v128.load(from, 16)
      from += cRow
      c10 = v128.load(from)
      c11 = v128.load(from, 16)
      from += cRow
      c20 = v128.load(from)
      c21 = v128.load(from, 16)
      from += cRow
      c30 = v128.load(from)
      c31 = v128.load(from, 16)
    }
    for (let b = panel; b < end; b += 32) {
      const b0 = v128.load(b)
      const b1 = v128.load(b, 16)
      let s = v128.load32_splat(a)
      c00 = madd(s, b0, c00)
      c01 = madd(s, b1, c01)
      s = v128.load32_splat(a, 4)
      c10 = madd(s, b0, c10)
      c11 = madd(s, b1, c11)
      s = v128.load32_splat(a, 8)
      c20 = madd(s, b0, c20)
      c21 = madd(s, b1, c21)
      s = v128.load32_splat(a, 12)
      c30 = madd(s, b0, c30)
      c31 = madd(s, b1, c31)
      a += aColumn
    }
    v128.store(c, c00)
    v128.store(c, c01, 16)
    c += cRow
    v128.store(c, c10)
    v128.store(c, c11, 16)
    c += cRow
    v128.store(c, c20)
    v128.store(c, c21, 16)
    c += cRow
    v128.store(c, c30)
    v128.store(c, c31, 16)
    c += cRow
  }
}

/** C[1 × 8] = one row of A · panel (or +=). */
function oneRow(a: usize, panel: usize, depth: i32, c: usize, accumulate: bool): void {
  let c0 = f32x4.splat(0), c1 = f32x4.splat(0)
  if (accumulate) {
    c0 = v128.load(c)
    c1 = v128.load(c, 16)
  }
  const end = <usize>depth << 2
  for (let k: usize = 0; k < end; k += 4) {
    const s = v128.load32_splat(a + k)
    c0 = madd(s, v128.load(panel), c0)
    c1 = madd(s, v128.load(panel, 16), c1)
    panel += 32
  }
  v128.store(c, c0)
  v128.store(c, c1, 16)
}

/** The tile at `edge` = C[rows × columns]; the rest of the tile stays. */
function copyTile(c: usize, cRow: usize, edge: usize, rows: i32, columns: i32): void {
  for (let r = 0; r < rows; r++) {
    memory.copy(edge, c, <usize>columns << 2)
    edge += 32
    c += cRow
  }
}

/** C[rows × columns] = or += the tile at `edge`. */
function merge(edge: usize, c: usize, cRow: usize, rows: i32, columns: i32, accumulate: bool): void {
  for (let r = 0; r < rows; r++) {
    for (let n: usize = 0; n < <usize>columns << 2; n += 4) {
      const value = load<f32>(edge + n)
      store<f32>(c + n, accumulate ? value + load<f32>(c + n) : value)
    }
    edge += 32
    c += cRow
  }
}

/**
 * C[rows × columns] = A · panel (or += when `accumulate`), columns ≤ 8. A is row-major, rows aRow bytes apart, C's cRow
 * apart; `panel` is [depth][8], zero-padded.
 */
export function rowsTimesPanel(
  a: usize, aRow: usize, rows: i32,
  panel: usize, depth: i32,
  c: usize, cRow: usize, columns: i32, accumulate: bool, edge: usize
): void {
  if (columns == 8) {
    rowBlocks(a, aRow, rows >> 2, panel, depth, c, cRow, accumulate)
    const done = rows & ~3
    a += <usize>done * aRow
    c += <usize>done * cRow
    rows -= done
  }
  while (rows > 0) {
    // Summed in the order of whole tiles: a row's result does not depend on how many rows there are beside it.
    const count = min(4, rows)
    if (accumulate) copyTile(c, cRow, edge, count, columns)
    if (count == 4) {
      rowBlocks(a, aRow, 1, panel, depth, edge, 32, accumulate)
    } else {
      for (let r = 0; r < count; r++) oneRow(a + <usize>r * aRow, panel, depth, edge + (<usize>r << 5), accumulate)
    }
    merge(edge, c, cRow, count, columns, false)
    a += aRow << 2
    c += cRow << 2
    rows -= 4
  }
}

/**
 * The same for A given by columns in blocks of four rows: element (r,k) lies at a + r·4 + k·aColumn, the next block
 * follows where the columns of this one end. Whole blocks are read, whatever `rows`.
 */
export function columnsTimesPanel(
  a: usize, aColumn: usize, rows: i32,
  panel: usize, depth: i32,
  c: usize, cRow: usize, columns: i32, accumulate: bool, edge: usize
): void {
  const blockBytes = <usize>depth * aColumn
  if (columns == 8) {
    columnBlocks(a, aColumn, rows >> 2, panel, depth, c, cRow, accumulate)
    const done = rows & ~3
    a += <usize>(done >> 2) * blockBytes
    c += <usize>done * cRow
    rows -= done
  }
  while (rows > 0) {
    columnBlocks(a, aColumn, 1, panel, depth, edge, 32, false)
    merge(edge, c, cRow, min(4, rows), columns, accumulate)
    a += blockBytes
    c += cRow << 2
    rows -= 4
  }
}

/** Writes four rows of `depth` numbers, `row` bytes apart, as columns that are 32 bytes a step apart: a transposition, four by four. */
function packFourRows(from: usize, row: usize, depth: i32, to: usize): void {
  const second = from + row
  const third = second + row
  const fourth = third + row
  const whole = <usize>(depth & ~3) << 2
  for (let k: usize = 0; k < whole; k += 16) {
    const r0 = v128.load(from + k)
    const r1 = v128.load(second + k)
    const r2 = v128.load(third + k)
    const r3 = v128.load(fourth + k)
    const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5)
    const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7)
    const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5)
    const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7)
    v128.store(to, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5))
    v128.store(to, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7), 32)
    v128.store(to, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), 64)
    v128.store(to, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7), 96)
    to += 128
  }
  for (let k = whole; k < <usize>depth << 2; k += 4) {
    store<f32>(to, load<f32>(from + k))
    store<f32>(to, load<f32>(second + k), 4)
    store<f32>(to, load<f32>(third + k), 8)
    store<f32>(to, load<f32>(fourth + k), 12)
    to += 32
  }
}

/**
 * Packs up to 8 columns of B into a [depth][8] panel, zero-padded. Element (k,n) lies at b + k·bRow + n·bColumn bytes.
 */
export function packPanel(b: usize, bRow: usize, bColumn: usize, depth: i32, columns: i32, panel: usize): void {
  if (columns == 8 && bColumn == 4) {
    for (let k = 0; k < depth; k++) {
      v128.store(panel, v128.load(b))
      v128.store(panel, v128.load(b, 16), 16)
      b += bRow
      panel += 32
    }
    return
  }
  if (bRow == 4) {
    // Columns that lie in memory as rows: four at a time, then those left, then zeros.
    const fours = columns & ~3
    for (let n = 0; n < fours; n += 4) packFourRows(b + <usize>n * bColumn, bColumn, depth, panel + (<usize>n << 2))
    for (let n = fours; n < 8; n++) {
      const from = b + <usize>n * bColumn
      let to = panel + (<usize>n << 2)
      for (let k: usize = 0; k < <usize>depth << 2; k += 4) {
        store<f32>(to, n < columns ? load<f32>(from + k) : 0)
        to += 32
      }
    }
    return
  }
  for (let k = 0; k < depth; k++) {
    let from = b
    for (let n = 0; n < columns; n++) {
      store<f32>(panel + (<usize>n << 2), load<f32>(from))
      from += bColumn
    }
    for (let n = columns; n < 8; n++) store<f32>(panel + (<usize>n << 2), 0)
    b += bRow
    panel += 32
  }
}
