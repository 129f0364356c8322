/**
 * Mathematics as people write it, LaTeX or plain, in one writing: no markup, spacing, sizes, units or separators within numbers. What is left
 * is LaTeX that `parse` reads; a cleaned text is cleaned again to itself.
 *
 * @module
 */
import { isDigit, readNumber } from "../NumberText.ts"
import { asciiOf, COMMANDS, FUNCTIONS, isProduct, TEXTS, WORDS } from "./Words.ts"

/** Longer values are no mathematics that is decided here: only their writing is compared. */
export const MOST_LENGTH = 400

const isLetter = (code: number): boolean => (code >= 65 && code <= 90) || (code >= 97 && code <= 122)

/** The end of the group that `open` begins at `at` (after its closing sign); -1 where it does not close. */
export const groupEnd = (text: string, at: number, open: string, close: string, to = text.length): number => {
  let depth = 0
  for (let i = at; i < to; i++) {
    if (text[i] === "\\" && open === "{") i++
    else if (text[i] === open) depth++
    else if (text[i] === close && --depth === 0) return i + 1
  }
  return -1
}

/** Letters of one kind from `at` on. */
const lettersEnd = (text: string, at: number): number => {
  let end = at
  while (isLetter(text.charCodeAt(end))) end++
  return end
}

const power = /\s*\^\s*(?:\{\s*-?[1-3]\s*\}|-?[1-3](?!\d))/y
const circle = /\^\s*(?:\\circ(?![a-zA-Z])|\\degree(?![a-zA-Z])|\{\s*\\(?:circ|degree)\s*\})/y
const scaleOfHeat = /\s*(?:\\(?:text|mathrm)\s*\{\s*)?[CFK](?:\s*\}|(?![a-zA-Z]))/y

// "12\frac{\text{km}}{\text{h}}".
const unitFraction = /\\[dt]?frac\s*\{\s*\\(?:text|mathrm)\s*\{[^{}]*\}\s*\}\s*\{\s*\\(?:text|mathrm)\s*\{[^{}]*\}\s*\}/y

// "5 m", "3 m^2", "10 N": at the end of a number; "5 m + 3" is none.
const unitLetter = /[mgshLlNJWVAKCF](?:\s*\^\s*\{?[23]\}?)?(?=\s*(?:$|[.,;)\]/]|(?:and|or)\b))/y

const skip = (pattern: RegExp, text: string, at: number): number => {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}

/** The end of words that say what is counted, from `at` on: "km/h", "square meters per hour", "cm^2". */
const unitsEnd = (text: string, at: number): number => {
  let end = at
  for (let next = at; isLetter(text.charCodeAt(next));) {
    const stop = lettersEnd(text, next)
    const word = text.slice(next, stop)
    if (next > at && (word === "and" || word === "or")) break
    end = skip(power, text, stop)
    next = end
    while (" ./*-~".includes(text[next] ?? "x")) next++
  }
  return end
}

const closing = /[\d)\]}%!a-zA-Z|']$/

class Writer {
  readonly pieces: Array<string> = []
  #gap = false

  gap(): void {
    this.#gap = true
  }

  get last(): string {
    return this.pieces.at(-1) ?? ""
  }

  /** Whether something stands before that a unit could belong to. */
  get hasValue(): boolean {
    return closing.test(this.last) && !this.last.startsWith("\\text")
  }

