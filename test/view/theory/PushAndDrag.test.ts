import { describe, expect, it } from "vitest"
import { appendixC, RESTORED } from "../../../src/theory/illustration/AppendixC.ts"
import { LOGIT_NAMES } from "../../../src/theory/illustration/ThreeLogit.ts"
import {
  byLength,
  chainOf,
  hasRestoredLengths,
  isRestored,
  LONGEST,
  printedOf,
  pushAndDrag,
  type PushInputs
} from "../../../src/view/theory/appendix/PushAndDrag.ts"
import { pushSentence } from "../../../src/view/theory/appendix/Words.ts"

const restored: PushInputs = { model: RESTORED.model, advantage: RESTORED.advantage }
const NAMES = { sampleCorrect: "s", stopGivenCorrect: "stopGivenCorrect", resampleGivenWrong: "resampleGivenWrong" } as const

describe("Push and drag by length", () => {
  it("at the restored inputs are appendix C's, on the trajectory and in expectation, and within 0.0013 of the printed ones", () => {
    const { expectation, steps, update } = appendixC()
    const [sample, mean] = [pushAndDrag(restored, "trajectory"), pushAndDrag(restored, "expectation")]
    for (const name of LOGIT_NAMES) {
      const row = update.find(({ parameter }) => parameter === NAMES[name])!
      expect([sample.push[name], sample.drag[name]]).toEqual([row.reward, row.kl])
      expect(printedOf(name)).toEqual(row.printed)
      expect(Math.abs(sample.drag[name] - printedOf(name).kl)).toBeLessThan(0.0013)
      const expected = expectation.update.find(({ parameter }) => parameter === NAMES[name])!
      expect([mean.push[name], mean.drag[name]]).toEqual([expected.reward, expected.kl])
    }
    expect(chainOf(restored).map(({ q }) => q)).toEqual(steps.map(({ q }) => q))
  })

  it("the curve passes the printed values at 8 tokens and spans 1 … 512; the push does not know the length", () => {
    const rows = byLength(restored, "trajectory")
    expect([rows[0]!.length, rows.at(-1)!.length]).toEqual([1, LONGEST])
    expect(rows.find(({ length }) => length === 8)!.drag).toEqual(pushAndDrag(restored, "trajectory").drag)
    for (const { push } of rows) expect(push).toEqual(rows[0]!.push)
    const own = byLength({ ...restored, model: { ...RESTORED.model, lengths: { correct: 5, wrong: 77 } } }, "trajectory")
    expect(own.map(({ length }) => length)).toEqual(expect.arrayContaining([5, 77]))
  })

  it("knows the paper's inputs, and that lengths are another matter", () => {
    expect([isRestored(restored), hasRestoredLengths(restored)]).toEqual([true, true])
    const longer = { ...restored, model: { ...RESTORED.model, lengths: { correct: 8, wrong: 9 } } }
    expect([isRestored(longer), hasRestoredLengths(longer)]).toEqual([true, false])
    const moved = { ...RESTORED.model, reference: { ...RESTORED.model.reference, resampleGivenWrong: 1.3 } }
    expect(isRestored({ ...restored, model: moved })).toBe(false)
    expect(isRestored({ ...restored, advantage: 1 })).toBe(false)
  })

  it("says the ratios, which logit the drag turns round, and when nothing drags", () => {
    expect(pushSentence(pushAndDrag(restored, "trajectory"), "trajectory", 1)).toBe(
      "On this one trajectory the KL drag on θ_S is −0.186: beside that on θ_W 2.37 times, beside that on θ_C 85.2 times. On no logit does the drag turn the push round."
    )
    const long = { ...restored, model: { ...RESTORED.model, lengths: { correct: 64, wrong: 64 } } }
    expect(pushSentence(pushAndDrag(long, "expectation"), "expectation", 1)).toContain("On θ_S the drag is larger than the push")
    expect(pushSentence(pushAndDrag(restored, "trajectory"), "trajectory", 0)).toContain("β is 0")
    const same = { ...restored, model: { ...RESTORED.model, reference: RESTORED.model.policy } }
    expect(pushSentence(pushAndDrag(same, "expectation"), "expectation", 1)).toContain("the policy is its reference")
  })
})
