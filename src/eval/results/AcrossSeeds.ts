/**
 * The same experiment under several seeds as one: every number as a mean over seeds, with the interval that the seeds' own
 * spread gives it. A seed changes the base model, the data and the draws, so this interval answers "would another run say the same",
 * which intervals within a run cannot.
 *
 * @module
 */
import { Schema } from "effect"
import type { LevelCalibration } from "../calibration/Calibration.ts"
import type { Comparison, LevelComparison } from "../calibration/Comparison.ts"
import { Results } from "./Results.ts"
import { usedOf, usedWords } from "./Used.ts"
import { meanInterval } from "../statistics/StudentT.ts"

/** A number under every seed, in the order of `seeds` (null where a run does not define it), and mean and interval of those defined. */
export const Spread = Schema.Struct({
  values: Schema.Array(Schema.NullOr(Schema.Finite)),
  mean: Schema.NullOr(Schema.Finite),
  interval: Schema.NullOr(Schema.Tuple([Schema.Finite, Schema.Finite]))
})

/** A number under every seed. */
export type Spread = typeof Spread.Type

const RATES = ["accuracy", "pSample", "pStopGivenCorrect", "pResampleGivenWrong", "gap", "gapCapped", "gapByAttempt"] as const
const CHANGES = [
  "observed",
  "predicted",
  "sampling",
  "decision",
  "unexplained",
  "pSample",
  "pStopGivenCorrect",
  "pResampleGivenWrong"
] as const

const spreads = <const Names extends ReadonlyArray<string>>(names: Names) =>
  Object.fromEntries(names.map((name) => [name, Spread])) as { readonly [Name in Names[number]]: typeof Spread }

/** Where a number was taken: a level, or levels pooled ("trained", "unseen", "overall"). */
const scope = { scope: Schema.String }

/** One model under several seeds. */
export const SeedsModel = Schema.Struct({
  id: Schema.String,
  label: Schema.String,
  stage: Schema.Literals(["base", "sft", "dft", "rl"]),
  start: Schema.optionalKey(Schema.Literals(["none", "echo", "expert"])),
  parent: Schema.optionalKey(Schema.String),
  variant: Schema.optionalKey(Schema.Boolean),
  scopes: Schema.Array(Schema.Struct({ ...scope, ...spreads(RATES) })),
  /** Against the model that it started from; left out for the base. */
  change: Schema.optionalKey(Schema.Array(Schema.Struct({ ...scope, ...spreads(CHANGES) })))
})

/** One model under several seeds. */
export type SeedsModel = typeof SeedsModel.Type

/** A base model's latent verifier, and what reinforcement learning from the blind start made of p_D|W. */
export const VerifierPoint = Schema.Struct({
  seed: Schema.Int,
  base: Schema.String,
  scope: Schema.String,
  /** (P(OK | right) + P(BAD | wrong)) / 2 on the base's own first answers: 0.5 knows nothing. */
  balancedAccuracy: Schema.Finite,
  acceptsRight: Schema.Finite,
  rejectsWrong: Schema.Finite,
  change: Schema.Struct({ pSample: Schema.Finite, pStopGivenCorrect: Schema.Finite, pResampleGivenWrong: Schema.Finite })
})

/** A base model's latent verifier and the change from it. */
export type VerifierPoint = typeof VerifierPoint.Type

/** ‖g_S‖ : ‖g_D‖ of a part of an objective, the median over a run's measurements, whole and per token; and the median cosine. */
export const SplitAcrossSeeds = Schema.Struct({
  model: Schema.String,
  part: Schema.String,
  ratio: Spread,
  ratioPerToken: Spread,
  cosine: Spread
})

/** Everything that several seeds of one preset say together. */
export const AcrossSeeds = Schema.Struct({
  version: Schema.Literal("seeds-1"),
  preset: Schema.String,
  seeds: Schema.Array(Schema.Int),
  task: Results.fields.task,
  /** The problems that were used of each level, and the responses to each, in words; left out by reports that were made before it was there. */
  problems: Schema.optionalKey(Schema.String),
  seedModels: Schema.Array(SeedsModel),
  verifier: Schema.Array(VerifierPoint),
  splits: Schema.Array(SplitAcrossSeeds)
})

/** Everything that several seeds of one preset say together. */
export type AcrossSeeds = typeof AcrossSeeds.Type

