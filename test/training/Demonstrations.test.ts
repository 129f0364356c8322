import { describe, expect, it } from "vitest"
import * as Task from "../../src/tasks/Multiplication.ts"
import { attempts, type Trajectory } from "../../src/domain/Trajectory.ts"
import { arithmeticTokens, make } from "../../src/model/grammar/ArithmeticTokenizer.ts"
import * as Demonstrations from "../../src/training/Demonstrations.ts"

const task = { radix: 5 }
const config: Demonstrations.DataConfig = { task, levels: [{ left: 3, right: 1 }, { left: 4, right: 1 }], maxAttempts: 4, slip: 0.09 }
const tokenizer = make({ radix: 5, maxAttempts: 4, context: "markov", positions: 28 })
const ids = arithmeticTokens(5)
const many = 4_000

const answerOf = (tokens: ReadonlyArray<number>, promptLength: number): string => {
  const times = tokens.indexOf(ids.times)
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
    const demonstration = Demonstrations.withEcho(config, tokenizer, 0.3)
    for (let i = 0; i < 500; i++) {
      const trajectory = demonstration(3, i)
      expect(demonstration(3, i)).toEqual(trajectory)
      const times = trajectory.tokens.indexOf(ids.times)
      const operand = (digits: ReadonlyArray<number>): number => digits.reduceRight((sum, digit) => sum * 5 + digit, 0)
      const problem = {
        left: operand(trajectory.tokens.slice(0, times)),
        right: operand(trajectory.tokens.slice(times + 1, trajectory.promptLength))
      }
      expect(Task.isHeldOut(problem)).toBe(false)
    }
  })

  it("without reflection: one attempt, STOP, and the teacher's accuracy", () => {
    const rows = summary(Demonstrations.withoutReflection(config, tokenizer))
    expect(rows.every((row) => row.attempts.length === 1 && row.attempts[0]!.action === "STOP")).toBe(true)
    expect(Math.abs(rate(rows, (row) => row.attempts[0]!.isCorrect) - teacher)).toBeLessThan(0.03)
  })

  it("echo: RESAMPLE follows right and wrong attempts equally often", () => {
    const all = summary(Demonstrations.withEcho(config, tokenizer, 0.3)).flatMap((row) => row.attempts.slice(0, 3))
    const right = rate(all.filter((a) => a.isCorrect), (a) => a.action === "RESAMPLE")
    const wrong = rate(all.filter((a) => !a.isCorrect), (a) => a.action === "RESAMPLE")
    expect(Math.abs(right - 0.3)).toBeLessThan(0.03)
    expect(Math.abs(wrong - 0.3)).toBeLessThan(0.04)
  })

  it("expert: RESAMPLE after every wrong answer, STOP after every right one, at most maxAttempts", () => {
    const problem: Task.Problem = { level: "3x1", left: 31, right: 3 }
    const truth = Demonstrations.trueDigits(task, problem)
    const wrong = truth.map((digit) => (digit + 1) % 5)
    const mixed = summary(Demonstrations.withExpert(config, tokenizer, [{ problem, answers: [wrong, wrong, truth] }]))
    for (const row of mixed) {
      expect(row.attempts.every((a) => a.action === (a.isCorrect ? "STOP" : "RESAMPLE"))).toBe(true)
      expect(row.trajectory.ending).toBe("stop")
    }
    const hopeless = Demonstrations.withExpert(config, tokenizer, [{ problem, answers: [wrong] }])(1, 0)
    expect(attempts(hopeless)).toHaveLength(4)
    expect(hopeless.ending).toBe("cap")
  })

  it("pretraining: every verdict is the truth, no decision token is ever shown, and only the teacher's digits are trained", () => {
    const rows = summary(Demonstrations.pretraining(config, tokenizer, { taught: 2, corrupted: 1 }))
    for (const { trajectory } of rows) {
      expect(trajectory.tokens.includes(ids.stop) || trajectory.tokens.includes(ids.resample)).toBe(false)
      expect(trajectory.spans.map((span) => span.kind)).toEqual(["sample", "decision", "sample", "decision", "decision"])
      const answer = answerOf(trajectory.tokens, trajectory.promptLength)
      const all = tokenizer.spans(trajectory).spans
      all.forEach((span, i) => {
        if (span.kind === "decision") {
          expect(span.action === "STOP").toBe(all[i - 1]!.kind === "sample" && (all[i - 1] as { answer?: string }).answer === answer)
        }
      })
    }
    expect(Math.abs(rate(rows.flatMap((row) => row.attempts), (a) => a.isCorrect) - teacher)).toBeLessThan(0.02)
  })

  it("pretraining: a corrupted answer is never right and differs in one or two digits", () => {
    for (const { trajectory } of summary(Demonstrations.pretraining(config, tokenizer, { taught: 0, corrupted: 2 }))) {
      const width = trajectory.promptLength - 1
      const truth = answerOf(trajectory.tokens, trajectory.promptLength).padStart(width, "0")
      for (const span of tokenizer.spans(trajectory).spans) {
        if (span.kind !== "sample") continue
        const digits = trajectory.tokens.slice(span.start, span.end).toReversed().join("")
        const changed = [...digits].filter((digit, i) => digit !== truth[i]).length
        expect([1, 2]).toContain(changed)
      }
    }
  })
})
