/**
 * Some thousand answers for two graders to agree on: what models write, in the formats that they write it in, right and wrong, whole and cut off.
 *
 * @module
 */
import { draws } from "../../src/domain/Seed.ts"

/** A row of the table. */
export interface AnswerRow {
  readonly prompt: string
  readonly response: string
  readonly answer: string
  readonly truncated: boolean
}

const grouped = (digits: string, separator: string): string => digits.replace(/\B(?=(\d{3})+$)/g, separator)

/** The writings of a number: each is the number, but for some that are none. */
const WRITINGS: ReadonlyArray<(digits: string) => string> = [
  (digits) => digits,
  (digits) => grouped(digits, ","),
  (digits) => grouped(digits, " "),
  (digits) => grouped(digits, "\u00a0"),
  (digits) => grouped(digits, "\u202f"),
  (digits) => grouped(digits, "'"),
  (digits) => grouped(digits, "’"),
  (digits) => grouped(digits, "_"),
  (digits) => grouped(digits, "."),
  (digits) => grouped(digits, "{,}"),
  (digits) => grouped(digits, "\\,"),
  (digits) => grouped(digits, "{,}\\!"),
  (digits) => `${digits}.0`,
  (digits) => `${digits}.`,
  (digits) => `0${digits}`,
  (digits) => `-${digits}`,
  (digits) => `−${digits}`,
  (digits) => `+${digits}`,
  (digits) => `$${digits}$`,
  (digits) => `\\(${digits}\\)`,
  (digits) => `\\[ ${digits} \\]`,
  (digits) => `$$${digits}$$`,
  (digits) => `**${digits}**`,
  (digits) => `*${grouped(digits, ",")}*`,
  (digits) => `\\boxed{${digits}}`,
  (digits) => `$\\boxed{${grouped(digits, "{,}")}}$`,
  (digits) => `\\boxed{\\text{${digits}}}`,
  (digits) => `\\text{${digits}}`,
  (digits) => `\\frac{${Number(digits) * 2}}{2}`,
  (digits) => `${digits[0]}.${digits.slice(1)} \\times 10^{${digits.length - 1}}`,
  (digits) => `${digits[0]}.${digits.slice(1)}e${digits.length - 1}`,
  (digits) => [...digits].join(" "),
  (digits) => [...digits].map((digit) => String.fromCharCode(0xff10 + Number(digit))).join(""),
  (digits) => [...digits].map((digit) => String.fromCodePoint(0x1d7ce + Number(digit))).join(""),
  (digits) => [...digits].map((digit) => String.fromCharCode(0x0660 + Number(digit))).join(""),
  (digits) => `${digits} apples`,
  (digits) => `${digits}元`,
  (digits) => `$${grouped(digits, ",")}.00`,
  (digits) => `${digits}%`,
  (digits) => `${digits}½`,
  (digits) => `${digits} 🎉`,
  (digits) => `“${digits}”`,
  (digits) => `\`${digits}\``
]

/** The announcements of an answer. */
const ANNOUNCEMENTS: ReadonlyArray<(value: string) => string> = [
  (value) => `The answer is ${value}.`,
  (value) => `The answer is ${value}`,
  (value) => `So the final answer is: ${value}`,
  (value) => `**Final Answer:** ${value}`,
  (value) => `#### ${value}`,
  (value) => `<answer>${value}</answer>`,
  (value) => `<answer> ${value}`,
  (value) => `Therefore, the product is ${value}, which has several digits.`,
  (value) => `Answer:\n\n${value}\n`,
  (value) => `That gives ${value}.`,
  (value) => `= ${value}`,
  (value) => `Thus, 36 × 7 = ${value}.`,
  (value) => `${value}`,
  (value) => `Die Antwort lautet ${value}.`,
  (value) => `La respuesta es ${value}.`,
  (value) => `所以答案是 ${value}。`,
  (value) => `答えは${value}です。`,
  (value) => `Ответ: ${value}`,
  (value) => `If the answer is ${value}, it would be too large.`,
  (value) => `The answer is not ${value}.`,
  (value) => `The answer to the first part is ${value}.`,
  (value) => `I get ${value}?`,
  (value) => `ANSWER İſK: ${value}`
]

/** What stands between two attempts. */
const BETWEEN: ReadonlyArray<string> = [
  "\nWait, I made a mistake. Let me recompute.\n",
  " Hmm, let me check that again. ",
  "\n\nActually, no. ",
  "\nLet me verify: ",
  "\nI'll go back and check.\n",
  " 等等，重新计算一下。 ",
  "\nMoment, das stimmt nicht. ",
  "\n</think>\n",
  "\n",
  "\nAlternatively, "
]

const WORKINGS: ReadonlyArray<string> = [
  "",
  "First, 300*4=1200, 20*4=80, 1*4=4, 1200+80+4=1284. ",
  "<think>\nOkay, so I need 321 × 4. 300 × 4 = 1200… 20 × 4 = 80.\n",
  "Let's break it down step by step:\n1. Multiply the ones: 1 × 4 = 4\n2. Multiply the tens: 20 × 4 = 80\n",
  "Question 1: \n",
  "🤔 𝑥 = 321, so 𝑥·4 is asked. ",
  "\ud83d lone ",
  "\\begin{align*} 321 \\times 4 &= 1284 \\end{align*}\n"
]

const ENDS: ReadonlyArray<string> = [
  "",
  "",
  "",
  "<|im_end|>",
  "\n\nQuestion: What is 2 * 3?\nAnswer: 6",
  " Wait, let me",
  "\nLet me double-check: 36 * 7 ="
]

/** `count` rows, of a seed. Every writing, announcement and separator is among the first thousand. */
export const answerTable = (count: number, seed: number): ReadonlyArray<AnswerRow> => {
  const stream = draws(seed)
  const cycle = <A>(list: ReadonlyArray<A>, i: number): A => list[i % list.length]!
  return Array.from({ length: count }, (_, i): AnswerRow => {
    const left = stream.integer(2, 99_999)
    const right = stream.integer(2, 999)
    const product = left * right
    const attempts = stream.integer(1, 3)
    const parts = Array.from({ length: attempts }, (_, k) => {
      const isRight = stream.uniform() < 0.5
      const digits = String(isRight ? product : Math.max(1, product + stream.integer(-2, 2) * 10 ** stream.integer(0, 3)))
      const write = k === 0 ? cycle(WRITINGS, i) : stream.pick(WRITINGS)
      const announce = k === 0 ? cycle(ANNOUNCEMENTS, Math.floor(i / 3)) : stream.pick(ANNOUNCEMENTS)
      return announce(write(digits))
    })
    const whole = stream.pick(WORKINGS) + parts.map((part, k) => (k === 0 ? part : stream.pick(BETWEEN) + part)).join("") +
      stream.pick(ENDS)
    const isCut = stream.uniform() < 0.15
    const response = isCut ? whole.slice(0, stream.integer(0, whole.length)) : whole
    const answer = stream.uniform() < 0.9 ? String(product) : stream.pick(WRITINGS)(String(product))
    return { prompt: `Calculate ${left} * ${right}. Think step by step.`, response, answer, truncated: isCut && stream.uniform() < 0.7 }
  })
}
