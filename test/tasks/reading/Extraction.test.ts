import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { formatResponse } from "../../../src/tasks/reading/RevisionMarkers.ts"
import { DEFAULT_MARKERS, defaultMarkers } from "../../../src/tasks/reading/Markers.ts"
import { gradeTranscript } from "../../../src/eval/transcripts/Grade.ts"
import { askedExpression } from "../../../src/tasks/StatedProduct.ts"
import { takeApart } from "../../../src/tasks/reading/TakeApart.ts"

// What the working of the tests' responses is of.
const asked = askedExpression("Calculate 12 * 34.")

/** The answers of a response with the first letter of their decisions ("?" where none was seen), and "…" if it breaks off: "400R 408S". */
const read = (response: string): string => {
  const { attempts, isUnfinished } = takeApart(response, defaultMarkers, { asked })
  return attempts.map(({ candidate, decision }) => candidate.answer + (decision?.[0] ?? "?")).join(" ") + (isUnfinished ? "…" : "")
}

describe("candidate answers", () => {
  it.each<readonly [response: string, answer: string]>([
    [String.raw`so \boxed{408}`, "408"],
    [String.raw`so \boxed{12 \times 34 = 408}`, "408"],
    [String.raw`\[ \boxed{ 1{,}048{,}576 } \]`, "1048576"],
    [String.raw`The answer is \(1\,234\).`, "1234"],
    ["The answer is 408.", "408"],
    ["the ANSWER is: **408**", "408"],
    ["The answer to 12 × 34 is 408", "408"],
    ["The answer is 12 * 34 = 408", "408"],
    [String.raw`The answer is $12 \times 34 = 340 + 68 = 408$.`, "408"],
    ["Final answer: $1,234,567$", "1234567"],
    ["**Final Answer:** 1 234 567", "1234567"],
    ["**Final answer**: 0408.0", "408"],
    ["The answer is 1.234.567.", "1234567"],
    ["The answer is 1.234", "1.234"],
    ["340 and 68 make 1.234.567", "1234567"],
    ["The answer is −12", "-12"],
    ["answer is 4 0 8", "408"],
    ["10 apples each.\n#### 72", "72"],
    ["12 × 34 = 340 + 68 = 408", "408"],
    ["340 + 68 = 408. That is all.", "408"],
    ["with 340 and 68 we get 408", "408"],
    ["The answer is 408. It has 3 digits and 2 factors.", "408"],
    ["The answer is 123456789012345678901234567890", "123456789012345678901234567890"]
  ])("reads %j as %s", (response, answer) => {
    expect(read(response)).toBe(`${answer}S`)
  })

  it("prefers an announced answer to a later equation, and an equation to a later number", () => {
    expect(read("The answer is 408. Indeed 400 + 7 = 407.")).toBe("408S")
    expect(read("12 * 34 = 408.\nThat took 2 steps")).toBe("408S")
  })

  it("does not take a product that is not worked out for an answer", () => {
    expect(read("The answer is 12 * 34 which is = 408.")).toBe("408S")
  })

  it("finds none in a text without numbers", () => {
    expect(read("I do not know.")).toBe("")
  })

  it("reads a number back however it is grouped, at any length", () => {
    const separators = [",", " ", "{,}", String.raw`\,`, "_", "'", "\u202f", ""]
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 40n }), fc.constantFrom(...separators), (value, separator) => {
        const grouped = String(value).replace(/\B(?=(?:\d{3})+$)/g, () => separator)
        expect(read(String.raw`The answer is $` + grouped + "$.")).toBe(`${value}S`)
      })
    )
  })
})

