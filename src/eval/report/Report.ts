/**
 * The report of a run: one HTML file that explains itself, with no script and nothing to load.
 *
 * @module
 */
import { Effect } from "effect"
import { accuracyFigure } from "../figures/AccuracyFigure.ts"
import { attributionFigure } from "../figures/AttributionFigure.ts"
import { hasNoise, noiseFigure } from "../figures/NoiseFigure.ts"
import { calibrationFigure } from "../figures/CalibrationFigure.ts"
import { changesFigure, runChanges } from "../figures/ChangeFigure.ts"
import { dynamicsFigure } from "../figures/DynamicsFigure.ts"
import type { Figure, FigureError } from "../figures/Figure.ts"
import { hasDrawnMetrics, trainingFigure } from "../figures/TrainingFigure.ts"
import { counterpartOf } from "../figures/ModelStyle.ts"
import { html } from "./Html.ts"
import { accuracySection } from "./AccuracySection.ts"
import { calibrationSection } from "./CalibrationSection.ts"
import { comparisonSection } from "./ComparisonSection.ts"
import { configurationSection } from "./ConfigurationSection.ts"
import { drawn } from "./DrawnFigure.ts"
import { page } from "./Page.ts"
import { summarySection, whatWasUsed } from "./SummarySection.ts"
import { swatches } from "./Swatch.ts"
import { theorySection } from "./TheorySection.ts"
import { attributionSection, type FoldedFigure, trainingSection } from "./TrainingSection.ts"
import { transcriptSection } from "./TranscriptSection.ts"
import { variantsSection } from "./VariantsSection.ts"
import type { ModelResult, Results } from "../results/Results.ts"

/** Renders a run's results as a self-contained page. The same results give the same bytes. */
export const renderReport = Effect.fn("Report.render")(function* (all: Results): Effect.fn.Return<string, FigureError> {
  const results = withoutVariants(all)
  const ids = all.models.map(({ id }) => id)
  const name = swatches(all.models)
  const label = (id: string) => results.models.find((model) => model.id === id)?.label ?? id
  const { trainLevels } = results.task
  const changes = runChanges(results.models, results.comparisons)
  const figure = changes.runs.length === 0 ? null : yield* drawn(changesFigure(changes, { ids }))
  const variants = runChanges(all.models, all.comparisons)
  const ofVariants = variants.runs.filter(({ id }) => !results.models.some((model) => model.id === id))
  const variantsFigure = ofVariants.length === 0
    ? null
    : yield* drawn(changesFigure({ ...variants, runs: ofVariants }, { id: "changes-variants", ids }))
  const ours = yield* drawn(accuracyOfModels(results, ids))
  const paper = yield* drawn(accuracyOfPaper(results))
  const calibration = yield* Effect.forEach(
    results.models,
    (model) => Effect.map(drawn(calibrationFigure(model, trainLevels)), (figure) => [model.id, figure] as const)
  )
  const figure1 = yield* drawn(dynamicsFigure(results.figure1.rows))
  const training = yield* Effect.forEach(
    trainingFigures(results, ids),
    (figure) => Effect.map(drawn(figure), (markup): FoldedFigure => ({ line: html`${figure.title}`, figure: markup }))
  )
  const attribution = yield* Effect.forEach(
    results.attribution.filter(({ rows }) => rows.length > 0),
    ({ model, rows }) => {
      const run = { id: model, label: label(model), rows }
      return Effect.map(
        Effect.forEach([attributionFigure(run), ...(hasNoise(rows) ? [noiseFigure(run)] : [])], drawn),
        (figure): FoldedFigure => ({ line: name(model), figure })
      )
    }
  )
  return page(
    "Decision and sampling: report of a run",
    whatWasUsed(results),
    [
      summarySection(results, changes, { figure, name }),
      accuracySection(results, { ours, paper, name }),
      calibrationSection(results, new Map(calibration), name),
      comparisonSection(results, name),
      ...(results.models.length === all.models.length ? [] : [variantsSection(all, variantsFigure)]),
      trainingSection(training),
      attributionSection(attribution),
      theorySection(results, figure1),
      transcriptSection(results, name),
      configurationSection(results)
    ],
    html`Made by decision-sampling from results.json. The paper is <em>The Two-Stage Decision-Sampling Hypothesis</em> (arXiv 2601.01580).`
  )
})

// Forty lines in a figure say nothing; variants have a table of their own.
const withoutVariants = (results: Results): Results => {
  const models = results.models.filter(({ variant }) => variant !== true)
  const isMain = (id: string): boolean => models.some((model) => model.id === id)
  return {
    ...results,
    models,
    comparisons: results.comparisons.filter(({ from, to }) => isMain(from) && isMain(to)),
    training: results.training.filter(({ model }) => isMain(model)),
    attribution: results.attribution.filter(({ model }) => isMain(model))
  }
}

const accuracyOfModels = ({ models, task }: Results, ids: ReadonlyArray<string>): Figure => {
  const levelOf = (model: ModelResult, name: string) => model.calibration.levels.find((level) => level.level === name)
  return accuracyFigure({
    id: "accuracy",
    title: "Accuracy by level, this run (bars: Wilson 95 %)",
    levels: task.testLevels,
    trainLevels: task.trainLevels,
    ids,
    lines: models.map((model) => ({
      id: model.id,
      label: model.label,
      accuracy: task.testLevels.map((name) => levelOf(model, name)?.observed.accuracy ?? null),
      interval: task.testLevels.map((name) => levelOf(model, name)?.observed.wilson ?? null)
    }))
  })
}

const accuracyOfPaper = ({ paperTable1 }: Results): Figure =>
  accuracyFigure({
    id: "accuracy-paper",
    title: "Accuracy by level, the paper's models (its table 1)",
    levels: paperTable1.levels,
    trainLevels: paperTable1.trainLevels,
    ids: paperTable1.rows.map((row) => counterpartOf(row.model)),
    lines: paperTable1.rows.map((row) => ({
      id: counterpartOf(row.model),
      label: row.model,
      accuracy: row.accuracy.map((percent) => percent / 100),
      interval: row.interval.map(([lower, upper]) => [lower / 100, upper / 100] as const)
    }))
  })

const stages: ReadonlyArray<{ readonly id: string; readonly title: string; readonly members: ReadonlyArray<ModelResult["stage"]> }> = [
  { id: "training-base", title: "Pre-training of the base model", members: ["base"] },
  { id: "training-sft", title: "Fine-tuning on demonstrations (SFT, DFT)", members: ["sft", "dft"] },
  { id: "training-rl", title: "Reinforcement learning", members: ["rl"] }
]

// Stages differ in length and in what they log, so each has its own figure.
const trainingFigures = (results: Results, ids: ReadonlyArray<string>): ReadonlyArray<Figure> =>
  stages.flatMap(({ id, members, title }) => {
    const runs = results.models
      .flatMap(({ id: model, label, stage }) =>
        results.training.filter((log) => log.model === model && members.includes(stage)).map(({ rows }) => ({ id: model, label, rows }))
      )
      .filter(hasDrawnMetrics)
    return runs.length === 0 ? [] : [trainingFigure({ id, title, runs, ids })]
  })
