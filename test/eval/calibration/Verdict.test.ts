import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import { calibrate } from "../../../src/eval/calibration/Calibrate.ts"
import { compare } from "../../../src/eval/calibration/Compare.ts"
import { comparisonSentencesOf, comparisonVerdictOf } from "../../../src/eval/calibration/ComparisonVerdict.ts"
import type { EvaluatedRollout } from "../../../src/eval/calibration/EvaluatedRollout.ts"
import { CalibrationFindings, ComparisonFindings } from "../../../src/eval/calibration/Findings.ts"
import { simulate, type SimulatedPolicy } from "../../../src/eval/calibration/Simulate.ts"
import { type Calibrated, sentencesOf, verdictOf } from "../../../src/eval/calibration/Verdict.ts"
import { accuracyGradient } from "../../../src/theory/Accuracy.ts"

const policy = { pSample: 0.5, pStopGivenCorrect: 0.9, pResampleGivenWrong: 0.6, cap: 30, n: 400, rolloutsPerQuery: 2, seed: 3 }
const options = { rounds: 300 }
const calibrated = (changes: Partial<SimulatedPolicy> = {}): Calibrated => calibrate(simulate({ ...policy, ...changes }), options)
const findings = (changes: Partial<SimulatedPolicy> = {}, more: Partial<Calibrated> = {}) => verdictOf({ ...calibrated(changes), ...more })

describe("which rate is the weakest", () => {
  it.each<readonly [string, Partial<SimulatedPolicy>, string, string]>([
    ["few first answers right", { pSample: 0.2 }, "pSample", "sampling"],
    ["right answers are taken back", { pSample: 0.6, pStopGivenCorrect: 0.1, pResampleGivenWrong: 0.6 }, "pStopGivenCorrect", "decision"],
    [
      "wrong answers are kept, of which there are many",
      { pSample: 0.5, pStopGivenCorrect: 0.9, pResampleGivenWrong: 0.9 },
      "pResampleGivenWrong",
      "decision"
    ]
  ])("%s: the one with the largest derivative of the accuracy, and it is sure of it", (_, changes, rate, verdict) => {
    const { pResampleGivenWrong, pSample, pStopGivenCorrect } = { ...policy, ...changes } as SimulatedPolicy & { readonly pSample: number }
    const gradient = accuracyGradient({
      sampleCorrect: pSample,
      stopGivenCorrect: pStopGivenCorrect,
      resampleGivenWrong: pResampleGivenWrong
    })
    const named = {
      pSample: gradient.sampleCorrect,
      pStopGivenCorrect: gradient.stopGivenCorrect,
      pResampleGivenWrong: gradient.resampleGivenWrong
    }
    expect(Object.entries(named).toSorted(([, a], [, b]) => b - a)[0]![0]).toBe(rate)
    const calibration = calibrated(changes)
    expect(Math.abs(calibration.overall.leverage!.pSample.gain.value! - gradient.sampleCorrect)).toBeLessThan(0.1)
    const { weakest } = verdictOf(calibration)
    expect(weakest).toMatchObject({ rate, verdict })
    expect(weakest.share!).toBeGreaterThan(0.8)
  })

  it("two rates that gain alike: undecided, and the sentence says so", () => {
    // ∂/∂p_S = c (1 − w) and ∂/∂p_D|W = p c (1 − p) are equal at w = 1 − p (1 − p) = 3/4.
    const { weakest } = findings({ pStopGivenCorrect: 1, pResampleGivenWrong: 0.75, n: 150 })
    expect(weakest.verdict).toBe("undecided")
    expect(weakest.text).toContain("is not settled")
  })

  it("another rate gains most once p_S may change from attempt to attempt: undecided, and both are said", () => {
    // acc = p₁ + (1 − p₁)·w·.95 for c = 1 and two attempts or so: rejecting wrong answers gains more than first answers do, which the three rates cannot see.
    const { fit, weakest } = findings({ pSample: [0.25, 0.95], pStopGivenCorrect: 1, pResampleGivenWrong: 0.7, n: 1000 })
    expect(fit.verdict).toBe("agrees-by-attempt")
    expect(weakest).toMatchObject({ verdict: "undecided", rate: "pSample" })
    expect(weakest.text).toContain("it is p_D|W that gains most")
    // Where later attempts are worse both ways name the same rate, and the verdict stands.
    expect(findings({ pSample: [0.3, 0.2], pStopGivenCorrect: 1, pResampleGivenWrong: 0.3, n: 1000 }).weakest.verdict).toBe("sampling")
  })

  it("a model that goes on until it is right is not told that another rate must move", () => {
    const { weakest } = findings({ pSample: 0.6, pStopGivenCorrect: 1, pResampleGivenWrong: 1 })
    expect(weakest).toMatchObject({ verdict: "undecided", rate: null })
    expect(weakest.text).toContain("it goes on until its answer is right")
  })

  it("a rate that is 1 gains nothing, and a model that is always right is not limited", () => {
    expect(calibrated({ pStopGivenCorrect: 1 }).overall.leverage!.pStopGivenCorrect.gain.value).toBe(0)
    expect(findings({ pSample: 1, pStopGivenCorrect: 1 }).weakest).toMatchObject({ verdict: "undecided", rate: null })
  })

  it("right first answers that were all cut off are no proof that nothing limits the model, and no answer at all is no lack of prompts", () => {
    const row = (k: number, more: Pick<EvaluatedRollout, "attempts" | "outcome">): EvaluatedRollout => ({
      id: String(k),
      level: "one",
      query: String(k),
      ...more
    })
    const of = (more: Pick<EvaluatedRollout, "attempts" | "outcome">) =>
      verdictOf(calibrate(Array.from({ length: 20 }, (_, k) => row(k, more)), options))
    expect(of({ attempts: [{ answer: "1", correct: true }], outcome: "Truncated" }).weakest.text).toContain("cannot be said")
    expect(of({ attempts: [], outcome: "Unparsable" }).certainty).toMatchObject({ verdict: "intervals", prompts: 20 })
    const nothing = of({ attempts: [], outcome: "Truncated" }).certainty
    expect(nothing.text).toBe("This rests on 20 responses to 20 prompts, which hold nothing that an interval could be of.")
  })

  it("a model that never revised could gain by rejecting wrong answers: the longest response is no cap", () => {
    const { gain } = calibrated({ pStopGivenCorrect: 1, pResampleGivenWrong: 0 }).overall.leverage!.pResampleGivenWrong
    expect(Math.abs(gain.value! - 0.25)).toBeLessThan(0.02)
  })
})

