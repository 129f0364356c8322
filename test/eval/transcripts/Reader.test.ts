import { describe, expect, it } from "vitest"
import { gradeTranscript } from "../../../src/eval/transcripts/Grade.ts"
import { DEFAULT_READER_SPEC, defaultReader, readerOf } from "../../../src/eval/transcripts/Reader.ts"
import { DEFAULT_MARKERS, findMarkers } from "../../../src/tasks/reading/Markers.ts"

describe("readers made of data", () => {
  it("the default one reads as the default reader does, and its data can be sent to any thread", async () => {
    const reader = await readerOf(structuredClone(DEFAULT_READER_SPEC))
    const row = { id: "1", prompt: "Which?", response: "The answer is 1/3. Scratch that. The answer is 1/2.", answer: "0.5" }
    expect(gradeTranscript(row, reader)).toEqual(gradeTranscript(row, defaultReader))
    expect(gradeTranscript(row, reader).attempts.map(({ correct }) => correct)).toEqual([false, true])
    expect(reader).not.toHaveProperty("isScored")
  })

  it("takes markers, a kind of answers, and whether rows bring verdicts", async () => {
    const reader = await readerOf({ markers: ["rewind"], answers: "text", isScored: true })
    expect(findMarkers("Wait, rewind.", reader.markers)).toHaveLength(1)
    expect(reader.isScored).toBe(true)
    const row = { id: "1", prompt: "Which?", response: "The answer is 1/2.", answer: "0.5" }
    expect(gradeTranscript(row, reader).outcome).toBe("Wrong")
    expect(gradeTranscript({ ...row, score: 1 }, reader).outcome).toBe("Correct")
  })

  it.each<readonly [what: string, spec: Partial<typeof DEFAULT_READER_SPEC>, field: string, expected: RegExp]>([
    ["an unknown kind", { answers: "poem" }, "answers", /one of auto, integer/],
    ["no marker", { markers: [] }, "markers", /at least one/],
    ["blank markers", { markers: [" ", ""] }, "markers", /at least one/],
    ["no module", { grade: "./none.ts#grader" }, "grade", /a module that can be imported/]
  ])("refuses %s with a typed error", async (_, spec, field, expected) => {
    await expect(readerOf({ ...DEFAULT_READER_SPEC, ...spec })).rejects.toMatchObject({
      _tag: "ConfigError",
      field,
      expected: expect.stringMatching(expected)
    })
  })

  it("the lexicon is what a reader knows unless told", () => {
    expect(DEFAULT_READER_SPEC).toEqual({ markers: DEFAULT_MARKERS, answers: "auto" })
  })
})
