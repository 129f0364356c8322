/**
 * The sum that a prompt asks for: "Calculate 321 * 4", "What is 12 \times 34?", "7 multiplied by 8 =". Only what is asked counts: "a 3x4 grid" and
 * "1920x1080" in a story are no tasks.
 *
 * @module
 */
import { type Numeral, readNumeral } from "./reading/Numeral.ts"

/** A product as a prompt asks for it: its exact value in base ten and the digits of its factors, e.g. "3x1". */
export interface StatedProduct {
  readonly value: string
  readonly level: string
}

/** Numbers with operators between them, as a prompt asks for their value. */
export interface AskedExpression {
  readonly numbers: ReadonlyArray<string>
  /** One fewer: "+", "-", "*" or "/". */
  readonly operators: ReadonlyArray<string>
}

// What may stand before the expression: a request, or the beginning of a line or of a label's text.
const request =
  /(?:\b(?:calculate|compute|evaluate|find|solve|multiply|determine|simplify|work\s+out|what\s+is|what['’]?s|what\s+does|how\s+much\s+is)\b(?:\s+the\s+(?:product|value|result|sum|difference|quotient)(?:\s+of)?)?[\s:$"“'(*]{0,8}|(?:^|\n|:[ \t])[\s$"“'(*]{0,8})(?:\\[([]\s?)?(?=[-−–]?\d)/gi
const sign =
  /[\s$]{0,4}(?:(?<times>[*×·⋅]|[xX](?=[\s$]{0,4}\d)|\\times|\\cdot|\btimes\b|\bmultiplied\s+by\b)|(?<plus>\+|\bplus\b)|(?<minus>[-−–]|\bminus\b)|(?<over>[/÷]|\\div|\bdivided\s+by\b))[\s$]{0,4}(?=\d)/iy
// What may follow it: the end of a sentence or line, "=", or a wish about how to answer.
const close =
  /[\s$)"”'*\\\]]{0,8}(?:$|[.?!;,](?!\d)|=|\n|\b(?:equals?|step|by\s+hand|mentally|without|using|exactly|please|and\s+(?:give|show|explain|write|put|return|report|state|provide|box))\b)/iy
const MOST_NUMBERS = 64

const readSign = (text: string, at: number): { readonly operator: string; readonly end: number } | undefined => {
  sign.lastIndex = at
  const groups = sign.exec(text)?.groups
  if (groups === undefined) return undefined
  const { minus, over, plus } = groups
  return { operator: plus !== undefined ? "+" : minus !== undefined ? "-" : over !== undefined ? "/" : "*", end: sign.lastIndex }
}

const readExpressionAt = (text: string, at: number): AskedExpression | undefined => {
  const first = readNumeral(text, at)
  if (first === undefined) return undefined
  const numbers: Array<Numeral> = [first]
  const operators: Array<string> = []
  let end = first.end
  for (;;) {
    const next = readSign(text, end)
    const number = next === undefined ? undefined : readNumeral(text, next.end)
    if (next === undefined || number === undefined) break
    operators.push(next.operator)
    numbers.push(number)
    end = number.end
    if (numbers.length > MOST_NUMBERS) return undefined
  }
  close.lastIndex = end
  return operators.length > 0 && close.test(text) ? { numbers: numbers.map(({ value }) => value), operators } : undefined
}

/** Finds the last expression whose value a prompt asks for; few-shot prompts ask for the one to solve last. */
export const askedExpression = (prompt: string): AskedExpression | undefined => {
  let last: AskedExpression | undefined
  request.lastIndex = 0
  for (let match = request.exec(prompt); match !== null; match = request.exec(prompt)) {
    last = readExpressionAt(prompt, request.lastIndex) ?? last
    // An empty match at the beginning of a line would be found again.
    if (match[0] === "") request.lastIndex++
  }
  return last
}

// Time to multiply, and to write in base ten, grows faster than the digits: of factors with more than this together nobody asks the product.
const MOST_DIGITS = 4_800

/** The product that an expression is, if it is one of whole numbers with 4,800 digits together at most. */
export const productOf = ({ numbers, operators }: AskedExpression): StatedProduct | undefined =>
  operators.some((operator) => operator !== "*") || numbers.some((text) => text.includes(".")) ||
    numbers.reduce((digits, { length }) => digits + length, 0) > MOST_DIGITS
    ? undefined
    : {
      value: numbers.reduce((total, text) => total * BigInt(text), 1n).toString(),
      level: numbers.map((text) => text.replace("-", "").length).join("x")
    }

/** The last product of whole numbers that a prompt asks for. */
export const statedProduct = (prompt: string): StatedProduct | undefined => {
  const asked = askedExpression(prompt)
  return asked === undefined ? undefined : productOf(asked)
}
