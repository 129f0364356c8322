/**
 * Gradient attribution of a language model: what objectives push in π_S and in π_D, differentiated through the model itself on given rollouts.
 *
 * @module
 */
import { Effect, Result } from "effect"
import { ConfigError } from "../../domain/Errors.ts"
import { Grammar } from "../../domain/Grammar.ts"
import { toTwoStage, type TwoStageGradientParts } from "../../domain/GradientParts.ts"
import { NOT_OWNED, TWO_STAGE } from "../../domain/Partition.ts"
import { Policy } from "../../domain/Policy.ts"
import { Tokenizer } from "../../domain/Tokenizer.ts"
import type { BadRow } from "../../eval/transcripts/ReadBlock.ts"
import type { LossRequest } from "../../model/Backprop.ts"
import * as Batch from "../../model/loss/Batch.ts"
import * as ModelLayer from "../../model/ModelLayer.ts"
import type { PretrainedSpec } from "../../model/ModelSpec.ts"
import { defaultPositions } from "../../model/policy/PretrainedPolicy.ts"
import { openModel, type PretrainedModel } from "../../model/pretrained/PretrainedModel.ts"
import { openTokenizer, type TextTokenizer } from "../../model/pretrained/TextTokenizer.ts"
import { allEqual, mean as meanOf, standardDeviation } from "../../theory/advantage/Moments.ts"
import * as Aggregate from "../../theory/Aggregate.ts"
import * as Kl from "../../theory/Kl.ts"
import * as Objective from "../../theory/Objective.ts"
import { measure } from "../../training/GradientAttribution.ts"
import { sayMemory } from "../MemoryLine.ts"
import { layer as progressLayer } from "../Progress.ts"
import { type ModelRow, noRow, readModelRows } from "./ModelRows.ts"

/** What is asked for. */
export interface ModelAttributionOptions {
  readonly file: string
  readonly model: string
  /** An adapter to the model; the reference has none. */
  readonly adapter?: string
  readonly parameters: "lora" | "all"
  readonly rank: number
  /** A model whose log-probabilities are the reference's. */
  readonly reference: string | undefined
  /** The most tokens of prompt and response; left out: as `PretrainedPolicy` has it. */
  readonly positions: number | undefined
  /** The coefficient of KL penalties. */
  readonly beta: number
  /** What a decision to RESAMPLE begins with. */
  readonly markers: ReadonlyArray<string>
  readonly computed: ModelLayer.Computed
}

/** What came of it. Norms are of the gradient of the mean loss over all trained tokens of the file. */
export interface ModelAttribution {
  readonly version: 1
  readonly model: string
  readonly adapter?: string
  readonly reference: string | undefined
  readonly parameters: "lora" | "all"
  readonly parameterCount: number
  readonly rows: number
  readonly scored: number
  readonly objectives: Readonly<Record<string, Omit<TwoStageGradientParts, "step" | "part">>>
  /** Why an objective is missing. */
  readonly lacking: Readonly<Record<string, string>>
  readonly badRows: ReadonlyArray<BadRow>
}

const specOf = (
  path: string,
  { markers: [first, ...more], parameters, positions, rank }: ModelAttributionOptions
): typeof PretrainedSpec.Type => ({
  _tag: "Pretrained",
  path,
  ...(first === undefined ? {} : { markers: [first, ...more] as const }),
  ...(positions === undefined ? {} : { positions }),
  trains: parameters === "all" ? { _tag: "Whole" } : { _tag: "Adapter", rank, alpha: 2 * rank }
})

/** The tokens that end a text of the model, and how many tokens it reads at once. */
export const sizesOf = Effect.fnUntraced(function* ({ model, positions }: Pick<ModelAttributionOptions, "model" | "positions">) {
  const { config: { context }, ends } = yield* openModel(model)
  return { ends, positions: positions ?? defaultPositions(context) }
})

/** The model's own words, and how many tokens it and the reference read at once. */
const openModels = Effect.fnUntraced(function* ({ model, positions, reference }: ModelAttributionOptions) {
  const opened = yield* openModel(model)
  const other = reference === undefined ? undefined : yield* openModel(reference)
  const contexts = [opened, ...(other === undefined ? [] : [other])].map(({ config }) => config.context)
  return { opened, other, positions: positions ?? defaultPositions(Math.min(...contexts)) }
})

/** Fails unless the ids of the rows, and all that both models have, stand for the same text in both: log-probabilities of other tokens say nothing of these. */
const checkReference = Effect.fnUntraced(function* (
  { model, reference }: ModelAttributionOptions,
  opened: PretrainedModel,
  other: PretrainedModel,
  rows: ReadonlyArray<ModelRow>
) {
  const [ours, theirs] = [yield* openTokenizer(opened), yield* openTokenizer(other)]
  const used = new Set(rows.flatMap(({ tokens }) => tokens))
  const added = new Set([...ours.added.values(), ...theirs.added.values()])
  const textOf = (tokenizer: TextTokenizer, id: number): string | undefined =>
    Result.getOrElse(Result.map(tokenizer.pieces([id]), ([text]) => text), () => undefined)
  const count = Math.max(ours.vocabulary, theirs.vocabulary)
  for (let id = 0; id < count; id++) {
    const [here, there] = [textOf(ours, id), textOf(theirs, id)]
    // What one of them has beyond the other, or calls otherwise to steer by, does not matter where nobody writes it.
    const isFree = here === undefined || there === undefined || added.has(id)
    if (here === there || (isFree && !used.has(id))) continue
    const shown = (text: string | undefined): string => (text === undefined ? "no token" : JSON.stringify(text))
    return yield* new ConfigError({
      field: "--reference",
      value: String(reference),
      expected: `a model with the tokens of ${model}, or its log-probabilities would be those of other texts: token ${id} is ${
        shown(here)
      } there and ${shown(there)} in the reference`
    })
  }
})

