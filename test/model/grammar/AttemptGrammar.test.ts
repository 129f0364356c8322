import { Result } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Cursor, GrammarService, WrittenAttempt } from "../../../src/domain/Grammar.ts"
import { attempts } from "../../../src/domain/Trajectory.ts"
import * as ArithmeticGrammar from "../../../src/model/grammar/ArithmeticGrammar.ts"
import { attemptGrammar, symbolTokenizer } from "../../../src/model/grammar/AttemptGrammar.ts"
import * as CountdownGrammar from "../../../src/model/grammar/CountdownGrammar.ts"
import { enumerateTrajectories, makeTiny, tinyGrammar, tinyPrompts } from "../../../src/laws/TinyWords.ts"
import { processorMs } from "../../support/ProcessorTime.ts"

const follow = (grammar: GrammarService, prompt: ReadonlyArray<number>, tokens: ReadonlyArray<number>): Cursor =>
  tokens.reduce((cursor, token) => cursor.advance(token), grammar.open(prompt))

const tiny = makeTiny({ ...tinyGrammar, symbols: 3, maxAttempts: 3 })
const all = tinyPrompts.flatMap((prompt) => enumerateTrajectories(tiny.grammar, { prompt, offset: 0 }))
const textOf = (tokens: ReadonlyArray<number>) => Result.getOrThrow(tiny.tokenizer.pieces(tokens)).join("")

describe("attemptGrammar", () => {
  it("has as many trajectories as can be counted: answers A, of which each attempt stops or goes on, the last one ends either way", () => {
    // A + A² + … with three attempts: A stops, A·A stops, A·A·A stops or meets the cap.
    const count = (answers: number) => answers + answers ** 2 + 2 * answers ** 3
    expect(all).toHaveLength(count(3) + count(9))
  })

  it("write is the inverse of read over every trajectory", () => {
    for (const { promptLength, tokens } of all) {
      const reading = Result.getOrThrow(tiny.grammar.read({ promptLength, tokens }))
      const said = attempts(reading).map(({ decision, sample }): WrittenAttempt => ({ answer: sample.answer!, decision: decision!.action }))
      const written = Result.getOrThrow(tiny.grammar.write({ prompt: textOf(tokens.slice(0, promptLength)) }, said))
      expect(written).toEqual({ promptLength, tokens, ...reading })
    }
  })

  it("the reading of every prefix ends as its cursor does, and is truncated before the end", () => {
    for (const { promptLength, tokens } of all) {
      for (let end = promptLength; end <= tokens.length; end++) {
        const prefix = tokens.slice(0, end)
        const { ending, spans } = Result.getOrThrow(tiny.grammar.read({ promptLength, tokens: prefix }))
        const { next } = follow(tiny.grammar, tokens.slice(0, promptLength), prefix.slice(promptLength))
        expect(ending).toBe(next._tag === "Ended" ? next.ending : "truncated")
        // Spans lie in order, within the tokens, and none is empty or overlaps another.
        const edges = spans.flatMap((span) => [span.start, span.end])
        expect(edges).toEqual(edges.toSorted((a, b) => a - b))
        expect(spans.every((span) => span.start >= promptLength && span.start < span.end && span.end <= end)).toBe(true)
      }
    }
  })

  it("after the end a cursor stays at the end, and more tokens are refused", () => {
    for (const { promptLength, tokens } of all.slice(0, 20)) {
      const cursor = follow(tiny.grammar, tokens.slice(0, promptLength), tokens.slice(promptLength))
      expect(cursor.advance(2).next).toEqual(cursor.next)
      expect(Result.getOrThrow(Result.flip(tiny.grammar.read({ promptLength, tokens: [...tokens, 2] })))).toMatchObject({
        position: tokens.length
      })
    }
  })

  it("verdicts stand where decisions do and end nothing: as many attempts as one likes, none of them sampled", () => {
    const answers = Array.from({ length: 10 }, (_, i): WrittenAttempt => ({ answer: "abc"[i % 3]!, verdict: i % 2 === 0 }))
    const { ending, spans, tokens } = Result.getOrThrow(tiny.grammar.write({ prompt: "P" }, answers))
    expect(textOf(tokens)).toBe("P=aOK=bBAD=cOK=aBAD=bOK=cBAD=aOK=bBAD=cOK=aBAD")
    expect(ending).toBe("truncated")
    // The last word is all that is left to tell an ending by: OK reads as STOP does.
    expect(Result.getOrThrow(tiny.grammar.write({ prompt: "P" }, answers.slice(0, 9))).ending).toBe("stop")
    expect(spans.filter(({ kind }) => kind === "sample")).toHaveLength(10)
    // The sampler's set at the verdict is that of the decisions; the verdicts are the other.
    const { next } = follow(tiny.grammar, [0], tokens.slice(1, 3))
    if (next._tag !== "Among" || next.also === undefined) throw new Error("no decision there")
    expect([tiny.grammar.sets[next.set]!, tiny.grammar.sets[next.also]!].map(textOf)).toEqual(["STOPRESAMPLE", "OKBAD"])
  })

  it("render shows what was written so far; an answer that is cut off is marked", () => {
    const shown = (tokens: ReadonlyArray<number>) => Result.getOrThrow(tiny.grammar.render({ promptLength: 2, tokens })).response
    const { tokens } = Result.getOrThrow(
      tiny.grammar.write({ prompt: "QQ" }, [{ answer: "ab", decision: "RESAMPLE" }, { answer: "ca", decision: "STOP" }])
    )
    const first = "The answer is ab.\nWait, I made a mistake. Let me recompute."
    expect(Array.from({ length: 9 }, (_, i) => shown(tokens.slice(0, 2 + i)))).toEqual([
      "",
      "",
      "The answer is ...a",
      "The answer is ab",
      first,
      first,
      `${first}\nThe answer is ...c`,
      `${first}\nThe answer is ca`,
      `${first}\nThe answer is ca.`
    ])
  })

  it("words cannot be put together from what is no symbol, and a foreign token is refused with its place", () => {
    expect(Result.getOrThrow(Result.flip(tiny.grammar.write({ prompt: "P" }, [{ answer: "x" }])))).toMatchObject({
      input: "x",
      position: 0
    })
    expect(Result.getOrThrow(Result.flip(tiny.grammar.read({ promptLength: 1, tokens: [0, 2, 99] })))).toMatchObject({ position: 2 })
  })

  it("a cap that is none is refused", () => {
    for (const maxAttempts of [0, -1, 1.5, NaN]) {
      expect(() => CountdownGrammar.make({ maxAttempts, longest: 9, context: "markov", positions: 20 })).toThrow(
        `grammar.maxAttempts is ${maxAttempts}`
      )
      expect(() => ArithmeticGrammar.make({ maxAttempts, radix: 2, context: "markov", positions: 20 })).toThrow(
        `grammar.maxAttempts is ${maxAttempts}`
      )
    }
  })

  it("an answer of no symbols at all is an answer, where a language has one", () => {
    const empty = attemptGrammar({
      vocabulary: ["P", "=", "STOP", "RESAMPLE", "OK", "BAD"],
      tokens: { equals: 1, stop: 2, resample: 3, ok: 4, bad: 5 },
      answerSets: [],
      maxAttempts: 2,
      promptTokens: () => Result.succeed([0]),
      promptText: () => Result.succeed("P"),
      openAnswer: () => {
        const done = { next: { _tag: "Done" as const }, advance: () => done }
        return done
      },
      answerText: () => "",
      partialText: () => "",
      answerTokens: () => Result.succeed([])
    })
    const { spans, tokens } = Result.getOrThrow(
      empty.write({ prompt: "P" }, [{ answer: "", decision: "RESAMPLE" }, { answer: "", decision: "STOP" }])
    )
    expect(tokens).toEqual([0, 1, 3, 1, 2])
    expect(attempts({ spans }).map(({ decision, sample }) => [sample.answer, decision?.action])).toEqual([["", "RESAMPLE"], ["", "STOP"]])
  })
})

