/**
 * Reads cleaned mathematics. One pass; anything that is not understood makes the whole value unread, never a part of it.
 *
 * @module
 */
import { isDigit } from "../NumberText.ts"
import type { Node, Relation } from "./Node.ts"
import { Scanner, Unread, whole } from "./Scanner.ts"
import { FUNCTIONS } from "./Words.ts"

const RELATIONS: ReadonlyArray<Relation> = ["=", "<", ">", "\\leq", "\\geq", "\\neq", "\\in", "\\approx"]
const GREEK =
  /^\\(?:alpha|beta|gamma|delta|epsilon|varepsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|rho|sigma|tau|phi|chi|psi|omega|Gamma|Delta|Theta|Lambda|Sigma|Phi|Psi|Omega|ell|hbar)$/
const ACCENTS = /^\\(?:vec|hat|bar|tilde|overline|mathbb|mathcal|text)$/
const MATRICES = /^(?:[pbBvV]?matrix|smallmatrix|array|cases|aligned|align\*?)$/

class Reader extends Scanner {
  /** Parts between commas, until something else comes. */
  parts(): ReadonlyArray<Node> {
    const parts = [this.relation()]
    while (this.is(",")) parts.push(this.relation())
    return parts
  }

  whole(): Node {
    const parts = this.parts()
    if (this.peek() !== "") this.fail()
    return parts.length === 1 ? parts[0]! : { kind: "list", parts }
  }

  relation(): Node {
    const parts = [this.union()]
    const signs: Array<Relation> = []
    for (;;) {
      const sign = RELATIONS.find((each) => each === this.peek())
      if (sign === undefined) break
      this.take()
      signs.push(sign)
      parts.push(this.union())
    }
    return signs.length === 0 ? parts[0]! : { kind: "relation", parts, signs }
  }

  union(): Node {
    const parts = [this.sum()]
    for (;;) {
      if (this.is("\\cup")) parts.push(this.sum())
      else if (this.is("\\setminus")) parts.push({ kind: "without", left: parts.pop()!, right: this.sum() })
      else break
    }
    return parts.length === 1 ? parts[0]! : { kind: "union", parts }
  }

  sum(): Node {
    return this.nested(() => {
      const parts: Array<Node> = []
      for (;;) {
        const next = this.peek()
        const isMinus = next === "-" || (next === "\\pm" && this.sign < 0) || (next === "\\mp" && this.sign > 0)
        const hasSign = isMinus || next === "+" || next === "\\pm" || next === "\\mp"
        if (hasSign) this.take()
        else if (parts.length > 0) break
        const part = this.product()
        parts.push(isMinus ? { kind: "negative", part } : part)
      }
      return parts.length === 1 ? parts[0]! : { kind: "sum", parts }
    })
  }

