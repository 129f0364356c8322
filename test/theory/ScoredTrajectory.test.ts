import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  inTokenOrder,
  KlPenalty,
  makeScoredTrajectory,
  makeTokenBatch,
  type ScoredAttempt,
  type ScoredTrajectory,
  Sft,
  toTokenBatch,
  TWO_STAGE
} from "decision-sampling/theory"
import { scoredTrajectory } from "../support/Arbitraries.ts"
import { reasonOf } from "../support/Errors.ts"

const attempt = (decision: ScoredAttempt["decision"], change: Partial<ScoredAttempt> = {}): ScoredAttempt => ({
  tokenLogProbs: [-1, -2],
  decision,
  decisionLogProb: -0.5,
  ...change
})
const refused = (attempts: ReadonlyArray<ScoredAttempt>) => reasonOf(() => makeScoredTrajectory({ attempts }))

describe("makeScoredTrajectory", () => {
  it("accepts every generated trajectory as it is", () => {
    fc.assert(
      fc.property(scoredTrajectory(), (trajectory) => {
        expect(makeScoredTrajectory(trajectory)).toBe(trajectory)
      })
    )
  })

  it("refuses no attempt, an empty attempt, and log-probabilities above 0 or not finite, saying which", () => {
    expect(refused([])).toMatchObject({ _tag: "EmptyGroup" })
    expect(refused([attempt("RESAMPLE"), attempt("STOP", { tokenLogProbs: [] })])).toMatchObject({ _tag: "EmptyGroup", index: 1 })
    expect(refused([attempt("STOP", { tokenLogProbs: [-1, 0.5] })])).toEqual({
      _tag: "NotADistribution",
      what: "attempts[0].tokenLogProbs",
      index: 1,
      value: 0.5
    })
    expect(refused([attempt("STOP", { decisionLogProb: NaN })])).toMatchObject({ _tag: "NonFinite", what: "attempts[0].decisionLogProb" })
    expect(refused([attempt("STOP", { referenceDecisionLogProb: 1 })])).toMatchObject({ _tag: "NotADistribution" })
    expect(refused([attempt("STOP", { referenceTokenLogProbs: [-1] })])).toMatchObject({ _tag: "ShapeMismatch", expected: 2, actual: 1 })
  })

  it("refuses STOP before the end, and an end without STOP unless it is a truncated trajectory", () => {
    expect(refused([attempt("STOP"), attempt("STOP")])).toEqual({ _tag: "MisplacedStop", attempt: 0, attempts: 2 })
    expect(refused([attempt("RESAMPLE")])).toEqual({ _tag: "MisplacedStop", attempt: 0, attempts: 1 })
    const truncated = { attempts: [attempt("RESAMPLE")] }
    expect(makeScoredTrajectory(truncated, { allowTruncated: true })).toBe(truncated)
    const early = { attempts: [attempt("STOP"), attempt("RESAMPLE")] }
    expect(reasonOf(() => makeScoredTrajectory(early, { allowTruncated: true }))).toMatchObject({ attempt: 0 })
  })
})

describe("toTokenBatch", () => {
  it("by hand: tokens of an answer, then its decision, sequence after sequence", () => {
    const one: ScoredTrajectory = { attempts: [attempt("RESAMPLE"), attempt("STOP", { tokenLogProbs: [-3] })] }
    const two: ScoredTrajectory = { attempts: [attempt("STOP", { decisionLogProb: -4 })] }
    const batch = toTokenBatch([one, two], { advantages: [7, 8] })
    expect([...batch.offsets]).toEqual([0, 5, 8])
    expect([...batch.owner]).toEqual([0, 0, 1, 0, 1, 0, 0, 1])
    expect([...batch.logProbs]).toEqual([-1, -2, -0.5, -3, -0.5, -1, -2, -4])
    expect([...batch.advantages!]).toEqual([7, 7, 7, 7, 7, 8, 8, 8])
    expect(batch.referenceLogProbs).toBeUndefined()
    expect(batch.oldLogProbs).toBeUndefined()
  })

  it("for every trajectories, the batch is valid, and tables in token order line up with it", () => {
    fc.assert(
      fc.property(fc.array(scoredTrajectory(), { maxLength: 3 }), (group) => {
        const batch = makeTokenBatch(toTokenBatch(group, { onPolicy: true }), TWO_STAGE)
        expect(batch.oldLogProbs).toEqual(batch.logProbs)
        const inverse = group.flatMap((trajectory) => [...inTokenOrder(Sft.immediate(trajectory))])
        expect(inverse).toEqual([...batch.logProbs].map((value) => Math.exp(-value)))
        expect(batch.referenceLogProbs?.length).toBe(batch.logProbs.length)
      })
    )
  })

  it("the KL penalty says that it needs a reference", () => {
    expect(reasonOf(() => KlPenalty.qValues({ attempts: [attempt("STOP")] }, { beta: 1 }))).toMatchObject({
      _tag: "MissingInput",
      neededBy: "the KL penalty"
    })
  })
})