describe("does reflection help, and does the decision tell right from wrong", () => {
  it("helps and tells where p_D|C + p_D|W > 1, harms and is the wrong way round where it is far below", () => {
    const good = findings()
    expect([good.reflection.verdict, good.decision.verdict]).toEqual(["helps", "tells"])
    expect(good.reflection.points.interval![0]).toBeGreaterThan(0)
    expect(Math.abs(good.decision.discrimination.value! - (0.6 - 0.1))).toBeLessThan(0.06)
    expect(good.reflection.text).toContain("harder problems are revised more")
    const bad = findings({ pStopGivenCorrect: 0.4, pResampleGivenWrong: 0.1 })
    expect([bad.reflection.verdict, bad.decision.verdict]).toEqual(["harms", "inverted"])
  })

  it("deciding without regard to the answer is not shown to tell: .5 and .5, and reflection is undecided", () => {
    const blind = findings({ pStopGivenCorrect: 0.5, pResampleGivenWrong: 0.5, n: 200 })
    expect([blind.reflection.verdict, blind.decision.verdict]).toEqual(["undecided", "undecided"])
  })

  it("a model that never revises: none, none", () => {
    const still = findings({ pStopGivenCorrect: 1, pResampleGivenWrong: 0 })
    expect([still.reflection.verdict, still.decision.verdict]).toEqual(["none", "none"])
  })

  it("says how many revisions gave the same value again", () => {
    const { decision } = findings({ echo: 0.7 })
    expect(decision.echo!).toBeGreaterThan(0.6)
    expect(decision.text).toContain(`Of the revisions ${(100 * decision.echo!).toFixed(1)} % gave the same value again.`)
  })
})

