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

// @ts-ignore: decorator
@inline
function value(x: v128): v128 {
  return f32x4.mul(x, gate(x))
}

/** s + x·s(1 − s)·2u′ with s the logistic function of 2u. */
// @ts-ignore: decorator
@inline
function slope(x: v128): v128 {
  const s = gate(x)
  const twiceSlope = madd(f32x4.mul(x, x), f32x4.splat(-3 * minusTwo * cubic), f32x4.splat(-minusTwo))
  const rest = f32x4.mul(f32x4.mul(x, f32x4.sub(f32x4.splat(1), s)), twiceSlope)
  return madd(s, rest, s)
}

export function gelu(x: usize, y: usize, count: i32): void {
  const whole = <usize>(count & ~3) << 2
  for (let i: usize = 0; i < whole; i += 16) v128.store(y + i, value(v128.load(x + i)))
  for (let i = whole; i < <usize>count << 2; i += 4) {
    store<f32>(y + i, f32x4.extract_lane(value(v128.load32_splat(x + i)), 0))
  }
}

export function geluGrad(x: usize, dy: usize, dx: usize, count: i32): void {
  const whole = <usize>(count & ~3) << 2
  for (let i: usize = 0; i < whole; i += 16) {
    v128.store(dx + i, f32x4.mul(v128.load(dy + i), slope(v128.load(x + i))))
  }
  for (let i = whole; i < <usize>count << 2; i += 4) {
    store<f32>(dx + i, load<f32>(dy + i) * f32x4.extract_lane(slope(v128.load32_splat(x + i)), 0))
  }
}
