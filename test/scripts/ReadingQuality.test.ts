import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { compareRow, labelledRows, type Quality, qualityByHalf, qualityOf } from "../../scripts/ReadingQuality.ts"

const stored = JSON.parse(readFileSync(new URL("../../bench/data/reading/quality.json", import.meta.url), "utf8")) as Readonly<
  Record<"tune" | "held", Quality>
>

const LARGER_IS_BETTER = ["both", "sameDecision", "resampleBoth", "sameOutcome", "sameFirst", "exact"] as const

describe("the quality of reading", () => {
  const compared = labelledRows().map(compareRow)
  const now = qualityByHalf(compared)

  it.each(["tune", "held"] as const)(
    "is not lower than it was on the half \"%s\" (else mend it, or write the page again and say why)",
    (half) => {
      for (const name of LARGER_IS_BETTER) expect([name, now[half][name] >= stored[half][name]]).toEqual([name, true])
      // Precision: candidates and RESAMPLEs that are not labelled.
      expect(now[half].read - now[half].both).toBeLessThanOrEqual(stored[half].read - stored[half].both)
      expect(now[half].resampleRead - now[half].resampleBoth).toBeLessThanOrEqual(stored[half].resampleRead - stored[half].resampleBoth)
      expect([now[half].responses, now[half].labelled]).toEqual([stored[half].responses, stored[half].labelled])
    }
  )

  it("is counted so that what is read wrong counts against it", () => {
    const [first] = compared.filter(({ labelled, matches, read }) => labelled.length === 2 && read.length === 2 && matches.length === 2)
    const { labelled, read } = first!
    const whole = qualityOf([first!])
    expect([whole.both, whole.sameDecision, whole.exact]).toEqual([2, 2, 1])
    const lost = qualityOf([{ ...first!, read: [read[1]!], matches: [[1, 0]] }])
    expect([lost.both, lost.read, lost.labelled, lost.resampleBoth, lost.exact]).toEqual([1, 1, 2, 0, 0])
    const flipped = qualityOf([{ ...first!, read: [{ ...read[0]!, correct: !labelled[0]!.correct }, read[1]!] }])
    expect([flipped.sameFirst, flipped.exact]).toEqual([0, 0])
    expect(qualityOf([{ ...first!, outcome: "Unparsable" }]).sameOutcome).toBe(0)
  })
})
