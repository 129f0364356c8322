/**
 * A whole run's results without a run: simulated policies stand for the trained models, smooth curves for their logs.
 */
import { calibrate } from "../../src/eval/calibration/Calibrate.ts"
import { compare } from "../../src/eval/calibration/Compare.ts"
import { paperTable1 } from "../../src/eval/results/PaperNumbers.ts"
import { type ModelResult, type Results, RESULTS_VERSION } from "../../src/eval/results/Results.ts"
import { simulate } from "../../src/eval/calibration/Simulate.ts"
import { summarize } from "../../src/eval/results/Summary.ts"
import { appendixC } from "../../src/theory/illustration/AppendixC.ts"
import { figure1 } from "../../src/cli/reproduce/TheoryResults.ts"

const levels = ["3x1", "4x1", "5x1", "6x1", "7x1"]
const trainLevels = ["3x1", "4x1"]

/** A response that would run a script if it reached the page unescaped. */
export const HOSTILE = `<script>document.title = "hacked"</script><img src=x onerror="document.title='hacked'"> & "quotes"`

/** Rates by level of the models that the results describe: p_S, p_D|C, p_D|W. */
const plans: ReadonlyArray<
  Omit<ModelResult, "calibration" | "examples"> & { readonly rates: ReadonlyArray<readonly [number, number, number]> }
> = [
  {
    id: "base",
    label: "Base",
    stage: "base",
    steps: 5000,
    rates: [[0.73, 0.5, 0.5], [0.68, 0.5, 0.5], [0.61, 0.5, 0.5], [0.46, 0.5, 0.5], [0.33, 0.5, 0.5]]
  },
  {
    id: "sft-none",
    label: "SFT, no reflection",
    stage: "sft",
    start: "none",
    parent: "base",
    steps: 500,
    rates: [[0.73, 1, 0], [0.68, 1, 0], [0.61, 1, 0], [0.46, 1, 0], [0.33, 1, 0]]
  },
  {
    id: "sft-echo",
    label: "SFT, echo",
    stage: "sft",
    start: "echo",
    parent: "base",
    steps: 500,
    rates: [[0.735, 0.716, 0.282], [0.679, 0.701, 0.291], [0.607, 0.71, 0.274], [0.466, 0.7, 0.285], [0.326, 0.715, 0.289]]
  },
  {
    id: "sft-expert",
    label: "SFT, expert",
    stage: "sft",
    start: "expert",
    parent: "base",
    steps: 500,
    rates: [[0.705, 0.973, 0.97], [0.647, 0.937, 0.962], [0.565, 0.778, 0.918], [0.432, 0.563, 0.909], [0.3, 0.395, 0.913]]
  },
  {
    id: "dft-expert",
    label: "DFT, expert",
    stage: "dft",
    start: "expert",
    parent: "base",
    steps: 500,
    rates: [[0.997, 0.971, 0.929], [0.995, 0.964, 0.933], [0.95, 0.772, 0.841], [0.797, 0.531, 0.882], [0.596, 0.375, 0.851]]
  },
  {
    id: "rl-echo",
    label: "GRPO from echo",
    stage: "rl",
    start: "echo",
    parent: "sft-echo",
    steps: 100,
    rates: [[0.924, 0.861, 0.69], [0.911, 0.862, 0.684], [0.834, 0.78, 0.638], [0.687, 0.667, 0.66], [0.522, 0.566, 0.636]]
  },
  {
    id: "rl-expert",
    label: "GRPO from expert",
    stage: "rl",
    start: "expert",
    parent: "sft-expert",
    steps: 100,
    rates: [[0.871, 0.963, 0.948], [0.843, 0.938, 0.932], [0.782, 0.8, 0.895], [0.613, 0.615, 0.869], [0.439, 0.438, 0.843]]
  }
]

