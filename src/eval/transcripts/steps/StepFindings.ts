/**
 * From the rows of a run to the answer in words: what moved, sampling or deciding, and by how much of the gain.
 *
 * @module
 */
import type { ComparisonFindings } from "../../calibration/Findings.ts"
import { count, inPoints, sideOf } from "../../calibration/FindingWords.ts"
import { FEWEST_CLUSTERS } from "../../statistics/ClusteredInterval.ts"
import { fixed, percent, points } from "../../report/Words.ts"
import { type ComputedRow, nameOfRow, type StepUnit } from "./StepRows.ts"
import type { StepRow, StepsFindings } from "./StepsCalibration.ts"

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)

// A change of accuracy that is worth seeing.
const WORTH_SEEING = 0.02

// Steps of training from one row to the next: only every tenth may be there, or ten be pooled.
const apartOf = (units: ReadonlyArray<StepUnit>): number =>
  units.length < 3 ? 1 : Math.max(1, Math.round((units.at(-1)!.last - units[1]!.last) / (units.length - 2)))

// How many steps of training to pool so that the interval of the change would leave out 0, if the change is what it seems; at most half of all.
const windowFor = (first: StepRow, last: StepRow, units: ReadonlyArray<StepUnit>): number | undefined => {
  if (units.length < 4) return undefined
  const { interval, value } = last.sinceFirst?.overall.observed ?? { interval: null, value: null }
  const apart = apartOf(units)
  const most = Math.floor((units.at(-1)!.last - units[0]!.first + 1) / 2)
  const fewest = Math.max(1, Math.min(first.overall.queries, last.overall.queries))
  const half = interval === null ? undefined : (interval[1] - interval[0]) / 2
  const times = half === undefined || value === null
    ? Math.ceil((2 * FEWEST_CLUSTERS) / fewest)
    : Math.ceil(1.2 * (half / Math.max(Math.abs(value), WORTH_SEEING)) ** 2)
  const window = Math.min(most, apart * Math.max(2, times))
  return window > last.last - last.first + 1 ? window : undefined
}

const pairsText = (first: StepRow, last: StepRow): string => {
  const { paired } = last.sinceFirst!.overall
  const [from, to] = [first.overall.queries, last.overall.queries]
  if (paired === 0) {
    return `No prompt is in both (${from} and ${to} prompts), so the intervals hold that other prompts came by.`
  }
  return paired === from && paired === to
    ? `Both have the same ${count(paired, "prompt")}, resampled as pairs.`
    : `${paired} prompts are in both (of ${from} and ${to}) and are resampled as pairs; the others as prompts that came by.`
}

const undecided = (findings: ComparisonFindings, last: StepRow): boolean => {
  const { decision, sampling } = last.sinceFirst!.overall
  return findings.difference.verdict === "undecided" && findings.cause.verdict === "undecided" && sideOf(decision) === undefined &&
    sideOf(sampling) === undefined
}

const notYet = (first: StepRow, last: StepRow): string => {
  const { decision, observed, sampling } = last.sinceFirst!.overall
  return `Not distinguishable yet: from ${nameOfRow(first)} to ${nameOfRow(last)} accuracy moved by ${inPoints(observed)}, by sampling ${
    inPoints(sampling)
  }, by decision ${inPoints(decision)}.`
}

const pooling = (window: number, last: StepRow, apart: number): string => {
  const { interval } = last.sinceFirst!.overall.observed
  if (interval === null) return `Pool steps to have intervals: --window ${window}.`
  const half = (interval[1] - interval[0]) / 2
  return `Pool steps to see smaller changes: --window ${window} makes ±${fixed(100 * half, 1)} points about ±${
    fixed(100 * half * Math.sqrt(apart / window), 1)
  }.`
}

const pointwise = (rows: ReadonlyArray<StepRow>): string =>
  `Intervals are 95 %, clustered by prompt, and hold at each row alone (pointwise), not for the curve as a whole: of ${
    count(rows.length - 1, "row")
  } without any change about ${fixed(0.05 * (rows.length - 1), 1)} would still lie away from the first.`

// What one row tells.
const only = (rows: ReadonlyArray<StepRow>): ReadonlyArray<string> => {
  const [row] = rows
  const { observed, pResampleGivenWrong, pSample, pStopGivenCorrect } = row!.overall
  return [
    `${capital(nameOfRow(row!))} alone is there, so nothing is to be compared yet: accuracy ${percent(observed.accuracy)}, p_S ${
      percent(pSample.value)
    }, p_D|C ${percent(pStopGivenCorrect.value)}, p_D|W ${percent(pResampleGivenWrong.value)}.`
  ]
}

/** Computes the findings: of the last row against the first, of the rows that were computed of all `units`, with what there is to say of the run (`notes`). */
export const stepFindings = (
  computed: ReadonlyArray<ComputedRow>,
  units: ReadonlyArray<StepUnit>,
  notes: ReadonlyArray<string>
): StepsFindings => {
  const rows = computed.map(({ row }) => row)
  const [first, last] = [rows[0], rows.at(-1)]
  const findings = computed.at(-1)?.findings
  if (first === undefined || last?.sinceFirst === undefined || findings === undefined) {
    return { verdict: "undecided", accuracy: "undecided", sentences: [...(first === undefined ? [] : only(rows)), ...notes] }
  }
  const { observed, predicted } = last.sinceFirst.overall
  if (observed.value === null) {
    return {
      verdict: "undecided",
      accuracy: "undecided",
      sentences: [
        `${capital(nameOfRow(first))} and ${nameOfRow(last)} have no level with finished responses in common, so nothing can be compared.`,
        ...notes
      ]
    }
  }
  const isOpen = undecided(findings, last)
  const window = isOpen || findings.cause.verdict === "undecided" ? windowFor(first, last, units) : undefined
  const { verdict } = findings.cause
  const isTooFew = findings.certainty.verdict === "too-few-prompts"
  const share = verdict === "undecided" || predicted.value === null || predicted.value === 0 ? undefined : last.sinceFirst.overall[verdict]
  return {
    verdict,
    accuracy: findings.difference.verdict,
    ...(window === undefined ? {} : { window }),
    sentences: [
      ...(isTooFew
        ? [
          `TOO FEW PROMPTS: with fewer than ${FEWEST_CLUSTERS} in a row there is no interval (${first.overall.queries} in ${
            nameOfRow(first)
          }, ${last.overall.queries} in ${nameOfRow(last)}).`
        ]
        : []),
      ...(isOpen ? [notYet(first, last)] : [capital(findings.difference.text), findings.cause.text]),
      ...(share === undefined || share.value === null
        ? []
        : [
          `Over training this run learnt ${verdict === "decision" ? "to decide" : "to sample"}${
            predicted.value! < 0 ? " worse" : ""
          } rather than to ${verdict === "decision" ? "sample" : "decide"}: ${points(share.value)} of ${points(predicted.value)} points.`
        ]),
      ...(isOpen ? [] : [findings.fit.text]),
      pairsText(first, last),
      ...(window === undefined ? [] : [pooling(window, last, apartOf(units))]),
      ...(isTooFew ? [] : [pointwise(rows)]),
      ...notes
    ]
  }
}
