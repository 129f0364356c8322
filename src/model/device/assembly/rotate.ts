// Rotary position embedding in its half-split form.

import { madd } from "./simd"

/**
 * y: in each head of x [n, heads·headWidth] the pair (i, i + headWidth/2) turned by the angle whose cosine and sine lie at [n, headWidth/2].
 * `sign` −1 turns back, which is the gradient.
 */
export function rotate(x: usize, cosines: usize, sines: usize, y: usize, n: i32, heads: i32, headWidth: i32, sign: f32): void {
  const half = <usize>(headWidth / 2) << 2
  const whole = half & ~15
  const sign4 = f32x4.splat(sign)
  for (let row = 0; row < n; row++) {
    for (let head = 0; head < heads; head++) {
      for (let i: usize = 0; i < whole; i += 16) {
        const c = v128.load(cosines + i)
        const s = f32x4.mul(v128.load(sines + i), sign4)
        const a = v128.load(x + i)
        const b = v128.load(x + half + i)
        v128.store(y + i, madd(f32x4.neg(b), s, f32x4.mul(a, c)))
        v128.store(y + half + i, madd(a, s, f32x4.mul(b, c)))
      }
      for (let i = whole; i < half; i += 4) {
        const c = load<f32>(cosines + i)
        const s: f32 = load<f32>(sines + i) * sign
        const a = load<f32>(x + i)
        const b = load<f32>(x + half + i)
        store<f32>(y + i, a * c - b * s)
        store<f32>(y + half + i, b * c + a * s)
      }
      x += 2 * half
      y += 2 * half
    }
    cosines += half
    sines += half
  }
}
