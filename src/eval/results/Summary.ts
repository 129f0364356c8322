/**
 * What a run says of the paper's claims: agrees, disagrees or undecided, computed from the numbers and printed with them.
 *
 * A verdict on a difference or a rate follows from its 95 % interval alone: on the claim's side of the threshold it agrees, on the
 * other it disagrees, across it is undecided. The threshold stands in the claim. A verdict on predictions follows from how
 * many of them miss: more than chance explains disagrees.
 *
 * @module
 */
import type { LevelCalibration, Prediction, Rate } from "../calibration/Calibration.ts"
import type { Comparison, LevelComparison } from "../calibration/Comparison.ts"
import { contains, type Interval } from "../statistics/Interval.ts"
import type { Finding, ModelResult, Results } from "./Results.ts"
import { list, percent, percentInterval, points, pointsWithInterval } from "../report/Words.ts"

/** The part of the results that findings are computed from. */
export type Evidence = Pick<Results, "models" | "comparisons" | "task">

/** A finding, and what a sentence about all models makes of it. */
export interface Claim extends Finding {
  /** What the paper claims of any model, in a clause. */
  readonly topic: string
  /** The model, or the way of predicting, that this verdict is of. */
  readonly subject: string
  /** The id of the model, where it is one. */
  readonly model?: string
  /** The number that the verdict rests on; a difference is in points. */
  readonly number: string
}

/** Computes every finding that the models of a run allow, in the order of the paper. */
export const summarize = (evidence: Evidence): ReadonlyArray<Finding> =>
  claimsOf(evidence).map(({ claim, evidence: words, verdict, where }) => ({ claim, where, verdict, evidence: words }))

/** The findings of `summarize` in parts. */
export const claimsOf = (evidence: Evidence): ReadonlyArray<Claim> => [
  ...evidence.models.flatMap((model) => (model.stage === "rl" ? reinforcementFindings(evidence, model) : [])),
  ...evidence.models.flatMap((model) => (model.stage === "sft" && reflects(model) ? [losesRejection(model)].flat() : [])),
  ...evidence.models.flatMap((model) => (model.stage === "dft" ? dynamicFindings(evidence, model) : [])),
  ...predictionFindings(evidence)
]

type Verdict = Finding["verdict"]

const reflects = (model: ModelResult): boolean => model.start === "echo" || model.start === "expert"

const startWords = (model: ModelResult): string =>
  model.start === "echo"
    ? " (start: reflection text blind to correctness)"
    : model.start === "expert"
    ? " (start: demonstrations with checked decisions)"
    : ""

/** Where an interval lies against a threshold. */
const judge = (interval: Interval | null, threshold: number, claimed: "above" | "below"): Verdict => {
  if (interval === null || contains(interval, threshold)) return "undecided"
  return interval[0] > threshold === (claimed === "above") ? "agrees" : "disagrees"
}

const comparisonOf = (evidence: Evidence, from: string | undefined, to: string): Comparison | undefined =>
  evidence.comparisons.find((comparison) => comparison.from === from && comparison.to === to)

const pointsOf = ({ value }: { readonly value: number | null }): string => points(value)

const of = ({ id, label }: ModelResult) => ({ subject: label, model: id })

const labelOf = (evidence: Evidence, id: string): string => evidence.models.find((model) => model.id === id)?.label ?? id

