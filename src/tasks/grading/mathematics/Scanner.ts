/**
 * The signs of cleaned mathematics, one after the other: what `Parse.ts` reads by.
 *
 * @module
 */
import { readNumber } from "../NumberText.ts"
import { fromDecimal } from "../Rational.ts"
import type { Node } from "./Node.ts"

/** Deeper nesting than this is no answer to anything. */
const MOST_DEPTH = 50

/** A text is not understood: thrown by a scanner, caught by `parse`. */
export class Unread extends Error {}

const command = /\\(?:[a-zA-Z]+|[^a-zA-Z])/y
const RECURRING = /\\overline\{(\d+)\}/y

/** A whole number as a node. */
export const whole = (value: bigint): Node => ({ kind: "number", value: { over: value, under: 1n } })

/** Reads signs, numbers and names, and knows how deep it is. */
export class Scanner {
  at = 0
  depth = 0
  /** Within bars, the next bar closes. */
  bars = false
  readonly text: string
  /** What `\pm` is read as; `\mp` is the other. */
  readonly sign: 1 | -1

  constructor(text: string, sign: 1 | -1) {
    this.text = text
    this.sign = sign
  }

  fail(): never {
    throw new Unread()
  }

  skipSpaces(): void {
    while (this.text[this.at] === " ") this.at++
  }

  /** The sign or command that comes next, "" at the end. */
  peek(): string {
    this.skipSpaces()
    if (this.text[this.at] !== "\\") return this.text[this.at] ?? ""
    command.lastIndex = this.at
    return command.exec(this.text)?.[0] ?? this.fail()
  }

  take(): string {
    const next = this.peek()
    this.at += next.length
    return next
  }

  is(sign: string): boolean {
    if (this.peek() !== sign) return false
    this.at += sign.length
    return true
  }

  expect(sign: string): void {
    if (!this.is(sign)) this.fail()
  }

  nested<A>(read: () => A): A {
    if (++this.depth > MOST_DEPTH) this.fail()
    const value = read()
    this.depth--
    return value
  }

  number(): Node {
    const from = this.at
    const found = readNumber(this.text, this.at, this.text.length, { noCommas: true }) ?? this.fail()
    this.at = found.end
    if (this.text.startsWith(".\\overline{", this.at)) this.at++
    RECURRING.lastIndex = this.at
    const value = fromDecimal(found.value) ?? this.fail()
    const [all, digits] = RECURRING.exec(this.text) ?? []
    if (all !== undefined && digits !== undefined) {
      this.at += all.length
      // As written: "0.10\overline{6}" has two places before the period.
      const point = this.text.slice(from, found.end).indexOf(".")
      const places = point < 0 ? 0 : found.end - from - point - 1
      const under = 10n ** BigInt(places) * (10n ** BigInt(digits.length) - 1n)
      return { kind: "sum", parts: [{ kind: "number", value }, { kind: "quotient", left: whole(BigInt(digits)), right: whole(under) }] }
    }
    // A mixed number: "2 3/4".
    const [mixed, over, under] = /^ (\d+)\/(\d+)(?![\d.])/.exec(this.text.slice(this.at, this.at + 40)) ?? []
    if (mixed !== undefined && value.under === 1n) {
      this.at += mixed.length
      return {
        kind: "sum",
        parts: [{ kind: "number", value }, { kind: "quotient", left: whole(BigInt(over!)), right: whole(BigInt(under!)) }]
      }
    }
    if (this.is("_")) {
      const base = this.subscript()
      return { kind: "base", digits: found.value, base }
    }
    return { kind: "number", value }
  }

  subscript(): string {
    const [all, group, single] = /^(?:\{((?:[^{}]|\{[^{}]*\})*)\}|(\d+|[a-zA-Z]|\\[a-zA-Z]+))/.exec(this.text.slice(this.at)) ?? []
    if (all === undefined) this.fail()
    this.at += all.length
    return (group ?? single)!
  }

  /** A variable's name with its subscript and primes. */
  name(letter: string): string {
    let name = letter
    if (this.is("_")) name += `_${this.subscript().replace(/\s/g, "")}`
    while (this.is("'")) name += "'"
    return name
  }
}
