/**
 * Arithmetic expressions of whole numbers, read and computed exactly.
 *
 * @module
 */

/** A fraction in any terms; the denominator is never 0. */
interface Fraction {
  readonly over: bigint
  readonly under: bigint
}

/** An expression's exact value as a fraction, and its numbers in the order written. */
export interface Expression {
  readonly over: bigint
  readonly under: bigint
  readonly numbers: ReadonlyArray<bigint>
}

/** Deeper brackets than this are no answer to anything. */
const MOST_DEPTH = 64

const combine: Readonly<Record<string, (a: Fraction, b: Fraction) => Fraction | undefined>> = {
  "+": (a, b) => ({ over: a.over * b.under + b.over * a.under, under: a.under * b.under }),
  "-": (a, b) => ({ over: a.over * b.under - b.over * a.under, under: a.under * b.under }),
  "*": (a, b) => ({ over: a.over * b.over, under: a.under * b.under }),
  "/": (a, b) => (b.over === 0n ? undefined : { over: a.over * b.under, under: a.under * b.over })
}

/** Longer texts are no answer to anything either; exact fractions of so many digits would take long. */
const MOST_LENGTH = 2_000

/** The symbols of a text, spaces between them skipped; undefined where something else stands. One pass, no way back. */
const symbolsOf = (text: string): ReadonlyArray<string> | undefined => {
  if (text.length > MOST_LENGTH) return undefined
  const symbol = /\s*(0(?!\d)|[1-9]\d*|[-+*/()])|\s+$/y
  const symbols: Array<string> = []
  while (symbol.lastIndex < text.length) {
    const found = symbol.exec(text)
    if (found === null) return undefined
    if (found[1] !== undefined) symbols.push(found[1])
  }
  return symbols
}

/**
 * Reads an expression of whole numbers, + − * / and brackets, e.g. "(3+5)*7", and computes it exactly. undefined for a text that is
 * none: anything left over, a sign without two sides, a number with zeros in front, a division by zero. Spaces between symbols say
 * nothing.
 */
export const readExpression = (text: string): Expression | undefined => {
  const symbols = symbolsOf(text)
  if (symbols === undefined) return undefined
  const numbers: Array<bigint> = []
  let at = 0

  const factor = (depth: number): Fraction | undefined => {
    const symbol = symbols[at++]
    if (symbol === undefined || depth > MOST_DEPTH) return undefined
    if (symbol !== "(") {
      if (!/^\d/.test(symbol)) return undefined
      numbers.push(BigInt(symbol))
      return { over: BigInt(symbol), under: 1n }
    }
    const inside = chain(["+", "-"], depth + 1)
    return symbols[at++] === ")" ? inside : undefined
  }

  /** A chain of operations of one rank, from left to right; the rank above binds tighter. */
  const chain = (signs: ReadonlyArray<string>, depth: number): Fraction | undefined => {
    const part = () => (signs.includes("+") ? chain(["*", "/"], depth) : factor(depth))
    let value = part()
    for (let sign = symbols[at]; value !== undefined && sign !== undefined && signs.includes(sign); sign = symbols[at]) {
      at++
      const next = part()
      value = next === undefined ? undefined : combine[sign]!(value, next)
    }
    return value
  }

  const value = chain(["+", "-"], 0)
  return value === undefined || at < symbols.length ? undefined : { ...value, numbers }
}
