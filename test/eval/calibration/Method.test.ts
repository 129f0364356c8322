import { createHash } from "node:crypto"
import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import { calibrate } from "../../../src/eval/calibration/Calibrate.ts"
import { Calibration } from "../../../src/eval/calibration/Calibration.ts"
import { compare } from "../../../src/eval/calibration/Compare.ts"
import type { EvaluatedRollout } from "../../../src/eval/calibration/EvaluatedRollout.ts"
import { PAPER_METHOD } from "../../../src/eval/calibration/Method.ts"
import { shownInterval } from "../../../src/eval/calibration/ShownInterval.ts"
import { simulate } from "../../../src/eval/calibration/Simulate.ts"

const policy = {
  pSample: 0.55,
  pStopGivenCorrect: 0.8,
  pResampleGivenWrong: 0.6,
  cap: 4,
  n: 40,
  rolloutsPerQuery: 2,
  echo: 0.2,
  spread: 0.2
}
// Every seventh response that hit the cap was truncated instead, and every eleventh has a broken reference answer.
const damage = (rollouts: ReadonlyArray<EvaluatedRollout>) =>
  rollouts.map((rollout, k): EvaluatedRollout => {
    const { hitCap: _cap, ...rest } = rollout
    if (k % 7 === 0 && rollout.attempts.at(-1)!.decision === "RESAMPLE") return { ...rest, outcome: "Truncated" }
    return k % 11 === 3 ? { ...rollout, outcome: "GoldInvalid" } : rollout
  })
const rollouts = (seed: number, pSample: number) =>
  damage([...simulate({ ...policy, pSample, seed, level: "2x1" }), ...simulate({ ...policy, pSample: 0.3, seed: seed + 1, level: "10x1" })])
const options = { rounds: 60, seed: 3, cap: 5, trainLevels: ["2x1"] }
const digest = (value: unknown) => createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16)

describe("the paper's way", () => {
  const calibration = calibrate(rollouts(1, 0.55), { ...options, ...PAPER_METHOD })

  it("gives every byte that calibrations and comparisons had before there was another: results of runs stay comparable", () => {
    expect(digest(calibration)).toBe("fd223e0680613cdd")
    const models = [{ id: "a", rollouts: rollouts(1, 0.55) }, { id: "b", rollouts: rollouts(5, 0.7) }] as const
    expect(digest(compare(models[0], models[1], { ...options, ...PAPER_METHOD }))).toBe("211ec89788973251")
  })

  it("shows Wilson's intervals, the other way those that are clustered by query", () => {
    const { overall } = calibration
    expect(shownInterval(overall, overall.pSample)).toBe(overall.pSample.wilson)
    const clustered = calibrate(rollouts(1, 0.55), options)
    expect(shownInterval(clustered.overall, clustered.overall.pSample)).toBe(clustered.overall.pSample.interval)
    expect(clustered.method).toEqual({ truncated: "counted", intervals: "clustered", echoes: "resample", fewestQueries: 10 })
    expect(Schema.decodeUnknownSync(Calibration)(JSON.parse(JSON.stringify(clustered)))).toEqual(clustered)
  })

  it("each choice can be made by itself, and the result says which was", () => {
    const leftOut = calibrate(rollouts(1, 0.55), { ...options, truncated: "left-out" })
    expect(leftOut.method!.truncated).toBe("left-out")
    expect(leftOut.overall.counts).toEqual(calibration.overall.counts)
    const percentiles = calibrate(rollouts(1, 0.55), { ...options, intervals: "percentile" })
    expect(percentiles.method!.intervals).toBe("percentile")
    expect(percentiles.overall.counts).not.toEqual(calibration.overall.counts)
  })
})
