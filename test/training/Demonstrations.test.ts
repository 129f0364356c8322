import { Result } from "effect"
import { describe, expect, it } from "vitest"
import type { Query } from "../../src/domain/Query.ts"
import * as Multiplication from "../../src/tasks/Multiplication.ts"
import { attempts, type Trajectory } from "../../src/domain/Trajectory.ts"
import { arithmeticTokens, make } from "../../src/model/grammar/ArithmeticGrammar.ts"
import * as Demonstrations from "../../src/training/Demonstrations.ts"

const task = Multiplication.make({ radix: 5, levels: ["3x1", "4x1"] })
const words = make({ radix: 5, maxAttempts: 4, context: "markov", positions: 28 })
const config: Demonstrations.DataConfig = { task, words, maxAttempts: 4, slip: 0.09 }
const ids = arithmeticTokens(5)
const many = 4_000

const answerOf = (tokens: ReadonlyArray<number>, promptLength: number): string => {
  const times = tokens.indexOf(ids.operator)
  const operand = (digits: ReadonlyArray<number>): number => digits.reduceRight((sum, digit) => sum * 5 + digit, 0)
  return (operand(tokens.slice(0, times)) * operand(tokens.slice(times + 1, promptLength))).toString(5)
}

const summary = (make: (seed: number, index: number) => Trajectory) =>
  Array.from({ length: many }, (_, i) => make(1, i)).map((trajectory) => ({
    trajectory,
    attempts: attempts(trajectory).map(({ decision, sample }) => ({
      isCorrect: sample.answer === answerOf(trajectory.tokens, trajectory.promptLength),
      action: decision?.action
    }))
  }))

const rate = <A>(items: ReadonlyArray<A>, is: (item: A) => boolean): number => items.filter(is).length / items.length

// The teacher is right when no digit slips to another: (1 − 0.09 · 4/5)^width, averaged over widths 4 and 5.
const teacher = ((1 - 0.09 * 0.8) ** 4 + (1 - 0.09 * 0.8) ** 5) / 2

