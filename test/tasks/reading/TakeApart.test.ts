import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { defaultMarkers } from "../../../src/tasks/reading/Markers.ts"
import { type ReadingOptions, takeApart, takeApartInFull } from "../../../src/tasks/reading/TakeApart.ts"
import { askedExpression } from "../../../src/tasks/StatedProduct.ts"

const apart = (text: string, options?: ReadingOptions) => takeApart(text, defaultMarkers, options)
const decisions = (text: string, options?: ReadingOptions) =>
  apart(text, options).attempts.map(({ candidate, decision }) => candidate.answer + (decision?.[0] ?? "?")).join(" ")

describe("a response taken apart", () => {
  it("has attempts up to and including their candidates, with the marker that took them back", () => {
    const text = "First 54: the answer is 54. Let me recompute. So the answer is 56. Done"
    const { attempts, end } = apart(text)
    expect(attempts.map(({ end, start }) => text.slice(start, end))).toEqual(["First 54: the answer is 54", ". So the answer is 56"])
    expect(attempts.map(({ marker }) => marker && text.slice(marker.start, marker.end))).toEqual(["Let me recompute", undefined])
    expect(attempts.map(({ candidate }) => text.slice(candidate.start, candidate.end))).toEqual(["54", "56"])
    expect(end).toBe(text.length)
  })

  it("of several candidates without a marker between them the attempt has the last that says the same", () => {
    const text = "The answer is 56. Indeed, \\boxed{56}"
    expect(apart(text).attempts.map(({ candidate, start }) => [start, candidate.how])).toEqual([[0, "boxed"]])
  })

  it("nothing in it is nothing", () => {
    const nothing = { attempts: [], isUnfinished: false, isThinking: false, checks: 0, unmarked: 0 }
    expect(apart("")).toEqual({ ...nothing, end: 0 })
    expect(apart("I do not know.")).toEqual({ ...nothing, end: 14 })
    expect(apart("Wait, let me check. Hmm.")).toEqual({ ...nothing, end: 24 })
  })

  it("says how each candidate was put forward", () => {
    const how = (text: string) => apart(text).attempts.map(({ candidate }) => candidate.how)
    expect(how("\\boxed{5}")).toEqual(["boxed"])
    expect(how("<answer>5</answer>")).toEqual(["tag"])
    expect(how("#### 5")).toEqual(["hash"])
    expect(how("The answer is 5.")).toEqual(["words"])
    expect(how("We add 2 and 3. The total is 5.")).toEqual(["result"])
    expect(how("We add 2 and 3. So she has 5 pens.")).toEqual(["conclusion"])
    expect(how("We add two and three. **5** pens\n\nHave a nice day")).toEqual(["emphasis"])
    expect(how("2 + 3 = 5")).toEqual(["equation"])
    expect(how("5")).toEqual(["whole"])
  })

  it.each(["54 and then 56", "54 then 56", "54, or rather 56", "**54 and then 56**"])("%s: two values in words are not one", (text) => {
    expect(apart(text).attempts.map(({ candidate }) => candidate.answer)).toEqual(["56"])
  })

  it("another turn of the model takes back what was said before", () => {
    const [first, second] = ["The answer is 54.\n", "The answer is 56."]
    expect(decisions(first + second, { turns: [first.length] })).toBe("54R 56S")
    expect(decisions(first + first + second, { turns: [first.length, 2 * first.length] })).toBe("54R 54R 56S")
    expect(apart(first + second, { turns: [first.length] }).unmarked).toBe(0)
    expect(apart(first + second).unmarked).toBe(1)
    // What is no answer in the second turn takes nothing back.
    expect(decisions(first + "I am sure.", { turns: [first.length] })).toBe("54S")
  })

  it("the decision after the last candidate of a cut-off text was not seen, unless words took it back", () => {
    expect(decisions("The answer is 54. So", { isTruncated: true })).toBe("54?")
    expect(decisions("The answer is 54. I made a mistake. So", { isTruncated: true })).toBe("54R")
    expect(decisions("The answer is 54. Hmm, 7 * 8 is", { isTruncated: true })).toBe("54?")
    expect(decisions("The answer is 54. Let me recompute. The answer is 56. And", { isTruncated: true })).toBe("54R 56?")
    expect(decisions("The answer is 54.")).toBe("54S")
    expect(apart("<think>The answer is 54.")).toMatchObject({ isThinking: true, isUnfinished: false })
    expect(apart("<think>The answer is 54.</think>")).toMatchObject({ isThinking: false })
  })

  it.each<readonly [text: string, isUnfinished: boolean]>([
    ["The answer is 54. Wait,", true],
    ["The answer is 54. Let me recompute.", true],
    ["The answer is 54. Let me recompute. First, the", true],
    ["The answer is 54. Wait, is that right?", false],
    ["The answer is 54. Let me double-check. Yes, correct.", false],
    ["The answer is 54. Let me double-check. Yes", false],
    ["The answer is 54. Hmm, wait. No, it is correct", false],
    ["Die Antwort ist 54. Moment, stimmt das? Ja", false],
    ["The answer is 54. Let me verify: 54 / 6 = 9.", false],
    ["The answer is 54. Hmm, 7 * 8 is not 54, because", true],
    ["The answer is 54. Wait, the last row is shorter.", false],
    ["La réponse est 54. Attends,", true],
    ["Ответ: 54. Подожди,", true]
  ])("whether it breaks off: %j", (text, isUnfinished) => {
    expect(apart(text).isUnfinished).toBe(isUnfinished)
  })

  it("checks are counted where the answer stood", () => {
    expect(
      apart("The answer is 54. Let me verify it by dividing by six, which is nine. Hmm, but seven eights are more. The answer is 56.")
        .checks
    )
      .toBe(0)
    expect(apart("The answer is 56. Let me verify: 56 / 7 = 8, which is fine. To be sure, 56 / 8 = 7, which is fine as well.").checks).toBe(
      1
    )
  })

  it("the asked expression counts in either order, and before other equations", () => {
    const asked = askedExpression("Calculate 7 * 8.")
    expect(decisions("8 * 7 = 56\n5 + 6 = 11", { asked })).toBe("56S")
    expect(decisions("7 * 8 = 56\n5 + 6 = 11", { asked })).toBe("56S")
    expect(decisions("7 * 9 = 63\n6 + 3 = 9", { asked })).toBe("9S")
  })

  it.each<readonly [what: string, text: string, expected: string]>([
    ["headings are no answers", "#### 1. Count the rows\nThere are 7.\n#### 2. Multiply\n7 * 8 = 56", "56S"],
    [
      "a turn of the model after its own end goes on",
      "The answer is 54.<|im_end|>\n<|im_start|>assistant\nWait, the answer is 56.",
      "54R 56S"
    ],
    ["tags of tries", "<first_try>The answer is 54.</first_try>\n<second_try>The answer is 56.</second_try>", "54R 56S"],
    ["a tag of a second try that closes", "<second_try>The answer is 54.</second_try> So the answer is 54.", "54S"],
    ["what the answer is made of", "The roots are \\boxed{3} and \\boxed{5}. So the sum is \\boxed{8}.", "8S"],
    ["a list is one answer", "The roots are \\boxed{3} and \\boxed{5}.", "3, 5S"],
    [
      "thoughts come to what they end with",
      "<think>7 times 8 makes 54.</think>\n\nSeven rows of eight, once more in full. The answer is 56.",
      "54R 56S"
    ],
    [
      "thoughts that end in a check do not",
      "<think>So it is 56. Let me verify: 56 / 8 = 7.</think>\n\nSeven rows of eight in full: **56**",
      "56S"
    ]
  ])("%s", (_, text, expected) => {
    expect(decisions(text)).toBe(expected)
  })

  it("a return to an answer is an attempt as well", () => {
    expect(decisions("The answer is 56. Wait, the answer is 54. No, wait, the answer is 56.")).toBe("56R 54R 56S")
  })
})

