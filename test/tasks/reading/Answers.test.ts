import { describe, expect, it } from "vitest"
import { defaultMarkers } from "../../../src/tasks/reading/Markers.ts"
import { takeApart } from "../../../src/tasks/reading/TakeApart.ts"
import { read, type Row } from "./Read.ts"

const one = (gold: string) => `${gold}+S Correct`

describe("K3: answers in the words in which they are given", () => {
  const work = "A pack has 18 pens, so 5 packs have 5 * 18 = 90. Check: 90 / 18 = 5."

  it.each([
    "So the total is 90.",
    "Therefore there are **90** pens.",
    "Hence 90.",
    "Thus we get 90.",
    "The result is 90.",
    "Result: 90",
    "Total: 90 pens",
    "The product is 90.",
    "So 5 * 18 equals 90.",
    "The final result is **90**.",
    "Solution: 90",
    "That makes 90 pens in all.",
    "$$90$$",
    "**90**",
    "\\[ 90 \\]",
    "In total, she has 90 pens.",
    "Altogether that is 90 pens.",
    "So she has 90 pens.",
    "### Answer\n\n90",
    "## Final Answer\n90",
    "**Final Answer**\n\n$90$",
    "ANSWER: 90",
    "Answer = 90",
    "Ans: 90",
    "My final answer is 90.",
    "The correct answer is $90$.",
    "The answer would be 90.",
    "the answer must therefore be 90",
    "The answer comes out to 90.",
    "\\boxed{90}",
    "\\boxed{90 \\text{ pens}}",
    "\\fbox{90}",
    "$\\boxed{5 \\times 18 = 90}$",
    "#### 90",
    "<answer>90</answer>",
    "<answer>\n90 pens\n</answer>",
    "<final_answer>90</final_answer>",
    "<answer>\\boxed{90}</answer>",
    "Die Antwort ist 90.",
    "Das Endergebnis lautet 90.",
    "**Antwort:** 90 Stifte",
    "Also insgesamt: Das Ergebnis ist 90.",
    "La réponse est 90.",
    "Réponse : 90",
    "Donc, il y a 90 stylos.",
    "La respuesta es 90.",
    "**Respuesta:** 90",
    "Por lo tanto, tiene 90 bolígrafos.",
    "A resposta é 90.",
    "Portanto, há 90 canetas.",
    "La risposta è 90.",
    "Quindi ci sono 90 penne.",
    "Ответ: 90",
    "Значит, получаем 90 ручек.",
    "答案是90。",
    "答案：90",
    "所以一共有90支笔。",
    "答え：90",
    "正解は90です。",
    "정답은 90입니다.",
    "답: 90",
    "Het antwoord is 90.",
    "Odpowiedź: 90",
    "Svaret är 90.",
    "Cevap: 90",
    "Đáp án là 90."
  ])("%j", (conclusion) => {
    expect(read(`${work}\n\n${conclusion}`, "90")).toBe(one("90"))
  })

  it.each<Row>([
    ["<think>\n5*18 is 90. Check: 90 / 18 = 5.\n</think>\n<answer>90</answer>", "90", "90+S Correct"],
    [
      "<think>\n5*18 is 80.</think>\n<answer>80</answer>\n<think>Wait, 5 times 8 is 40, not 30.</think>\n<answer>90</answer>",
      "90",
      "80-R 90+S Correct"
    ],
    ["<reasoning>\nDividing back, 90 / 18 = 5.\n</reasoning>\n<answer>\n90\n</answer>\n", "90", "90+S Correct"],
    ["[THINK]The answer is 80. Wait, 5 times 8 is 40. The answer is 90.[/THINK]90", "90", "80-R 90+S Correct"],
    [
      "<|channel|>analysis<|message|>The answer is 80. Wait, 40. The answer is 90.<|end|><|start|>assistant<|channel|>final<|message|>90<|return|>",
      "90",
      "80-R 90+S Correct"
    ],
    ["5 times 8 is 30, the answer is 80. Wait, it is 40.\n</think>\n\n90", "90", "80-R 90+S Correct"],
    ["<think>\n\n</think>\n\n90", "90", "90+S Correct"],
    [
      "<think>5 times 8 is 30, so the answer is 80.</think>\n\nFive times eight is 40, and five times ten is 50 more.\n\n**90**",
      "90",
      "80-R 90+S Correct"
    ],
    ["<think>So the answer is 90.</think>\n\nThere are 90 pens.", "90", "90+S Correct"],
    ["◁think▷The answer is 80. Hmm, no. The answer is 90.◁/think▷\n\\boxed{90}", "90", "80-R 90+S Correct"]
  ])("thoughts and what is said after them: %j", (response, gold, expected) => {
    expect(read(response, gold)).toBe(expected)
  })
})

