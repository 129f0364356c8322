import { Result } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { draws } from "../../../src/domain/Seed.ts"
import { attempts } from "../../../src/domain/Trajectory.ts"
import { type CountdownWordsConfig, make } from "../../../src/model/grammar/CountdownGrammar.ts"
import { NO_CHOICE, placeTokens } from "../../../src/model/policy/Choices.ts"
import * as Countdown from "../../../src/tasks/Countdown.ts"

const config: CountdownWordsConfig = { maxAttempts: 3, longest: 9, context: "markov", positions: 60 }
const { grammar, placement, tokenizer } = make(config)
const textOf = (tokens: ReadonlyArray<number>) => Result.getOrThrow(tokenizer.pieces(tokens)).join("")
const idOf = (word: string) => Result.getOrThrow(tokenizer.encode(word))[0]!
const prompt = Countdown.promptOf({ numbers: [3, 5, 7], target: 22 })

const expressions = fc.stringMatching(/^[-+*/()0-9]{0,9}$/)
const decisions = fc.constantFrom<"STOP" | "RESAMPLE">("STOP", "RESAMPLE")

describe("the countdown grammar", () => {
  it("writes, reads and renders the example of its documentation", () => {
    const written = Result.getOrThrow(grammar.write({ prompt }, [{ answer: "3*5+7", decision: "STOP" }]))
    expect(textOf(written.tokens)).toBe("3,5,7>22=3*5+7.STOP")
    expect(written.ending).toBe("stop")
    expect(attempts(written).map(({ sample }) => [sample.answer, textOf(written.tokens.slice(sample.start, sample.end))])).toEqual([[
      "3*5+7",
      "3*5+7."
    ]])
    expect(Result.getOrThrow(grammar.render(written))).toEqual({ prompt, response: "The answer is 3*5+7." })
  })

  it("reading what was written gives the same attempts, whatever their answers", () => {
    const given = fc.array(fc.record({ answer: expressions, decision: decisions }), { minLength: 1, maxLength: 3 })
    fc.assert(fc.property(given, (drawn) => {
      const said = drawn.map(({ answer, decision }, i) => ({ answer, decision: i < drawn.length - 1 ? ("RESAMPLE" as const) : decision }))
      const written = Result.getOrThrow(grammar.write({ prompt }, said))
      expect(attempts(written).map(({ decision, sample }) => ({ answer: sample.answer, decision: decision?.action }))).toEqual(said)
      expect(Result.getOrThrow(grammar.read(written))).toEqual({ spans: written.spans, ending: written.ending })
      expect(written.ending).toBe(said.at(-1)!.decision === "STOP" ? "stop" : said.length === 3 ? "cap" : "truncated")
    }))
  })

  it("every problem's prompt survives: tokens back to the same text", () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 6 }), fc.nat(9_999), (numbers, target) => {
      const asked = Countdown.promptOf({ numbers, target })
      const tokens = Result.getOrThrow(grammar.prompt({ prompt: asked }))
      expect(textOf(tokens)).toBe(`${numbers.join(",")}>${target}`)
      expect(Result.getOrThrow(grammar.render({ tokens, promptLength: tokens.length })).prompt).toBe(asked)
    }))
  })

  it("an answer is chosen symbol by symbol; after `longest` symbols the closing is forced, sooner it may be chosen", () => {
    const tokens = Result.getOrThrow(grammar.prompt({ prompt }))
    fc.assert(fc.property(fc.nat(), (seed) => {
      const stream = draws(seed)
      let cursor = grammar.open(tokens).advance(idOf("="))
      let length = 0
      for (;;) {
        const { next } = cursor
        if (next._tag === "Forced") {
          expect([length, next.token]).toEqual([config.longest, idOf(".")])
          break
        }
        if (next._tag !== "Among") throw new Error("an answer is chosen from a set")
        expect(textOf(grammar.sets[next.set]!)).toBe("0123456789+-*/().")
        const token = stream.pick(grammar.sets[next.set]!)
        cursor = cursor.advance(token)
        if (token === idOf(".")) break
        length++
      }
    }))
  })

  it("placeTokens places prompt and attempts one after the other; attempts begin anew in a Markov context", () => {
    const { promptLength, tokens } = Result.getOrThrow(
      grammar.write({ prompt }, [{ answer: "3+5", decision: "RESAMPLE" }, { answer: "3*5+7", decision: "STOP" }])
    )
    const placed = placeTokens("test", { grammar, placement, vocabulary: tokenizer.vocabulary }, { tokens, promptLength, offset: 0 }, 0)
    expect(promptLength).toBe(8)
    expect([...placed.positions]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 8, 9, 10, 11, 12, 13, 14, 15])
    expect([...placed.groups]).toEqual([
      ...Array.from({ length: 8 }, () => 0),
      ...Array.from({ length: 6 }, () => 1),
      ...Array.from({ length: 8 }, () => 2)
    ])
    expect([...placed.sets].map((set) => set === NO_CHOICE)).toEqual(tokens.map((token, t) => t < 8 || token === idOf("=")))
    const whole = make({ ...config, context: "history" })
    const seen = placeTokens("test", { ...whole, vocabulary: tokenizer.vocabulary }, { tokens, promptLength, offset: 0 }, 0)
    expect([new Set(seen.groups), Math.max(...seen.segments)]).toEqual([new Set([0]), 2])
  })

  it("the words can say what the teacher of the task answers, brackets and all", () => {
    const task = Countdown.make({ levels: ["3", "4"], largest: 20, operations: ["+", "-", "*"] })
    const roomy = make({ ...config, longest: 24 }).grammar
    for (let i = 0; i < 200; i++) {
      const query = task.training(task.levels[i % 2]!, i)
      const answer = task.teacher!.answer(query)
      const { spans } = Result.getOrThrow(roomy.write(query, [{ answer, decision: "STOP" }]))
      expect(task.check(query, attempts({ spans })[0]!.sample.answer!)).toBe("Correct")
    }
  })

  it("text that is not of the task is refused with its place", () => {
    const refused = (answer: string) => Result.getOrThrow(Result.flip(grammar.write({ prompt }, [{ answer }])))
    expect(refused("3+x")).toMatchObject({ _tag: "TokenizerError", input: "3+x", position: 2 })
    expect(refused("3+5.")).toMatchObject({ position: 3 })
    expect(refused("STOP")).toMatchObject({ position: 0 })
    expect(refused("3+5=8")).toMatchObject({ position: 3 })
    expect(refused("1234567890")).toMatchObject({ problem: "more than 9 symbols" })
    expect(Result.getOrThrow(Result.flip(grammar.prompt({ prompt: "Calculate 3 * 5. Think step by step." })))).toMatchObject({
      problem: "expected \"Using the numbers 3, 5, 7, create an expression that equals 22.\""
    })
    expect(Result.isFailure(grammar.render({ tokens: [1, 2], promptLength: 2 }))).toBe(true)
  })

  it("settings that cannot work are refused", () => {
    for (const longest of [2, 0, 3.5]) {
      expect(() => make({ ...config, longest })).toThrow(`grammar.longest is ${longest}; expected a whole number of at least 3`)
    }
    expect(() => make({ ...config, positions: 0 })).toThrow("placement.positions is 0")
  })
})