describe("any text", () => {
  const pieces = [
    "The answer is 5. ",
    "The answer is 6. ",
    "\\boxed{5} ",
    "\\boxed{6",
    "<think>",
    "</think>",
    "<answer>6</answer>",
    "Wait, ",
    "Let me verify: ",
    "I made a mistake. ",
    "7 * 8 = 56. ",
    "56 / 7 = 8. ",
    "So 5. ",
    "**6** ",
    "#### 5\n",
    "\n\n",
    "\nQuestion: ",
    "<|im_end|>",
    "答案是5。",
    "等等，",
    "if ",
    "12 ",
    "."
  ]
  const asked = askedExpression("Calculate 7 * 8.")
  const texts = fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((parts) => parts.join(""))

  it("comes to the same by the short way as in full", () => {
    fc.assert(
      fc.property(texts, fc.boolean(), (text, isTruncated) => {
        const options = { asked, isTruncated }
        expect(takeApart(text, defaultMarkers, options)).toEqual(takeApartInFull(text, defaultMarkers, options))
      }),
      { numRuns: 2000 }
    )
  })

  it("has attempts in order, each with its candidate in it, RESAMPLE but for the last", () => {
    fc.assert(
      fc.property(texts, fc.boolean(), fc.array(fc.nat(60), { maxLength: 2 }), (text, isTruncated, places) => {
        // A turn begins where another ended, not within thoughts.
        const turns = /<.?think>/.test(text) ? [] : places.filter((place) => place > 0 && place < text.length).toSorted((a, b) => a - b)
        const { attempts, end, unmarked } = apart(text, { asked, isTruncated, turns })
        expect(end).toBeLessThanOrEqual(text.length)
        let before = 0
        for (const [k, { candidate, decision, end: attemptEnd, marker, start }] of attempts.entries()) {
          const isLast = k === attempts.length - 1
          expect(start).toBeGreaterThanOrEqual(before)
          expect(candidate.end).toBe(attemptEnd)
          expect(candidate.start).toBeGreaterThanOrEqual(start)
          expect(candidate.start).toBeLessThan(candidate.end)
          expect(candidate.end).toBeLessThanOrEqual(end)
          if (!isLast) expect(decision).toBe("RESAMPLE")
          if (marker !== undefined) expect(marker.start).toBeGreaterThanOrEqual(attemptEnd)
          before = attemptEnd
        }
        expect(unmarked).toBeLessThan(Math.max(1, attempts.length))
      }),
      { numRuns: 1000 }
    )
  })

  it("is read the same where it is followed by another question", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const answered = `${text}</think>\nThe answer is 5.`
        const shape = ({ attempts, checks, unmarked }: ReturnType<typeof apart>) => ({
          attempts: attempts.map(({ candidate, decision, start }) => [candidate.answer, decision, start]),
          checks,
          unmarked
        })
        const [alone, followed] = [apart(answered), apart(`${answered}\n\nQuestion: And 6 * 6?\nThe answer is 36.`)]
        expect(shape(followed)).toEqual(shape(alone))
        expect(followed.end).toBeLessThanOrEqual(answered.length + 2)
      })
    )
  })
})
