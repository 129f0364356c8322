import { availableParallelism } from "node:os"
import { afterAll, describe, expect, it } from "vitest"
import { ConfigError } from "../../../src/domain/Errors.ts"
import { simulate } from "../../../src/eval/calibration/Simulate.ts"
import { calibrateTallies, calibrateTalliesWith } from "../../../src/eval/transcripts/CalibrateTallies.ts"
import { makeCalibrateThreads } from "../../../src/eval/transcripts/files/CalibrateThreads.ts"
import { DEFAULT_READER_SPEC, defaultReader } from "../../../src/eval/transcripts/Reader.ts"
import { makeTallies } from "../../../src/eval/transcripts/Tallies.ts"

const levelsOf = (cap: number) => {
  const tallies = makeTallies()
  const policy = { pSample: 0.3, pStopGivenCorrect: 0.5, pResampleGivenWrong: 0.9, n: 30, rolloutsPerQuery: 2, seed: 1 }
  for (const rollout of simulate({ ...policy, cap })) tallies.add(rollout)
  return tallies.levels()
}

describe.skipIf(availableParallelism() < 2)("a thread that needs more memory than it has", () => {
  // Too little to load what it reads with.
  const threads = makeCalibrateThreads(DEFAULT_READER_SPEC, defaultReader, { fewBytes: 1, memoryMb: 16 })
  afterAll(threads.close)
  const block = () => threads.read(new TextEncoder().encode("{\"prompt\": \"2*3\", \"response\": \"6\"}\n"), {}, "file:")

  it("is told in words, and takes nothing with it: the next work is done elsewhere", async () => {
    // The first block is this thread's own.
    expect((await block()).marks.kind.length).toBe(1)
    const lost = block()
    const levels = levelsOf(4)
    const calibrated = calibrateTalliesWith(threads.resample, levels, { rounds: 100 })
    await expect(lost).rejects.toThrow(ConfigError)
    expect(await calibrated).toEqual(calibrateTallies(levels, { rounds: 100 }))
    expect(await calibrateTalliesWith(threads.resample, levels, { rounds: 100 })).toEqual(calibrateTallies(levels, { rounds: 100 }))
  })
})

describe("a bootstrap", () => {
  it("that memory does not hold is refused before it is drawn", () => {
    expect(() => calibrateTallies(levelsOf(4), { cap: 3000, rounds: 100_000 })).toThrow(
      /100000 rounds of 1 levels with up to 3000 attempts, 5 GB; expected at most 2 GB/
    )
  })
})
