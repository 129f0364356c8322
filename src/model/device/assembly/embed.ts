// Rows of a table by id, and the gradient that adds them back.

/** out [n,d] = table[ids]. Returns 0, or 1 + the first position whose id is outside the table. */
export function embed(table: usize, ids: usize, out: usize, n: i32, vocabulary: i32, d: i32): i32 {
  const width = <usize>d << 2
  for (let i = 0; i < n; i++) {
    const id = load<i32>(ids + (<usize>i << 2))
    if (<u32>id >= <u32>vocabulary) return i + 1
    memory.copy(out, table + <usize>id * width, width)
    out += width
  }
  return 0
}

/** dtable [vocabulary,d]: each row the sum of dy over the positions with its id. */
export function embedGrad(ids: usize, dy: usize, dtable: usize, n: i32, vocabulary: i32, d: i32): void {
  const width = <usize>d << 2
  const whole = <usize>(d & ~3) << 2
  memory.fill(dtable, 0, <usize>vocabulary * width)
  for (let i = 0; i < n; i++) {
    const row = dtable + <usize>load<i32>(ids + (<usize>i << 2)) * width
    for (let k: usize = 0; k < whole; k += 16) v128.store(row + k, f32x4.add(v128.load(row + k), v128.load(dy + k)))
    for (let k = whole; k < width; k += 4) store<f32>(row + k, load<f32>(row + k) + load<f32>(dy + k))
    dy += width
  }
}
