/**
 * One page and its figures for result files of any kind.
 *
 * @module
 */
import { Effect } from "effect"
import { attributionFileSection } from "../../eval/report/AttributionSection.ts"
import { shareFigure } from "../../eval/figures/ShareFigure.ts"
import { accuracyFigure } from "../../eval/figures/AccuracyFigure.ts"
import { calibrationFigure } from "../../eval/figures/CalibrationFigure.ts"
import { comparisonFigure } from "../../eval/figures/ComparisonFigure.ts"
import { dynamicsFigure } from "../../eval/figures/DynamicsFigure.ts"
import type { Figure, FigureError } from "../../eval/figures/Figure.ts"
import { overviewFigure } from "../../eval/figures/OverviewFigure.ts"
import { passAtKFigure } from "../../eval/figures/PassAtKFigure.ts"
import { reflectionFigure } from "../../eval/figures/ReflectionFigure.ts"
import { shiftFigure } from "../../eval/figures/ShiftFigure.ts"
import { html } from "../../eval/report/Html.ts"
import { renderReport } from "../../eval/report/Report.ts"
import { type CalibratedModel, calibrationSection } from "../../eval/report/CalibrationSection.ts"
import { comparisonFileSection } from "../../eval/report/ComparisonSection.ts"
import { filesSummarySection } from "../../eval/report/FilesSummarySection.ts"
import type { Marked } from "../../eval/report/MarkedTranscript.ts"
import { markedSection } from "../../eval/report/TranscriptSection.ts"
import { drawn } from "../../eval/report/DrawnFigure.ts"
import { swatches } from "../../eval/report/Swatch.ts"
import { page } from "../../eval/report/Page.ts"
import { shownInterval } from "../../eval/calibration/ShownInterval.ts"
import type { ReportFile } from "./ReportFile.ts"

const modelsOf = (files: ReadonlyArray<ReportFile>): ReadonlyArray<CalibratedModel> =>
  files.flatMap((file, i): ReadonlyArray<CalibratedModel> => {
    if (file._tag === "Calibration") return [{ ...file.content, id: `file-${i + 1}`, label: file.label, calibration: file.content }]
    if (file._tag !== "Results") return []
    return file.content.models.map(({ calibration, id, label }) => ({ id: `file-${i + 1}-${id}`, label, calibration }))
  })

const attributionsOf = (files: ReadonlyArray<ReportFile>) =>
  files.flatMap((file, i) => (file._tag === "Attribution" ? [{ id: `attribution-${i + 1}`, label: file.label, report: file.content }] : []))

const comparisonsOf = (files: ReadonlyArray<ReportFile>) =>
  files.flatMap((
    file,
    i
  ) => (file._tag === "Comparison" ? [{ id: `comparison-${i + 1}`, label: file.label, comparison: file.content }] : []))

const trainLevelsOf = (files: ReadonlyArray<ReportFile>): ReadonlyArray<string> => [
  ...new Set(files.flatMap((file) => (file._tag === "Results" ? file.content.task.trainLevels : [])))
]

const accuracyOf = (models: ReadonlyArray<CalibratedModel>, trainLevels: ReadonlyArray<string>): Figure => {
  const levels = [...new Set(models.flatMap(({ calibration }) => calibration.levels.map(({ level }) => level)))]
  const find = ({ calibration }: CalibratedModel, name: string) => calibration.levels.find(({ level }) => level === name)
  return accuracyFigure({
    id: "accuracy",
    title: "Observed accuracy by level (bars: 95 %)",
    levels,
    trainLevels,
    lines: models.map((model) => ({
      id: model.id,
      label: model.label,
      accuracy: levels.map((level) => find(model, level)?.observed.accuracy ?? null),
      interval: levels.map((level) => {
        const found = find(model, level)
        return found === undefined ? null : shownInterval(found, found.observed)
      })
    }))
  })
}

/** The figures of one model: rates and predictions, parts of accuracy, and, where they were computed, out of distribution and pass@k. */
const modelFigures = (model: CalibratedModel, trainLevels: ReadonlyArray<string>): ReadonlyArray<Figure> => {
  const { id, label, passAtK = [] } = model
  const shift = model.calibration.distributionShift
  return [
    calibrationFigure(model, trainLevels),
    reflectionFigure(model, trainLevels),
    ...(shift === undefined ? [] : [shiftFigure({ id, label, shift })]),
    ...(passAtK.length < 2 ? [] : [passAtKFigure({ id, label, passAtK })])
  ]
}

/** Every figure of the files: where the models stand, accuracy by level, those of each model, of each comparison and each attribution, the dynamics of figure 1. */
export const figuresOf = (files: ReadonlyArray<ReportFile>): ReadonlyArray<Figure> => {
  const models = modelsOf(files)
  const trainLevels = trainLevelsOf(files)
  return [
    ...(models.length === 0 ? [] : [overviewFigure(models), accuracyOf(models, trainLevels)]),
    ...models.flatMap((model) => modelFigures(model, trainLevels)),
    ...comparisonsOf(files).map(comparisonFigure),
    ...attributionsOf(files).map(shareFigure),
    ...files.flatMap((file) => (file._tag === "Results" ? [dynamicsFigure(file.content.figure1.rows)] : []))
  ]
}

/** Renders the page. Results of one run alone get their own, longer report. `transcripts` are shown as they were read. */
export const renderFiles = Effect.fn("ReportPage.render")(
  function* (files: ReadonlyArray<ReportFile>, transcripts?: ReadonlyArray<Marked>): Effect.fn.Return<string, FigureError> {
    const [only] = files
    if (files.length === 1 && only?._tag === "Results") return yield* renderReport(only.content)
    const models = modelsOf(files)
    const trainLevels = trainLevelsOf(files)
    const name = swatches(models)
    const overview = models.length === 0 ? null : yield* drawn(overviewFigure(models))
    const byLevel = models.length === 0 ? null : yield* drawn(accuracyOf(models, trainLevels))
    const attributed = attributionsOf(files).map(({ id, label, report }) => ({
      id,
      label,
      rows: report.rows,
      objectives: report.objectives.filter(({ rows }) => rows > 0).length
    }))
    const figures = yield* Effect.forEach(
      models,
      (model) => Effect.map(Effect.forEach(modelFigures(model, trainLevels), drawn), (figures) => [model.id, figures] as const)
    )
    const comparisons = yield* Effect.forEach(
      comparisonsOf(files),
      (file) => Effect.map(drawn(comparisonFigure(file)), (figure) => comparisonFileSection({ ...file, figure }))
    )
    const attributions = yield* Effect.forEach(
      attributionsOf(files),
      (file) => Effect.map(drawn(shareFigure(file)), (figure) => attributionFileSection({ ...file, figure }))
    )
    return page(
      "Decision and sampling: report of rollouts",
      html`<p class="lead">Does the model sample better, or decide better? ${files.map(({ label }) => label).join(", ")}.</p>`,
      [
        filesSummarySection({ models, comparisons: comparisonsOf(files), attributions: attributed }, { figure: overview, byLevel, name }),
        ...(transcripts === undefined ? [] : [markedSection(transcripts)]),
        ...(models.length === 0 ? [] : [calibrationSection({ models }, new Map(figures), name)]),
        ...comparisons,
        ...attributions
      ],
      html`Made by decision-sampling report.`
    )
  }
)
