import * as fc from "fast-check"
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { formatResponse } from "../../../src/tasks/reading/RevisionMarkers.ts"
import { readAttributionRow } from "../../../src/eval/attribute/AttributionInput.ts"
import { spansOfText } from "../../../src/tasks/reading/TextSpans.ts"
import { compileMarkers, defaultMarkers } from "../../../src/tasks/reading/Markers.ts"
import { takeApart } from "../../../src/tasks/reading/TakeApart.ts"

/** The spans as texts: "sample 408|The answer is 408" and "STOP|.". */
const read = (tokens: ReadonlyArray<string>, from = 0): ReadonlyArray<string> => {
  const spans = Result.getOrThrow(spansOfText(tokens, from, defaultMarkers))
  return spans.map((span) =>
    `${span.kind === "sample" ? `sample ${span.answer ?? "?"}` : span.action}|${tokens.slice(span.start, span.end).join("")}`
  )
}

describe("spans of a response from its tokens' texts", () => {
  it.each<readonly [what: string, tokens: ReadonlyArray<string>, spans: ReadonlyArray<string>]>([
    ["an answer, a marker, another answer", [
      "The",
      " answer",
      " is",
      " 400",
      ".",
      " Let",
      " me",
      " recompute",
      ".",
      " It",
      " is",
      " = ",
      "408",
      "."
    ], ["sample 400|The answer is 400", "RESAMPLE|. Let me recompute", "sample 408|. It is = 408", "STOP|."]],
    ["a token across a boundary belongs to where it begins", ["The answer is 4", "00. ", "Let me recom", "pute. Answer: ", "408.", "\n"], [
      "sample 400|The answer is 400. ",
      "RESAMPLE|Let me recompute. Answer: ",
      "sample 408|408.",
      "STOP|\n"
    ]],
    ["a text that ends with its number has no token of STOP", ["The answer is ", "408"], ["sample 408|The answer is 408"]],
    ["the end of the sequence without a text is the token of STOP", ["The answer is ", "408", ""], [
      "sample 408|The answer is 408",
      "STOP|"
    ]],
    ["an answer that is taken back and not replaced", ["The answer is ", "408", ".", " Sorry,", " I made a mistake", ". The", " carry"], [
      "sample 408|The answer is 408",
      "RESAMPLE|. Sorry, I made a mistake",
      "sample ?|. The carry"
    ]]
  ])("%s", (_, tokens, spans) => {
    expect(read(tokens)).toEqual(spans)
  })

  it("leaves the prompt to nobody", () => {
    expect(read(["Calculate ", "12 * 34.", " The answer is ", "408", "."], 2)).toEqual(["sample 408| The answer is 408", "STOP|."])
  })

  it("refuses a response without an answer, and tokens too coarse to tell who wrote what", () => {
    expect(spansOfText(["I do not know."], 0, defaultMarkers)).toEqual(Result.fail("no candidate answer in the text of the tokens"))
    expect(spansOfText(["The answer is 400. Let me recompute. ", "The answer is 408", "."], 0, defaultMarkers))
      .toEqual(Result.fail(`token 0 ("The answer is 400. Let me recompute. ") covers all of a decision`))
  })

  it("cut into tokens anyhow, every token has one owner, in order; cut into characters, the spans are the attempts of the text", () => {
    const responses = fc.array(fc.integer({ min: 1, max: 99_999 }), { minLength: 1, maxLength: 4 }).chain((answers) =>
      fc.constantFrom("", ".\n", " Wait, let me check.").map((tail) =>
        formatResponse(
          answers.map((answer, k) => ({
            answer: String(answer),
            decision: k === answers.length - 1 ? "STOP" as const : "RESAMPLE" as const
          }))
        ) + tail
      )
    )
    fc.assert(fc.property(responses, fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 9 }), (text, lengths) => {
      const tokens: Array<string> = []
      for (let at = 0, k = 0; at < text.length; k++) {
        const length = lengths[k % lengths.length]!
        tokens.push(text.slice(at, at + length))
        at += length
      }
      const spans = Result.getOrThrow(spansOfText(tokens, 0, defaultMarkers))
      expect(spans.map(({ start }) => start)).toEqual([0, ...spans.map(({ end }) => end).slice(0, -1)])
      expect(spans.at(-1)!.end).toBe(tokens.length)
      const { attempts } = takeApart(text, defaultMarkers)
      const decisions = spans.flatMap((span) => (span.kind === "decision" ? [span.action] : []))
      // A text that breaks off goes on, whatever it would have decided.
      expect(decisions).toEqual(attempts.map(({ decision }) => decision ?? "RESAMPLE").slice(0, decisions.length))
      const letters = Result.getOrThrow(spansOfText([...text], 0, defaultMarkers))
      const answered = letters.filter((span) => span.kind === "sample" && span.answer !== undefined)
      expect(answered.map(({ end, start }) => [start, end])).toEqual(attempts.map(({ end, start }) => [start, end]))
    }))
  })

  it("are used by a row without spans; the tokens that nobody chose at its beginning are the prompt", () => {
    const row = (more: object) =>
      readAttributionRow(
        JSON.stringify({ logprobs: [null, -1, -2, -0.5], tokens: ["12 * 34 = ", "The answer is ", "408", "."], ...more }),
        "line 1"
      )
    const found = Result.getOrThrow(row({}))
    expect(found.spans).toEqual([{ kind: "sample", start: 1, end: 3, answer: "408" }, {
      kind: "decision",
      start: 3,
      end: 4,
      action: "STOP"
    }])
    expect(Result.getOrThrow(row({ spans: [{ kind: "decision", start: 3, end: 4, action: "STOP" }] })).spans).toHaveLength(1)
    expect(row({ tokens: ["a"] })).toEqual(Result.fail("1 tokens, but 4 log-probabilities"))
    expect(row({ tokens: [1, 2, 3, 4] })).toMatchObject(Result.fail(expect.stringMatching(/"tokens" that are ids: add "tokens" as texts/)))
    expect(row({ logprobs: [null, -1, null, -0.5] })).toMatchObject(Result.fail(expect.stringMatching(/logprobs\[2\] is null/)))
  })

  it("take further markers", () => {
    const line = JSON.stringify({ logprobs: [-1, -1, -1], tokens: ["12 * 34 = 400", ". Rewind", ". 12 * 34 = 408"] })
    expect(Result.getOrThrow(readAttributionRow(line, "line 1")).spans).toHaveLength(1)
    expect(Result.getOrThrow(readAttributionRow(line, "line 1", compileMarkers(["rewind"]))).spans).toHaveLength(3)
  })
})
