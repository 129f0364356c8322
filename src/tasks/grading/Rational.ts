/**
 * Exact fractions of whole numbers, in lowest terms, and their one writing.
 *
 * @module
 */

/** A fraction in lowest terms; the denominator is positive. */
export interface Rational {
  readonly over: bigint
  readonly under: bigint
}

/** Beyond this many binary digits a number is no answer that anyone computes with; exact arithmetic stops there (some 4,800 decimal digits). */
const MOST_BITS = 16_000
const LIMIT = 1n << BigInt(MOST_BITS)

const isSmall = (value: bigint): boolean => value < LIMIT && value > -LIMIT

const divisor = (a: bigint, b: bigint): bigint => {
  let [x, y] = [a < 0n ? -a : a, b]
  while (y !== 0n) [x, y] = [y, x % y]
  return x
}

/** over / under in lowest terms; undefined where the denominator is 0 or a part is too long. */
export const rational = (over: bigint, under: bigint = 1n): Rational | undefined => {
  if (under === 0n || !isSmall(over) || !isSmall(under)) return undefined
  if (under === 1n) return { over, under }
  const [a, b] = under < 0n ? [-over, -under] : [over, under]
  const common = divisor(a, b)
  return common === 1n ? { over: a, under: b } : { over: a / common, under: b / common }
}

/** a + b. */
export const plus = (a: Rational, b: Rational): Rational | undefined => rational(a.over * b.under + b.over * a.under, a.under * b.under)

/** a · b. */
export const times = (a: Rational, b: Rational): Rational | undefined => rational(a.over * b.over, a.under * b.under)

/** a / b; undefined for b = 0. */
export const over = (a: Rational, b: Rational): Rational | undefined => rational(a.over * b.under, a.under * b.over)

/** −a. */
export const negative = (a: Rational): Rational => ({ over: -a.over, under: a.under })

/** Says whether two fractions are the same number. */
export const isSame = (a: Rational, b: Rational): boolean => a.over === b.over && a.under === b.under

const bits = (value: bigint): number => value.toString(16).length * 4

/** The whole root of a whole number that has one, by Newton's method from above. */
const wholeRoot = (value: bigint, degree: bigint): bigint | undefined => {
  if (value < 2n) return value < 0n ? undefined : value
  if (BigInt(bits(value)) < degree) return undefined
  let root = 1n << (BigInt(bits(value)) / degree + 1n)
  for (;;) {
    const next = ((degree - 1n) * root + value / root ** (degree - 1n)) / degree
    if (next >= root) break
    root = next
  }
  return root ** degree === value ? root : undefined
}

/**
 * base ^ exponent where that is a fraction again: any whole exponent, and roots that come out even (8^(2/3) = 4). undefined for others, for
 * 0 to a negative power, for 0^0 and for results that are too long.
 */
export const power = (base: Rational, exponent: Rational): Rational | undefined => {
  const degree = exponent.under
  if (degree !== 1n) {
    if (degree > 64n || base.over < 0n) return undefined
    const [a, b] = [wholeRoot(base.over, degree), wholeRoot(base.under, degree)]
    return a === undefined || b === undefined ? undefined : power({ over: a, under: b }, { over: exponent.over, under: 1n })
  }
  const times = exponent.over < 0n ? -exponent.over : exponent.over
  if (base.over === 0n) return exponent.over > 0n ? base : undefined
  const isUnit = base.under === 1n && (base.over === 1n || base.over === -1n)
  if (isUnit) return times % 2n === 0n ? { over: 1n, under: 1n } : base
  if (times > BigInt(MOST_BITS) || Number(times) * (Math.max(bits(base.over), bits(base.under)) - 4) > MOST_BITS) return undefined
  const [a, b] = [base.over ** times, base.under ** times]
  return exponent.over < 0n ? rational(b, a) : rational(a, b)
}

/** The double that is nearest, as far as doubles go. */
export const toNumber = ({ over, under }: Rational): number => {
  if (under === 1n) return Number(over)
  const shift = bits(over) - bits(under)
  // Both parts are brought to about 64 binary digits, so that neither overflows.
  const [a, b] = [Math.max(0, bits(over) - 128), Math.max(0, bits(under) - 128)]
  return Math.abs(shift) > 1_100 ? (shift < 0 ? 0 : Infinity) : (Number(over >> BigInt(a)) / Number(under >> BigInt(b))) * 2 ** (a - b)
}

/** Reads a decimal numeral in normal form ("-12.5"), of at most some 4,800 digits. */
export const fromDecimal = (text: string): Rational | undefined => {
  if (text.length > 4_800) return undefined
  const point = text.indexOf(".")
  return point < 0
    ? rational(BigInt(text))
    : rational(BigInt(text.slice(0, point) + text.slice(point + 1)), 10n ** BigInt(text.length - point - 1))
}

/** The powers of 2 and 5 in a denominator are all there is to it: how many decimals that makes; undefined where something is left. */
const decimals = (under: bigint): number | undefined => {
  let [rest, twos, fives] = [under, 0, 0]
  for (; rest % 2n === 0n; rest /= 2n) twos++
  for (; rest % 5n === 0n; rest /= 5n) fives++
  return rest === 1n ? Math.max(twos, fives) : undefined
}

/** Longer decimal fractions are written as fractions. */
const MOST_DECIMALS = 400

/** The one writing of a fraction: whole and decimal numbers as in `readNumber`'s normal form, others as "-1/3". */
export const format = (value: Rational): string => {
  if (value.under === 1n) return String(value.over)
  const places = bits(value.under) > 4 * MOST_DECIMALS ? undefined : decimals(value.under)
  if (places === undefined || places > MOST_DECIMALS) return `${value.over}/${value.under}`
  const digits = String((value.over < 0n ? -value.over : value.over) * (10n ** BigInt(places) / value.under)).padStart(places + 1, "0")
  return `${value.over < 0n ? "-" : ""}${digits.slice(0, -places)}.${digits.slice(-places)}`
}
