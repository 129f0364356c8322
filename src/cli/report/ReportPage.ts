/**
 * One page and its figures for result files of any kind.
 *
 * @module
 */
import { Effect } from "effect"
import { attributionFileSection } from "../../eval/attribute/AttributionSection.ts"
import { shareFigure } from "../../eval/attribute/ShareFigure.ts"
import { accuracyFigure } from "../../eval/figures/AccuracyFigure.ts"
import { calibrationFigure } from "../../eval/figures/CalibrationFigure.ts"
import { dynamicsFigure } from "../../eval/figures/DynamicsFigure.ts"
import { renderFigure, type Figure, type FigureError } from "../../eval/figures/Figure.ts"
import { html, trustedMarkup, type Markup } from "../../eval/Html.ts"
import { renderReport } from "../../eval/Report.ts"
import { calibrationSection, type CalibratedModel } from "../../eval/report/CalibrationSection.ts"
import { page, type Section } from "../../eval/report/Page.ts"
import { table, twoLines } from "../../eval/report/Table.ts"
import { percent, percentInterval, points } from "../../eval/Words.ts"
import type { ReportFile } from "./ReportFile.ts"

const modelsOf = (files: ReadonlyArray<ReportFile>): ReadonlyArray<CalibratedModel> =>
  files.flatMap((file, i): ReadonlyArray<CalibratedModel> => {
    if (file._tag === "Calibration") return [{ id: `file-${i + 1}`, label: file.label, calibration: file.content }]
    if (file._tag !== "Results") return []
    return file.content.models.map(({ calibration, id, label }) => ({ id: `file-${i + 1}-${id}`, label, calibration }))
  })

const attributionsOf = (files: ReadonlyArray<ReportFile>) =>
  files.flatMap((file, i) => (file._tag === "Attribution" ? [{ id: `attribution-${i + 1}`, label: file.label, report: file.content }] : []))

const trainLevelsOf = (files: ReadonlyArray<ReportFile>): ReadonlyArray<string> => [
  ...new Set(files.flatMap((file) => (file._tag === "Results" ? file.content.task.trainLevels : [])))
]

const accuracyOf = (models: ReadonlyArray<CalibratedModel>, trainLevels: ReadonlyArray<string>): Figure => {
  const levels = [...new Set(models.flatMap(({ calibration }) => calibration.levels.map(({ level }) => level)))]
  const find = ({ calibration }: CalibratedModel, name: string) => calibration.levels.find(({ level }) => level === name)
  return accuracyFigure({
    id: "accuracy",
    title: "Observed accuracy by level (bars: Wilson 95 %)",
    levels,
    trainLevels,
    lines: models.map((model) => ({
      label: model.label,
      accuracy: levels.map((level) => find(model, level)?.observed.accuracy ?? null),
      interval: levels.map((level) => find(model, level)?.observed.wilson ?? null)
    }))
  })
}

/** Every figure of the files: accuracy, calibration of each model, shares of each attribution, the dynamics of figure 1. */
export const figuresOf = (files: ReadonlyArray<ReportFile>): ReadonlyArray<Figure> => {
  const models = modelsOf(files)
  const trainLevels = trainLevelsOf(files)
  return [
    ...(models.length === 0 ? [] : [accuracyOf(models, trainLevels)]),
    ...models.map((model) => calibrationFigure(model, trainLevels)),
    ...attributionsOf(files).map(shareFigure),
    ...files.flatMap((file) => (file._tag === "Results" ? [dynamicsFigure(file.content.figure1.rows)] : []))
  ]
}

const drawn = (figure: Figure): Effect.Effect<Markup, FigureError> =>
  Effect.map(renderFigure(figure), (svg) => html`<figure>
<figcaption>${figure.title}</figcaption>
<div class="scroll" tabindex="0" role="region" aria-label="${figure.title}">${trustedMarkup(svg)}</div>
</figure>
`)

// What the page's reader asks first: how accurate, and does the two-stage model account for it?
const summaryOf = (models: ReadonlyArray<CalibratedModel>, figure: Markup | null): Section => ({
  id: "summary",
  title: "Summary",
  body: html`${models.length === 0 ? html`<p>No calibration among the files.</p>` : table({
    caption: "All levels pooled; 95 % intervals below",
    columns: ["Model", "n", "observed", "p_S", "p_D|C", "p_D|W", "predicted − observed"],
    rows: models.map(({ calibration: { overall }, label }) => [
      label,
      overall.n,
      twoLines(percent(overall.observed.accuracy), percentInterval(overall.observed.wilson)),
      ...[overall.pSample, overall.pStopGivenCorrect, overall.pResampleGivenWrong].map((rate) => twoLines(percent(rate.value), percentInterval(rate.wilson))),
      points(overall.predicted.gap.value)
    ])
  })}
${figure}`
})

/** Renders the page. Results of one run alone get their own, longer report. */
export const renderFiles = Effect.fn("ReportPage.render")(function* (files: ReadonlyArray<ReportFile>): Effect.fn.Return<string, FigureError> {
  const [only] = files
  if (files.length === 1 && only?._tag === "Results") return yield* renderReport(only.content)
  const models = modelsOf(files)
  const trainLevels = trainLevelsOf(files)
  const accuracy = models.length === 0 ? null : yield* drawn(accuracyOf(models, trainLevels))
  const figures = yield* Effect.forEach(models, (model) => Effect.map(drawn(calibrationFigure(model, trainLevels)), (figure) => [model.id, figure] as const))
  const attributions = yield* Effect.forEach(attributionsOf(files), (file) =>
    Effect.map(drawn(shareFigure(file)), (figure) => attributionFileSection({ ...file, figure })))
  return page(
    "Decision and sampling: report of rollouts",
    html`<p>Does the model sample better, or decide better? ${files.map(({ label }) => label).join(", ")}.</p>`,
    [
      summaryOf(models, accuracy),
      ...(models.length === 0 ? [] : [calibrationSection({ models }, new Map(figures))]),
      ...attributions
    ],
    html`Made by decision-sampling report.`
  )
})
