// Vectors of four float32 and the few functions on them that the kernels share.
// Nothing here may place data in linear memory: it belongs to the tensor library's heap.

/** a·b + c; fused to one rounding where the machine and the build have it. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c)
  return f32x4.add(f32x4.mul(a, b), c)
}

/** e^x to about 1e-7 relative; x is clamped to ±87, the range of float32 (polynomial of Cephes expf). */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  x = f32x4.pmax(f32x4.pmin(x, f32x4.splat(87.0)), f32x4.splat(-87.0))
  // Adding 1.5·2²³ rounds x / ln 2 to the whole number n and leaves n in the low bits.
  const magic = f32x4.splat(12582912.0)
  const shifted = madd(x, f32x4.splat(1.44269504088896341), magic)
  const n = f32x4.sub(shifted, magic)
  // ln 2 in two parts, so that the reduction loses nothing.
  let r = madd(n, f32x4.splat(-0.693359375), x)
  r = madd(n, f32x4.splat(2.12194440e-4), r)
  let p = madd(f32x4.splat(1.9875691500e-4), r, f32x4.splat(1.3981999507e-3))
  p = madd(p, r, f32x4.splat(8.3334519073e-3))
  p = madd(p, r, f32x4.splat(4.1665795894e-2))
  p = madd(p, r, f32x4.splat(1.6666665459e-1))
  p = madd(p, r, f32x4.splat(5.0000001201e-1))
  const y = f32x4.add(madd(p, f32x4.mul(r, r), r), f32x4.splat(1.0))
  // y · 2ⁿ by adding n to the exponent.
  return i32x4.add(y, i32x4.shl(shifted, 23))
}

/** e^x of one number. */
// @ts-ignore: decorator
@inline
export function exp1(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0)
}

/** ln x of a positive normal number, to about 1e-7 relative (Cephes logf). */
export function log1(x: f32): f32 {
  const bits = reinterpret<i32>(x)
  let exponent = <f32>((bits >> 23) - 126)
  let m = reinterpret<f32>((bits & 0x007fffff) | 0x3f000000)
  if (m < <f32>0.70710678) {
    exponent -= 1
    m = m + m - 1
  } else {
    m = m - 1
  }
  const z = m * m
  let p: f32 = <f32>7.0376836292e-2
  p = p * m - <f32>1.1514610310e-1
  p = p * m + <f32>1.1676998740e-1
  p = p * m - <f32>1.2420140846e-1
  p = p * m + <f32>1.4249322787e-1
  p = p * m - <f32>1.6668057665e-1
  p = p * m + <f32>2.0000714765e-1
  p = p * m - <f32>2.4999993993e-1
  p = p * m + <f32>3.3333331174e-1
  let y = m * z * p
  y += exponent * <f32>-2.12194440e-4
  y -= <f32>0.5 * z
  return m + y + exponent * <f32>0.693359375
}

/** Sum of the four lanes. */
// @ts-ignore: decorator
@inline
export function sum4(x: v128): f32 {
  const pairs = f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1))
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1)
}

/** Largest of the four lanes. */
// @ts-ignore: decorator
@inline
export function max4(x: v128): f32 {
  const pairs = f32x4.pmax(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1))
  return max(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1))
}

/** The next multiple of four. */
// @ts-ignore: decorator
@inline
export function upToFour(n: i32): i32 {
  return (n + 3) & ~3
}

/** The next multiple of eight. */
// @ts-ignore: decorator
@inline
export function upToEight(n: i32): i32 {
  return (n + 7) & ~7
}
