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
import { dynamicsFigure } from "../figures/DynamicsFigure.ts"
import type { Figure, FigureError } from "../figures/Figure.ts"
import { hasDrawnMetrics, trainingFigure } from "../figures/TrainingFigure.ts"
import { html } from "./Html.ts"
import { accuracySection } from "./AccuracySection.ts"
import { calibrationSection } from "./CalibrationSection.ts"
import { comparisonSection } from "./ComparisonSection.ts"
import { configurationSection } from "./ConfigurationSection.ts"
import { drawn } from "./DrawnFigure.ts"
import { page } from "./Page.ts"
import { summarySection } from "./SummarySection.ts"
import { theorySection } from "./TheorySection.ts"
import { attributionSection, trainingSection } from "./TrainingSection.ts"
import { transcriptSection } from "./TranscriptSection.ts"
import { variantsSection } from "./VariantsSection.ts"
import type { ModelResult, Results } from "../results/Results.ts"

/** Renders a run's results as a self-contained page. The same results give the same bytes. */
export const renderReport = Effect.fn("Report.render")(function* (all: Results): Effect.fn.Return<string, FigureError> {
  const results = withoutVariants(all)
  const label = (id: string) => results.models.find((model) => model.id === id)?.label ?? id
  const { trainLevels } = results.task
  const ours = yield* drawn(accuracyOfModels(results))
  const paper = yield* drawn(accuracyOfPaper(results))
  const calibration = yield* Effect.forEach(
    results.models,
    (model) => Effect.map(drawn(calibrationFigure(model, trainLevels)), (figure) => [model.id, figure] as const)
  )
  const figure1 = yield* drawn(dynamicsFigure(results.figure1.rows))
  const training = yield* Effect.forEach(trainingFigures(results), drawn)
  const attribution = yield* Effect.forEach(
    results.attribution.filter(({ rows }) => rows.length > 0).flatMap(({ model, rows }) => {
      const run = { id: model, label: label(model), rows }
      return [attributionFigure(run), ...(hasNoise(rows) ? [noiseFigure(run)] : [])]
    }),
    drawn
  )
  return page(
    "Decision and sampling: report of a run",
    html`<p>Preset <strong>${results.preset}</strong>, seed ${results.seed}. The paper is <em>The Two-Stage Decision-Sampling Hypothesis</em>
(arXiv 2601.01580).</p>`,
    [
      summarySection(results),
      accuracySection(results, { ours, paper }),
      calibrationSection(results, new Map(calibration)),
      comparisonSection(results),
      ...(results.models.length === all.models.length ? [] : [variantsSection(all)]),
      trainingSection(training),
      attributionSection(attribution),
      theorySection(results, figure1),
      transcriptSection(results),
      configurationSection(results)
    ],
    html`Made by decision-sampling from results.json.`
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

const accuracyOfModels = ({ models, task }: Results): Figure => {
  const levelOf = (model: ModelResult, name: string) => model.calibration.levels.find((level) => level.level === name)
  return accuracyFigure({
    id: "accuracy",
    title: "Accuracy by level, this run (bars: Wilson 95 %)",
    levels: task.testLevels,
    trainLevels: task.trainLevels,
    lines: models.map((model) => ({
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
    lines: paperTable1.rows.map((row) => ({
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
const trainingFigures = (results: Results): ReadonlyArray<Figure> =>
  stages.flatMap(({ id, members, title }) => {
    const runs = results.models
      .flatMap(({ id, label, stage }, position) =>
        results.training.filter((log) => log.model === id && members.includes(stage)).map(({ rows }) => ({ label, position, rows }))
      )
      .filter(hasDrawnMetrics)
    return runs.length === 0 ? [] : [trainingFigure({ id, title, runs })]
  })