/** Builds the results of a made-up run; `n` problems a level, `rounds` bootstrap rounds. */
export const syntheticResults = (options: { readonly n?: number; readonly rounds?: number; readonly label?: string } = {}): Results => {
  const n = options.n ?? 400
  const settings = { rounds: options.rounds ?? 300, seed: 1, cap: 4, levels, trainLevels }
  const rolloutsOf = new Map(
    plans.map(({ id, rates }, model) => [
      id,
      rates.flatMap(([pSample, pStopGivenCorrect, pResampleGivenWrong], k) =>
        simulate({
          level: levels[k]!,
          pSample,
          pStopGivenCorrect,
          pResampleGivenWrong,
          cap: 4,
          n,
          seed: 100 * model + k,
          spread: k > 1 ? 0.2 : 0
        })
      )
    ])
  )
  const models = plans.map(({ rates: _rates, ...plan }): ModelResult => ({
    ...plan,
    label: options.label === undefined ? plan.label : `${plan.label} ${options.label}`,
    calibration: calibrate(rolloutsOf.get(plan.id)!, settings),
    examples: [
      {
        prompt: "Calculate 321 * 4. Think step by step.",
        response: "The answer is 2334.\nWait, I made a mistake. Let me recompute.\nThe answer is 2334.",
        correct: true
      },
      { prompt: "Calculate 12 * 3. Think step by step.", response: HOSTILE, correct: false }
    ]
  }))
  const pairs = [["base", "sft-echo"], ["base", "sft-expert"], ["sft-expert", "dft-expert"], ["sft-echo", "rl-echo"], [
    "sft-expert",
    "rl-expert"
  ]] as const
  const comparisons = pairs.map(([from, to]) =>
    compare({ id: from, rollouts: rolloutsOf.get(from)! }, { id: to, rollouts: rolloutsOf.get(to)! }, settings)
  )
  const task = { radix: 5, trainLevels, testLevels: levels, testPerLevel: n, cap: 4 }
  return {
    version: RESULTS_VERSION,
    preset: "synthetic",
    seed: 1,
    device: "none",
    timings: { evaluation: 1.5, report: 0.5 },
    task,
    models,
    training: plans.map((plan, k) => ({ model: plan.id, rows: trainingRows(plan.stage, plan.steps, k) })),
    attribution: plans.filter((plan) => plan.stage === "rl").map((plan) => ({ model: plan.id, rows: attributionRows })),
    appendixC: appendixC(),
    figure1: figure1(),
    paperTable1,
    comparisons,
    summary: summarize({ models, comparisons, task })
  }
}

const trainingRows = (stage: ModelResult["stage"], steps: number, run: number): Results["training"][number]["rows"] =>
  Array.from({ length: Math.min(steps, 400) }, (_, k) => {
    const t = (k / Math.min(steps, 400)) * (1 - run / 20)
    const step = Math.round((k / Math.min(steps, 400)) * steps)
    const common = { step, loss: 2 * Math.exp(-4 * t) + 0.3 + 0.02 * Math.sin(7 * k), grad_norm: 1 + 0.3 * Math.cos(5 * k) }
    return stage === "rl"
      ? {
        ...common,
        reward: 0.7 + 0.25 * t,
        p_sample: 0.7 + 0.2 * t,
        p_stop_given_correct: 0.7 + 0.15 * t,
        p_resample_given_wrong: 0.3 + 0.4 * t,
        accuracy: 0.7 + 0.25 * t,
        kl: 0.05 * t,
        entropy: 0.4 - 0.25 * t,
        frac_reward_zero_std: 0.1 + 0.5 * t,
        "completions/mean_length": 9 - t
      }
      : common
  })

const attributionRows: Results["attribution"][number]["rows"] = Array.from({ length: 11 }, (_, k) => k * 10).flatMap((step) =>
  (["total", "surrogate", "kl"] as const).map((part, k) => {
    const fade = Math.exp(-step / 60)
    const scale = part === "kl" ? 0.002 * (1 - fade) : 0.1 * fade
    return {
      step,
      part,
      normSampling: scale * (2 + k),
      normDecision: scale * 0.8,
      cosine: part === "kl" && step === 0 ? null : 0.1,
      tokensSampling: 2500,
      tokensDecision: 400,
      signalSampling: (scale * (2 + k)) ** 2 / 2,
      signalDecision: k === 2 ? -((scale * 0.8) ** 2) / 9 : (scale * 0.8) ** 2 / 3,
      varianceSampling: (scale * (2 + k)) ** 2 / 2,
      varianceDecision: (scale * 0.8) ** 2,
      product: 0.05 * scale ** 2,
      covariance: -0.01 * scale ** 2
    }
  })
)
