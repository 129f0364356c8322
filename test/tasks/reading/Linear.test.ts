import { describe, expect, it } from "vitest"
import { readTranscript } from "../../../src/eval/transcripts/Grade.ts"
import { defaultMarkers } from "../../../src/tasks/reading/Markers.ts"
import { lastNumeral, normalizeNumeral, parseNumeral } from "../../../src/tasks/reading/Numeral.ts"
import { takeApart } from "../../../src/tasks/reading/TakeApart.ts"
import { askedExpression, statedProduct } from "../../../src/tasks/StatedProduct.ts"

const [SMALL, LARGE] = [100_000, 400_000]
// Four times the text takes four times as long, or sixteen where time grows by the square.
const MOST_TIMES = 12
// In milliseconds: what takes less is fast enough at any growth, and what takes less than the second is mostly the collector's.
const LEAST = 20
const CLOCK = 5

const timed = (work: () => void): number => {
  const start = performance.now()
  work()
  return performance.now() - start
}

// How many times as long a text takes that is four times as long, as far as the machine lets us see: the shortest times are those that nothing
// else disturbed.
const growth = (small: string, large: string, work: (text: string) => void): number => {
  let [short, long] = [Infinity, Infinity]
  for (let round = 1; round <= 4; round++) {
    long = Math.min(long, timed(() => work(large)))
    if (long < LEAST) return 0
    short = Math.max(CLOCK, Math.min(short, timed(() => work(small))))
    // Far below the limit one round says enough.
    if (long / short < MOST_TIMES / (round === 1 ? 2 : 1)) break
  }
  return long / short
}

const expectLinear = (make: (size: number) => string, work: (text: string) => void): void => {
  const [small, large] = [make(SMALL), make(LARGE)]
  // What is run first is compiled on the way.
  work(small.slice(0, SMALL / 10))
  const found = growth(small, large, work)
  if (found < MOST_TIMES) return
  // The collector may strike at one size; growth by the square goes on.
  expect(Math.min(found, growth(large, make(4 * LARGE), work))).toBeLessThan(MOST_TIMES)
}

const times = (unit: string, end = "") => (size: number): string => unit.repeat(Math.ceil(size / unit.length)) + end

const asked = askedExpression("Calculate 34 * 12.")
const apart = (text: string): void => {
  takeApart(text, defaultMarkers, { asked })
}

