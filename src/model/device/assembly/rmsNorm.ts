// y = x / √(mean(x²) + ε) · gain over rows, and its two gradients.

import { madd, sum4 } from "./simd"

/** y [n,d] and the factor 1/√(mean(x²) + ε) of each row, inverse [n]. */
export function rmsNorm(x: usize, gain: usize, y: usize, inverse: usize, n: i32, d: i32, epsilon: f32): void {
  const whole = <usize>(d & ~3) << 2
  const width = <usize>d << 2
  for (let row = 0; row < n; row++) {
    let squares = f32x4.splat(0)
    for (let i: usize = 0; i < whole; i += 16) {
      const v = v128.load(x + i)
      squares = madd(v, v, squares)
    }
    let total = sum4(squares)
    for (let i = whole; i < width; i += 4) {
      const v = load<f32>(x + i)
      total += v * v
    }
    const factor: f32 = <f32>1 / sqrt<f32>(total / <f32>d + epsilon)
    store<f32>(inverse + (<usize>row << 2), factor)
    const factor4 = f32x4.splat(factor)
    for (let i: usize = 0; i < whole; i += 16) {
      v128.store(y + i, f32x4.mul(f32x4.mul(v128.load(x + i), factor4), v128.load(gain + i)))
    }
    for (let i = whole; i < width; i += 4) store<f32>(y + i, load<f32>(x + i) * factor * load<f32>(gain + i))
    x += width
    y += width
  }
}

/** dx = r·g·dy − x · r³/d · Σ g·dy·x, with r the row's saved factor. */
export function rmsNormGradX(x: usize, gain: usize, inverse: usize, dy: usize, dx: usize, n: i32, d: i32): void {
  const whole = <usize>(d & ~3) << 2
  const width = <usize>d << 2
  for (let row = 0; row < n; row++) {
    let dots = f32x4.splat(0)
    for (let i: usize = 0; i < whole; i += 16) {
      dots = madd(f32x4.mul(v128.load(gain + i), v128.load(dy + i)), v128.load(x + i), dots)
    }
    let total = sum4(dots)
    for (let i = whole; i < width; i += 4) total += load<f32>(gain + i) * load<f32>(dy + i) * load<f32>(x + i)
    const factor = load<f32>(inverse + (<usize>row << 2))
    const pull: f32 = -factor * factor * factor / <f32>d * total
    const factor4 = f32x4.splat(factor)
    const pull4 = f32x4.splat(pull)
    for (let i: usize = 0; i < whole; i += 16) {
      const direct = f32x4.mul(f32x4.mul(v128.load(gain + i), v128.load(dy + i)), factor4)
      v128.store(dx + i, madd(v128.load(x + i), pull4, direct))
    }
    for (let i = whole; i < width; i += 4) {
      store<f32>(dx + i, load<f32>(gain + i) * load<f32>(dy + i) * factor + load<f32>(x + i) * pull)
    }
    x += width
    dy += width
    dx += width
  }
}

/** dgain [d] = Σ_n dy·x·r. */
export function rmsNormGradGain(x: usize, inverse: usize, dy: usize, dgain: usize, n: i32, d: i32): void {
  const whole = <usize>(d & ~3) << 2
  const width = <usize>d << 2
  memory.fill(dgain, 0, width)
  for (let row = 0; row < n; row++) {
    const factor = load<f32>(inverse + (<usize>row << 2))
    const factor4 = f32x4.splat(factor)
    for (let i: usize = 0; i < whole; i += 16) {
      v128.store(dgain + i, madd(f32x4.mul(v128.load(dy + i), v128.load(x + i)), factor4, v128.load(dgain + i)))
    }
    for (let i = whole; i < width; i += 4) {
      store<f32>(dgain + i, load<f32>(dgain + i) + load<f32>(dy + i) * load<f32>(x + i) * factor)
    }
    x += width
    dy += width
  }
}
