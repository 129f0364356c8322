/**
 * Predicts, from the start alone, how far each run of reinforcement learning of a preset moves the three rates, and writes the predictions as JSON lines.
 *
 *     node scripts/predict-teaching.ts PRESET CACHE all|RUN,… SEED … > predictions.jsonl
 *
 * For every start (echo, expert, echo of a base kept earlier) it measures on training problems the rates, the gradients of their logits in the parameters
 * (`TeachingMobility`), and a run's own first gradients, eight steps of learning rate 0, for Adam's second moment and the mean direction. The prediction
 * integrates θ̇ = κ·M·g(θ): M = ⟨∇θ_i, P ∇θ_j⟩ with Adam's P, g the capped accuracy's gradient (with φ_G where advantages are scaled), κ fitted once to the
 * start's measured velocity. Nothing is fitted to a trained model.
 * Models up to the starts are trained if the cache lacks them; nothing is reinforced.
 */
import { NodeServices } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import * as Models from "../src/cli/reproduce/Models.ts"
import { findPreset, services } from "../src/cli/reproduce/Reproduce.ts"
import type { Preset, Reinforcement } from "../src/cli/reproduce/Preset.ts"
import { reinforcementSettings } from "../src/cli/reproduce/Stages.ts"
import { verifierByLevel } from "../src/cli/reproduce/Verifier.ts"
import { layer as progressLayer } from "../src/cli/Progress.ts"
import { sampleGroups } from "../src/domain/Rollouts.ts"
import { fold } from "../src/domain/Seed.ts"
import { Task, trainingQueries } from "../src/domain/Task.ts"
import { twoStageAccuracy } from "../src/theory/Accuracy.ts"
import * as Advantage from "../src/theory/Advantage.ts"
import type { Mobility } from "../src/theory/DecisionWeights.ts"
import { entropy } from "../src/theory/Entropy.ts"
import { LOGIT_NAMES, type LogitName, logitsOf, mapLogits, type ThreeLogits } from "../src/theory/illustration/ThreeLogit.ts"
import { teach, type Teaching, teachingVelocity } from "../src/theory/illustration/TeachingDynamics.ts"
import * as GroupRelativeTrainer from "../src/training/GroupRelativeTrainer.ts"
import { adam, preconditioner } from "../src/training/Optimizer.ts"
import { constant } from "../src/training/Schedule.ts"
import { innerProduct, mapMobility, mobilityOf, type RateGradients, rateGradients } from "../src/training/TeachingMobility.ts"
import { groupRelative } from "../src/training/TrainerSettings.ts"
import { fromParameters } from "../src/training/TrainState.ts"

const QUERIES = 256
const STEPS = 8

const [name = "", cache = "", only = "all", ...seeds] = process.argv.slice(2)

const round = (value: unknown): unknown =>
  typeof value === "number" ?
    Number(value.toPrecision(5)) :
    Array.isArray(value) ?
    value.map(round) :
    typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, round(each)]))
    : value

/** GRPO's comparison as the preset has it. */
const groupOf = ({ grpo: { advantage, groupSize } }: Preset): NonNullable<Teaching["group"]> => {
  if (advantage?._tag !== "GroupRelative" || advantage.scale === "batch" || groupSize === undefined) {
    throw new Error("the preset's advantage compares beyond a group: it has no φ")
  }
  return { estimator: { ...Advantage.groupRelative(advantage), scale: advantage.scale ?? "group" }, size: groupSize }
}

const teachingOf = (preset: Preset, run: Reinforcement): Teaching => ({
  maxCycles: preset.task.maxAttempts,
  // NSR's reward is −1 for a failure, whatever the group.
  ...(run.method === undefined ? { group: groupOf(preset) } : {}),
  ...(run.restrict === "decision" ? { pushed: ["stopGivenCorrect", "resampleGivenWrong"] as const } : {}),
  ...(run.restrict === "sampling" ? { pushed: ["sampleCorrect"] as const } : {}),
  ...(run.decisionWeighting === undefined
    ? {}
    : {
      decisions: run.decisionWeighting._tag === "Natural" && run.decisionWeighting.mobility === undefined
        ? "natural" as const
        : "mobile" as const
    })
})

/** Least squares of `measured` on `modelled` through 0. */
const fitted = (measured: ThreeLogits, modelled: ThreeLogits): number => {
  const dot = (a: ThreeLogits, b: ThreeLogits) => LOGIT_NAMES.reduce((sum, each) => sum + a[each] * b[each], 0)
  return dot(measured, modelled) / dot(modelled, modelled)
}

