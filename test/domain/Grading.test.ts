import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type Ended, gradeTrajectory, outcomeOf } from "../../src/domain/Grading.ts"
import type { Verdict } from "../../src/domain/Task.ts"
import type { Ending, Span, Trajectory } from "../../src/domain/Trajectory.ts"
import { checkNumeral } from "../../src/tasks/grading/CheckNumeral.ts"

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

const against = (answer: string) => (candidate: string) => checkNumeral(answer, candidate)
const grade = (trajectory: Trajectory, answer = "36") => gradeTrajectory(against(answer), trajectory)

describe("outcomeOf", () => {
  const endings = fc.record<Ended>({
    isGoldValid: fc.boolean(),
    isTruncated: fc.boolean(),
    isUnfinished: fc.boolean(),
    hitCap: fc.boolean(),
    last: fc.constantFrom<Verdict | undefined>("Correct", "Wrong", "Unparsable", "GoldInvalid", undefined)
  })

  it("a bad reference comes before being cut off, that before a missing answer, that before the verdict", () => {
    fc.assert(fc.property(endings, (ended) => {
      const outcome = outcomeOf(ended)
      if (!ended.isGoldValid) expect(outcome).toBe("GoldInvalid")
      else if (ended.isTruncated) expect(outcome).toBe("Truncated")
      else if (ended.isUnfinished) expect(outcome).toBe(ended.hitCap ? "Wrong" : "Truncated")
      else expect(outcome).toBe(ended.last ?? "Unparsable")
    }))
  })

  it("is Correct only for a finished response whose last candidate is right", () => {
    fc.assert(fc.property(endings, (ended) => {
      if (outcomeOf(ended) !== "Correct") return
      expect(ended).toMatchObject({ isGoldValid: true, isTruncated: false, isUnfinished: false, last: "Correct" })
    }))
  })
})

describe("gradeTrajectory", () => {
  it("only the last answer counts; every attempt is marked", () => {
    const graded = grade(trajectory("stop", attempt("35", "RESAMPLE"), attempt("36", "STOP")))
    expect(graded.outcome).toBe("Correct")
    expect(graded.trajectory.spans.filter((span) => span.kind === "sample").map((span) => span.correct)).toEqual([false, true])
    expect(grade(trajectory("stop", attempt("36", "RESAMPLE"), attempt("35", "STOP"))).outcome).toBe("Wrong")
  })

  it("RESAMPLE in the last allowed cycle leaves no answer: wrong, even after a right attempt", () => {
    expect(grade(trajectory("cap", attempt("36", "RESAMPLE"))).outcome).toBe("Wrong")
    // By itself, and not because no further attempt was allowed: as calibration has it of a text.
    expect(grade(trajectory("unfinished", attempt("36", "RESAMPLE"))).outcome).toBe("Truncated")
  })

  it("cut off, unparsable, and a gold answer that is no number are outcomes of their own", () => {
    expect(grade(trajectory("truncated", attempt("36"))).outcome).toBe("Truncated")
    expect(grade(trajectory("stop", attempt("thirty-six", "STOP"))).outcome).toBe("Unparsable")
    expect(grade(trajectory("stop", attempt(undefined, "STOP"))).outcome).toBe("Unparsable")
    expect(grade(trajectory("stop")).outcome).toBe("Unparsable")
    for (const ending of ["stop", "cap", "unfinished", "truncated"] as const) {
      expect(grade(trajectory(ending, attempt("36", "STOP")), "n/a").outcome).toBe("GoldInvalid")
      // Nothing was answered, and nothing could have been right.
      expect(grade(trajectory(ending), "n/a").outcome).toBe("GoldInvalid")
    }
  })

  it("an answer that was not finished is not right, whatever the checker says of nothing", () => {
    const { outcome, trajectory: { spans } } = gradeTrajectory(() => "Correct", trajectory("truncated", attempt(undefined)))
    expect([outcome, spans.map((span) => span.kind === "sample" && span.correct)]).toEqual(["Truncated", [false]])
  })

  it("changes nothing else: the trajectory but for `correct` is the one given, and the one given stays as it is", () => {
    const given = Object.freeze(trajectory("stop", attempt("35", "RESAMPLE"), attempt("36", "STOP")))
    const before = structuredClone(given)
    const { trajectory: graded } = grade(given)
    expect(given).toEqual(before)
    expect({
      ...graded,
      spans: graded.spans.map((span) => {
        if (span.kind === "decision") return span
        const { correct: _, ...rest } = span
        return rest
      })
    }).toEqual(before)
  })

  it("asks the checker once for each text, however often it is answered", () => {
    const asked: Array<string> = []
    const verdict = (candidate: string): Verdict => {
      asked.push(candidate)
      return "Wrong"
    }
    gradeTrajectory(verdict, trajectory("stop", ...Array.from({ length: 50 }, (_, i) => attempt(String(i % 2), "RESAMPLE"))))
    expect(asked.filter((text) => text === "0")).toHaveLength(1)
    expect(asked.filter((text) => text === "1")).toHaveLength(1)
  })
})
