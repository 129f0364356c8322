import { describe, expect, it } from "vitest"
import { read, type Row } from "./Read.ts"

const each = (rows: ReadonlyArray<Row>): void => {
  it.each<Row>(rows)("%j (gold %s): %s", (response, gold, expected) => {
    expect(read(response, gold)).toBe(expected)
  })
}

describe("what words make of a number is one value, and the number is none", () => {
  each([
    ["The answer is minus 4.", "-4", "-4+S Correct"],
    ["The answer is negative 4.", "4", "-4-S Wrong"],
    ["It fell to minus 7 degrees.", "-7", "-7+S Correct"],
    ["The answer is 12 and a half.", "12", "12.5-S Wrong"],
    ["The answer is 12 and three quarters.", "12.75", "12.75+S Correct"],
    ["So she has 2 dollars and 50 cents left.", "2.50", "2.5+S Correct"],
    ["The answer is 2 dollars and 50 cents.", "2", "2.5-S Wrong"],
    ["It takes 8 hours and 30 minutes.", "8", "“8 hours and 30 minutes”-S Unparsable"],
    ["The answer is 2 feet 6 inches.", "2", "“2 feet 6 inches”-S Unparsable"],
    ["The answer is 16 squared.", "16", "“16 squared”-S Unparsable"],
    ["The answer is 16 squared = 256.", "256", "256+S Correct"],
    ["The answer is 20 plus 8.", "20", "“20 plus 8”-S Unparsable"],
    ["The answer is 20 minus 8, which is 12.", "12", "12+S Correct"],
    ["The answer is 2 to the power of 5.", "2", "“2 to the power of 5”-S Unparsable"],
    ["The answer is 12 less than 20.", "12", "“12 less than 20”-S Unparsable"],
    ["The answer is 1 in 4.", "1", "“1 in 4”-S Unparsable"],
    ["The answer is half of 12.", "12", "Unparsable"],
    ["The answer is less than 20.", "20", "Unparsable"],
    ["The answer is the square root of 16.", "16", "Unparsable"],
    ["The answer is 3 + 4.", "4", "Unparsable"],
    ["The answer is 20 - 8.", "8", "Unparsable"],
    ["The answer is 5! = 120.", "120", "120+S Correct"],
    ["The answer is 5!", "5", "5+S Correct"],
    ["The answer is $0.\\overline{3}$.", "1/3", "1/3+S Correct"],
    ["The trip takes 3 hours 45 minutes, i.e. 225 minutes.", "225", "225+S Correct"],
    ["The answer is 5 minutes. 20 seconds would be too short.", "5", "5+S Correct"],
    ["The solutions are $x = 5$ and $x = -3$.", "-3, 5", "x=5, x=-3+S Correct"]
  ])
})

describe("where the answer stands", () => {
  each([
    ["16\n\nExplanation:\nThere are 4 rows of 4 chairs.", "16", "16+S Correct"],
    ["B\n\nExplanation: A is Mars, which is small. C is Venus.", "B", "B+S Correct"],
    ["2 apples cost 6 dollars.\nSo 5 apples cost 15 dollars.", "15", "15+S Correct"],
    ["There are 4 rows of 4, so 16 chairs.", "16", "16+S Correct"],
    ["4 rows × 4 chairs = 16 chairs. Then 3 are removed, leaving 13 chairs.", "13", "13+S Correct"],
    ["2^10 = 1024. 1024 = 146*7 + 2. The remainder is 2. We can verify this because 2^3 = 8 ≡ 1 (mod 7).", "2", "2+S Correct"],
    ["34 × 10 = 340 et 34 × 2 = 68.\n\nLa réponse est donc 408.\n\nVérification : 408 ÷ 12 = 34.", "408", "408+S Correct"],
    ["Die Antwort ist also 408.", "408", "408+S Correct"],
    ["La respuesta es entonces 408.", "408", "408+S Correct"],
    ["答案大约是408。", "408", "408+S Correct"]
  ])
})

describe("letters", () => {
  each([
    ["La bonne réponse est la B.", "B", "B+S Correct"],
    ["La respuesta correcta es la opción B.", "B", "B+S Correct"],
    ["A resposta correta é a letra B.", "B", "B+S Correct"],
    ["Antwort: Die richtige Antwort ist die Option B.", "B", "B+S Correct"],
    ["A is wrong since Mars is small. So B.", "B", "B+S Correct"],
    ["The answer is A or B.", "A", "A,B-S Wrong"]
  ])
})

describe("doubts that follow each other, and steps that are worked out again", () => {
  each([
    ["<think>34×12=398。等等,不对,34×10=340,34×2=68,加起来是408。</think>\n答案：408", "408", "398-R 408+S Correct"],
    ["<think>So it's 30. Hmm. Wait. Actually no. It's 15.</think>The answer is 15.", "15", "30-R 15+S Correct"],
    ["The base is 12 × 9 = 98. Hmm, no, 12 × 9 = 108. Then the volume is 108 × 15 = 1620.\n\n**1620**", "1620", "1620+S Correct"],
    ["12 × 9 = 98. Wait, no, 12 × 9 = 108. So the answer is 108.", "108", "98-R 108+S Correct"]
  ])
})

describe("text that runs on", () => {
  each([
    [" 408\n\nQ: What is 12 * 11?\nA: 132", "408", "408+S Correct"],
    ["The answer is 408.\n\nExample 2: Calculate 5 * 5.\nThe answer is 25.", "408", "408+S Correct"],
    ["So f(1) = 2.\nExample 2: f(2) = 4.\nTherefore f(3) = 6. The answer is 6.", "6", "6+S Correct"]
  ])
})