  /** Whether all there is, since the last comma, is a number. */
  get isNumber(): boolean {
    const { pieces } = this
    return isDigit(this.last.charCodeAt(this.last.length - 1)) && (pieces.length < 2 || /^(?:, |[-+([])$/.test(pieces.at(-2)!))
  }

  push(piece: string): void {
    const last = this.last
    // "2 3/4" keeps its space, and "\pi r".
    const isApart = (this.#gap && isDigit(piece.charCodeAt(0)) && isDigit(last.charCodeAt(last.length - 1))) ||
      (/\\[a-zA-Z]+$/.test(last) && isLetter(piece.charCodeAt(0)))
    this.#gap = false
    this.pieces.push(isApart ? ` ${piece}` : piece)
  }

  /** A list goes on; nothing to go on from is nothing. */
  separate(): void {
    if (this.pieces.length > 0 && this.last !== ", ") this.pieces.push(", ")
    this.#gap = false
  }

  text(): string {
    let end = this.pieces.length
    while (end > 0 && /^(?:, |[-+*/=:^_&~]|\\\\)$/.test(this.pieces[end - 1]!)) end--
    return this.pieces.slice(0, end).join("").trim()
  }
}

/** Whether commas within the brackets that open at `at` separate parts even between digits: "(1,234)" does, "(10,000, 20,000)" does not. */
const separates = (text: string, at: number): boolean => {
  let depth = 0
  for (let i = at; i < text.length; i++) {
    const sign = text[i]!
    if ("([".includes(sign) || (sign === "\\" && text[i + 1] === "{")) depth++
    else if ((")]".includes(sign) || (sign === "\\" && text[i + 1] === "}")) && --depth === 0) return true
    else if (depth === 1 && (sign === ";" || (sign === "," && /^(?:\s|\\[,; ])/.test(text.slice(i + 1, i + 3)) && text[i - 1] !== "\\"))) {
      return false
    }
  }
  return true
}

const write = (text: string, out: Writer, depth: number): void => {
  const open: Array<boolean> = []
  const inText = (content: string, isUpright: boolean, after: number): number => {
    const word = content.replace(/~|\\[,;: !]/g, " ").trim()
    if (word === "") return after
    if (FUNCTIONS.has(word)) out.push(`\\${word}`)
    else if (/^[,;]?\s*(?:and|or)$/i.test(word) || /^[,;]$/.test(word)) out.separate()
    else if (WORDS.has(word)) out.push(WORDS.get(word)!)
    else if (out.hasValue && /[a-zA-Z]{2,}/.test(word.replace(/\b(?:and|or)\b/g, ""))) return skip(power, text, after)
    else if (/\d/.test(word)) {
      if (depth < 8) write(word, out, depth + 1)
    } else if (/^\(?[A-Za-z]\)?$/.test(word) && !(out.hasValue && isUpright)) out.push(word)
    else if (out.hasValue) return skip(power, text, after)
    else out.push(`\\text{${word.replace(/[{}\\]/g, "")}}`)
    return after
  }
  for (let i = 0; i < text.length;) {
    const sign = text[i]!
    const code = text.charCodeAt(i)
    if (code <= 32 || sign === "~") {
      out.gap()
      i++
    } else if (isDigit(code) || (sign === "." && isDigit(text.charCodeAt(i + 1)))) {
      // One digit is one argument: \frac34, \frac{1}2.
      const isArgument = /\\frac$|\\frac(?:\d|\{[^{}]*\})$/.test(out.pieces.slice(-8).join("")) && sign !== "."
      const number = isArgument ? undefined : readNumber(text, i, text.length, { noCommas: open.at(-1) === true })
      out.push(number === undefined ? sign : number.value)
      i = number?.end ?? i + 1
    } else if (isLetter(code)) {
      const end = lettersEnd(text, i)
      const run = text.slice(i, end)
      const known = WORDS.get(run)
      const nextDigit = /^\s*\d/.test(text.slice(end, end + 4))
      if (known === ", ") out.separate()
      else if (run.length === 1 && text[i - 1] === " " && out.isNumber && skip(unitLetter, text, i) > i) {
        i = skip(unitLetter, text, i)
        continue
      } else if (known !== undefined) out.push(known)
      else if (run === "x" && nextDigit && isDigit(out.last.charCodeAt(out.last.length - 1)) && /\s|\d/.test(text[end] ?? "")) out.push("*")
      else if (run.length === 1 || isProduct(run)) {
        for (const letter of run) out.push(letter)
      } else if (out.hasValue) {
        i = unitsEnd(text, i)
        out.gap()
        continue
      } else out.push(`\\text{${run}}`)
      i = end
    } else if (sign === "\\" && out.hasValue && skip(unitFraction, text, i) > i) {
      i = skip(unitFraction, text, i)
    } else if (sign === "\\") {
      // "\\quadx" is a space and an x, as data sets have it.
      const end = /^\\quad[a-z]/.test(text.slice(i, i + 6)) ? i + 5 : lettersEnd(text, i + 1)
      const name = text.slice(i + 1, end)
      i = Math.max(end, i + 2)
      const environment = name === "begin" || name === "end"
        ? /^\{[a-zA-Z*]+\}(?:\{[lcr| ]*\})?/.exec(text.slice(i, i + 40))?.[0]
        : undefined
      if (environment !== undefined) {
        out.push(`\\${name}${environment.replaceAll(" ", "")}`)
        i += environment.length
      } else if (name === "") {
        const next = text[i - 1] ?? ""
        if ("{}".includes(next) && next !== "") {
          if (next === "{") open.push(separates(text, i - 2))
          else open.pop()
          out.push(`\\${next}`)
        } else if (next === "\\") out.push("\\\\")
        else if (next === "%") out.push("%")
        else if (next === "|") out.push("|")
        else if (next === "_" || next === "&" || next === "#") out.push(next)
        else if (next !== "!") out.gap()
      } else if (TEXTS.has(name)) {
        while (text[i] === " ") i++
        const close = text[i] === "{" ? groupEnd(text, i, "{", "}") : -1
        if (close < 0) continue
        i = inText(text.slice(i + 1, close - 1), name !== "mathbf" && name !== "boldsymbol", close)
      } else if (name === "circ" && out.hasValue) {
        out.push("\\degree")
      } else {
        const known = COMMANDS.get(name)
        if (known === ", ") out.separate()
        else if (known === undefined) out.push(`\\${name}`)
        else if (known.trim() === "") {
          if (known === " ") out.gap()
          if ((name === "left" || name === "right") && text[i] === ".") i++
        } else out.push(known)
      }
    } else if (sign === "*" && text[i + 1] === "*") {
      const isPower = /[\w)}\]]/.test(text[i - 1] ?? "") && /[\w({[-]/.test(text[i + 2] ?? "")
      if (isPower) out.push("^")
      i += 2
    } else if (sign === "^" && skip(circle, text, i) > i) {
      out.push("\\degree")
      i = skip(scaleOfHeat, text, skip(circle, text, i))
    } else if (sign === "," || sign === ";") {
      out.separate()
      i++
    } else if ("$\"`?".includes(sign) || (sign === "." && text[i + 1] !== "." && !text.startsWith("\\overline", i + 1))) {
      i++
    } else if (sign === "." && text[i + 1] === ".") {
      while (text[i] === ".") i++
      out.push("\\ldots")
    } else if ((sign === "<" || sign === ">" || sign === "!") && text[i + 1] === "=") {
      out.push(sign === "<" ? "\\leq" : sign === ">" ? "\\geq" : "\\neq")
      i += 2
    } else {
      if (sign === "(" || sign === "[") open.push(separates(text, i))
      else if (sign === ")" || sign === "]") open.pop()
      out.push(sign)
      i++
    }
  }
}

const wrappers = /^(?:\\\(([\s\S]*)\\\)|\\\[([\s\S]*)\\\])$/

/** The one writing of a value. Texts of more than MOST_LENGTH characters only lose their spaces and dollar signs. */
export const clean = (text: string): string => {
  // A scale of heat is a unit: "22 °C" is 22, as "22°" is.
  const trimmed = text.trim().replace(/(°|℃|℉)\s?[CFK](?![a-zA-Z])/g, "°").replace(/[℃℉]/g, "°")
  if (trimmed.length > MOST_LENGTH) return trimmed.replace(/[\s$]+/g, "")
  const [, round, square] = wrappers.exec(trimmed) ?? []
  const out = new Writer()
  // "10,\!000" is how one keeps a thousand together.
  write(asciiOf(round ?? square ?? trimmed).replace(/\{, \}|,\\! ?/g, ","), out, 0)
  // "\text{The area is }5": what is said before a value is not of it.
  const cleaned = out.text().replace(/^\\text\{[^{}]*\}(?=[-\d([]|\\[^t])/, "")
  // Braces around everything are a wrapper's.
  return cleaned.startsWith("{") && groupEnd(cleaned, 0, "{", "}") === cleaned.length ? cleaned.slice(1, -1) : cleaned
}