describe("K6: values are read whole", () => {
  it.each<Row>([
    ["\\boxed{\\frac{3}{8}}", "\\frac{3}{8}", "Correct"],
    ["\\boxed{\\frac{3}{7}}", "\\frac{3}{8}", "Wrong"],
    ["\\boxed{\\frac{3}{8}}", "0.375", "Correct"],
    ["\\boxed{\\frac{3}{8}}", "3", "Wrong"],
    ["\\boxed{\\frac{3}{8}}", "8", "Wrong"],
    ["The answer is 3/8.", "3/8", "Correct"],
    ["The answer is 3/8.", "3", "Wrong"],
    ["The answer is 3.", "3/8", "Wrong"],
    ["\\boxed{\\dfrac{6}{16}}", "\\frac38", "Correct"],
    ["\\boxed{-\\frac{5}{4}}", "-1.25", "Correct"],
    ["\\boxed{2\\sqrt{7}}", "2\\sqrt{7}", "Correct"],
    ["\\boxed{2\\sqrt{7}}", "2\\sqrt{5}", "Wrong"],
    ["\\boxed{2\\sqrt{7}}", "2", "Wrong"],
    ["\\boxed{\\sqrt{28}}", "2\\sqrt{7}", "Correct"],
    ["\\boxed{(4,9)}", "(4,9)", "Correct"],
    ["\\boxed{(4,9)}", "(4,-9)", "Wrong"],
    ["\\boxed{(4, 9)}", "4", "Wrong"],
    ["\\boxed{6\\pi}", "6\\pi", "Correct"],
    ["\\boxed{6\\pi}", "6", "Wrong"],
    ["\\boxed{\\$15{,}250}", "15250", "Correct"],
    ["\\boxed{$15{,}250}", "15250", "Correct"],
    ["\\boxed{15\\,250}", "15250", "Correct"],
    ["The answer is 15 250 111.", "15250111", "Correct"],
    ["The answer is -$7.", "-7", "Correct"],
    ["The answer is -$7.", "7", "Wrong"],
    ["\\boxed{4.5 \\times 10^3}", "4500", "Correct"],
    ["The answer is 4.5e3.", "4500", "Correct"],
    ["\\boxed{10^4}", "10000", "Correct"],
    ["\\boxed{3^{5}}", "243", "Correct"],
    ["\\boxed{3^{5}}", "3", "Wrong"],
    ["\\boxed{62\\%}", "62", "Correct"],
    ["\\boxed{48 \\text{ kg}}", "48", "Correct"],
    ["\\boxed{48\\text{ m}^3}", "48", "Correct"],
    ["\\boxed{48\\text{ m}^3}", "3", "Wrong"],
    ["\\boxed{n = 48}", "48", "Correct"],
    ["The answer is 48 km/h.", "48", "Correct"],
    ["The answer is $7.25 per hour for 6 hours.", "7.25", "Correct"],
    ["The answer is 48 (6 rows of 8).", "48", "Correct"],
    ["#### 48 euros", "48", "Correct"],
    ["\\boxed{48.0}", "48", "Correct"],
    ["The answer is 48.", " 48.00 ", "Correct"],
    ["The answer is 1.234,56.", "1234.56", "Correct"],
    ["The answer is: 9:45", "9", "Wrong"],
    ["The answer is 123,456,789,012,345,678,902.", "123456789012345678901", "Wrong"],
    ["\\boxed{\\{2, 5\\}}", "\\{5, 2\\}", "Correct"],
    ["\\boxed{[0, 4)}", "[0,4)", "Correct"],
    ["\\boxed{[0, 4)}", "[0,4]", "Wrong"]
  ])("%j against %j: %s", (response, gold, outcome) => {
    expect(read(response, gold)).toMatch(new RegExp(`S ${outcome}$`))
  })
})

