/**
 * Complex numbers as pairs of doubles, and the functions that answers are written with. Principal values throughout.
 *
 * @module
 */

/** re + i·im. */
export interface Complex {
  readonly re: number
  readonly im: number
}

/** No value. */
export const NONE: Complex = { re: Number.NaN, im: Number.NaN }

/** The constants by their names. */
export const CONSTANTS: Readonly<Record<"pi" | "e" | "i" | "infinity", Complex>> = {
  pi: { re: Math.PI, im: 0 },
  e: { re: Math.E, im: 0 },
  i: { re: 0, im: 1 },
  infinity: { re: Infinity, im: 0 }
}

const real = (re: number): Complex => ({ re, im: 0 })

/** a + b. */
export const plus = (a: Complex, b: Complex): Complex => ({ re: a.re + b.re, im: a.im + b.im })

/** a · b; parts that are real stay so, also at infinity. */
export const times = (a: Complex, b: Complex): Complex =>
  a.im === 0 && b.im === 0 ? real(a.re * b.re) : { re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re }

/** a / b; by zero there is none. */
export const over = (a: Complex, b: Complex): Complex => {
  if (b.im === 0) return b.re === 0 ? NONE : { re: a.re / b.re, im: a.im === 0 ? 0 : a.im / b.re }
  const size = b.re * b.re + b.im * b.im
  return { re: (a.re * b.re + a.im * b.im) / size, im: (a.im * b.re - a.re * b.im) / size }
}

/** |a|. */
export const size = (a: Complex): number => (a.im === 0 ? Math.abs(a.re) : Math.hypot(a.re, a.im))

const logarithm = (a: Complex): Complex =>
  a.im === 0 && a.re > 0 ? real(Math.log(a.re)) : a.re === 0 && a.im === 0 ? NONE : { re: Math.log(size(a)), im: Math.atan2(a.im, a.re) }

const exponential = (a: Complex): Complex =>
  a.im === 0 ? real(Math.exp(a.re)) : { re: Math.exp(a.re) * Math.cos(a.im), im: Math.exp(a.re) * Math.sin(a.im) }

/** a ^ b. */
export const power = (a: Complex, b: Complex): Complex => {
  if (a.im === 0 && b.im === 0) {
    if (a.re === 0 && b.re <= 0) return NONE
    const value = a.re ** b.re
    if (!Number.isNaN(value)) return real(value)
  }
  // Small whole powers by multiplication, so that i^2 is -1 to the last digit.
  if (b.im === 0 && Number.isInteger(b.re) && Math.abs(b.re) <= 64) {
    let result = real(1)
    for (let i = 0; i < Math.abs(b.re); i++) result = times(result, a)
    return b.re < 0 ? over(real(1), result) : result
  }
  return exponential(times(logarithm(a), b))
}

const I: Complex = { re: 0, im: 1 }

const sine = (a: Complex): Complex =>
  a.im === 0 ? real(Math.sin(a.re)) : { re: Math.sin(a.re) * Math.cosh(a.im), im: Math.cos(a.re) * Math.sinh(a.im) }
const cosine = (a: Complex): Complex =>
  a.im === 0 ? real(Math.cos(a.re)) : { re: Math.cos(a.re) * Math.cosh(a.im), im: -Math.sin(a.re) * Math.sinh(a.im) }

const realOnly = (f: (x: number) => number) => (a: Complex): Complex => (a.im === 0 ? real(f(a.re)) : NONE)

const functions: Readonly<Record<string, (a: Complex, b: Complex | undefined) => Complex>> = {
  sin: sine,
  cos: cosine,
  tan: (a) => over(sine(a), cosine(a)),
  cot: (a) => over(cosine(a), sine(a)),
  sec: (a) => over(real(1), cosine(a)),
  csc: (a) => over(real(1), sine(a)),
  arcsin: realOnly(Math.asin),
  arccos: realOnly(Math.acos),
  arctan: realOnly(Math.atan),
  arccot: realOnly((x) => Math.PI / 2 - Math.atan(x)),
  sinh: (a) => times(over(sine(times(I, a)), I), real(1)),
  cosh: (a) => cosine(times(I, a)),
  tanh: realOnly(Math.tanh),
  ln: logarithm,
  log: (a, base) => over(logarithm(a), logarithm(base ?? real(10))),
  lg: (a) => over(logarithm(a), real(Math.LN10)),
  exp: exponential,
  abs: (a) => real(size(a)),
  floor: realOnly(Math.floor),
  ceil: realOnly(Math.ceil),
  arg: (a) => real(Math.atan2(a.im, a.re)),
  Re: (a) => real(a.re),
  Im: (a) => real(a.im)
}

/** Functions of angles, whose argument may be in degrees. */
export const ANGLES: ReadonlySet<string> = new Set(["sin", "cos", "tan", "cot", "sec", "csc"])

/** A function by its name; no value for one that is not known. */
export const call = (name: string, [a, b]: ReadonlyArray<Complex>): Complex => (a === undefined ? NONE : functions[name]?.(a, b) ?? NONE)

/** Says whether a has a value; infinities count, in one direction. */
export const isKnown = (a: Complex): boolean => !Number.isNaN(a.re) && !Number.isNaN(a.im)

/** Numbers this near to each other, relative to the larger, are one. */
export const TOLERANCE = 1e-9

/** Says whether two numbers are the same, within `tolerance` of the larger, or of `floor` where both are smaller. Infinities are only themselves. */
export const isNear = (a: Complex, b: Complex, tolerance: number = TOLERANCE, floor = 0): boolean =>
  (a.re === b.re && a.im === b.im) ||
  (Number.isFinite(size(a)) && Number.isFinite(size(b)) &&
    size({ re: a.re - b.re, im: a.im - b.im }) <= tolerance * Math.max(size(a), size(b), floor))