describe("do the three rates account for the accuracy", () => {
  it("agrees where the assumptions hold, by attempt where p_S falls or problems differ in difficulty, and disagrees where they also differ in how they are decided on", () => {
    expect(findings().fit.verdict).toBe("agrees")
    expect(findings({ pSample: [0.6, 0.1], cap: 4, n: 2000 }).fit.verdict).toBe("agrees-by-attempt")
    expect(findings({ spread: 0.4, n: 2000 }).fit.verdict).toBe("agrees-by-attempt")
    const mixed = [
      ...simulate({ ...policy, pSample: 0.9, pResampleGivenWrong: 0.1, n: 1000 }),
      ...simulate({ ...policy, pSample: 0.2, pStopGivenCorrect: 0.5, pResampleGivenWrong: 0.9, n: 1000, seed: 7 })
        .map((rollout) => ({ ...rollout, query: `hard ${rollout.query}` }))
    ]
    expect(verdictOf(calibrate(mixed, options)).fit.verdict).toBe("disagrees")
  })
})

describe("unusable rows and few prompts", () => {
  it("above 5 % unusable rows are the first sentence; at 5 % they are near the end", () => {
    const many = findings({}, { badRowCount: 43 })
    expect(many.usable).toMatchObject({ verdict: "many", rows: 843, unreadable: 43 })
    expect(sentencesOf(many)[0]).toMatch(/^UNUSABLE ROWS: 5\.1 % of 843 rows could not be used \(43 could not be read\)/)
    const few = findings({}, { badRowCount: 42 })
    expect(few.usable.verdict).toBe("few")
    expect(sentencesOf(few)[0]).toBe(few.weakest.text)
    expect(sentencesOf(few)).toContain(few.usable.text)
  })

  it("rows without a usable reference answer are unusable; where nothing is left, that is all there is to say", () => {
    const invalid = (rollouts: ReadonlyArray<EvaluatedRollout>) =>
      rollouts.map((rollout): EvaluatedRollout => ({ ...rollout, outcome: "GoldInvalid" }))
    const { usable, ...rest } = verdictOf(calibrate(invalid(simulate(policy)), options))
    expect(usable).toMatchObject({ verdict: "all", withoutReference: 800 })
    expect(sentencesOf({ usable, ...rest })).toEqual([
      "NOTHING COULD BE COUNTED: of 800 rows 800 had no usable reference answer.",
      rest.reading.text
    ])
    expect(sentencesOf(verdictOf(calibrate([], options)))[0]).toBe("NOTHING COULD BE COUNTED: there is no row.")
  })

  it("nine prompts: no interval, no p-value, no star, and a sentence; ten have them", () => {
    const nine = calibrated({ n: 9, rolloutsPerQuery: 16 })
    const { contribution, leverage, pSample, predictedCapped } = nine.overall
    for (const each of [pSample, predictedCapped, predictedCapped.gap, contribution.reflection, leverage!.pSample.gain]) {
      expect(each.interval).toBeNull()
    }
    expect([predictedCapped.pValue, leverage!.pSample.leads]).toEqual([null, null])
    const said = verdictOf(nine)
    expect(said.certainty).toMatchObject({ verdict: "too-few-prompts", prompts: 9, responses: 144 })
    expect(sentencesOf(said)[0]).toContain(
      "TOO FEW PROMPTS: this rests on 144 responses to 9 prompts. With fewer than 10 there is no interval"
    )
    const ten = calibrated({ n: 10, rolloutsPerQuery: 16 })
    expect(verdictOf(ten).certainty.verdict).toBe("intervals")
    expect([ten.overall.pSample.interval, ten.overall.predictedCapped.pValue]).not.toContain(null)
  })

  it("where no answer was read, prompts are not called too few of each level", () => {
    const unread = simulate({ ...policy, n: 20, rolloutsPerQuery: 1 })
      .map((rollout): EvaluatedRollout => ({ ...rollout, attempts: [], outcome: "Unparsable" }))
    const said = verdictOf(calibrate(unread, options))
    expect(said.certainty).toMatchObject({ verdict: "intervals", prompts: 20 })
    expect(sentencesOf(said)[0]).toContain("No answer was read")
  })

  it("twenty levels of one prompt each are too few of each to pool", () => {
    const rollouts = Array.from({ length: 20 }, (_, seed) => simulate({ ...policy, n: 1, seed, level: `level ${seed}` })).flat()
    const calibration = calibrate(rollouts, options)
    expect(calibration.overall.queries).toBe(20)
    expect(calibration.overall.pSample.interval).toBeNull()
    expect(verdictOf(calibration).certainty.text).toContain("20 prompts, too few of each level to know how they differ")
  })
})

