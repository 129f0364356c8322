// swiGlu(g, u) = g·σ(g)·u and its gradient.

import { exp4, madd } from "./simd"

// @ts-ignore: decorator
@inline
function logistic(x: v128): v128 {
  const one = f32x4.splat(1)
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))))
}

/** y = g·σ(g)·u. */
export function swiGlu(gate: usize, up: usize, y: usize, count: i32): void {
  const whole = <usize>(count & ~3) << 2
  for (let i: usize = 0; i < whole; i += 16) {
    const g = v128.load(gate + i)
    v128.store(y + i, f32x4.mul(f32x4.mul(g, logistic(g)), v128.load(up + i)))
  }
  for (let i = whole; i < <usize>count << 2; i += 4) {
    const g = v128.load32_splat(gate + i)
    store<f32>(y + i, f32x4.extract_lane(f32x4.mul(g, logistic(g)), 0) * load<f32>(up + i))
  }
}

/** dg = dy·u·(s + g·s·(1 − s)), du = dy·g·s with s = σ(g). */
export function swiGluGrad(gate: usize, up: usize, dy: usize, dgate: usize, dup: usize, count: i32): void {
  const whole = <usize>(count & ~3) << 2
  const one = f32x4.splat(1)
  for (let i: usize = 0; i < whole; i += 16) {
    const g = v128.load(gate + i)
    const s = logistic(g)
    const d = v128.load(dy + i)
    const gs = f32x4.mul(g, s)
    v128.store(dgate + i, f32x4.mul(f32x4.mul(d, v128.load(up + i)), madd(gs, f32x4.sub(one, s), s)))
    v128.store(dup + i, f32x4.mul(d, gs))
  }
  for (let i = whole; i < <usize>count << 2; i += 4) {
    const g = v128.load32_splat(gate + i)
    const s = logistic(g)
    const gs = f32x4.mul(g, s)
    const d = load<f32>(dy + i)
    store<f32>(dgate + i, d * load<f32>(up + i) * f32x4.extract_lane(madd(gs, f32x4.sub(one, s), s), 0))
    store<f32>(dup + i, d * f32x4.extract_lane(gs, 0))
  }
}
