/**
 * The page about several seeds of one preset.
 *
 * @module
 */
import { Effect } from "effect"
import type { AcrossSeeds, SeedsModel, Spread } from "../results/AcrossSeeds.ts"
import { accuracyFigure } from "../figures/AccuracyFigure.ts"
import { changeFigure } from "../figures/ChangeFigure.ts"
import type { Figure, FigureError } from "../figures/Figure.ts"
import { ratesFigure } from "../figures/RatesFigure.ts"
import { verifierFigure } from "../figures/VerifierFigure.ts"
import { html } from "./Html.ts"
import { drawn } from "./DrawnFigure.ts"
import { page } from "./Page.ts"
import { seedsAccuracySection, seedsPredictionSection, seedsRatesSection, splitSection, verifierSection } from "./SeedsSections.ts"

const isMain = ({ variant }: SeedsModel): boolean => variant !== true

const accuracyOf = ({ seedModels, seeds, task }: AcrossSeeds): Figure => {
  const at = (model: SeedsModel, level: string): Spread | undefined => model.scopes.find(({ scope }) => scope === level)?.accuracy
  return accuracyFigure({
    id: "accuracy",
    title: `Accuracy by level (mean of ${seeds.length} seeds; bars: 95 % of the mean)`,
    levels: task.testLevels,
    trainLevels: task.trainLevels,
    lines: seedModels.filter(isMain).map((model) => ({
      label: model.label,
      accuracy: task.testLevels.map((level) => at(model, level)?.mean ?? null),
      interval: task.testLevels.map((level) => at(model, level)?.interval ?? null)
    }))
  })
}

const changeFigures = (report: AcrossSeeds): ReadonlyArray<Figure> =>
  ["trained", "unseen"].map((scope) => changeFigure(report.seedModels.filter(({ stage }) => stage === "rl"), scope))

const rateFigures = (report: AcrossSeeds): ReadonlyArray<Figure> =>
  report.seedModels.filter((model) => isMain(model) && model.stage !== "base" && model.start !== "none").map((model) =>
    ratesFigure(report, model)
  )

/** Every figure of the page. */
export const seedsFigures = (report: AcrossSeeds): ReadonlyArray<Figure> => [
  accuracyOf(report),
  ...rateFigures(report),
  ...changeFigures(report),
  ...(report.verifier.length === 0 ? [] : [verifierFigure(report)])
]

/** Renders the page, self-contained. The same report gives the same bytes. */
export const renderSeedsReport = Effect.fn("SeedsReport.render")(function* (report: AcrossSeeds): Effect.fn.Return<string, FigureError> {
  const figures = yield* Effect.forEach([...rateFigures(report), ...changeFigures(report)], drawn)
  return page(
    `Decision and sampling: preset ${report.preset} under ${report.seeds.length} seeds`,
    html`<p>What every run of the experiment says, and what only some do.</p>`,
    [
      seedsAccuracySection(report, yield* drawn(accuracyOf(report))),
      seedsRatesSection(report, figures),
      ...(report.verifier.length === 0 ? [] : [verifierSection(report, yield* drawn(verifierFigure(report)))]),
      seedsPredictionSection(report),
      splitSection(report)
    ],
    html`Made by decision-sampling seeds.`
  )
})
