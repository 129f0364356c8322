import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { readExpression } from "../../src/tasks/Expression.ts"
import { processorMs } from "../support/ProcessorTime.ts"

/** An expression as a tree, which knows nothing of texts. */
type Tree = { readonly sign: "+" | "-" | "*" | "/"; readonly left: Tree; readonly right: Tree } | number

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.nat(30),
    fc.record({ sign: fc.constantFrom("+", "-", "*", "/"), left: tie("tree"), right: tie("tree") })
  )
}))

const rank = (tree: Tree): number => (typeof tree === "number" ? 3 : tree.sign === "+" || tree.sign === "-" ? 1 : 2)

/** Writes a tree with no more brackets than it needs: a right side of the same rank needs them, a left side does not. */
const write = (tree: Tree): string => {
  if (typeof tree === "number") return String(tree)
  const side = (of: Tree, least: number): string => (rank(of) < least ? `(${write(of)})` : write(of))
  return side(tree.left, rank(tree)) + tree.sign + side(tree.right, rank(tree) + 1)
}

const writeFully = (
  tree: Tree
): string => (typeof tree === "number" ? String(tree) : `(${writeFully(tree.left)}${tree.sign}${writeFully(tree.right)})`)

const numbersOf = (tree: Tree): ReadonlyArray<bigint> =>
  typeof tree === "number" ? [BigInt(tree)] : [...numbersOf(tree.left), ...numbersOf(tree.right)]

const divisor = (a: bigint, b: bigint): bigint => (b === 0n ? (a < 0n ? -a : a) : divisor(b, a % b))

/** The slow oracle: fractions in lowest terms with a positive denominator, by the definition of each operation. */
const valueOf = (tree: Tree): readonly [bigint, bigint] | undefined => {
  if (typeof tree === "number") return [BigInt(tree), 1n]
  const [left, right] = [valueOf(tree.left), valueOf(tree.right)]
  if (left === undefined || right === undefined) return undefined
  const [[a, b], [c, d]] = [left, right]
  if (tree.sign === "/" && c === 0n) return undefined
  const [over, under] = {
    "+": [a * d + c * b, b * d],
    "-": [a * d - c * b, b * d],
    "*": [a * c, b * d],
    "/": [a * d, b * c]
  }[tree.sign] as [bigint, bigint]
  const common = divisor(over, under) * (under < 0n ? -1n : 1n)
  return [over / common, under / common]
}

describe("readExpression", () => {
  it("computes exactly what the tree of an expression is worth, written with the fewest brackets and with all, with spaces and without", () => {
    fc.assert(
      fc.property(tree, fc.boolean(), (drawn, isSpaced) => {
        const value = valueOf(drawn)
        for (const text of [write(drawn), writeFully(drawn)]) {
          const found = readExpression(isSpaced ? ` ${text.replaceAll(/([-+*/()])/g, " $1 ")} ` : text)
          if (value === undefined) {
            expect(found).toBeUndefined()
            continue
          }
          expect(found!.over * value[1]).toBe(value[0] * found!.under)
          expect(found!.under).not.toBe(0n)
          expect(found!.numbers).toEqual(numbersOf(drawn))
        }
      }),
      { numRuns: 500 }
    )
  })

  it("thirds are thirds: 1/3*3 is 1, and 8/(3-8/3) is 24", () => {
    for (const [text, value] of [["1/3*3", 1n], ["8/(3-8/3)", 24n], ["2-3-4", -5n], ["2+3*4", 14n], ["16/4/2", 2n]] as const) {
      const { over, under } = readExpression(text)!
      expect(over).toBe(value * under)
    }
  })

  it.each([
    ["nothing", ""],
    ["spaces alone", "   "],
    ["two numbers", "3 5"],
    ["zeros in front", "03+5"],
    ["a sign without a right side", "3+"],
    ["a sign without a left side", "*3"],
    ["a sign of a number", "-3"],
    ["brackets around nothing", "()"],
    ["brackets that do not close", "(3+5"],
    ["brackets that do not open", "3+5)"],
    ["a number before brackets", "3(5)"],
    ["an equation", "3+5=8"],
    ["a decimal fraction", "3.5"],
    ["a power", "3**5"],
    ["words", "three"],
    ["another alphabet's digits", "٣+٥"],
    ["a division by zero", "3/(5-5)"],
    ["a division by zero that is multiplied away", "0*(1/0)"]
  ])("%s is no expression", (_, text) => {
    expect(readExpression(text)).toBeUndefined()
  })

  it("zero is a number, and no other number begins with it", () => {
    fc.assert(fc.property(fc.stringMatching(/^0*\d{1,12}$/), (text) => {
      expect(readExpression(text) !== undefined).toBe(text === "0" || !text.startsWith("0"))
    }))
  })

  it("any text is an expression or none, never an exception", () => {
    const symbols = fc.array(fc.constantFrom(..."0123456789+-*/() .x"), { maxLength: 40 }).map((all) => all.join(""))
    fc.assert(
      fc.property(fc.oneof(symbols, fc.string()), (text) => {
        const found = readExpression(text)
        if (found !== undefined) expect(found.under).not.toBe(0n)
      }),
      { numRuns: 1_000 }
    )
  })

  it("2,000 characters are read, one more is no answer", () => {
    const sum = `1${"+1".repeat(999)}`
    expect(readExpression(`${sum} `)?.over).toBe(1_000n)
    expect(readExpression(`${sum}  `)).toBeUndefined()
  })

  it("brackets 64 deep are read, deeper ones are no answer", () => {
    const nested = (depth: number) => `${"(".repeat(depth)}1${")".repeat(depth)}`
    expect(readExpression(nested(64))!.over).toBe(1n)
    expect(readExpression(nested(65))).toBeUndefined()
    expect(readExpression("(".repeat(2_000))).toBeUndefined()
  })

  it("hostile texts take no time: 100,000 characters of any kind, and digits that a careless pattern would cut up in every way", () => {
    const startedAt = processorMs()
    for (const text of ["1", "(", "1+", "9/7-", " ", "1 ", ")"].map((part) => part.repeat(100_000 / part.length))) {
      expect(readExpression(`${text}x`)).toBeUndefined()
      expect(readExpression(text)).toBeUndefined()
    }
    for (const part of ["1", " ", "1 "]) expect(readExpression(`${part.repeat(1_999 / part.length)}x`)).toBeUndefined()
    // The longest texts that are computed: products and fractions that grow with every part.
    expect(readExpression(`${"99*".repeat(660)}99`)).toBeDefined()
    expect(readExpression(`${"1/97+".repeat(390)}1`)).toBeDefined()
    expect(processorMs() - startedAt).toBeLessThan(1_000)
  })
})