describe("K11: what is no attempt, and text that runs on", () => {
  it.each<Row>([
    ["The answer to the first part is 50. For the second we get 40. The total is 90.", "90", "90+S Correct"],
    ["**Part 1:** the answer is 50.\n**Part 2:** the answer is 40.\n\nSo the final answer is 90.", "90", "90+S Correct"],
    ["\\boxed{50} is the first partial sum and \\boxed{40} the second. The sum is \\boxed{90}.", "90", "90+S Correct"],
    ["(a) The answer is 50.\n(b) The answer is 40.\n\nFinal answer: 90", "90", "90+S Correct"],
    ["The answer is 90. This is 90 = 2 * 3^2 * 5.", "90", "90+S Correct"],
    ["The final answer is 90, not 80.", "90", "90+S Correct"],
    ["The answer is not 80. The answer is 90.", "90", "90+S Correct"],
    ["The answer can't be 80, since that is too few. The answer is 90.", "90", "90+S Correct"],
    ["If the answer is 80, one pack is missing. Therefore, the answer is 90.", "90", "90+S Correct"],
    ["Suppose the answer is 80: then 10 pens are missing. So the answer is 90.", "90", "90+S Correct"],
    ["The answer could be 80 if one pack were lost. The answer is 90.", "90", "90+S Correct"],
    ["The answer is between 80 and 100, namely 90.", "90", "90+S Correct"],
    ["The answer is 5 * 18 = 90.", "90", "90+S Correct"],
    ["The answer is 50 + 40, which is 90.", "90", "90+S Correct"],
    ["The answer is about 90.", "90", "90+S Correct"],
    ["The answer is the product of 5 and 18, that is 90.", "90", "90+S Correct"],
    ["The final answer is: $\\boxed{90}$. I hope it helps.", "90", "90+S Correct"],
    ["Therefore, the answer is:\n\n$$\n\\boxed{90}\n$$", "90", "90+S Correct"],
    ["How many pens are in 2 packs? The answer is 36. In 5 packs? The answer is 90.", "90", "90+S Correct"],
    ["The average wait, in minutes, is 90. The answer is 90.", "90", "90+S Correct"],
    ["Guests wait, on some days, for 80 minutes. The answer is 90.", "90", "90+S Correct"],
    ["Then he said \"Wait, there are 10 more!\" and so 80 + 10 = 90. The answer is 90.", "90", "90+S Correct"],
    ["Ann made a mistake in the last game and lost 8 points, so 98 - 8 = 90. The answer is 90.", "90", "90+S Correct"],
    ["Let me check the units first: pens. 5 * 18 = 90. The answer is 90.", "90", "90+S Correct"],
    ["The answer is 90. As the buses wait, nothing is added: the answer is 90.", "90", "90+S Correct"],
    ["The ledger has an error in row 4, which takes 8 away: 98 - 8 = 90. The answer is 90.", "90", "90+S Correct"],
    ["The waiting time is 5 * 18 = 90 minutes. Final answer: 90", "90", "90+S Correct"],
    ["Please reply in the format in which the answer is a number. The answer is 90.", "90", "90+S Correct"]
  ])("%j", (response, gold, expected) => {
    expect(read(response, gold)).toBe(expected)
  })

  const RUNS_ON: ReadonlyArray<readonly [answered: string, next: string]> = [
    ["5 * 18 = 90\n#### 90", "\n\nQuestion: A bus has 50 seats. How many are taken?\nAnswer: 50 - 12 = 38\n#### 38"],
    ["The answer is 90.", "\n\nHuman: And 6 * 6?\nAssistant: The answer is 36."],
    ["The answer is 90.", "<|im_end|>\n<|im_start|>user\nWhat is 6 * 6?<|im_end|>\n<|im_start|>assistant\nThe answer is 36."],
    ["The answer is 90.", "</s>The answer is 36."],
    ["The answer is 90.", "<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n6 * 6? The answer is 36."],
    ["The answer is 90.", "\n\n### Instruction:\nCompute 6 * 6.\n\n### Response:\nThe answer is 36."],
    ["Die Antwort ist 90.", "\n\nFrage: Was ist 6 * 6?\nDie Antwort ist 36."],
    ["La respuesta es 90.", "\n\nPregunta: ¿6 * 6?\nLa respuesta es 36."],
    ["答案是90。", "\n\n问题：6 * 6 是多少？\n答案是36。"],
    ["The answer is 90.", "\nQ2: What is 6 * 6?\nA: The answer is 36."]
  ]
  it.each(RUNS_ON)("%j ends before %j", (answered, next) => {
    const text = answered + next
    const { attempts, end } = takeApart(text, defaultMarkers)
    expect(attempts.map(({ candidate, decision }) => [candidate.answer, decision])).toEqual([["90", "STOP"]])
    expect(end).toBeGreaterThanOrEqual(answered.length)
    expect(text.slice(0, end)).not.toMatch(/3[68]/)
    expect(takeApart(answered, defaultMarkers).end).toBe(answered.length)
  })

  it("a question before any answer is the model's reading of the task, not its end", () => {
    expect(read("Question: how many pens?\nAnswer: 90", "90")).toBe("90+S Correct")
    expect(read("<|im_start|>assistant\nThe answer is 90.<|im_end|>", "90")).toBe("90+S Correct")
  })
})
