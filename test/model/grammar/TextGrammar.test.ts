import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { ConfigError, TokenizerError } from "../../../src/domain/Errors.ts"
import type { TokenizerService } from "../../../src/domain/Tokenizer.ts"
import { attempts } from "../../../src/domain/Trajectory.ts"
import * as Addition from "../../../src/tasks/Addition.ts"
import * as Countdown from "../../../src/tasks/Countdown.ts"
import { GRADERS } from "../../../src/tasks/grading/Graders.ts"
import * as Multiplication from "../../../src/tasks/Multiplication.ts"
import * as Demonstrations from "../../../src/training/Demonstrations.ts"
import { makeText, RESAMPLE_TEXT, type TextConfig } from "../../../src/model/grammar/TextGrammar.ts"

/** What a product or a sum that a prompt asks for is; nothing of other prompts. */
const answerOf = (prompt: string): string => {
  const [, left, sign, right] = /(\d+) ([*+]) (\d+)/.exec(prompt) ?? []
  return String(sign === "*" ? Number(left) * Number(right) : Number(left) + Number(right))
}

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
  it("reads what a prompt asks for where a token that ends a message follows it at once", () => {
    const encoded = (text: string) => Result.getOrThrow(letters.encode(text))
    const asking = [...encoded("Q: What is 5 * 6"), 0, ...encoded("A: ")]
    const tokens = [...asking, ...encoded("5*6 = 31. Wait, let me recompute. 5*6 = 30.")]
    const { spans } = Result.getOrThrow(grammar.read({ tokens, promptLength: asking.length }))
    assert.deepStrictEqual(attempts({ spans }).map(({ decision, sample }) => [sample.answer, decision?.action]), [
      ["31", "RESAMPLE"],
      ["30", undefined]
    ])
  })

  it("reads what a prompt asks for whatever the template writes around it, as calibration reads the prompt alone", () => {
    const response = "12 * 34 = 407. Wait, let me recompute. 12 * 34 = 408."
    for (const [before, after] of [["[INST] ", " [/INST]"], ["", ""], ["<user>", "<model>"], ["Calculate 1 + 1.\n", " Answer:"]] as const) {
      for (const question of ["Calculate 12 * 34", "12 * 34 =", "What is 12 * 34?"]) {
        const { grammar } = makeText({ ...config, template: (text) => Result.succeed(before + text + after) })
        const prompt = Result.getOrThrow(grammar.prompt({ prompt: question }))
        const tokens = [...prompt, ...Result.getOrThrow(letters.encode(response))]
        const { spans } = Result.getOrThrow(grammar.read({ tokens, promptLength: prompt.length }))
        const found = attempts({ spans }).map(({ decision, sample }) => [sample.answer, decision?.action])
        assert.deepStrictEqual(found, [["407", "RESAMPLE"], ["408", undefined]], `${before}${question}${after}`)
      }
    }
  })

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
    assert.strictEqual(readText(wrong + RESAMPLE_TEXT, true).ending, "unfinished")
    assert.deepStrictEqual(spansOf("I do not know", true), [[`I do not know${END}`, undefined]])
    assert.strictEqual(readText("I do not know", true).ending, "stop")
    assert.deepStrictEqual(spansOf("", false), [])
  })

  it("writes attempts so that it reads them again, and refuses those that it could not", () => {
    const [worked, taken] = [{ answer: "36", working: "12 * 3 = 36.", decision: "STOP" }, {
      answer: "35",
      text: wrong,
      decision: "RESAMPLE"
    }] as const
    const written = Result.getOrThrow(grammar.write(query, [taken, worked]))
    assert.deepStrictEqual(written.spans, Result.getOrThrow(grammar.read(written)).spans)
    const { pieces, ...rendered } = Result.getOrThrow(grammar.render(written))
    assert.deepStrictEqual(rendered, {
      prompt: "Q: Calculate 12 * 3. Think step by step. A: ",
      response: wrong + RESAMPLE_TEXT + right
    })
    // A text for each token after the prompt.
    assert.strictEqual(pieces?.join(""), rendered.response)
    assert.strictEqual(pieces?.length, written.tokens.length - written.promptLength)
    assert.deepStrictEqual(attempts(written).map(({ decision, sample }) => [sample.answer, decision?.action]), [
      ["35", "RESAMPLE"],
      ["36", "STOP"]
    ])
    const open = Result.getOrThrow(grammar.write(query, [{ answer: "35", text: wrong }]))
    assert.strictEqual(open.ending, "truncated")
    const failure = (result: Result.Result<unknown, TokenizerError>) => Result.getOrThrow(Result.flip(result)).message
    assert.include(
      failure(grammar.write(query, [{ answer: "35", text: "nothing at all", decision: "STOP" }])),
      "the attempts 35, STOP are read as none; announce each answer"
    )
    assert.include(failure(grammar.write(query, [{ answer: "36", verdict: true }])), "no token for a verdict")
    assert.include(failure(grammar.write({ prompt: "é" }, [])), "no such letter")
  })

  it("refuses attempts that are longer than prompt and response may be", () => {
    const short = makeText({ ...config, positions: prompt.length + 10 }).grammar
    const refused = Result.getOrThrow(Result.flip(short.write(query, [{ answer: "36", decision: "STOP" }])))
    assert.include(refused.message, `and may have ${prompt.length + 10}`)
    const long = Result.getOrThrow(Result.flip(grammar.prompt({ prompt: "x".repeat(20_000) }))).message
    assert.include(long, "characters, and prompt and response together may have 300 tokens")
    assert.isBelow(long.length, 400)
  })

  it("reads every demonstration as it was meant: products, sums and countdown, of one to four attempts with and without working", () => {
    const levels = ["1x1", "2x1", "1x2", "2x2", "3x1", "3x2", "3x3"] as const
    const tasks = [
      { task: Multiplication.make({ radix: 10, levels }), grader: GRADERS.integer },
      { task: Addition.make({ radix: 10, levels }), grader: GRADERS.number },
      { task: Countdown.make({ levels: ["2", "3", "4"], largest: 30, operations: ["+", "-", "*"] }), grader: GRADERS.countdown }
    ]
    for (const { grader, task } of tasks) {
      const words = makeText({ ...config, grader, positions: 1_000 })
      const data = { task, words, maxAttempts: 4, slip: 0.2 }
      const makers = [
        Demonstrations.withoutReflection(data),
        Demonstrations.withEcho(data, 0.5),
        Demonstrations.withCorrections(data, { rate: 0.8, wrong: 3 })
      ]
      for (const [m, make] of makers.entries()) {
        for (let index = 0; index < 150; index++) {
          const written = make(1, index)
          const made = attempts(written)
          assert.strictEqual(made.at(-1)!.decision?.action, "STOP")
          assert.isTrue(made.slice(0, -1).every(({ decision }) => decision?.action === "RESAMPLE"))
          // π_D's tokens and π_S's are all of the response.
          assert.strictEqual(
            written.spans.reduce((sum, { end, start }) => sum + end - start, 0),
            written.tokens.length - written.promptLength
          )
          if (m < 2) continue
          const text = Result.getOrThrow(words.grammar.render(written))
          const verdicts = made.map(({ sample }) =>
            task.check({ id: "", level: "", prompt: text.prompt.replace(/^Q: | A: $/g, ""), answer: answerOf(text.prompt) }, sample.answer!)
          )
          assert.deepStrictEqual(verdicts, [...made.slice(1).map(() => "Wrong"), "Correct"])
        }
      }
    }
  })

  it("leaves wrong attempts to the context where that is asked for: they are in no span, and the words that take them back are", () => {
    const task = Multiplication.make({ radix: 10, levels: ["2x2"] })
    const words = makeText({ ...config, positions: 1_000 })
    const data = { task, words, maxAttempts: 4, slip: 0 }
    const corrections = { rate: 1, wrong: 2 }
    const [all, learnt] = [
      Demonstrations.withCorrections(data, corrections),
      Demonstrations.withCorrections({ ...data, wrongAttempts: "context" }, corrections)
    ]
    for (let index = 0; index < 50; index++) {
      const [whole, part] = [all(1, index), learnt(1, index)]
      assert.deepStrictEqual(part.tokens, whole.tokens)
      assert.deepStrictEqual(
        part.spans.map(({ kind }) => kind),
        [...whole.spans.slice(2).filter(({ kind }) => kind === "decision"), { kind: "sample" }, { kind: "decision" }].map(({ kind }) =>
          kind
        )
      )
      assert.isAtLeast(whole.spans.length, 4)
    }
  })

  it("gives all of a single-turn text to π_S, with the answer it ends with", () => {
    const alone = makeText({ ...config, singleTurn: true }).grammar
    const text = wrong + RESAMPLE_TEXT + right
    const tokens = [...prompt, ...Result.getOrThrow(letters.encode(text)), 0]
    const reading = Result.getOrThrow(alone.read({ tokens, promptLength: prompt.length }))
    assert.deepStrictEqual(reading, { ending: "stop", spans: [{ kind: "sample", answer: "36", start: prompt.length, end: tokens.length }] })
    assert.strictEqual(Result.getOrThrow(alone.write(query, [{ answer: "36", decision: "STOP" }])).spans.length, 1)
    assert.isTrue(Result.isFailure(alone.write(query, [{ answer: "35", decision: "RESAMPLE" }, { answer: "36", decision: "STOP" }])))
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
      [
        { endTokens: [] },
        { endTokens: [LETTERS.length] },
        { positions: 1 },
        { resample: "and so on" },
        { announcement: "It is so." },
        { announcement: "{answer} or {answer}" }
      ].map(fieldOf),
      ["endTokens", "endTokens", "positions", "resample", "announcement", "announcement"]
    )
  })
})
