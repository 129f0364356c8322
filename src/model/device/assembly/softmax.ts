// Softmax of one row of scores in place, restricted to a mask.

import { exp4, max4, sum4 } from "./simd"

const masked: f32 = -1e30

/** scores [count] → softmax(scale · scores) over the lanes whose mask is set, 0 elsewhere. count is a multiple of 4. */
// @ts-ignore: decorator
@inline
export function maskedSoftmax(scores: usize, mask: usize, count: i32, scale: f32): void {
  const end = <usize>count << 2
  const scale4 = f32x4.splat(scale)
  const nothing = f32x4.splat(masked)
  let top4 = nothing
  for (let j: usize = 0; j < end; j += 16) {
    const s = v128.bitselect(f32x4.mul(v128.load(scores + j), scale4), nothing, v128.load(mask + j))
    v128.store(scores + j, s)
    top4 = f32x4.pmax(top4, s)
  }
  const top = f32x4.splat(max4(top4))
  let total4 = f32x4.splat(0)
  for (let j: usize = 0; j < end; j += 16) {
    const weight = v128.and(exp4(f32x4.sub(v128.load(scores + j), top)), v128.load(mask + j))
    v128.store(scores + j, weight)
    total4 = f32x4.add(total4, weight)
  }
  const share = f32x4.splat(<f32>1 / sum4(total4))
  for (let j: usize = 0; j < end; j += 16) v128.store(scores + j, f32x4.mul(v128.load(scores + j), share))
}
