/**
 * The compute engine, for what the grammar of answers here does not know: sums, products, limits, integrals and the like. Loaded when the first
 * value needs it (some 300 ms), never before; a value takes a millisecond or a few.
 *
 * @module
 */
/** An expression of the engine, as far as it is used here. */
interface Expression {
  readonly isValid: boolean
  readonly isEqual: (other: Expression) => boolean | undefined
  readonly N: () => { readonly re: number; readonly im: number }
}

interface ComputeEngine {
  readonly parse: (latex: string) => Expression
  timeLimit: number
}

/** Longer values are not given to the engine: its time grows faster than the text. */
const MOST_LENGTH = 200
/** Milliseconds for one evaluation. */
const TIME_LIMIT = 200

let engine: ComputeEngine | undefined | "missing"

const load = (): ComputeEngine | undefined => {
  if (engine === undefined) {
    try {
      // Asked for when it is used, so that whoever needs no engine can be bundled for a browser.
      const { createRequire } = process.getBuiltinModule("node:module")
      const { ComputeEngine } = createRequire(import.meta.url)("@cortex-js/compute-engine") as {
        readonly ComputeEngine: new() => ComputeEngine
      }
      engine = new ComputeEngine()
      engine.timeLimit = TIME_LIMIT
    } catch {
      engine = "missing"
    }
  }
  return engine === "missing" ? undefined : engine
}

/** Whether the engine is not installed: what only it reads is then unknown. */
export const isMissing = (): boolean => load() === undefined

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b), 1e-3)

/** Powers of powers make the engine compute numbers without end. */
const isLarge = (latex: string): boolean =>
  latex.length > MOST_LENGTH || /\^\s*(?:\{[^{}]*\^|[^\s{}]\^)|\^\s*\{?\d{5}|!.*!|\d{3,}!/.test(latex)

/** The engine's exceptions are "cannot tell"; what it prints about them is no output of ours. */
const quietly = <A>(work: () => A | undefined): A | undefined => {
  const { error, warn } = console
  console.error = () => undefined
  console.warn = () => undefined
  try {
    return work()
  } catch {
    return undefined
  } finally {
    console.error = error
    console.warn = warn
  }
}

const readable = new Map<string, Expression | undefined>()
const MOST_KEPT = 500

const parsed = (latex: string): Expression | undefined => {
  if (readable.has(latex)) return readable.get(latex)
  const found = quietly(() => {
    const expression = isLarge(latex) ? undefined : load()?.parse(latex)
    return expression?.isValid === true ? expression : undefined
  })
  if (readable.size >= MOST_KEPT) readable.clear()
  readable.set(latex, found)
  return found
}

/** Says whether the engine reads a value as a whole. */
export const isReadable = (latex: string): boolean => parsed(latex) !== undefined

/** Says whether two values are equal as the engine sees it, by its rules or else by number; undefined where it cannot tell. Never throws. */
export const areEqual = (a: string, b: string): boolean | undefined => {
  const [x, y] = [parsed(a), parsed(b)]
  if (x === undefined || y === undefined) return undefined
  return quietly(() => {
    const told = x.isEqual(y)
    if (told === true) return true
    // Its "no" may be a "not by these rules": numbers decide where there are any.
    const [u, v] = [x.N(), y.N()]
    const isNumber = [u.re, u.im, v.re, v.im].every(Number.isFinite)
    return isNumber ? near(u.re, v.re) && near(u.im, v.im) : told
  })
}