describe("demonstrations", () => {
  it("are functions of seed and index, and never of a held-out problem", () => {
    const demonstration = Demonstrations.withEcho(config, 0.3)
    for (let i = 0; i < 500; i++) {
      const trajectory = demonstration(3, i)
      expect(demonstration(3, i)).toEqual(trajectory)
      const times = trajectory.tokens.indexOf(ids.operator)
      const operand = (digits: ReadonlyArray<number>): number => digits.reduceRight((sum, digit) => sum * 5 + digit, 0)
      const problem = {
        left: operand(trajectory.tokens.slice(0, times)),
        right: operand(trajectory.tokens.slice(times + 1, trajectory.promptLength))
      }
      expect(Multiplication.isHeldOut(problem)).toBe(false)
    }
  })

  it("without reflection: one attempt, STOP, and the teacher's accuracy", () => {
    const rows = summary(Demonstrations.withoutReflection(config))
    expect(rows.every((row) => row.attempts.length === 1 && row.attempts[0]!.action === "STOP")).toBe(true)
    expect(Math.abs(rate(rows, (row) => row.attempts[0]!.isCorrect) - teacher)).toBeLessThan(0.03)
  })

  it("echo: RESAMPLE follows right and wrong attempts equally often", () => {
    const all = summary(Demonstrations.withEcho(config, 0.3)).flatMap((row) => row.attempts.slice(0, 3))
    const right = rate(all.filter((a) => a.isCorrect), (a) => a.action === "RESAMPLE")
    const wrong = rate(all.filter((a) => !a.isCorrect), (a) => a.action === "RESAMPLE")
    expect(Math.abs(right - 0.3)).toBeLessThan(0.03)
    expect(Math.abs(wrong - 0.3)).toBeLessThan(0.04)
  })

  it("expert: RESAMPLE after every wrong answer, STOP after every right one, at most maxAttempts", () => {
    // 111 * 3 = 333 in base 5.
    const query: Query = { id: "111*3", level: "3x1", prompt: "Calculate 111 * 3. Think step by step.", answer: "333" }
    const [truth, wrong] = ["333", "1444"]
    const mixed = summary(
      Demonstrations.withExpert(config, [{ query, answers: [{ answer: wrong }, { answer: wrong }, { answer: truth }] }])
    )
    for (const row of mixed) {
      expect(row.attempts.every((a) => a.action === (a.isCorrect ? "STOP" : "RESAMPLE"))).toBe(true)
      expect(row.trajectory.ending).toBe("stop")
    }
    const hopeless = Demonstrations.withExpert(config, [{ query, answers: [{ answer: wrong }] }])(1, 0)
    expect(attempts(hopeless)).toHaveLength(4)
    expect(hopeless.ending).toBe("cap")
    expect(() => Demonstrations.withExpert(config, [])).toThrow("demonstrations is no answer of the model; expected a model that answers")
    expect(() => Demonstrations.withCorrections({ ...config, maxAttempts: 1 }, { rate: 1, wrong: 1 })).toThrow("expected at least 2")
  })

  it("pretraining: every verdict is the truth, no decision token is ever shown, and only the teacher's digits are trained", () => {
    const rows = summary(Demonstrations.pretraining(config, { taught: 2, corrupted: 1 }))
    for (const { trajectory } of rows) {
      expect(trajectory.tokens.includes(ids.stop) || trajectory.tokens.includes(ids.resample)).toBe(false)
      expect(trajectory.spans.map((span) => span.kind)).toEqual(["sample", "decision", "sample", "decision", "decision"])
      const answer = answerOf(trajectory.tokens, trajectory.promptLength)
      const all = Result.getOrThrow(words.grammar.read(trajectory)).spans
      all.forEach((span, i) => {
        if (span.kind === "decision") {
          expect(span.action === "STOP").toBe(all[i - 1]!.kind === "sample" && (all[i - 1] as { answer?: string }).answer === answer)
        }
      })
    }
    expect(Math.abs(rate(rows.flatMap((row) => row.attempts), (a) => a.isCorrect) - teacher)).toBeLessThan(0.02)
  })

  it("pretraining: a corrupted answer is never right and differs in one or two digits", () => {
    for (const { trajectory } of summary(Demonstrations.pretraining(config, { taught: 0, corrupted: 2 }))) {
      const width = trajectory.promptLength - 1
      const truth = answerOf(trajectory.tokens, trajectory.promptLength).padStart(width, "0")
      for (const span of Result.getOrThrow(words.grammar.read(trajectory)).spans) {
        if (span.kind !== "sample") continue
        const digits = trajectory.tokens.slice(span.start, span.end).toReversed().join("")
        const changed = [...digits].filter((digit, i) => digit !== truth[i]).length
        expect([1, 2]).toContain(changed)
      }
    }
  })

  it("are shifted by every offset that fits, and by no other", () => {
    const demonstration = Demonstrations.withoutReflection(config)
    const offsets = Array.from({ length: 2_000 }, (_, i) => demonstration(1, i)).filter(({ promptLength }) => promptLength === 5)
    const largest = words.placement.largestOffset([1, 1, 1, ids.operator, 1])
    expect(new Set(offsets.map(({ offset }) => offset))).toEqual(new Set(Array.from({ length: largest + 1 }, (_, i) => i)))
  })

  it("need a task with a teacher, unless the model itself answers", () => {
    const { teacher: _, ...taught } = task
    const untaught = { ...config, task: taught }
    for (const make of [Demonstrations.withoutReflection, (c: typeof untaught) => Demonstrations.withEcho(c, 0.1)]) {
      expect(() => make(untaught)).toThrow("task is multiplication; expected a task with a teacher")
    }
    expect(() => Demonstrations.pretraining(untaught, { taught: 1, corrupted: 1 })).toThrow("expected a task with a teacher")
    const query = task.training("3x1", 1)
    expect(Demonstrations.withExpert(untaught, [{ query, answers: [{ answer: query.answer! }] }])(1, 0).ending).toBe("stop")
  })
})
