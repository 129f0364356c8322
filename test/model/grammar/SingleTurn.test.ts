import { Result } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { draws } from "../../../src/domain/Seed.ts"
import * as ArithmeticGrammar from "../../../src/model/grammar/ArithmeticGrammar.ts"
import * as CountdownGrammar from "../../../src/model/grammar/CountdownGrammar.ts"
import { singleTurn } from "../../../src/model/grammar/SingleTurn.ts"
import { placeTokens } from "../../../src/model/policy/Choices.ts"
import * as Countdown from "../../../src/tasks/Countdown.ts"

const arithmetic = ArithmeticGrammar.make({ radix: 10, maxAttempts: 3, context: "markov", positions: 28 })
const countdown = CountdownGrammar.make({ maxAttempts: 3, longest: 7, context: "history", positions: 60 })
const cases = [
  { words: arithmetic, prompt: "Calculate 321 * 4. Think step by step.", answer: "1284" },
  { words: countdown, prompt: Countdown.promptOf({ numbers: [3, 5, 7], target: 22 }), answer: "3*5+7" }
]

describe("single-turn words", () => {
  it("every trajectory is one answer and ends with its last token, as stop; up to there it is that of the whole grammar", () => {
    fc.assert(fc.property(fc.constantFrom(...cases), fc.nat(), ({ prompt, words: { grammar } }, seed) => {
      const single = singleTurn(grammar)
      const stream = draws(seed)
      const given = Result.getOrThrow(single.prompt({ prompt }))
      const tokens = [...given]
      let [cursor, whole] = [single.open(given), grammar.open(given)]
      while (cursor.next._tag !== "Ended") {
        expect([cursor.next, cursor.attempt, cursor.place]).toEqual([whole.next, whole.attempt, whole.place])
        if (cursor.next._tag === "Free") throw new Error("nothing is free here")
        const token = cursor.next._tag === "Forced" ? cursor.next.token : stream.pick(single.sets[cursor.next.set]!)
        tokens.push(token)
        cursor = cursor.advance(token)
        whole = whole.advance(token)
        // Truncated until the answer is complete.
        const { ending } = Result.getOrThrow(single.read({ tokens, promptLength: given.length }))
        expect(ending).toBe(cursor.next._tag === "Ended" ? "stop" : "truncated")
      }
      expect(cursor.next).toEqual({ _tag: "Ended", ending: "stop" })
      const { spans } = Result.getOrThrow(single.read({ tokens, promptLength: given.length }))
      expect(spans).toEqual([{ kind: "sample", start: given.length + 1, end: tokens.length, answer: expect.any(String) }])
    }))
  })

  it.each(cases)(
    "writes an answer without a decision, which scores; a STOP goes without saying: $answer",
    ({ answer, prompt, words: { grammar, placement, tokenizer } }) => {
      const single = singleTurn(grammar)
      const written = Result.getOrThrow(single.write({ prompt }, [{ answer, decision: "STOP" }]))
      expect(written).toEqual(Result.getOrThrow(single.write({ prompt }, [{ answer }])))
      const { spans, ending, ...tokens } = written
      expect(Result.getOrThrow(single.read(tokens))).toEqual({ spans, ending })
      expect([ending, spans.map(({ kind }) => kind)]).toEqual(["stop", ["sample"]])
      // The tokens are those of the whole grammar but for the decision.
      expect([...written.tokens, 0].slice(0, -1)).toEqual(
        Result.getOrThrow(grammar.write({ prompt }, [{ answer, decision: "STOP" }])).tokens.slice(0, -1)
      )
      expect(() => placeTokens("test", { grammar: single, placement, vocabulary: tokenizer.vocabulary }, { ...tokens, offset: 0 }, 0)).not
        .toThrow()
    }
  )

  it("has no second attempt, no RESAMPLE and no verdict to write", () => {
    const { prompt, words: { grammar } } = cases[0]!
    const single = singleTurn(grammar)
    for (
      const attempts of [
        [{ answer: "1" }, { answer: "2" }],
        [{ answer: "1", decision: "RESAMPLE" as const }],
        [{ answer: "1", verdict: true }]
      ]
    ) {
      expect(Result.getOrThrow(Result.flip(single.write({ prompt }, attempts)))).toMatchObject({
        _tag: "TokenizerError",
        problem: expect.stringContaining("one answer")
      })
    }
    expect(Result.getOrThrow(single.write({ prompt }, [])).tokens).toEqual(Result.getOrThrow(grammar.prompt({ prompt })))
  })

  it("renders as the whole grammar does: the sentence is not closed, for nobody decided", () => {
    const { answer, prompt, words: { grammar } } = cases[0]!
    const single = singleTurn(grammar)
    expect(Result.getOrThrow(single.render(Result.getOrThrow(single.write({ prompt }, [{ answer }]))))).toEqual({
      prompt,
      response: "The answer is 1284"
    })
  })
})