describe("symbolTokenizer", () => {
  const vocabulary = ["1", "10", "100", "RE", "RESAMPLE", "+"]
  const codec = symbolTokenizer(vocabulary)

  it("reads the longest symbol first", () => {
    expect(Result.getOrThrow(codec.encode("100"))).toEqual([2])
    expect(Result.getOrThrow(codec.encode("1 0 0".replaceAll(" 0", "+1")))).toEqual([0, 5, 0, 5, 0])
    expect(Result.getOrThrow(codec.encode("RESAMPLE RE 10"))).toEqual([4, 3, 1])
  })

  it("the text of tokens, spaces between them, is read as the tokens; joined pieces are the text", () => {
    fc.assert(fc.property(fc.array(fc.nat(vocabulary.length - 1)), (tokens) => {
      const pieces = Result.getOrThrow(codec.pieces(tokens))
      expect(pieces).toEqual(tokens.map((token) => vocabulary[token]))
      expect(Result.getOrThrow(codec.encode(pieces.join(" ")))).toEqual(tokens)
      expect(Result.getOrThrow(Result.flatMap(codec.encode(pieces.join("")), codec.pieces)).join("")).toBe(pieces.join(""))
    }))
  })

  it("says where a text has no symbol, and which id is none", () => {
    expect(Result.getOrThrow(Result.flip(codec.encode("1+x")))).toMatchObject({ position: 2, problem: "no token begins with \"x\"" })
    for (const token of [-1, 6, 0.5, NaN]) expect(Result.getOrThrow(Result.flip(codec.pieces([1, token])))).toMatchObject({ position: 1 })
  })

  it("100,000 symbols are read in one pass", () => {
    const startedAt = processorMs()
    expect(Result.getOrThrow(codec.encode("1+".repeat(50_000)))).toHaveLength(100_000)
    expect(Result.isFailure(codec.encode(`${"1".repeat(100_000)}x`))).toBe(true)
    expect(processorMs() - startedAt).toBeLessThan(1_000)
  })
})
