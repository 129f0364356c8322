import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import fc from "fast-check"
import { attempts } from "../../../src/domain/Trajectory.ts"
import { type ArithmeticConfig, arithmeticTokens, make } from "../../../src/model/grammar/ArithmeticTokenizer.ts"

const config: ArithmeticConfig = { radix: 10, maxAttempts: 3, context: "markov", positions: 28 }
const ids = arithmeticTokens(10)
const tokenizer = make(config)

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
  const prompt = [...left, ids.times, ...right]
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

describe("the arithmetic tokenizer", () => {
  it.effect("reads the example of its documentation", () =>
    Effect.gen(function* () {
      const { promptLength, tokens } = yield* tokenizer.encode({
        prompt: "Calculate 321 * 4. Think step by step.",
        response: "The answer is 1283.\nWait, I made a mistake. Let me recompute.\nThe answer is 1284."
      })
      expect(tokens).toEqual([1, 2, 3, ids.times, 4, ids.equals, 3, 8, 2, 1, ids.resample, ids.equals, 4, 8, 2, 1, ids.stop])
      expect(promptLength).toBe(5)
      const { ending, spans } = tokenizer.spans({ promptLength, tokens })
      expect(ending).toBe("stop")
      expect(attempts({ spans }).map(({ decision, sample }) => [sample.answer, decision?.action])).toEqual([["1283", "RESAMPLE"], [
        "1284",
        "STOP"
      ]])
    }))

  it("decoding and encoding again gives the same tokens, also when the trajectory is cut off anywhere", () => {
    fc.assert(
      fc.property(written, (draft) => {
        const { promptLength, tokens } = tokensOf(draft)
        const kept = promptLength + 2 + (draft.cut % (tokens.length - promptLength - 1))
        const trajectory = { promptLength, tokens: tokens.slice(0, kept) }
        // A cut right after a forced "=" leaves no text behind; the law is about what was chosen.
        if (trajectory.tokens.at(-1) === ids.equals) trajectory.tokens.pop()
        const text = Effect.runSync(tokenizer.decode(trajectory))
        expect(Effect.runSync(tokenizer.encode(text))).toEqual(trajectory)
      })
    )
  })

  it("the cursor that writes and the layout that reads agree on every slot", () => {
    fc.assert(
      fc.property(
        written,
        fc.constantFrom<"markov" | "history">("markov", "history"),
        fc.integer({ min: 0, max: 5 }),
        (draft, context, offset) => {
          const subject = make({ ...config, context })
          const { promptLength, tokens } = tokensOf(draft)
          const layout = subject.layout({ tokens, promptLength, offset })
          let cursor = subject.open(tokens.slice(0, promptLength), offset)
          for (let i = promptLength; i < tokens.length; i++) {
            const { slot } = cursor
            if (typeof slot === "string") throw new Error("the cursor ended early")
            expect([layout.positions[i], layout.segments[i], layout.groups[i], layout.allowed[i]]).toEqual([
              slot.position,
              slot.segment,
              slot.group,
              slot.allowed
            ])
            expect(slot.allowed < 0 ? slot.token : tokens[i]).toBe(tokens[i])
            if (slot.allowed >= 0) expect(subject.allowedSets[slot.allowed]).toContain(tokens[i])
            expect(slot.position).toBeLessThan(subject.positions)
            expect(slot.segment).toBeLessThan(subject.segments)
            cursor = cursor.advance(tokens[i]!)
          }
          expect(cursor.slot).toBe(subject.spans({ promptLength, tokens }).ending)
        }
      )
    )
  })

  it("position coupling: digit i of both operands and of the answer read as input share a column", () => {
    const tokens = [1, 2, 3, ids.times, 4, ids.equals, 4, 8, 2, 1, ids.stop]
    const { positions } = tokenizer.layout({ tokens, promptLength: 5, offset: 7 })
    expect([...positions]).toEqual([7, 8, 9, 11, 7, 7, 8, 9, 10, 11, 12])
  })

  it("in Markov context no attempt sees another; with history all do", () => {
    const tokens = [1, ids.times, 4, ids.equals, 4, 0, ids.resample, ids.equals, 4, 0, ids.stop]
    expect([...make(config).layout({ tokens, promptLength: 3, offset: 0 }).groups]).toEqual([0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])
    expect(new Set(make({ ...config, context: "history" }).layout({ tokens, promptLength: 3, offset: 0 }).groups)).toEqual(new Set([0]))
  })

  it("the largest offset still fits the position table, the next does not", () => {
    const prompt = [1, 2, 3, ids.times, 4]
    const largest = tokenizer.largestOffset(prompt)
    const tokens = [...prompt, ids.equals, 4, 8, 2, 1, ids.resample]
    expect(Math.max(...tokenizer.layout({ tokens, promptLength: 5, offset: largest }).positions)).toBe(config.positions - 1)
  })

  it.effect("text that is not of the task is refused with its place", () =>
    Effect.gen(function* () {
      const foreign = yield* Effect.flip(make({ ...config, radix: 5 }).encodePrompt("Calculate 71 * 2. Think step by step."))
      expect(foreign.message).toContain("digit 7 in base 5")
      const prose = yield* Effect.flip(tokenizer.encodePrompt("What is 7 * 8?"))
      expect(prose._tag).toBe("TokenizerError")
      const prompt = "Calculate 7 * 8. Think step by step."
      for (const response of ["It is 56.", "The answer is 5600.", "Let me recompute.", "The answer is 56.\nThe answer is 56."]) {
        const error = yield* Effect.flip(tokenizer.encode({ prompt, response }))
        expect(error._tag).toBe("TokenizerError")
      }
    }))

  it("settings that cannot work are refused", () => {
    expect(() => make({ ...config, radix: 11 })).toThrow("tokenizer.radix is 11; expected a whole number from 2 to 10")
    expect(() => make({ ...config, maxAttempts: 0 })).toThrow("tokenizer.maxAttempts")
  })
})
