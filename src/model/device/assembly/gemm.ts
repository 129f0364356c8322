// C = A · B for row-major matrices, either of them transposed; half the work where C is known to be symmetric.

import { upToEight, upToFour } from "./simd"
import { columnsTimesPanel, packPanel, rowsTimesPanel } from "./tile"

/** Depth of one pass: panels of this depth stay in the first-level cache. */
const passDepth: i32 = 256

/** Bytes of A that a block of rows may take, so that it stays cached while all panels of B pass over it. */
const blockBytes: i32 = 32768

/** Bytes of scratch `gemm` needs. */
export function gemmScratch(m: i32, n: i32, k: i32, transposeA: bool): i32 {
  const depth = min(k, passDepth)
  return 128 + 4 * depth * (upToEight(n) + (transposeA ? upToFour(m) : 0))
}

/** Packs columns of a transposed A ([depth][m], rows mRow apart) into panels of 4: [m/4][depth][4], zero-padded. */
function packTransposed(a: usize, m: i32, mRow: usize, depth: i32, to: usize): void {
  for (let i = 0; i < m; i += 4) {
    let from = a + (<usize>i << 2)
    const whole = i + 4 <= m
    for (let k = 0; k < depth; k++) {
      if (whole) {
        v128.store(to, v128.load(from))
      } else {
        for (let r = 0; r < 4; r++) store<f32>(to + (<usize>r << 2), i + r < m ? load<f32>(from + (<usize>r << 2)) : 0)
      }
      from += mRow
      to += 16
    }
  }
}

/** c [m,n] = op(a) op(b), or that added to it; of a symmetric one, what lies on and above the diagonal, and some of what lies below. */
function multiply(
  a: usize, b: usize, c: usize,
  m: i32, n: i32, k: i32,
  transposeA: bool, transposeB: bool, symmetric: bool, accumulate: bool, scratch: usize
): void {
  const edge = scratch
  const panels = scratch + 128
  const cRow = <usize>n << 2
  const aRow = <usize>k << 2
  const bRow: usize = transposeB ? 4 : <usize>n << 2
  const bColumn: usize = transposeB ? <usize>k << 2 : 4
  if (k == 0 && !accumulate) memory.fill(c, 0, <usize>m * cRow)
  for (let k0 = 0; k0 < k; k0 += passDepth) {
    const depth = min(passDepth, k - k0)
    const panelBytes = <usize>depth << 5
    for (let j = 0; j < n; j += 8) {
      packPanel(b + <usize>k0 * bRow + <usize>j * bColumn, bRow, bColumn, depth, min(8, n - j), panels + <usize>(j >> 3) * panelBytes)
    }
    const packedA = panels + <usize>(upToEight(n) >> 3) * panelBytes
    if (transposeA) packTransposed(a + <usize>k0 * (<usize>m << 2), m, <usize>m << 2, depth, packedA)
    const block = max(4, (blockBytes / (depth << 2)) & ~3)
    for (let i0 = 0; i0 < m; i0 += block) {
      const iEnd = min(m, i0 + block)
      for (let j = symmetric ? i0 & ~7 : 0; j < n; j += 8) {
        const columns = min(8, n - j)
        const rows = (symmetric ? min(iEnd, j + 8) : iEnd) - i0
        const panel = panels + <usize>(j >> 3) * panelBytes
        const to = c + <usize>i0 * cRow + (<usize>j << 2)
        if (transposeA) {
          const from = packedA + <usize>(i0 >> 2) * (<usize>depth << 4)
          columnsTimesPanel(from, 16, rows, panel, depth, to, cRow, columns, accumulate || k0 > 0, edge)
        } else {
          rowsTimesPanel(a + <usize>i0 * aRow + (<usize>k0 << 2), aRow, rows, panel, depth, to, cRow, columns, accumulate || k0 > 0, edge)
        }
      }
    }
  }
}

/** c [m,n] = op(a) op(b), op(a) [m,k], op(b) [k,n], or with `accumulate` that added to c; scratch of `gemmScratch` bytes. */
export function gemm(
  a: usize, b: usize, c: usize,
  m: i32, n: i32, k: i32,
  transposeA: bool, transposeB: bool, accumulate: bool, scratch: usize
): void {
  multiply(a, b, c, m, n, k, transposeA, transposeB, false, accumulate, scratch)
}

/** The same for c [m,m] of which the caller knows that it is symmetric: one half is computed, the other a copy of it. */
export function gemmSymmetric(
  a: usize, b: usize, c: usize,
  m: i32, k: i32,
  transposeA: bool, transposeB: bool, scratch: usize
): void {
  multiply(a, b, c, m, m, k, transposeA, transposeB, true, false, scratch)
  const row = <usize>m << 2
  for (let i = 1; i < m; i++) {
    let from = c + (<usize>i << 2)
    const to = c + <usize>i * row
    for (let j: usize = 0; j < <usize>i << 2; j += 4) {
      store<f32>(to + j, load<f32>(from))
      from += row
    }
  }
}