/** Builds a spread from one number a seed. */
export const spread = (values: ReadonlyArray<number | null>): Spread => {
  const defined = values.filter((value) => value !== null)
  return defined.length === 0 ? { values, mean: null, interval: null } : { values, ...meanInterval(defined) }
}

type Scoped<T> = ReadonlyArray<readonly [scope: string, value: T]>

/** The levels of a calibration or a comparison and its pools, each under its own name. */
const scopesOf = <T extends { readonly level: string }>(whole: {
  readonly levels: ReadonlyArray<T>
  readonly overall: T
  readonly trained?: T
  readonly unseen?: T
}): Scoped<T> =>
  [...whole.levels, whole.trained, whole.unseen, whole.overall].flatMap((
    level
  ) => (level === undefined ? [] : [[level.level, level] as const]))

const rates: { readonly [Name in (typeof RATES)[number]]: (level: LevelCalibration) => number | null } = {
  accuracy: ({ observed }) => observed.accuracy,
  pSample: ({ pSample }) => pSample.value,
  pStopGivenCorrect: ({ pStopGivenCorrect }) => pStopGivenCorrect.value,
  pResampleGivenWrong: ({ pResampleGivenWrong }) => pResampleGivenWrong.value,
  gap: ({ predicted }) => predicted.gap.value,
  gapCapped: ({ predictedCapped }) => predictedCapped.gap.value,
  gapByAttempt: ({ predictedByAttempt }) => predictedByAttempt.gap.value
}

const changes: { readonly [Name in (typeof CHANGES)[number]]: (level: LevelComparison) => number | null } = {
  observed: ({ observed }) => observed.value,
  predicted: ({ predicted }) => predicted.value,
  sampling: ({ sampling }) => sampling.value,
  decision: ({ decision }) => decision.value,
  unexplained: ({ unexplained }) => unexplained.value,
  pSample: ({ change }) => change.pSample.value,
  pStopGivenCorrect: ({ change }) => change.pStopGivenCorrect.value,
  pResampleGivenWrong: ({ change }) => change.pResampleGivenWrong.value
}

/** Reads each named number under every seed and scope; `perSeed` has one run's scopes each. */
const byScope = <T, Name extends string>(
  perSeed: ReadonlyArray<Scoped<T>>,
  readers: { readonly [N in Name]: (value: T) => number | null }
): ReadonlyArray<{ readonly scope: string } & { readonly [N in Name]: Spread }> => {
  const names = Object.keys(readers) as Array<Name>
  const [first = []] = perSeed
  return first.map(([name]) => {
    const found = perSeed.map((scopes) => scopes.find(([other]) => other === name)?.[1])
    const read = (key: Name) => spread(found.map((value) => (value === undefined ? null : readers[key](value))))
    return { scope: name, ...(Object.fromEntries(names.map((key) => [key, read(key)])) as { readonly [N in Name]: Spread }) }
  })
}

const comparisonOf = (run: Results, id: string, parent: string | undefined): Comparison | undefined =>
  run.comparisons.find(({ from, to }) => to === id && from === parent)

const verifierPoints = (run: Results): ReadonlyArray<VerifierPoint> =>
  run.models.flatMap((base) => {
    if (base.verifier === undefined) return []
    const echo = run.models.find(({ parent, start, stage }) => parent === base.id && stage === "sft" && start === "echo")
    // The plain GRPO of this base: the first reinforcement that started from its echo.
    const after = run.models.find(({ parent, stage }) => stage === "rl" && parent === echo?.id)
    const comparison = after && comparisonOf(run, after.id, echo?.id)
    if (comparison === undefined) return []
    const levels = base.verifier
    const pooled = (isTrained: boolean) => {
      const inScope = levels.filter(({ level }) => run.task.trainLevels.includes(level) === isTrained)
      const weigh = (count: (level: (typeof inScope)[number]) => number, rate: (level: (typeof inScope)[number]) => number | null) => {
        const total = inScope.reduce((sum, level) => sum + count(level), 0)
        return total === 0 ? null : inScope.reduce((sum, level) => sum + count(level) * (rate(level) ?? 0), 0) / total
      }
      return [
        weigh(({ right }) => right, ({ acceptsRight }) => acceptsRight),
        weigh(({ wrong }) => wrong, ({ rejectsWrong }) => rejectsWrong)
      ] as const
    }
    return ([["trained", true, comparison.trained], ["unseen", false, comparison.unseen]] as const).flatMap(([name, isTrained, level]) => {
      const [acceptsRight, rejectsWrong] = pooled(isTrained)
      if (acceptsRight === null || rejectsWrong === null || level === undefined) return []
      const { pResampleGivenWrong, pSample, pStopGivenCorrect } = level.change
      if (pSample.value === null || pStopGivenCorrect.value === null || pResampleGivenWrong.value === null) return []
      return [{
        seed: run.seed,
        base: base.id,
        scope: name,
        balancedAccuracy: (acceptsRight + rejectsWrong) / 2,
        acceptsRight,
        rejectsWrong,
        change: { pSample: pSample.value, pStopGivenCorrect: pStopGivenCorrect.value, pResampleGivenWrong: pResampleGivenWrong.value }
      }]
    })
  })

