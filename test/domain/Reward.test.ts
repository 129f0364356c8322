import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Query } from "../../src/domain/Query.ts"
import { gradeExactly, normalizeAnswer, Reward } from "../../src/domain/Reward.ts"
import type { Ending, Span, Trajectory } from "../../src/domain/Trajectory.ts"

const query: Query = { id: "12*3", level: "2x1", prompt: "Calculate 12 * 3. Think step by step.", answer: "36" }

const attempt = (answer: string | undefined, action?: "STOP" | "RESAMPLE"): Array<Span> => [
  answer === undefined ? { kind: "sample", start: 0, end: 1 } : { kind: "sample", start: 0, end: 1, answer },
  ...(action === undefined ? [] : [{ kind: "decision" as const, start: 1, end: 2, action }])
]

const trajectory = (ending: Ending, ...spans: ReadonlyArray<ReadonlyArray<Span>>): Trajectory => ({
  tokens: [],
  promptLength: 0,
  offset: 0,
  ending,
  spans: spans.flat()
})

describe("gradeExactly", () => {
  it("only the last answer counts; every attempt is marked", () => {
    const graded = gradeExactly(query, trajectory("stop", attempt("35", "RESAMPLE"), attempt("36", "STOP")))
    expect(graded.outcome).toBe("Correct")
    expect(graded.trajectory.spans.filter((span) => span.kind === "sample").map((span) => span.correct)).toEqual([false, true])
    expect(gradeExactly(query, trajectory("stop", attempt("36", "RESAMPLE"), attempt("35", "STOP"))).outcome).toBe("Wrong")
  })

  it("RESAMPLE in the last allowed cycle leaves no answer: wrong, even after a right attempt", () => {
    expect(gradeExactly(query, trajectory("cap", attempt("36", "RESAMPLE"))).outcome).toBe("Wrong")
  })

  it("cut off, unparsable, and a gold answer that is no number are outcomes of their own", () => {
    expect(gradeExactly(query, trajectory("truncated", attempt("36"))).outcome).toBe("Truncated")
    expect(gradeExactly(query, trajectory("stop", attempt("thirty-six", "STOP"))).outcome).toBe("Unparsable")
    expect(gradeExactly(query, trajectory("stop", attempt(undefined, "STOP"))).outcome).toBe("Unparsable")
    expect(gradeExactly({ ...query, answer: "n/a" }, trajectory("stop", attempt("36", "STOP"))).outcome).toBe("GoldInvalid")
  })

  it("separators and leading zeros do not change a numeral; a unit or a sign does", () => {
    expect(["1,234", " 01234", "1 234"].map(normalizeAnswer)).toEqual(["1234", "1234", "1234"])
    expect(["-5", "36 apples", ""].map(normalizeAnswer)).toEqual([undefined, undefined, undefined])
    expect(normalizeAnswer("000")).toBe("0")
  })
})

describe("Reward layers", () => {
  const grade = (ending: Ending, answer: string) =>
    Effect.flatMap(Reward, (reward) => reward.grade(query, trajectory(ending, attempt(answer, ending === "stop" ? "STOP" : "RESAMPLE"))))

  it.effect("A.4: the exact reward is 1 for a right final answer and 0 for everything else", () =>
    Effect.gen(function* () {
      expect((yield* grade("stop", "36")).reward).toBe(1)
      expect((yield* grade("stop", "35")).reward).toBe(0)
      expect((yield* grade("cap", "36")).reward).toBe(0)
    }).pipe(Effect.provide(Reward.layerExact)))

  it.effect("the map from outcomes to numbers is the layer's", () =>
    Effect.gen(function* () {
      expect((yield* grade("stop", "36")).reward).toBe(1)
      expect((yield* grade("stop", "35")).reward).toBe(-1)
    }).pipe(Effect.provide(Reward.layerOutcome({ Correct: 1, Wrong: -1, Unparsable: -1, GoldInvalid: 0, Truncated: 0 }))))
})
