/**
 * How charts and tables write numbers.
 *
 * @module
 */

/** A number in at most three digits. */
export const short = (value: number): string => {
  const text = Math.abs(value) >= 1e6 || (value !== 0 && Math.abs(value) < 1e-3)
    ? value.toExponential(1).replace(".0", "")
    : String(Number(value.toPrecision(3)))
  return text.replaceAll("-", "−")
}

/** A share in percent. */
export const percent = (value: number): string => `${Number((100 * value).toFixed(1))} %`.replace("-", "−")

/** Ticks of a logarithmic axis: powers of ten; where there are fewer than three, 2 and 5 times them too. */
export const logTicks = (least: number, most: number, count: number): ReadonlyArray<number> => {
  const [low, high] = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(most))]
  const powers = Array.from({ length: high - low + 1 }, (_, i) => low + i)
  const within = (factors: ReadonlyArray<number>): ReadonlyArray<number> =>
    powers.flatMap((power) => factors.map((factor) => Number(`${factor}e${power}`))).filter((tick) => tick >= least && tick <= most)
  const tens = within([1])
  if (tens.length < 3) return within([1, 2, 5])
  return tens.filter((_, i) => i % Math.ceil(tens.length / (count + 1)) === 0)
}
