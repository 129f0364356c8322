import { Result } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { WrittenAttempt } from "../../../src/domain/Grammar.ts"
import { attempts } from "../../../src/domain/Trajectory.ts"
import { type ArithmeticConfig, arithmeticTokens, make } from "../../../src/model/grammar/ArithmeticGrammar.ts"
import { choiceSets, NO_CHOICE, placeTokens, setOf } from "../../../src/model/policy/Choices.ts"
import { defaultMarkers } from "../../../src/tasks/reading/Markers.ts"
import { takeApart } from "../../../src/tasks/reading/TakeApart.ts"

const config: ArithmeticConfig = { radix: 10, maxAttempts: 3, context: "markov", positions: 28 }
const ids = arithmeticTokens(10)
const { grammar, placement, tokenizer } = make(config)

const speechOf = (config: ArithmeticConfig) => {
  const { grammar, placement, tokenizer } = make(config)
  return { grammar, placement, vocabulary: tokenizer.vocabulary }
}

const placed = (tokens: ReadonlyArray<number>, promptLength: number, offset: number, changes: Partial<ArithmeticConfig> = {}) =>
  placeTokens("test", speechOf({ ...config, ...changes }), { tokens, promptLength, offset }, 0)

const numeral = (digits: ReadonlyArray<number>): string => digits.toReversed().join("").replace(/^0+(?=\d)/, "")

// A trajectory in the making: operands, and for each attempt its digits and whether it goes on.
const written = fc.record({
  left: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
  right: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 2 }),
  answers: fc.array(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 6, maxLength: 6 }), { minLength: 1, maxLength: 3 }),
  endsAtCap: fc.boolean(),
  cut: fc.nat()
})

const tokensOf = (
  { answers, endsAtCap, left, right }: { left: Array<number>; right: Array<number>; answers: Array<Array<number>>; endsAtCap: boolean }
) => {
  const prompt = [...left, ids.operator, ...right]
  const width = left.length + right.length
  const cap = endsAtCap && answers.length === config.maxAttempts
  return {
    promptLength: prompt.length,
    tokens: answers.reduce<Array<number>>(
      (tokens, answer, i) => [
        ...tokens,
        ids.equals,
        ...answer.slice(0, width),
        i < answers.length - 1 || cap ? ids.resample : ids.stop
      ],
      prompt
    )
  }
}

