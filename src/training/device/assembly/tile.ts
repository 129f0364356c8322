// The one inner loop of every matrix product: a 4 × 8 tile of C from rows of A and a packed panel of B.
// Eight accumulators and no unrolling over k is what V8 keeps in registers; more of either is slower.

import { madd } from "./simd"

/**
 * C[0..rows, 0..columns] = A · panel (or += when `accumulate`). `panel` is [depth][8], zero-padded. A's element (r,k)
 * lies at a + r·aRow + k·aColumn, C's rows are cRow apart (all in bytes). rows ≤ 4 and columns ≤ 8; `edge` points at
 * 128 bytes of scratch for tiles that are not whole.
 */
export function tile(
  a: usize, aRow: usize, aColumn: usize, rows: i32,
  panel: usize, depth: i32,
  c: usize, cRow: usize, columns: i32,
  accumulate: bool, edge: usize
): void {
  let a0 = a
  // Missing rows read row 0 again; their results are not stored.
  let a1 = rows > 1 ? a + aRow : a
  let a2 = rows > 2 ? a + 2 * aRow : a
  let a3 = rows > 3 ? a + 3 * aRow : a
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0)
  let c10 = f32x4.splat(0), c11 = f32x4.splat(0)
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0)
  let c30 = f32x4.splat(0), c31 = f32x4.splat(0)
  const end = panel + (<usize>depth << 5)
  for (let b = panel; b < end; b += 32) {
    const b0 = v128.load(b)
    const b1 = v128.load(b, 16)
    let s = v128.load32_splat(a0)
    c00 = madd(s, b0, c00)
    c01 = madd(s, b1, c01)
    s = v128.load32_splat(a1)
    c10 = madd(s, b0, c10)
    c11 = madd(s, b1, c11)
    s = v128.load32_splat(a2)
    c20 = madd(s, b0, c20)
    c21 = madd(s, b1, c21)
    s = v128.load32_splat(a3)
    c30 = madd(s, b0, c30)
    c31 = madd(s, b1, c31)
    a0 += aColumn
    a1 += aColumn
    a2 += aColumn
    a3 += aColumn
  }
  if (rows == 4 && columns == 8) {
    const d1 = c + cRow
    const d2 = d1 + cRow
    const d3 = d2 + cRow
    if (accumulate) {
      c00 = f32x4.add(c00, v128.load(c))
      c01 = f32x4.add(c01, v128.load(c, 16))
      c10 = f32x4.add(c10, v128.load(d1))
      c11 = f32x4.add(c11, v128.load(d1, 16))
      c20 = f32x4.add(c20, v128.load(d2))
      c21 = f32x4.add(c21, v128.load(d2, 16))
      c30 = f32x4.add(c30, v128.load(d3))
      c31 = f32x4.add(c31, v128.load(d3, 16))
    }
    v128.store(c, c00)
    v128.store(c, c01, 16)
    v128.store(d1, c10)
    v128.store(d1, c11, 16)
    v128.store(d2, c20)
    v128.store(d2, c21, 16)
    v128.store(d3, c30)
    v128.store(d3, c31, 16)
    return
  }
  v128.store(edge, c00)
  v128.store(edge, c01, 16)
  v128.store(edge, c10, 32)
  v128.store(edge, c11, 48)
  v128.store(edge, c20, 64)
  v128.store(edge, c21, 80)
  v128.store(edge, c30, 96)
  v128.store(edge, c31, 112)
  for (let r = 0; r < rows; r++) {
    const from = edge + (<usize>r << 5)
    const to = c + <usize>r * cRow
    for (let n = 0; n < columns; n++) {
      const value = load<f32>(from + (<usize>n << 2))
      store<f32>(to + (<usize>n << 2), accumulate ? value + load<f32>(to + (<usize>n << 2)) : value)
    }
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
