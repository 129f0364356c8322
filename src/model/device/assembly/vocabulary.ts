// Choices among all tokens of a large vocabulary: what the softmax of a row comes to, and which token a number draws.
// Sums run in float32 over blocks of BLOCK numbers and in float64 over the blocks.

import { exp4, madd, max4, sum4 } from "./simd"

const BLOCK = 256

/** The largest of x[0..count). */
// @ts-ignore: decorator
@inline
function largest(x: usize, count: i32): f32 {
  const whole = <usize>(count & ~3) << 2
  let top4 = f32x4.splat(-Infinity)
  for (let i: usize = 0; i < whole; i += 16) top4 = f32x4.pmax(top4, v128.load(x + i))
  let top = max4(top4)
  for (let i = whole; i < <usize>count << 2; i += 4) top = max(top, load<f32>(x + i))
  return top
}

/** Σ e^((x − top)·scale) over x[0..count), count at most BLOCK. */
// @ts-ignore: decorator
@inline
function mass(x: usize, count: i32, top: v128, scale: v128): f32 {
  const whole = <usize>(count & ~3) << 2
  let sums = f32x4.splat(0)
  for (let i: usize = 0; i < whole; i += 16) sums = f32x4.add(sums, exp4(f32x4.mul(f32x4.sub(v128.load(x + i), top), scale)))
  let sum = sum4(sums)
  for (let i = whole; i < <usize>count << 2; i += 4) {
    sum += f32x4.extract_lane(exp4(f32x4.mul(f32x4.sub(v128.load32_splat(x + i), top), scale)), 0)
  }
  return sum
}

/**
 * For each of n rows of logits [n, vocabulary], as three float64 at `out`: z = (x − top)·scale of the target, Σ e^z and Σ z·e^z over all tokens. log π = z_target − ln Σ e^z, the entropy is ln Σ e^z − Σ z·e^z / Σ e^z.
 */
export function vocabularySums(logits: usize, targets: usize, out: usize, n: i32, vocabulary: i32, scale: f32): void {
  const scale4 = f32x4.splat(scale)
  for (let row = 0; row < n; row++) {
    const top = largest(logits, vocabulary)
    const top4 = f32x4.splat(top)
    let total: f64 = 0
    let weighted: f64 = 0
    for (let from = 0; from < vocabulary; from += BLOCK) {
      const x = logits + (<usize>from << 2)
      const count = min(BLOCK, vocabulary - from)
      const whole = <usize>(count & ~3) << 2
      let sums = f32x4.splat(0)
      let products = f32x4.splat(0)
      for (let i: usize = 0; i < whole; i += 16) {
        const z = f32x4.mul(f32x4.sub(v128.load(x + i), top4), scale4)
        const e = exp4(z)
        sums = f32x4.add(sums, e)
        products = madd(e, f32x4.pmax(z, f32x4.splat(-87)), products)
      }
      total += <f64>sum4(sums)
      weighted += <f64>sum4(products)
      for (let i = whole; i < <usize>count << 2; i += 4) {
        const z = f32x4.mul(f32x4.sub(v128.load32_splat(x + i), top4), scale4)
        const e = f32x4.extract_lane(exp4(z), 0)
        total += <f64>e
        weighted += <f64>(e * max<f32>(f32x4.extract_lane(z, 0), -87))
      }
    }
    const target = load<f32>(logits + (<usize>load<i32>(targets + (<usize>row << 2)) << 2))
    store<f64>(out, (<f64>target - <f64>top) * <f64>scale)
    store<f64>(out, total, 8)
    store<f64>(out, weighted, 16)
    logits += <usize>vocabulary << 2
    out += 24
  }
}

/**
 * The same sums, and the derivative of log π of the target in each logit, (1[v = target] − p_v)·scale, written over the logits; and at `entropies`, unless that is
 * 0, that of the entropy, −p_v·(ln p_v + H)·scale.
 */