describe("the arithmetic grammar", () => {
  const prompt = "Calculate 321 * 4. Think step by step."
  const example: ReadonlyArray<WrittenAttempt> = [{ answer: "1283", decision: "RESAMPLE" }, { answer: "1284", decision: "STOP" }]

  it("writes, reads and renders the example of its documentation", () => {
    const { ending, promptLength, spans, tokens } = Result.getOrThrow(grammar.write({ prompt }, example))
    expect(tokens).toEqual([1, 2, 3, ids.operator, 4, ids.equals, 3, 8, 2, 1, ids.resample, ids.equals, 4, 8, 2, 1, ids.stop])
    expect(promptLength).toBe(5)
    expect(ending).toBe("stop")
    expect(Result.getOrThrow(grammar.read({ tokens, promptLength }))).toEqual({ spans, ending })
    expect(attempts({ spans }).map(({ decision, sample }) => [sample.answer, decision?.action])).toEqual([
      ["1283", "RESAMPLE"],
      ["1284", "STOP"]
    ])
    expect(Result.getOrThrow(grammar.render({ tokens, promptLength }))).toEqual({
      prompt,
      response: "The answer is 1283.\nWait, I made a mistake. Let me recompute.\nThe answer is 1284."
    })
  })

  it("a sum's answer has one digit more than the longer operand", () => {
    const sums = make({ ...config, operator: "+" }).grammar
    const { tokens } = Result.getOrThrow(
      sums.write({ prompt: "Calculate 99 + 1. Think step by step." }, [{ answer: "100", decision: "STOP" }])
    )
    expect(tokens).toEqual([9, 9, ids.operator, 1, ids.equals, 0, 0, 1, ids.stop])
    expect(Result.isFailure(sums.prompt({ prompt }))).toBe(true)
  })

  it("writing what was read gives the same tokens, up to where the trajectory is cut off; what is left over is no attempt", () => {
    fc.assert(
      fc.property(written, (draft) => {
        const { promptLength, tokens: whole } = tokensOf(draft)
        const tokens = whole.slice(0, promptLength + (draft.cut % (whole.length - promptLength + 1)))
        const { ending, spans } = Result.getOrThrow(grammar.read({ tokens, promptLength }))
        const said = attempts({ spans }).flatMap(({ decision, sample }): Array<WrittenAttempt> =>
          sample.answer === undefined ? [] : [{ answer: sample.answer, ...(decision === undefined ? {} : { decision: decision.action }) }]
        )
        const text = Result.getOrThrow(grammar.render({ tokens, promptLength }))
        const again = Result.getOrThrow(grammar.write(text, said))
        expect(tokens.slice(0, again.tokens.length)).toEqual(again.tokens)
        const partial = tokens.slice(again.tokens.length + 1)
        expect(partial.length).toBeLessThan(promptLength - 1)
        if (partial.length > 0) {
          expect(spans.at(-1)).toEqual({ kind: "sample", start: again.tokens.length + 1, end: tokens.length })
          expect(text.response.split("\n").at(-1)).toBe(`The answer is ...${partial.toReversed().join("")}`)
        }
        expect(ending).toBe(tokens.length < whole.length ? "truncated" : whole.at(-1) === ids.stop ? "stop" : "cap")
        // What it reads as is what a reader of texts finds in its rendering.
        if (partial.length === 0 && said.length > 0 && said.at(-1)!.decision !== undefined) {
          expect(
            takeApart(text.response, defaultMarkers).attempts.map(({ candidate, decision }) => ({ answer: candidate.answer, decision }))
          )
            .toEqual(said)
        }
      })
    )
  })

  it("answers are read as numerals: zeros in front are no part of the text", () => {
    fc.assert(
      fc.property(written, (draft) => {
        const { promptLength, tokens } = tokensOf(draft)
        const { spans } = Result.getOrThrow(grammar.read({ tokens, promptLength }))
        for (const { sample } of attempts({ spans })) expect(sample.answer).toBe(numeral(tokens.slice(sample.start, sample.end)))
      })
    )
  })

  it("placeTokens, which scores, is the placement along the grammar's cursor, which writes, at every token", () => {
    fc.assert(
      fc.property(
        written,
        fc.constantFrom<"markov" | "history">("markov", "history"),
        fc.integer({ min: 0, max: 5 }),
        (draft, context, offset) => {
          const { grammar, placement, vocabulary } = speechOf({ ...config, context })
          const sets = choiceSets({ grammar, vocabulary })
          const { promptLength, tokens } = tokensOf(draft)
          const layout = placed(tokens, promptLength, offset, { context })
          const given = tokens.slice(0, promptLength)
          const at = (i: number) => ({ position: layout.positions[i], segment: layout.segments[i], group: layout.groups[i] })
          expect(given.map((_, i) => at(i))).toEqual(placement.prompt(given, offset))
          let cursor = grammar.open(given)
          for (let i = promptLength; i < tokens.length; i++) {
            const { next } = cursor
            if (next._tag === "Ended" || next._tag === "Free") throw new Error("the cursor ended early")
            expect(at(i)).toEqual(placement.at(given, offset, cursor))
            expect(layout.sets[i]).toBe(setOf(next, grammar))
            if (next._tag === "Forced") expect([next.token, layout.sets[i]]).toEqual([tokens[i], NO_CHOICE])
            else expect(sets[next.set]).toContain(tokens[i])
            expect(layout.positions[i]).toBeLessThan(placement.positions)
            expect(layout.segments[i]).toBeLessThan(placement.segments)
            cursor = cursor.advance(tokens[i]!)
          }
          expect(cursor.next).toEqual({ _tag: "Ended", ending: Result.getOrThrow(grammar.read({ promptLength, tokens })).ending })
        }
      )
    )
  })

  it("position coupling: digit i of both operands and of the answer read as input share a column", () => {
    const tokens = [1, 2, 3, ids.operator, 4, ids.equals, 4, 8, 2, 1, ids.stop]
    expect([...placed(tokens, 5, 7).positions]).toEqual([7, 8, 9, 11, 7, 7, 8, 9, 10, 11, 12])
  })

  it("in Markov context no attempt sees another; with history all do", () => {
    const tokens = [1, ids.operator, 4, ids.equals, 4, 0, ids.resample, ids.equals, 4, 0, ids.stop]
    expect([...placed(tokens, 3, 0).groups]).toEqual([0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])
    expect(new Set(placed(tokens, 3, 0, { context: "history" }).groups)).toEqual(new Set([0]))
  })

  it("the largest offset still fits the position table, the next does not", () => {
    const given = [1, 2, 3, ids.operator, 4]
    const largest = placement.largestOffset(given)
    const tokens = [...given, ids.equals, 4, 8, 2, 1, ids.resample]
    expect(Math.max(...placed(tokens, 5, largest).positions)).toBe(config.positions - 1)
    expect(() => placed(tokens, 5, largest + 1)).toThrow(/position 28, the table has 28/)
  })

  it("text that is not of the task is refused with its place", () => {
    const foreign = Result.getOrThrow(
      Result.flip(make({ ...config, radix: 5 }).grammar.prompt({ prompt: "Calculate 71 * 2. Think step by step." }))
    )
    expect(foreign).toMatchObject({ _tag: "TokenizerError", position: 10 })
    expect(foreign.message).toContain("digit 7 in base 5")
    for (const prompt of ["What is 7 * 8?", "Calculate 7 + 8. Think step by step.", "Calculate 7 *. Think step by step.", ""]) {
      expect(Result.getOrThrow(Result.flip(grammar.prompt({ prompt })))).toMatchObject({ _tag: "TokenizerError", input: prompt })
    }
    for (const answer of ["5600", "", " 56", "5 6", "-56", "56.0", "fifty-six", "5٦"]) {
      const error = Result.getOrThrow(
        Result.flip(grammar.write({ prompt: "Calculate 7 * 8. Think step by step." }, [{ answer, decision: "STOP" }]))
      )
      expect(error).toMatchObject({ _tag: "TokenizerError", input: answer })
    }
    const inBaseFive = make({ ...config, radix: 5 }).grammar.write({ prompt: "Calculate 4 * 4. Think step by step." }, [{ answer: "16" }])
    expect(Result.getOrThrow(Result.flip(inBaseFive))).toMatchObject({ position: 1, problem: "digit 6 in base 5" })
  })

  it("tokens that are none are refused: ids beyond the vocabulary, tokens after the end, a prompt without its operator", () => {
    const { promptLength, tokens } = Result.getOrThrow(grammar.write({ prompt }, example))
    const refused = (tokens: ReadonlyArray<number>) => Result.getOrThrow(Result.flip(grammar.read({ tokens, promptLength })))
    expect(refused([...tokens.slice(0, 7), 16, ...tokens.slice(8)])).toMatchObject({
      position: 7,
      problem: "no token 16; ids run from 0 to 15"
    })
    expect(refused([...tokens, ids.equals])).toMatchObject({ position: tokens.length })
    expect(Result.isFailure(grammar.render({ tokens: [1, 2, 3], promptLength: 3 }))).toBe(true)
    // What the grammar does not allow there is refused by what scores.
    expect(() => placed([1, ids.operator, 4, ids.equals, 4, 0, 4], 3, 0)).toThrow(
      /token 6 of trajectory 0 is 4, which the grammar does not allow/
    )
  })

  it("the codec knows digits and signs: joined pieces are the text, spaces aside", () => {
    const text = "321*4=1284STOP"
    const tokens = Result.getOrThrow(tokenizer.encode(text))
    expect(Result.getOrThrow(tokenizer.pieces(tokens)).join("")).toBe(text)
    expect(tokenizer.encode("3 2 1 * 4 = 1 2 8 4 STOP")).toEqual(tokenizer.encode(text))
    expect(Result.getOrThrow(Result.flip(tokenizer.encode("32x4")))).toMatchObject({ position: 2 })
    expect(Result.getOrThrow(Result.flip(tokenizer.pieces([1, -1])))).toMatchObject({ position: 1 })
  })

  it("settings that cannot work are refused", () => {
    expect(() => make({ ...config, radix: 11 })).toThrow("grammar.radix is 11; expected a whole number from 2 to 10")
    expect(() => make({ ...config, maxAttempts: 0 })).toThrow("grammar.maxAttempts is 0; expected a whole number of at least 1")
    expect(() => make({ ...config, positions: 0 })).toThrow("placement.positions is 0; expected a whole number of at least 1")
  })
})
