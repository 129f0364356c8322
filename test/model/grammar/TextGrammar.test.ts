import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { ConfigError, TokenizerError } from "../../../src/domain/Errors.ts"
import type { TokenizerService } from "../../../src/domain/Tokenizer.ts"
import { attempts } from "../../../src/domain/Trajectory.ts"
import { makeText, RESAMPLE_TEXT, type TextConfig } from "../../../src/model/grammar/TextGrammar.ts"

const END = "<end>"
const LETTERS = [END, "\n", ...Array.from({ length: 95 }, (_, n) => String.fromCharCode(32 + n))]

/** A token a letter; the first ends a text. */
const letters: TokenizerService = {
  vocabulary: LETTERS.length,
  encode: (text) => {
    const tokens = [...text].map((letter) => LETTERS.indexOf(letter))
    const position = tokens.indexOf(-1)
    return position < 0 ? Result.succeed(tokens) : Result.fail(new TokenizerError({ input: text, position, problem: "no such letter" }))
  },
  pieces: (tokens) => Result.succeed(tokens.map((token) => LETTERS[token]!))
}

const config: TextConfig = { tokenizer: letters, endTokens: [0], positions: 300, template: (prompt) => Result.succeed(`Q: ${prompt} A: `) }
const { grammar } = makeText(config)
const query = { prompt: "Calculate 12 * 3. Think step by step." }
const [wrong, right] = ["12 * 3 = 35. The answer is 35.", "12 * 3 = 36. The answer is 36."]
const prompt = Result.getOrThrow(grammar.prompt(query))
const readText = (text: string, isEnded: boolean) =>
  Result.getOrThrow(
    grammar.read({
      tokens: [...prompt, ...Result.getOrThrow(letters.encode(text)), ...(isEnded ? [0] : [])],
      promptLength: prompt.length
    })
  )
/** Kind, text, and action or answer of each span. */
const spansOf = (text: string, isEnded: boolean) => {
  const letter = [...text, END]
  return readText(text, isEnded).spans.map((span) => [
    letter.slice(span.start - prompt.length, span.end - prompt.length).join(""),
    span.kind === "sample" ? span.answer : span.action
  ])
}

describe("the grammar of free text", () => {
  it("gives the answer's text to π_S, what follows it with the end to π_D's STOP, and the words that take it back to RESAMPLE", () => {
    assert.deepStrictEqual(spansOf(`${right} Done`, true), [["12 * 3 = 36. The answer is 36", "36"], [`. Done${END}`, "STOP"]])
    assert.deepStrictEqual(spansOf(wrong + RESAMPLE_TEXT + right, true), [
      ["12 * 3 = 35. The answer is 35", "35"],
      // The decision ends with the last word of the marker, as calibration has it.
      [".\nWait, I made a mistake. Let me recompute", "RESAMPLE"],
      [".\n12 * 3 = 36. The answer is 36", "36"],
      [`.${END}`, "STOP"]
    ])
    assert.strictEqual(readText(right, true).ending, "stop")
  })

  it("gives nobody what follows the last answer of a text that was cut off before it decided", () => {
    assert.deepStrictEqual(spansOf(`${right} So`, false), [["12 * 3 = 36. The answer is 36", "36"]])
    assert.strictEqual(readText(`${right} So`, false).ending, "truncated")
    const cut = spansOf(wrong + RESAMPLE_TEXT + "12 * 3 =", false)
    assert.deepStrictEqual(cut.map(([, what]) => what), ["35", "RESAMPLE", undefined])
    assert.deepStrictEqual(attempts(readText(right, false)).map(({ decision }) => decision), [undefined])
  })

  it("calls a text that takes its last answer back and ends one that had no further attempt, and gives one without an answer to π_S", () => {
    assert.strictEqual(readText(wrong + RESAMPLE_TEXT, true).ending, "cap")
    assert.deepStrictEqual(spansOf("I do not know", true), [[`I do not know${END}`, undefined]])
    assert.strictEqual(readText("I do not know", true).ending, "stop")
    assert.deepStrictEqual(spansOf("", false), [])
  })

  it("writes attempts so that it reads them again, and refuses those that it could not", () => {
    const written = Result.getOrThrow(grammar.write(query, [{ answer: wrong, decision: "RESAMPLE" }, { answer: right, decision: "STOP" }]))
    assert.deepStrictEqual(written.spans, Result.getOrThrow(grammar.read(written)).spans)
    assert.deepStrictEqual(Result.getOrThrow(grammar.render(written)), {
      prompt: "Q: Calculate 12 * 3. Think step by step. A: ",
      response: wrong + RESAMPLE_TEXT + right
    })
    assert.deepStrictEqual(attempts(written).map(({ decision, sample }) => [sample.answer, decision?.action]), [
      ["35", "RESAMPLE"],
      ["36", "STOP"]
    ])
    const open = Result.getOrThrow(grammar.write(query, [{ answer: wrong }]))
    assert.strictEqual(open.ending, "truncated")
    const failure = (result: Result.Result<unknown, TokenizerError>) => Result.getOrThrow(Result.flip(result)).message
    assert.include(
      failure(grammar.write(query, [{ answer: "nothing at all", decision: "STOP" }])),
      "of 1 attempts the reading of text finds 0"
    )
    assert.include(failure(grammar.write(query, [{ answer: right, verdict: true }])), "no token for a verdict")
    assert.include(failure(grammar.write({ prompt: "é" }, [])), "no such letter")
  })

  it("lets anything follow until a token that ends the text or the last position", () => {
    let cursor = grammar.open(prompt)
    assert.strictEqual(cursor.next._tag, "Free")
    cursor = cursor.advance(5)
    assert.deepStrictEqual([cursor.next._tag, cursor.place], ["Free", 1])
    assert.deepStrictEqual(cursor.advance(0).next, { _tag: "Ended", ending: "stop" })
    const short = makeText({ ...config, positions: prompt.length + 2 }).grammar
    assert.deepStrictEqual(short.open(prompt).advance(5).advance(5).next, { _tag: "Ended", ending: "truncated" })
    assert.include(
      Result.getOrThrow(Result.flip(makeText({ ...config, positions: prompt.length }).grammar.prompt(query))).message,
      `the prompt has ${prompt.length} tokens, and prompt and response together may have ${prompt.length}`
    )
  })

  it("refuses settings by which no text would end, nothing fits, or RESAMPLE is not read again", () => {
    const fieldOf = (change: Partial<TextConfig>): string => {
      try {
        makeText({ ...config, ...change })
      } catch (error) {
        if (error instanceof ConfigError) return error.field
      }
      return assert.fail()
    }
    assert.deepStrictEqual(
      [{ endTokens: [] }, { endTokens: [LETTERS.length] }, { positions: 1 }, { resample: "and so on" }].map(fieldOf),
      ["endTokens", "endTokens", "positions", "resample"]
    )
  })
})