describe("revision markers", () => {
  it("all phrases of the lexicon are found in any case, with any apostrophe and any white space", () => {
    fc.assert(
      fc.property(fc.constantFrom(...DEFAULT_MARKERS), fc.constantFrom("'", "’", "ʼ", ""), fc.boolean(), (phrase, apostrophe, isUpper) => {
        const varied = phrase.replaceAll("'", apostrophe).replaceAll(" ", " \n")
        const text = `The answer is 5. ${isUpper ? varied.toUpperCase() : varied.toLowerCase()} It follows that the answer is 6.`
        expect(read(text)).toBe("5R 6S")
      })
    )
  })

  it.each<readonly [response: string, attempts: string]>([
    ["The answer is 400.\nWait, I made a mistake. Let me recompute.\nThe answer is 408.", "400R 408S"],
    ["\\boxed{400} Let me re-compute. \\boxed{401} That's not right. \\boxed{408}", "400R 401R 408S"],
    ["Let me recompute first. The answer is 408.", "408S"],
    ["The answer is 408. Let me recompute.", "408R…"],
    ["The answer is 400. I made a mistake. In step two I forgot the carry. Let me recompute. The answer is 408.", "400R 408S"],
    ["12*34 = 398? No wait, that's wrong. 12*34 = 408.\n\nAnswer: 408", "398R 408S"],
    ["The answer is 398. Hold on, the answer is 408.", "398R 408S"],
    ["The answer is 398. Let me re‑compute: the answer is 408.", "398R 408S"],
    ["12*34 = 408.\n\nHmm, let me verify by another method: 34 × 12 = 340 + 68 = 408.\n\nSo \\(\\boxed{408}\\).", "408R 408S"],
    ["Please await, the answer is 408.", "408S"],
    ["The answer is 398. But wait, 9 + 9 = 18, so the answer is 408.", "398R 408S"],
    ["The answer is 398. Wait—the carry. The answer is 408.", "398R 408S"],
    ["The answer is 398. Wait - the carry. The answer is 408.", "398R 408S"],
    ["The answer is 398. Wait a minute. The answer is 408.", "398R 408S"],
    ["The answer is 398\n\nWait: the answer is 408.", "398R 408S"],
    ["The answer is 398. We wait for the carry: the answer is 408.", "398R 408S"],
    ["The answer is 398 on the wait-list, the answer is 408.", "398R 408S"],
    ["The answer is 400, no: the answer is 408.", "400R 408S"]
  ])("%j has the attempts %s", (response, attempts) => {
    expect(read(response)).toBe(attempts)
  })

  it("an attempt is the text up to and including its candidate; the marker lies between it and the next", () => {
    const text = "First 400: the answer is 400. Let me recompute. So the answer is 408. Done"
    const { attempts } = takeApart(text, defaultMarkers)
    expect(attempts.map(({ end, start }) => text.slice(start, end))).toEqual(["First 400: the answer is 400", ". So the answer is 408"])
    expect(attempts.map(({ marker }) => marker && text.slice(marker.start, marker.end))).toEqual(["Let me recompute", undefined])
  })
})

describe("grading", () => {
  const prompt = "Calculate 12 * 34. Think step by step."
  const outcome = (response: string, more: object = {}) => gradeTranscript({ id: "1", prompt, response, ...more }).outcome

  it("derives the answer and the level from the product in the prompt", () => {
    expect(gradeTranscript({ id: "1", prompt, response: "The answer is 408." })).toEqual({
      id: "1",
      level: "2x2",
      query: prompt,
      outcome: "Correct",
      attempts: [{ answer: "408", correct: true, decision: "STOP" }]
    })
  })

  it("tells the five outcomes apart", () => {
    expect(outcome("The answer is 408.")).toBe("Correct")
    expect(outcome("The answer is 409.")).toBe("Wrong")
    expect(outcome("no idea")).toBe("Unparsable")
    expect(outcome("The answer is 408.", { answer: " " })).toBe("GoldInvalid")
    expect(outcome("The answer is 408.", { prompt: "What is it?" })).toBe("GoldInvalid")
    expect(outcome("The answer is 408. Let me recompute.")).toBe("Truncated")
    expect(outcome("The answer is 408.", { truncated: true })).toBe("Truncated")
    expect(outcome("The answer is 408. Let me recompute.", { hitCap: true })).toBe("Wrong")
  })

  it("compares numbers exactly where float64 cannot: one unit in thirty digits", () => {
    const answer = "123456789012345678901234567890"
    expect(outcome("The answer is 123,456,789,012,345,678,901,234,567,890.", { answer })).toBe("Correct")
    expect(outcome("The answer is 123456789012345678901234567891.", { answer })).toBe("Wrong")
  })

  it("reads back what formatResponse writes: every answer, every decision, and the cap", () => {
    const answers = fc.array(fc.integer({ min: 0, max: 999 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(answers, fc.boolean(), (values, isCapped) => {
        const attempts = values.map((value, k) => ({
          answer: String(value),
          decision: k + 1 < values.length || isCapped ? ("RESAMPLE" as const) : ("STOP" as const)
        }))
        const graded = gradeTranscript({ id: "1", prompt, response: formatResponse(attempts), answer: "408", hitCap: isCapped })
        expect(graded.attempts.map(({ answer, decision }) => ({ answer, decision }))).toEqual(attempts)
        expect(graded.hitCap ?? false).toBe(isCapped)
        expect(graded.outcome).toBe(!isCapped && values.at(-1) === 408 ? "Correct" : "Wrong")
      })
    )
  })
})
