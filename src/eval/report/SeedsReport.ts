/**
 * The page about several seeds of one preset.
 *
 * @module
 */
import { Effect } from "effect"
import type { AcrossSeeds, SeedsModel, Spread } from "../results/AcrossSeeds.ts"
import { accuracyFigure } from "../figures/AccuracyFigure.ts"
import { seedsChangesFigure } from "../figures/ChangeFigure.ts"
import type { Figure, FigureError } from "../figures/Figure.ts"
import { ratesFigure } from "../figures/RatesFigure.ts"
import { verifierFigure } from "../figures/VerifierFigure.ts"
import { html } from "./Html.ts"
import { drawn } from "./DrawnFigure.ts"
import { page } from "./Page.ts"
import { seedsAccuracySection, seedsPredictionSection, seedsRatesSection, splitSection, verifierSection } from "./SeedsSections.ts"
import { seedsSummarySection, seedsUsed } from "./SeedsSummarySection.ts"
import { swatches } from "./Swatch.ts"

const isMain = ({ variant }: SeedsModel): boolean => variant !== true

const accuracyOf = ({ seedModels, seeds, task }: AcrossSeeds): Figure => {
  const at = (model: SeedsModel, level: string): Spread | undefined => model.scopes.find(({ scope }) => scope === level)?.accuracy
  return accuracyFigure({
    id: "accuracy",
    title: `Accuracy by level (mean of ${seeds.length} seeds; bars: 95 % of the mean)`,
    levels: task.testLevels,
    trainLevels: task.trainLevels,
    ids: seedModels.map(({ id }) => id),
    lines: seedModels.filter(isMain).map((model) => ({
      id: model.id,
      label: model.label,
      accuracy: task.testLevels.map((level) => at(model, level)?.mean ?? null),
      interval: task.testLevels.map((level) => at(model, level)?.interval ?? null)
    }))
  })
}

const SCOPES = ["trained", "unseen"] as const

/** What the main runs changed: the figure of the first screen. */
const mainChanges = ({ seedModels: all }: AcrossSeeds): Figure => seedsChangesFigure(all.filter(isMain), SCOPES, { id: "changes", all })

// Every run of reinforcement learning, variants among them: long, so a scope each.
const changeFigures = ({ seedModels: all }: AcrossSeeds): ReadonlyArray<Figure> =>
  SCOPES.map((scope) => seedsChangesFigure(all.filter(({ stage }) => stage === "rl"), [scope], { id: `changes-${scope}`, all }))

const rateFigures = (report: AcrossSeeds): ReadonlyArray<Figure> =>
  report.seedModels.filter((model) => isMain(model) && model.stage !== "base" && model.start !== "none").map((model) =>
    ratesFigure(report, model)
  )

/** Every figure of the page. */
export const seedsFigures = (report: AcrossSeeds): ReadonlyArray<Figure> => [
  mainChanges(report),
  accuracyOf(report),
  ...rateFigures(report),
  ...changeFigures(report),
  ...(report.verifier.length === 0 ? [] : [verifierFigure(report)])
]

/** Renders the page, self-contained. The same report gives the same bytes. */
export const renderSeedsReport = Effect.fn("SeedsReport.render")(function* (report: AcrossSeeds): Effect.fn.Return<string, FigureError> {
  const name = swatches(report.seedModels)
  const figures = {
    rates: yield* Effect.forEach(rateFigures(report), drawn),
    changes: yield* Effect.forEach(changeFigures(report), drawn)
  }
  return page(
    `Decision and sampling: preset ${report.preset} under ${report.seeds.length} seeds`,
    html`<p class="lead">${seedsUsed(report)}</p>`,
    [
      seedsSummarySection(report, { figure: yield* drawn(mainChanges(report)), name }),
      seedsAccuracySection(report, { figure: yield* drawn(accuracyOf(report)), name }),
      seedsRatesSection(report, { ...figures, name }),
      ...(report.verifier.length === 0 ? [] : [verifierSection(report, yield* drawn(verifierFigure(report)))]),
      seedsPredictionSection(report, name),
      splitSection(report, name)
    ],
    html`Made by decision-sampling seeds.`
  )
})