describe("what else is said", () => {
  it("truncated responses with both accuracies, and both pass@1 where they are known", () => {
    const cut = calibrated({ cutAfter: 2 })
    const { truncated } = verdictOf({
      ...cut,
      passAtK: [{ k: 1, passAtK: 0.75, passAllK: 0.75 }],
      passAtKOfAll: [{ k: 1, passAtK: 0.625, passAllK: 0.625 }]
    })
    expect(truncated).toMatchObject({ responses: cut.outcomes.Truncated, accuracyOfFinished: cut.overall.observed.accuracy })
    expect(truncated!.accuracyOfAll).toBe(cut.overall.solved!.value)
    expect(truncated!.text).toContain("pass@1 75.0 % and 62.5 %")
    expect("truncated" in findings()).toBe(false)
  })

  it("left-out responses are none that it rests on, and are said to be a reason for a gap; what is not computed was not tested", () => {
    const rollouts = simulate({ ...policy, pSample: 0.3, pStopGivenCorrect: 0.8, cutAfter: 3, n: 2000 })
    const cut = rollouts.filter(({ outcome }) => outcome === "Truncated").length
    expect(cut).toBeGreaterThan(100)
    const [counted, leftOut] = [{}, { truncated: "left-out" as const }].map((more) =>
      verdictOf(calibrate(rollouts, { ...options, ...more }))
    )
    expect(counted!.certainty.responses).toBe(rollouts.length)
    expect(leftOut!.certainty.responses).toBe(rollouts.length - cut)
    expect([counted!.fit.verdict, leftOut!.fit.verdict]).toEqual(["agrees", "disagrees"])
    expect(leftOut!.fit.text).toContain("leaving out responses that were cut off does that")
    const paper = verdictOf(calibrate(rollouts, { ...options, truncated: "left-out", intervals: "percentile" }))
    expect(paper.decision.text).toContain("was not tested")
  })

  it("up to which k, and how many responses are word for word another", () => {
    const passAtK = [1, 2].map((k) => ({ k, passAtK: 0.5, passAllK: 0.5 }))
    expect(findings({}, { passAtK }).passAtK!.text).toBe(
      "pass@k is given for k up to 2, as some prompt has fewer than 4 finished responses."
    )
    expect(findings({}, { passAtK, duplicates: 3 }).passAtK).toMatchObject({ largest: 2, duplicates: 3 })
    expect(findings({}, { passAtK, duplicates: 3 }).passAtK!.text).toContain(
      "At least 3 responses of 800 are word for word another response"
    )
  })

  it("what was counted how, from what the reader says", () => {
    const reading = { kinds: { integer: 700, mathematics: 100 }, confirmed: 9, unmarked: 1, notes: ["Options were letters."] }
    expect(findings({}, { reading }).reading.text).toContain(
      "Kinds of answers: 700 integer and 100 mathematics. 9 checks of an answer that stood after it: no revision. " +
        "1 revision came without a known phrase. Options were letters."
    )
  })

  it("findings encode as JSON and decode to themselves, whatever the model", () => {
    for (
      const changes of [{}, { n: 3 }, { pSample: 0 }, { pSample: 1, pStopGivenCorrect: 1 }, { cutAfter: 1, cutsDecision: true }, { n: 0 }]
    ) {
      const said = findings(changes)
      expect(Schema.decodeUnknownSync(CalibrationFindings)(JSON.parse(JSON.stringify(said)))).toEqual(said)
      for (const sentence of sentencesOf(said)) expect(sentence).not.toMatch(/undefined|NaN|null/)
    }
  })
})