export function vocabularyGradients(logits: usize, targets: usize, out: usize, entropies: usize, n: i32, vocabulary: i32, scale: f32): void {
  vocabularySums(logits, targets, out, n, vocabulary, scale)
  const scale4 = f32x4.splat(scale)
  const whole = <usize>(vocabulary & ~3) << 2
  const all = <usize>vocabulary << 2
  for (let row = 0; row < n; row++) {
    const top4 = f32x4.splat(largest(logits, vocabulary))
    const total = load<f64>(out, 8)
    const share = f32x4.splat(<f32>(-<f64>scale / total))
    // ln p + H = z − Σ z·e^z / Σ e^z.
    const mean = f32x4.splat(<f32>(load<f64>(out, 16) / total))
    for (let i: usize = 0; i < whole; i += 16) {
      const z = f32x4.mul(f32x4.sub(v128.load(logits + i), top4), scale4)
      const slope = f32x4.mul(exp4(z), share)
      v128.store(logits + i, slope)
      if (entropies != 0) v128.store(entropies + i, f32x4.mul(slope, f32x4.sub(f32x4.pmax(z, f32x4.splat(-87)), mean)))
    }
    for (let i = whole; i < all; i += 4) {
      const z = f32x4.mul(f32x4.sub(v128.load32_splat(logits + i), top4), scale4)
      const slope = f32x4.mul(exp4(z), share)
      store<f32>(logits + i, f32x4.extract_lane(slope, 0))
      if (entropies != 0) {
        store<f32>(entropies + i, f32x4.extract_lane(f32x4.mul(slope, f32x4.sub(f32x4.pmax(z, f32x4.splat(-87)), mean)), 0))
      }
    }
    const target = logits + (<usize>load<i32>(targets + (<usize>row << 2)) << 2)
    store<f32>(target, load<f32>(target) + scale)
    logits += all
    if (entropies != 0) entropies += all
    out += 24
  }
}

/**
 * Draws a token from each of n rows: the first at which Σ e^((x − top)·scale) exceeds the row's share of the whole, a float64 in [0, 1) at `shares`. Writes
 * the token (int32) to `tokens`, and (x − top)·scale of it and Σ e^z as two float64 to `out`.
 */
export function vocabularyDraws(logits: usize, shares: usize, tokens: usize, out: usize, n: i32, vocabulary: i32, scale: f32): void {
  const scale4 = f32x4.splat(scale)
  for (let row = 0; row < n; row++) {
    const top = largest(logits, vocabulary)
    const top4 = f32x4.splat(top)
    let total: f64 = 0
    for (let from = 0; from < vocabulary; from += BLOCK) {
      total += <f64>mass(logits + (<usize>from << 2), min(BLOCK, vocabulary - from), top4, scale4)
    }
    let left = load<f64>(shares) * total
    let from = 0
    for (; from + BLOCK < vocabulary; from += BLOCK) {
      const block = <f64>mass(logits + (<usize>from << 2), BLOCK, top4, scale4)
      if (left < block) break
      left -= block
    }
    // The last token that has any probability, where rounding leaves something over.
    let token = -1
    for (let i = from; i < vocabulary; i++) {
      const e = <f64>f32x4.extract_lane(exp4(f32x4.mul(f32x4.sub(v128.load32_splat(logits + (<usize>i << 2)), top4), scale4)), 0)
      if (e > 1e-37) token = i
      left -= e
      if (left < 0) break
    }
    if (token < 0) {
      token = 0
      while (token + 1 < vocabulary && load<f32>(logits + (<usize>token << 2)) != top) token++
    }
    store<i32>(tokens, token)
    store<f64>(out, (<f64>load<f32>(logits + (<usize>token << 2)) - <f64>top) * <f64>scale)
    store<f64>(out, total, 8)
    logits += <usize>vocabulary << 2
    shares += 8
    tokens += 4
    out += 16
  }
}