const median = (values: ReadonlyArray<number>): number | null => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [below, upper] = [sorted[middle - 1], sorted[middle]]
  if (upper === undefined) return null
  return sorted.length % 2 === 1 || below === undefined ? upper : (below + upper) / 2
}

/** The parts of an objective; the total only where it has no parts. */
const partsOf = (rows: ReadonlyArray<{ readonly part: string }>): ReadonlyArray<string> => {
  const names = [...new Set(rows.map(({ part }) => part))]
  return names.length > 1 ? names.filter((name) => name !== "total") : names
}

const splitsOf = (first: Results, runs: ReadonlyArray<Results>): AcrossSeeds["splits"] =>
  first.attribution.flatMap(({ model, rows }) =>
    partsOf(rows).map((part) => {
      // At step 0 a policy still is its reference, so its KL part is rounding noise there.
      const measured = runs.map((run) =>
        (run.attribution.find((other) => other.model === model)?.rows ?? [])
          .filter((row) => row.part === part && row.step > 0 && row.normSampling > 0 && row.normDecision > 0)
      )
      return {
        model,
        part,
        ratio: spread(measured.map((list) => median(list.map(({ normDecision, normSampling }) => normSampling / normDecision)))),
        ratioPerToken: spread(
          measured.map((list) => median(list.map((row) => row.normSampling / row.tokensSampling / (row.normDecision / row.tokensDecision))))
        ),
        cosine: spread(measured.map((list) => median(list.flatMap(({ cosine }) => (cosine === null ? [] : [cosine])))))
      }
    })
  )

/**
 * Pools runs of one preset. The runs must have the same preset, task and models, and seeds that all differ; else the answer is the
 * first difference, in words.
 */
export const acrossSeeds = (runs: ReadonlyArray<Results>): AcrossSeeds | string => {
  const [first, ...rest] = runs
  if (first === undefined) return "no runs"
  const same = (read: (run: Results) => unknown): boolean => rest.every((run) => JSON.stringify(read(run)) === JSON.stringify(read(first)))
  if (!same(({ preset }) => preset)) return `presets differ: ${[...new Set(runs.map(({ preset }) => preset))].join(", ")}`
  // Text has no cap of its own: a run's is that of its longest response.
  const isText = first.task.model !== undefined
  if (!same(({ task }) => (isText ? { ...task, cap: 0 } : task))) return "tasks differ: levels, problems a level, radix or cap"
  if (!same(({ models }) => models.map(({ id }) => id))) return "the runs hold different models"
  const seeds = runs.map(({ seed }) => seed)
  if (new Set(seeds).size < seeds.length) return `seeds repeat: ${seeds.join(", ")}`
  return {
    version: "seeds-1",
    preset: first.preset,
    seeds,
    task: { ...first.task, cap: Math.max(...runs.map(({ task }) => task.cap)) },
    problems: usedWords(usedOf(first.models, first.task.testLevels), first.task.testPerLevel),
    seedModels: first.models.map(({ id, label, parent, stage, start, variant }, i) => {
      const comparisons = runs.map((run) => comparisonOf(run, id, parent))
      const defined = comparisons.filter((comparison) => comparison !== undefined)
      return {
        id,
        label,
        stage,
        ...(start === undefined ? {} : { start }),
        ...(parent === undefined ? {} : { parent }),
        ...(variant === undefined ? {} : { variant }),
        scopes: byScope(runs.map((run) => scopesOf(run.models[i]!.calibration)), rates),
        ...(defined.length < runs.length ? {} : { change: byScope(defined.map((comparison) => scopesOf(comparison)), changes) })
      }
    }),
    verifier: runs.flatMap(verifierPoints),
    splits: splitsOf(first, runs)
  }
}
