// gelu(x) = x/2 · (1 + tanh u) = x / (1 + e^(−2u)), u = √(2/π)(x + 0.044715 x³).

import { exp4, madd } from "./simd"

/** −2√(2/π). */
const minusTwo: f32 = -1.5957691216057308
const cubic: f32 = 0.044715

/** The logistic function of 2u. */
// @ts-ignore: decorator
@inline
function gate(x: v128): v128 {
  const inner = madd(f32x4.mul(x, x), f32x4.splat(minusTwo * cubic), f32x4.splat(minusTwo))
  const one = f32x4.splat(1)
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.mul(inner, x))))
}

/** s + x·s(1 − s)·2u′ with s the logistic function of 2u. */
// @ts-ignore: decorator
@inline
function slope(x: v128, s: v128): v128 {
  const twiceSlope = madd(f32x4.mul(x, x), f32x4.splat(-3 * minusTwo * cubic), f32x4.splat(-minusTwo))
  const rest = f32x4.mul(f32x4.mul(x, f32x4.sub(f32x4.splat(1), s)), twiceSlope)
  return madd(s, rest, s)
}

/** y = gelu(x). */
export function gelu(x: usize, y: usize, count: i32): void {
  const whole = <usize>(count & ~3) << 2
  for (let i: usize = 0; i < whole; i += 16) {
    const v = v128.load(x + i)
    v128.store(y + i, f32x4.mul(v, gate(v)))
  }
  for (let i = whole; i < <usize>count << 2; i += 4) {
    const v = v128.load32_splat(x + i)
    store<f32>(y + i, f32x4.extract_lane(f32x4.mul(v, gate(v)), 0))
  }
}

/** The same, keeping what x is multiplied by: the gradient needs it again. */
export function geluKeeping(x: usize, y: usize, gates: usize, count: i32): void {
  const whole = <usize>(count & ~3) << 2
  for (let i: usize = 0; i < whole; i += 16) {
    const v = v128.load(x + i)
    const s = gate(v)
    v128.store(gates + i, s)
    v128.store(y + i, f32x4.mul(v, s))
  }
  for (let i = whole; i < <usize>count << 2; i += 4) {
    const v = v128.load32_splat(x + i)
    const s = gate(v)
    store<f32>(gates + i, f32x4.extract_lane(s, 0))
    store<f32>(y + i, f32x4.extract_lane(f32x4.mul(v, s), 0))
  }
}

/** dx = dy · gelu'(x) from what `geluKeeping` kept. */
export function geluGrad(x: usize, gates: usize, dy: usize, dx: usize, count: i32): void {
  const whole = <usize>(count & ~3) << 2
  for (let i: usize = 0; i < whole; i += 16) {
    v128.store(dx + i, f32x4.mul(v128.load(dy + i), slope(v128.load(x + i), v128.load(gates + i))))
  }
  for (let i = whole; i < <usize>count << 2; i += 4) {
    const slopes = slope(v128.load32_splat(x + i), v128.load32_splat(gates + i))
    store<f32>(dx + i, load<f32>(dy + i) * f32x4.extract_lane(slopes, 0))
  }
}
