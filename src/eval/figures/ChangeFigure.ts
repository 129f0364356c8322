/**
 * What each run of training changed against the model that it started from: p_S, p_D|C, p_D|W and accuracy, a row a run.
 *
 * @module
 */
import type { Comparison, LevelComparison } from "../calibration/Comparison.ts"
import type { Estimate } from "../calibration/Estimate.ts"
import { points, pointsInterval } from "../report/Words.ts"
import type { SeedsModel, Spread } from "../results/AcrossSeeds.ts"
import type { ModelResult } from "../results/Results.ts"
import type { Figure } from "./Figure.ts"
import { type Forest, forestFigure, type ForestValue } from "./ForestFigure.ts"
import { modelStyles } from "./ModelStyle.ts"

/** The panels, left to right: first what may have caused it, last what came of it. */
export const CHANGED = ["p_S", "p_D|C", "p_D|W", "accuracy"] as const

/** A run and what it changed: by quantity of `CHANGED`, in each by scope. */
export interface RunChange {
  readonly id: string
  readonly label: string
  /** The model that it started from. */
  readonly from: string
  readonly changes: ReadonlyArray<ReadonlyArray<Omit<ForestValue, "said">>>
}

const scopeWords = (scope: string): string => `${scope} levels`

const forestOf = (
  runs: ReadonlyArray<RunChange>,
  scopes: ReadonlyArray<string>,
  of: Pick<Forest, "id" | "title"> & { readonly ids: ReadonlyArray<string> }
): Figure => {
  const styleOf = modelStyles(of.ids)
  const saidOf = (label: string, name: string, scope: string, { interval, members, value }: Omit<ForestValue, "said">): string =>
    `${label}, ${scopeWords(scope)}: ${name} ${points(value)} points${interval === null ? "" : ` (${pointsInterval(interval)})`}${
      members === undefined ? "" : `; by seed ${members.map(points).join(", ")}`
    }`
  return forestFigure({
    id: of.id,
    title: of.title,
    alt: runs.map(({ changes, from, label }) =>
      `${label}, against ${from}: ${
        scopes.map((scope, s) =>
          `on ${scopeWords(scope)} ${CHANGED.map((name, q) => `${name} ${points(changes[q]![s]!.value)}`).join(", ")}`
        )
          .join("; ")
      } points.`
    ).join(" "),
    panels: CHANGED,
    scopes,
    isChange: true,
    rows: runs.map(({ changes, from, id, label }) => ({
      label,
      ...(scopes.length > 1
        ? { note: `from ${from}${changes.flat().every(({ value }) => value === null) ? ": nothing to measure" : ""}` }
        : {}),
      style: styleOf(id),
      values: CHANGED.map((name, q) =>
        scopes.map((scope, s) => ({ ...changes[q]![s]!, said: saidOf(label, name, scope, changes[q]![s]!) }))
      )
    }))
  })
}

const estimates = (level: LevelComparison): ReadonlyArray<Estimate> => [
  level.change.pSample,
  level.change.pStopGivenCorrect,
  level.change.pResampleGivenWrong,
  level.observed
]

const POOLS = ["trained", "unseen"] as const

/** The models of a run that started from another one, and what each changed; all levels pooled where it is not known which were trained. */
export const runChanges = (
  models: ReadonlyArray<ModelResult>,
  comparisons: ReadonlyArray<Comparison>
): { readonly scopes: ReadonlyArray<string>; readonly runs: ReadonlyArray<RunChange> } => {
  const found = models.flatMap((model) => {
    const comparison = comparisons.find(({ from, to }) => from === model.parent && to === model.id)
    return comparison === undefined ? [] : [{ model, comparison }]
  })
  const isPooled = found.every(({ comparison }) => POOLS.every((pool) => comparison[pool] !== undefined))
  const levelsOf = (comparison: Comparison): ReadonlyArray<LevelComparison> =>
    isPooled ? POOLS.map((pool) => comparison[pool]!) : [comparison.overall]
  return {
    scopes: isPooled ? POOLS : ["all"],
    runs: found.map(({ comparison, model }) => {
      const levels = levelsOf(comparison).map(estimates)
      return {
        id: model.id,
        label: model.label,
        from: models.find(({ id }) => id === model.parent)?.label ?? comparison.from,
        changes: CHANGED.map((_, q) => levels.map((of) => of[q]!))
      }
    })
  }
}

/** Draws what each run of one seed changed, with its 95 % intervals. `ids` are all models of the report, whose colours these are. */
export const changesFigure = (
  { runs, scopes }: ReturnType<typeof runChanges>,
  { id = "changes", ids }: { readonly id?: string; readonly ids: ReadonlyArray<string> }
): Figure =>
  forestOf(runs, scopes, {
    id,
    title: "What each run changed against the model it started from (points; bars: 95 %)",
    ids
  })

const ofSpread = ({ mean, values }: Spread): Omit<ForestValue, "said"> => ({ value: mean, interval: null, members: values })

/**
 * Draws what each of `models` changed, mean over seeds and a tick a seed, in the scopes named; `all` are those of the report. Intervals of a mean over two or three seeds are wider than
 * any effect, and would hide what the seeds did: the tables have them.
 */
export const seedsChangesFigure = (
  models: ReadonlyArray<SeedsModel>,
  scopes: ReadonlyArray<string>,
  { all, id }: { readonly id: string; readonly all: ReadonlyArray<SeedsModel> }
): Figure => {
  const runs = models.flatMap((model): ReadonlyArray<RunChange> => {
    const changes = scopes.map((scope) => model.change?.find((row) => row.scope === scope))
    if (changes.some((change) => change === undefined)) return []
    return [{
      id: model.id,
      label: model.label,
      from: all.find(({ id: other }) => other === model.parent)?.label ?? model.parent ?? "",
      changes: (["pSample", "pStopGivenCorrect", "pResampleGivenWrong", "observed"] as const).map((key) =>
        changes.map((change) => ofSpread(change![key]))
      )
    }]
  })
  return forestOf(runs, scopes, {
    id,
    title: `What each run changed against the model it started from (points; mark: mean, ticks: seeds${
      scopes.length === 1 ? `; ${scopes[0]} levels` : ""
    })`,
    ids: all.map((model) => model.id)
  })
}
