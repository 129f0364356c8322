// Which positions see which. Masks are int32 lanes, all ones where visible.

/**
 * Lanes of positions j..j+3 (group codes at `codes`) that position i of this group sees: the position itself, and
 * earlier ones of group 0 or of its own group. A padding position (group < 0) sees itself only.
 */
// @ts-ignore: decorator
@inline
export function visible4(codes: v128, j: i32, i: i32, group: i32): v128 {
  const index = i32x4.add(i32x4.splat(j), i32x4(0, 1, 2, 3))
  const itself = i32x4.eq(index, i32x4.splat(i))
  if (group < 0) return itself
  const earlier = i32x4.lt_s(index, i32x4.splat(i))
  const open = v128.or(i32x4.eq(codes, i32x4.splat(0)), i32x4.eq(codes, i32x4.splat(group)))
  return v128.or(v128.and(earlier, open), itself)
}