const reinforcementFindings = (evidence: Evidence, model: ModelResult): ReadonlyArray<Claim> => {
  const comparison = comparisonOf(evidence, model.parent, model.id)
  if (comparison === undefined) return keepsRejection(model)
  const { overall } = comparison
  const from = labelOf(evidence, comparison.from)
  return [
    {
      ...of(model),
      topic: "RL raises p_D|W",
      number: pointsOf(overall.change.pResampleGivenWrong),
      claim: `RL raises the probability of rejecting a wrong answer (change of p_D|W above 0): ${model.label}${startWords(model)}`,
      where: "section 4.2",
      verdict: judge(overall.change.pResampleGivenWrong.interval, 0, "above"),
      evidence: `Against ${from}, p_D|W changes by ${pointsWithInterval(overall.change.pResampleGivenWrong)} over all levels` +
        `${byLevel(comparison, (level) => level.change.pResampleGivenWrong.interval)}; ` +
        `p_D|C by ${pointsWithInterval(overall.change.pStopGivenCorrect)}, p_S by ${pointsWithInterval(overall.change.pSample)}.`
    },
    {
      ...of(model),
      topic: "RL's gain comes from deciding more than from sampling",
      number: pointsOf(overall.decisionLead),
      claim: `RL's gain comes from deciding more than from sampling (decision − sampling above 0): ${model.label}`,
      where: "abstract, section 4.2",
      verdict: judge(overall.decisionLead.interval, 0, "above"),
      evidence: `Of the ${points(overall.predicted.value)} points that the two-stage model accounts for, Shapley's value gives sampling ` +
        `${pointsWithInterval(overall.sampling)} and decision ${pointsWithInterval(overall.decision)}; ` +
        `observed: ${pointsWithInterval(overall.observed)}.`
    },
    ...(comparison.unseen === undefined ? [] : [beyondTraining(model, from, comparison.unseen)]),
    ...keepsRejection(model)
  ]
}

const beyondTraining = (model: ModelResult, from: string, unseen: LevelComparison): Claim => ({
  ...of(model),
  topic: "RL improves accuracy out of distribution",
  number: pointsOf(unseen.observed),
  claim: `RL improves accuracy out of distribution (change above 0): ${model.label}`,
  where: "table 1, section 5.2",
  verdict: judge(unseen.observed.interval, 0, "above"),
  evidence: `On the levels that were not trained on, accuracy changes by ${pointsWithInterval(unseen.observed)} against ${from}: ` +
    `sampling ${pointsWithInterval(unseen.sampling)}, decision ${pointsWithInterval(unseen.decision)}, ` +
    `not accounted for ${pointsWithInterval(unseen.unexplained)}.`
})

/** p_D|W on unseen levels against half of what it is on the trained ones: the paper's figures 2 and 3 part far on this side and that. */
const rejectionBeyond = (
  model: ModelResult
): { readonly half: number; readonly trained: Rate; readonly unseen: Rate; readonly words: string } | null => {
  const trained = model.calibration.trained?.pResampleGivenWrong
  const { pResampleGivenWrong: unseen, pStopGivenCorrect: accepts } = model.calibration.unseen ?? {}
  if (trained?.value == null || unseen?.value == null || accepts === undefined) return null
  return {
    half: trained.value / 2,
    trained,
    unseen,
    words: `p_D|W is ${percent(trained.value)} (n = ${trained.trials}) on trained levels and ${percent(unseen.value)} ` +
      `(${percentInterval(unseen.interval)}, n = ${unseen.trials}) on unseen ones, where p_D|C is ${percent(accepts.value)} ` +
      `(${percentInterval(accepts.interval)}).`
  }
}

const keepsRejection = (model: ModelResult): ReadonlyArray<Claim> => {
  const rejection = rejectionBeyond(model)
  if (rejection === null) return []
  return [{
    ...of(model),
    topic: "RL keeps rejecting wrong answers out of distribution",
    number: percent(rejection.unseen.value),
    claim: `RL keeps rejecting wrong answers out of distribution (p_D|W above half of its trained value): ${model.label}`,
    where: "figure 2",
    verdict: judge(rejection.unseen.interval, rejection.half, "above"),
    evidence: rejection.words
  }]
}

const losesRejection = (model: ModelResult): ReadonlyArray<Claim> => {
  const rejection = rejectionBeyond(model)
  if (rejection === null) return []
  return [{
    ...of(model),
    topic: "SFT stops rejecting wrong answers out of distribution",
    number: percent(rejection.unseen.value),
    claim: `SFT loses the rejection of wrong answers out of distribution (p_D|W below half of its trained value): ${model.label}`,
    where: "figure 3",
    verdict: judge(rejection.unseen.interval, rejection.half, "below"),
    evidence: rejection.words
  }]
}