  /** Says whether a factor may begin without a sign: not a number after a number. */
  startsFactor(): boolean {
    const next = this.peek()
    if (next === "" || isDigit(next.charCodeAt(0))) return false
    if (next === "|") return !this.bars
    if (next[0] !== "\\") return /[a-zA-Z([{]/.test(next)
    return !RELATIONS.includes(next as Relation) &&
      !/^\\(?:\}|\\|rangle|cup|setminus|pm|mp|end|mod|pmod|rfloor|rceil|ldots|choose)$/.test(next)
  }

  product(): Node {
    let left = this.factor()
    for (;;) {
      if (this.is("*")) left = { kind: "product", parts: [left, this.factor()] }
      else if (this.is("/") || this.is(":")) left = { kind: "quotient", left, right: this.factor() }
      else if (this.startsFactor()) left = this.beside(left)
      else return left
    }
  }

  /** What stands beside without a sign: a factor, or the fraction of a mixed number. */
  beside(left: Node): Node {
    const from = this.at
    const beside = this.powers()
    // "33\frac{1}{3}%" is a third more than 33, in hundredths.
    const mark = beside.kind === "percent" || beside.kind === "degree" ? beside : undefined
    const right = mark?.part ?? beside
    const isMixed = left.kind === "number" && left.value.under === 1n && right.kind === "quotient" &&
      this.text.startsWith("\\frac", from) &&
      right.left.kind === "number" && right.right.kind === "number"
    if (!isMixed) return { kind: "product", parts: [left, beside] }
    const mixed: Node = { kind: "sum", parts: [left, right] }
    return mark === undefined ? mixed : { kind: mark.kind, part: mixed }
  }

  factor(): Node {
    const next = this.peek()
    if (next === "-" || next === "+") {
      this.take()
      const part = this.nested(() => this.factor())
      return next === "-" ? { kind: "negative", part } : part
    }
    return this.powers()
  }

  powers(): Node {
    let base = this.nested(() => this.primary())
    for (;;) {
      if (this.is("^")) {
        const right = this.nested(() => (this.peek() === "-" ? this.factor() : this.argument()))
        base = { kind: "power", left: base, right }
      } else if (this.is("!")) base = { kind: "call", name: "factorial", parts: [base] }
      else if (this.is("%")) base = { kind: "percent", part: base }
      else if (this.is("\\degree")) base = { kind: "degree", part: base }
      else if (this.is("\\choose")) base = { kind: "call", name: "binom", parts: [base, this.primary()] }
      else return base
    }
  }

  /** The argument of a command or an exponent: a group, a number, or one sign. */
  argument(): Node {
    if (!this.is("{")) return this.primary()
    const inside = this.relation()
    this.expect("}")
    return inside
  }

  /** One digit counts as an argument: \frac34. */
  shortArgument(): Node {
    this.skipSpaces()
    const code = this.text.charCodeAt(this.at)
    if (!isDigit(code)) return this.nested(() => this.argument())
    this.at++
    return { kind: "number", value: { over: BigInt(code - 48), under: 1n } }
  }

  primary(): Node {
    const next = this.peek()
    if (isDigit(next.charCodeAt(0)) || next === ".") return this.number()
    if (next[0] === "\\" && next.length > 1) return this.command(this.take())
    if (/^[a-zA-Z]$/.test(next)) {
      this.take()
      if (next === "e" || next === "i") return { kind: "constant", name: next }
      return { kind: "variable", name: this.name(next) }
    }
    if (next === "{") return this.argument()
    if (next === "|" && !this.bars) {
      this.take()
      this.bars = true
      const part = this.sum()
      this.bars = false
      this.expect("|")
      return { kind: "call", name: "abs", parts: [part] }
    }
    if (next === "(" || next === "[" || next === "]") return this.brackets(this.take())
    return this.fail()
  }

  brackets(open: string): Node {
    const parts = this.parts()
    const close = this.take()
    if (open === "]" ? close !== "[" : close !== ")" && close !== "]") this.fail()
    if (parts.length > 1) return { kind: "tuple", open: open === "]" ? "(" : open, close: close === "[" ? ")" : close, parts }
    if ((open === "(") !== (close === ")")) this.fail()
    return parts[0]!
  }

  command(name: string): Node {
    switch (name) {
      case "\\pi":
        return { kind: "constant", name: "pi" }
      case "\\infty":
        return { kind: "constant", name: "infinity" }
      case "\\frac": {
        const left = this.shortArgument()
        return { kind: "quotient", left, right: this.shortArgument() }
      }
      case "\\binom": {
        const left = this.shortArgument()
        return { kind: "call", name: "binom", parts: [left, this.shortArgument()] }
      }
      case "\\sqrt": {
        let degree: Node = whole(2n)
        if (this.is("[")) {
          degree = this.sum()
          this.expect("]")
        }
        const left = this.argument()
        return { kind: "power", left, right: { kind: "quotient", left: whole(1n), right: degree } }
      }
      case "\\{": {
        const parts = this.peek() === "\\}" ? [] : this.parts()
        this.expect("\\}")
        return { kind: "set", parts }
      }
      case "\\emptyset":
        return { kind: "set", parts: [] }
      case "\\langle": {
        const parts = this.parts()
        this.expect("\\rangle")
        return { kind: "tuple", open: "(", close: ")", parts }
      }
      case "\\lfloor":
      case "\\lceil": {
        const part = this.sum()
        this.expect(name === "\\lfloor" ? "\\rfloor" : "\\rceil")
        return { kind: "call", name: name === "\\lfloor" ? "floor" : "ceil", parts: [part] }
      }
      case "\\begin":
        return this.matrix()
    }
    if (GREEK.test(name)) return { kind: "variable", name: this.name(name) }
    if (ACCENTS.test(name)) {
      const content = this.is("{") ? this.text.slice(this.at, this.text.indexOf("}", this.at)) : this.take()
      if (content === "") this.fail()
      if (this.text[this.at - 1] === "{") {
        this.at += content.length
        this.expect("}")
      }
      if (name === "\\mathbb" && content === "R") {
        return { kind: "tuple", open: "(", close: ")", parts: [{ kind: "negative", part: infinity }, infinity] }
      }
      return { kind: "variable", name: this.name(`${name}{${content}}`) }
    }
    return FUNCTIONS.has(name.slice(1)) && name !== "\\mod" ? this.call(name.slice(1)) : this.fail()
  }

  /** A function with its power, base and argument: \sin^2 x, \log_2 8, \ln(x+1), \sin 2x. */
  call(name: string): Node {
    const base = this.is("_") ? this.nested(() => this.argument()) : undefined
    const exponent = this.is("^") ? this.nested(() => this.argument()) : undefined
    const part = this.peek() === "(" ? this.afterBracket() : this.bare()
    const parts = base === undefined ? [part] : [part, base]
    const isInverse = exponent?.kind === "negative" && exponent.part.kind === "number" && exponent.part.value.over === 1n
    if (isInverse) return { kind: "call", name: `arc${name}`, parts }
    const call: Node = { kind: "call", name, parts: part.kind === "tuple" ? part.parts : parts }
    return exponent === undefined ? call : { kind: "power", left: call, right: exponent }
  }

  afterBracket(): Node {
    this.take()
    return this.nested(() => this.brackets("("))
  }

  bare(): Node {
    let part = this.nested(() => this.factor())
    while (this.startsFactor() && /^(?:[a-zA-Z]|\\pi|\\frac|\\sqrt)$/.test(this.peek())) {
      part = { kind: "product", parts: [part, this.powers()] }
    }
    if (this.peek() === "/" && part.kind !== "call") {
      this.take()
      part = { kind: "quotient", left: part, right: this.factor() }
    }
    return part
  }

  matrix(): Node {
    const [all, name = ""] = /^\{([a-zA-Z*]+)\}(?:\{[lcr|]*\})?/.exec(this.text.slice(this.at)) ?? []
    if (all === undefined || !MATRICES.test(name) || /^[vV]/.test(name)) this.fail()
    this.at += all.length
    const rows: Array<ReadonlyArray<Node>> = []
    while (this.peek() !== "\\end") {
      const row = [this.relation()]
      while (this.is("&")) row.push(this.relation())
      rows.push(row)
      if (!this.is("\\\\")) break
    }
    this.expect("\\end")
    if (!this.text.startsWith(`{${name}}`, this.at)) this.fail()
    this.at += name.length + 2
    return name === "cases" || name.startsWith("align") ? { kind: "list", parts: rows.flat() } : { kind: "matrix", rows }
  }
}

const infinity: Node = { kind: "constant", name: "infinity" }

const read = (text: string, sign: 1 | -1): Node | undefined => {
  try {
    return new Reader(text, sign).whole()
  } catch (problem) {
    if (problem instanceof Unread) return undefined
    throw problem
  }
}

/** Reads a cleaned value; "±" gives both values. undefined where it is not understood as a whole. */
export const parse = (cleaned: string): Node | undefined => {
  if (cleaned === "") return undefined
  const first = read(cleaned, 1)
  if (first === undefined || !/\\[pm][mp]/.test(cleaned)) return first
  const second = read(cleaned, -1)
  if (second === undefined) return undefined
  const partsOf = (node: Node): ReadonlyArray<Node> => (node.kind === "list" ? node.parts : [node])
  return { kind: "list", parts: [...partsOf(first), ...partsOf(second)] }
}
