// Log-probability of each row's target under the softmax restricted to the row's allowed set, and its gradient.

import { exp1, exp4, log1, max4, sum4 } from "./simd"

/**
 * out [n], and the logarithm of each row's normalizer, normalizers [n]. Rows of set id −1 get 0 in both. Returns 0,
 * or 1 + the first row whose set does not exist or whose target is not in its set.
 */
export function tokenLogProb(
  logits: usize, targets: usize, allowed: usize, setIds: usize,
  out: usize, normalizers: usize,
  n: i32, vocabulary: i32, sets: i32
): i32 {
  const width = <usize>vocabulary << 2
  const whole = <usize>(vocabulary & ~3) << 2
  for (let row = 0; row < n; row++) {
    const at = <usize>row << 2
    const set = load<i32>(setIds + at)
    let value: f32 = 0
    let normalizer: f32 = 0
    if (set >= 0) {
      const target = load<i32>(targets + at)
      if (set >= sets || <u32>target >= <u32>vocabulary) return row + 1
      const mask = allowed + <usize>set * width
      if (load<f32>(mask + (<usize>target << 2)) == 0) return row + 1
      const least = f32x4.splat(-Infinity)
      const zero = f32x4.splat(0)
      let top4 = least
      for (let i: usize = 0; i < whole; i += 16) {
        top4 = f32x4.pmax(top4, v128.bitselect(v128.load(logits + i), least, f32x4.ne(v128.load(mask + i), zero)))
      }
      let top = max4(top4)
      for (let i = whole; i < width; i += 4) if (load<f32>(mask + i) != 0) top = max(top, load<f32>(logits + i))
      const shift = f32x4.splat(top)
      let total4 = zero
      for (let i: usize = 0; i < whole; i += 16) {
        const weight = exp4(f32x4.sub(v128.load(logits + i), shift))
        total4 = f32x4.add(total4, v128.and(weight, f32x4.ne(v128.load(mask + i), zero)))
      }
      let total = sum4(total4)
      for (let i = whole; i < width; i += 4) if (load<f32>(mask + i) != 0) total += exp1(load<f32>(logits + i) - top)
      const logTotal = log1(total)
      // The shift first: a certain token's log-probability keeps its small digits.
      value = load<f32>(logits + (<usize>target << 2)) - top - logTotal
      normalizer = top + logTotal
    }
    store<f32>(out + at, value)
    store<f32>(normalizers + at, normalizer)
    logits += width
  }
  return 0
}

/** dlogits = dy · (1[v = target] − p(v)), p the restricted softmax; 0 in rows of set id −1 and outside the set. */
export function tokenLogProbGrad(
  logits: usize, targets: usize, allowed: usize, setIds: usize, normalizers: usize,
  dy: usize, dlogits: usize, n: i32, vocabulary: i32
): void {
  const width = <usize>vocabulary << 2
  const whole = <usize>(vocabulary & ~3) << 2
  const zero = f32x4.splat(0)
  for (let row = 0; row < n; row++) {
    const at = <usize>row << 2
    const set = load<i32>(setIds + at)
    if (set < 0) {
      memory.fill(dlogits, 0, width)
    } else {
      const mask = allowed + <usize>set * width
      const outer = load<f32>(dy + at)
      const normalizer = load<f32>(normalizers + at)
      const outer4 = f32x4.splat(-outer)
      const shift = f32x4.splat(normalizer)
      for (let i: usize = 0; i < whole; i += 16) {
        const p = v128.and(exp4(f32x4.sub(v128.load(logits + i), shift)), f32x4.ne(v128.load(mask + i), zero))
        v128.store(dlogits + i, f32x4.mul(p, outer4))
      }
      for (let i = whole; i < width; i += 4) {
        const p: f32 = load<f32>(mask + i) != 0 ? exp1(load<f32>(logits + i) - normalizer) : 0
        store<f32>(dlogits + i, -outer * p)
      }
      const chosen = dlogits + (<usize>load<i32>(targets + at) << 2)
      store<f32>(chosen, load<f32>(chosen) + outer)
    }
    logits += width
    dlogits += width
  }
}