/** Above it sums of scores may overflow. */
const LARGEST_SCORE = 1e300

/** (score − mean) / deviation over the scored rows, on every token of a row; why not where all scores are equal or a row has none. */
const advantagesOf = (rows: ReadonlyArray<ModelRow>, offsets: Int32Array): Float64Array | string => {
  const scores = Float64Array.from(rows.flatMap(({ score }) => (score === undefined ? [] : [score])))
  if (scores.length < rows.length) {
    return `${rows.length - scores.length} of ${rows.length} rows have neither a score nor an answer that can be graded`
  }
  const beyond = rows.find(({ score }) => !(Math.abs(score!) <= LARGEST_SCORE))
  if (beyond !== undefined) return `the score of line ${beyond.line} is ${beyond.score}, beyond ±${LARGEST_SCORE}`
  if (allEqual(scores)) return `all rows have the score ${scores[0]}`
  const [mean, deviation] = [meanOf(scores), standardDeviation(scores, "population")]
  const advantages = new Float64Array(offsets.at(-1)!)
  rows.forEach((_, i) => advantages.fill((scores[i]! - mean) / deviation, offsets[i], offsets[i + 1]))
  return advantages
}

const ESTIMATORS = ["k1", "k2", "k3"] as const

/** Differentiates every objective that has its inputs through the model at hand. */
const attribute = Effect.fnUntraced(
  function* (options: ModelAttributionOptions, layerOf: (path: string) => ReturnType<typeof ModelLayer.layer>) {
    const { beta, file, model, parameters: kind, reference } = options
    const [policy, grammar, tokenizer] = [yield* Policy, yield* Grammar, yield* Tokenizer]
    const { opened, other, positions } = yield* openModels(options)
    const { badRows, rows } = yield* readModelRows(file, { grammar, tokenizer, positions, ends: opened.ends })
    const laidOut = Batch.make(rows)
    const { offsets, owner } = laidOut
    if (owner.every((index) => index === NOT_OWNED)) return yield* noRow(file, badRows)
    if (other !== undefined) yield* checkReference(options, opened, other, rows)
    const batch = {
      ...laidOut,
      partition: TWO_STAGE,
      temperature: 1,
      weights: Aggregate.weights(Aggregate.tokenMean, offsets, owner)
    }
    const parameters = yield* policy.initialize(1)

    const requests: Array<readonly [string, LossRequest]> = [
      ["nll", { ...batch, objective: Objective.nll() }],
      ["dft", { ...batch, objective: Objective.dft() }]
    ]
    const lacking: Record<string, string> = {}
    const advantages = advantagesOf(rows, offsets)
    if (typeof advantages === "string") lacking["surrogate"] = advantages
    else requests.push(["surrogate", { ...batch, objective: Objective.surrogate({ ratio: "none" }), advantages }])
    if (reference === undefined) {
      for (const estimator of ESTIMATORS) {
        lacking[`kl-loss-${estimator}`] = lacking[`kl-reward-${estimator}`] = "no reference model (--reference)"
      }
    } else {
      const logProbs = Batch.concatenate(yield* policy.logProbs(parameters, rows, 1))
      const referenceLogProbs = Batch.concatenate(
        yield* Effect.gen(function* () {
          const other = yield* Policy
          return yield* other.logProbs(yield* other.initialize(1), rows, 1)
        }).pipe(Effect.provide(layerOf(reference)))
      )
      for (const estimator of ESTIMATORS) {
        const ofLoss = { ...batch, referenceLogProbs, objective: Objective.klInLoss({ beta, estimator }) }
        const ofReward = {
          ...batch,
          objective: Objective.surrogate({ ratio: "none" }),
          advantages: Kl.rewardAdvantages(Kl.inReward({ beta, estimator }), { offsets, owner, logProbs, referenceLogProbs })
        }
        requests.push([`kl-loss-${estimator}`, ofLoss], [`kl-reward-${estimator}`, ofReward])
      }
    }
    const objectives: Record<string, Omit<TwoStageGradientParts, "step" | "part">> = {}
    for (const [name, request] of requests) {
      const [total] = yield* measure(0, parameters, request)
      const { part: _part, step: _step, ...parts } = toTwoStage(total!)
      objectives[name] = parts
    }
    const report: ModelAttribution = {
      version: 1,
      model,
      ...(options.adapter === undefined ? {} : { adapter: options.adapter }),
      reference,
      parameters: kind,
      parameterCount: policy.parameterCount,
      rows: rows.length,
      scored: rows.filter(({ score }) => score !== undefined).length,
      objectives,
      lacking,
      badRows
    }
    return report
  }
)

/**
 * Attributes the objectives of a file of rollouts by the gradients of a model: ‖g_S‖, ‖g_D‖ and their angle, over an adapter's parameters (those of
 * an untrained adapter, A drawn from seed 1) or all weights. Signals and variances are unbiased estimates from blocks of rollouts.
 */
export const attributeModel = (options: ModelAttributionOptions) => {
  const layerOf = (path: string) => ModelLayer.layer(specOf(path, options), options.computed)
  const { adapter, computed, model } = options
  const spec = specOf(model, options)
  const policy = ModelLayer.layer(adapter === undefined ? spec : { ...spec, adapter }, computed)
  const memory = sayMemory(spec, "differentiate", computed.threads?.workers ?? 1, computed.device ?? "wasm")
  return Effect.andThen(Effect.provide(memory, progressLayer), Effect.provide(attribute(options, layerOf), policy))
}