const predict = Effect.fn("predict")(function* (preset: Preset, run: Reinforcement, parameters: Float32Array, measured: RateGradients) {
  const task = yield* Task
  const settings = reinforcementSettings(preset, run)
  const config = {
    ...groupRelative(run.method ?? "grpo", settings),
    schedule: constant(0),
    // Moments of eight equal weights: the plain means of g and of g².
    optimizer: { ...adam, beta1: 0.999999, beta2: 0.999999 },
    attributionEvery: 0
  }
  let state = fromParameters(parameters, fold(preset.seed, "predict"))
  for (let step = 0; step < STEPS; step++) {
    const report = yield* GroupRelativeTrainer.step(config, parameters)(
      state,
      trainingQueries(task, fold(preset.seed, "predict"), step, config.queries)
    )
    state = report.state
  }
  const { first, updates } = state.optimizer
  const metric = preconditioner(config.optimizer, state.optimizer)
  const ascent = Float64Array.from(first, (value) => -value / (1 - config.optimizer.beta1 ** updates))
  const rate = preset.grpo.schedule.peak
  const velocity = mapLogits((each) => rate * innerProduct(measured.gradients[each], ascent, metric))
  const start = logitsOf(measured.rates)
  const teaching = teachingOf(preset, run)
  const euclidean = mobilityOf(measured)
  const adamic = mobilityOf(measured, metric)
  const factor = fitted(velocity, teachingVelocity(start, { ...teaching, mobility: adamic }))
  const mobility = mapMobility((row, column) => factor * adamic[row][column])
  // The warm-up's steps are half a step each.
  const steps = preset.grpo.steps - preset.grpo.schedule.warmup / 2
  const [end] = teach(start, [steps], { ...teaching, mobility })
  const correlation = (matrix: Mobility, a: LogitName, b: LogitName) => matrix[a][b] / Math.sqrt(matrix[a][a] * matrix[b][b])
  return {
    run: run.id,
    start: { rates: measured.rates, accuracy: twoStageAccuracy(measured.rates, preset.task.maxAttempts) },
    velocity,
    modelledVelocity: teachingVelocity(start, { ...teaching, mobility }),
    mobility: { euclidean, adam: adamic, factor },
    correlations: {
      stopResample: correlation(adamic, "stopGivenCorrect", "resampleGivenWrong"),
      sampleResample: correlation(adamic, "sampleCorrect", "resampleGivenWrong"),
      sampleStop: correlation(adamic, "sampleCorrect", "stopGivenCorrect"),
      euclideanStopResample: correlation(euclidean, "stopGivenCorrect", "resampleGivenWrong")
    },
    predicted: { rates: end!.rates, accuracy: end!.accuracy }
  }
})

const forSeed = Effect.fn("seed")(function* (preset: Preset) {
  const within: Models.Within = () => (effect) => effect
  const models = yield* Models.trainAll(preset, cache, within, Effect.succeed, { isReinforced: false })
  const task = yield* Task
  const runs = [...Models.reinforcements, ...preset.variants, ...preset.base.keep.map(Models.reinforcementOfMoment)]
    .filter(({ id, parent }) => parent !== "sft-none" && (only === "all" || only.split(",").includes(id)))
  const queries = trainingQueries(task, fold(preset.seed, "predict rates"), 0, QUERIES)
  for (const parent of new Set(runs.map((run) => run.parent))) {
    const start = models.find(({ id }) => id === parent)!
    const { parameters } = start.result.state
    const groups = yield* sampleGroups(parameters, queries, {
      groupSize: groupOf(preset).size,
      sampling: { temperature: 1, topK: 0, topP: 1, maxTokens: preset.grpo.maxTokens },
      seed: fold(preset.seed, "predict rollouts")
    })
    const measured = yield* rateGradients(parameters, groups)
    if (measured === undefined) throw new Error(`${parent} of seed ${preset.seed} is never right or never wrong`)
    const base = models.find(({ id }) => id === start.parent)!.result.state.parameters
    const verifier = yield* verifierByLevel(base, groups, preset.task.radix)
    const decisionEntropy = mapLogits((each) => entropy([measured.rates[each], 1 - measured.rates[each]].map(Math.log)))
    for (const run of runs.filter((each) => each.parent === parent)) {
      const row = yield* predict(preset, run, parameters, measured)
      console.log(JSON.stringify(round({ preset: preset.name, seed: preset.seed, ...row, verifier, decisionEntropy })))
    }
  }
})

const program = Effect.forEach(
  seeds,
  (seed) => Effect.flatMap(findPreset(name, Number(seed)), (preset) => Effect.provide(forSeed(preset), services({ preset, workers: 1 })))
)

await Effect.runPromise(Effect.provide(program, Layer.merge(progressLayer, NodeServices.layer)))