describe("the time for a response grows as its length", () => {
  const UNITS: Readonly<Record<string, string>> = {
    "equations of ones": "=1",
    "products of ones": "=1*1",
    "equals and spaces": "=   ",
    "equals signs": "=",
    "spaced equals signs": "= ",
    "open boxes": "\\boxed{",
    boxes: "\\boxed{1} ",
    wait: "wait, ",
    Wait: "Wait, ",
    "Wait and a number": "Wait, 3. ",
    answer: "answer ",
    "the answer is": "the answer is ",
    answers: "The answer is 5. ",
    "answers taken back": "The answer is 5. Wait, the answer is 6. ",
    conclusions: "So 5. ",
    hashes: "#### ",
    "open tags": "<answer>",
    tags: "<answer>4</answer>",
    "open thoughts": "<think>",
    thoughts: "<think>4</think>",
    dotted: "1.111.111",
    "dotted on": ".111",
    "spaced digits": "1 ",
    grouped: "1,111",
    "grouped on": ",111",
    "bold marks": "**",
    bold: "**5** ",
    dollars: "$$",
    答案: "答案",
    等等: "等等",
    "blank lines": "\n\n",
    questions: "\nQuestion: ",
    "the asked product": "34*12=",
    "the asked product twice": "34*12=34*12=5. ",
    braces: "{",
    backslashes: "\\",
    "ends of turns": "<|im_end|>",
    turns: "<|im_start|>assistant",
    letters: "a",
    "let me": "let me ",
    "display mathematics": "\\[",
    "total is": "total is ",
    totals: "The total is 5. ",
    "let's": "let's let's ",
    quotes: "\"wait\" ",
    "a looping fraction": "0.000",
    digits: "1",
    zeros: "0",
    spaces: " ",
    products: "99999*",
    fractions: "\\frac{1}{2} ",
    "open fractions": "\\frac{",
    parentheses: "(",
    if: "if the answer is 4 ",
    "first part": "the answer to the first part is 4 "
  }
  it.each(Object.entries(UNITS))("%s", (_, unit) => {
    expectLinear(times(unit), apart)
  })

  it.each<readonly [what: string, make: (size: number) => string]>([
    ["equations that close nothing", times("=1", " x")],
    ["spaces that close nothing", times("=   ", "z")],
    ["equals signs that close nothing", times("= ", "x")],
    ["an announced looping fraction", (size) => `The answer is 0.${"0".repeat(size)}1`],
    ["an announced looping number", (size) => `The answer is ${"1.111".repeat(size / 5)}.`],
    ["a box of braces", (size) => `\\boxed{${"{".repeat(size)}`],
    ["a box of digits", (size) => `\\boxed{${"7".repeat(size)}}`],
    ["a long line after a label", (size) => `Answer: ${"x ".repeat(size / 2)}`],
    ["digits one by one after a label", (size) => `#### ${"4 ".repeat(size / 2)}`],
    ["one long thought", (size) => `<think>${"So 5. Wait, 6. ".repeat(size / 15)}</think>7`]
  ])("%s", (_, make) => {
    expectLinear(make, apart)
  })

  it("graded, too", () => {
    for (const unit of ["The answer is 5. Wait, the answer is 6. ", "1.111.111", "= 5\n", "\\boxed{1} "]) {
      expectLinear(times(unit), (response) => {
        readTranscript({ id: "1", prompt: "Calculate 34 * 12.", response, answer: "408" })
      })
    }
  })
})

describe("the time for a prompt and for a reference grows as its length", () => {
  it.each<readonly [what: string, make: (size: number) => string]>([
    ["dotted digits", times("1.111", ".1")],
    ["dotted digits after a request", (size) => `Calculate ${"1.111".repeat(size / 5)}.1`],
    ["digits", times("1")],
    ["digits after a request", (size) => `Calculate ${"1".repeat(size)}`],
    ["spaced digits", times("1 ")],
    ["grouped digits", times("1,111,")],
    ["a product of very many", (size) => `Calculate ${"99999*".repeat(size / 6)}1.`],
    ["a product of very long ones", (size) => `Calculate ${"9".repeat(size / 2)} x`],
    ["requests", times("Calculate ")],
    ["what is", times("what is the value of ")],
    ["lines", times("\n")],
    ["colons", times(": ")],
    ["spaces", times("calculate          ")]
  ])("prompt: %s", (_, make) => {
    expectLinear(make, (text) => {
      askedExpression(text)
    })
    expectLinear(make, statedProduct)
  })

  it.each<readonly [what: string, make: (size: number) => string]>([
    ["spaces between digits", times("1  ", "x")],
    ["dollars and dots", times("$.", "x")],
    ["dots", times("1.111")],
    ["zeros", (size) => `0.${"0".repeat(size)}1`],
    ["zeros at the end", (size) => `0.1${"0".repeat(size)}`],
    ["zeros at the beginning", (size) => `${"0".repeat(size)}1`],
    ["stars", times("*", "1")],
    ["spaces", times(" ", "1")],
    ["groups", times("111,", "1")]
  ])("reference: %s", (_, make) => {
    for (const work of [parseNumeral, normalizeNumeral, (text: string) => lastNumeral(text, 0, text.length)]) {
      expectLinear(make, (text) => {
        work(text)
      })
    }
    expectLinear(make, (answer) => {
      readTranscript({ id: "1", prompt: "How many?", response: "The answer is 4.", answer })
    })
  })
})