const dynamicFindings = (evidence: Evidence, model: ModelResult): ReadonlyArray<Claim> => {
  const twin = evidence.models.find((other) => other.stage === "sft" && other.start === model.start && other.parent === model.parent)
  const comparison = twin && comparisonOf(evidence, twin.id, model.id)
  if (twin === undefined || comparison === undefined) return []
  const level = comparison.unseen ?? comparison.overall
  return [{
    ...of(model),
    topic: "DFT generalises better than SFT from the same demonstrations",
    number: pointsOf(level.observed),
    claim: `DFT generalises better than SFT from the same demonstrations (accuracy change above 0): ${model.label}`,
    where: "section 5.3",
    verdict: judge(level.observed.interval, 0, "above"),
    evidence: `Against ${twin.label}, accuracy ${comparison.unseen === undefined ? "over all levels" : "on unseen levels"} changes by ` +
      `${pointsWithInterval(level.observed)}: sampling ${pointsWithInterval(level.sampling)}, decision ${
        pointsWithInterval(level.decision)
      }; ` +
      `p_D|W changes by ${pointsWithInterval(level.change.pResampleGivenWrong)}.`
  }]
}

const byLevel = (comparison: Comparison, read: (level: LevelComparison) => Interval | null): string => {
  const where = (test: (interval: Interval) => boolean) =>
    comparison.levels.flatMap((level) => {
      const interval = read(level)
      return interval !== null && test(interval) ? [level.level] : []
    })
  const up = where(([lower]) => lower > 0)
  const down = where(([, upper]) => upper < 0)
  const levels = (names: ReadonlyArray<string>) => (names.length === 0 ? "no level" : list(names))
  return ` (the interval is above 0 on ${levels(up)}, below 0 on ${levels(down)})`
}

const forms: ReadonlyArray<{ readonly name: string; readonly isPaper: boolean; readonly read: (level: LevelCalibration) => Prediction }> = [
  { name: "this paper's formula", isPaper: true, read: (level) => level.predicted },
  { name: "the formula with the cap", isPaper: false, read: (level) => level.predictedCapped },
  { name: "the formula with the cap and p_S by attempt", isPaper: false, read: (level) => level.predictedByAttempt }
]

// The paper's criterion is that predicted and observed values "track within confidence intervals"; the stricter one, that the
// interval of their difference contains 0, is told beside it.
const predictionFindings = (evidence: Evidence): ReadonlyArray<Claim> =>
  forms.flatMap(({ isPaper, name, read }) => {
    const cells = evidence.models.flatMap((model) =>
      model.calibration.levels.flatMap((level) => {
        const { accuracy, gap } = read(level)
        const { wilson } = level.observed
        return accuracy === null || wilson === null || gap.value === null
          ? []
          : [{
            place: `${model.label} on ${level.level}`,
            gap: gap.value,
            isInside: contains(wilson, accuracy),
            differs: gap.interval !== null && !contains(gap.interval, 0)
          }]
      })
    )
    if (cells.length === 0) return []
    const outside = cells.filter((cell) => !cell.isInside).length
    const worst = cells.reduce((most, cell) => (Math.abs(cell.gap) > Math.abs(most.gap) ? cell : most))
    const meanSize = cells.reduce((sum, cell) => sum + Math.abs(cell.gap) / cells.length, 0)
    return [{
      topic: "Predicted accuracy tracks the observed one",
      subject: name,
      number: `${cells.length - outside} of ${cells.length} cells`,
      claim: `Predicted accuracy lies within the interval of the observed one, by ${name}`,
      where: isPaper ? "section 4.2, figure 2" : "section 4.2, figure 2 (our variant)",
      verdict: isLikelyByChance(outside, cells.length) ? "agrees" : "disagrees",
      evidence:
        `It does in ${cells.length - outside} of ${cells.length} cells (model × level). The largest gap is ${points(worst.gap)} points, ` +
        `${worst.place}; the mean size is ${(100 * meanSize).toFixed(1)} points. By the stricter paired test ` +
        `${cells.filter((cell) => cell.differs).length} gaps differ from 0.`
    }]
  })

// P(at least `outside` of `cells` lie outside) if each does with probability 5 %; below 1 % chance is no explanation.
const isLikelyByChance = (outside: number, cells: number): boolean => {
  let below = 0
  let mass = 0.95 ** cells
  for (let k = 0; k < outside; k++) {
    below += mass
    mass *= ((cells - k) / (k + 1)) * (0.05 / 0.95)
  }
  return 1 - below >= 0.01
}
