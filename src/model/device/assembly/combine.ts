// Linear combinations of vectors.

import { madd } from "./simd"

/** out = α·x + β·y; out may be one of them. */
export function combine(x: usize, alpha: f32, y: usize, beta: f32, out: usize, count: i32): void {
  const alpha4 = f32x4.splat(alpha)
  const beta4 = f32x4.splat(beta)
  const whole = <usize>(count & ~3) << 2
  for (let i: usize = 0; i < whole; i += 16) {
    v128.store(out + i, madd(alpha4, v128.load(x + i), f32x4.mul(beta4, v128.load(y + i))))
  }
  for (let i = whole; i < <usize>count << 2; i += 4) {
    const v = madd(alpha4, v128.load32_splat(x + i), f32x4.mul(beta4, v128.load32_splat(y + i)))
    store<f32>(out + i, f32x4.extract_lane(v, 0))
  }
}