describe("the findings of a comparison", () => {
  const model = (id: string, changes: Partial<SimulatedPolicy>) => ({ id, rollouts: simulate({ ...policy, n: 800, ...changes }) })
  const between = (from: Partial<SimulatedPolicy>, to: Partial<SimulatedPolicy>) =>
    comparisonVerdictOf(compare(model("old", from), model("new", { seed: 9, ...to }), options))

  it("better by sampling, better by decision, worse by decision", () => {
    const bySampling = between({}, { pSample: 0.75 })
    expect([bySampling.difference.verdict, bySampling.cause.verdict]).toEqual(["better", "sampling"])
    const byDecision = between({}, { pResampleGivenWrong: 0.9 })
    expect([byDecision.difference.verdict, byDecision.cause.verdict]).toEqual(["better", "decision"])
    const worse = between({}, { pStopGivenCorrect: 0.3 })
    expect([worse.difference.verdict, worse.cause.verdict]).toEqual(["worse", "decision"])
    expect(worse.fit.verdict).toBe("agrees")
    expect(worse.pairs).toMatchObject({ verdict: "all", paired: 800, from: 800, to: 800 })
  })

  it("no difference: undecided", () => {
    const same = between({}, {})
    expect([same.difference.verdict, same.cause.verdict]).toEqual(["undecided", "undecided"])
  })

  it("40 of 40 against 0 of 40 is a difference, although no resample differs", () => {
    const always = { pStopGivenCorrect: 1, pResampleGivenWrong: 0, n: 40, rolloutsPerQuery: 1 }
    const { difference } = between({ ...always, pSample: 0 }, { ...always, pSample: 1 })
    expect(difference.verdict).toBe("better")
    expect(difference.points.interval![0]).toBeCloseTo(1 - (2 * 3.8416) / 43.8416, 12)
  })

  it("no prompt in both: said first and loudly", () => {
    const other = model("new", {})
    const comparison = compare(model("old", {}), {
      ...other,
      rollouts: other.rollouts.map((row) => ({ ...row, query: `<user>${row.query}` }))
    }, options)
    const said = comparisonVerdictOf(comparison)
    expect(said.pairs.verdict).toBe("none")
    expect(comparisonSentencesOf(said)[0]).toMatch(/^0 PAIRS: no prompt is in both \(800 prompts of old, 800 of new\)/)
  })

  it("few prompts of either: no interval, and a sentence", () => {
    const comparison = compare(model("old", { n: 9 }), model("new", {}), options)
    expect(comparison.overall.observed.interval).toBeNull()
    expect(comparisonSentencesOf(comparisonVerdictOf(comparison))[0]).toMatch(/^TOO FEW PROMPTS: one of the models has 9\./)
  })

  it("encode as JSON and decode to themselves, also where there is nothing to compare", () => {
    for (const [from, to] of [[{}, {}], [{ n: 2 }, { pSample: 0 }], [{ level: "a" }, { level: "b" }]] as const) {
      const said = between(from, to)
      expect(Schema.decodeUnknownSync(ComparisonFindings)(JSON.parse(JSON.stringify(said)))).toEqual(said)
      for (const sentence of comparisonSentencesOf(said)) expect(sentence).not.toMatch(/undefined|NaN|null/)
    }
    const apart = between({ level: "a" }, { level: "b" })
    expect(comparisonSentencesOf(apart)).toEqual([apart.difference.text])
    expect(apart.difference.text).toMatch(/^NOTHING TO COMPARE/)
  })
})
