/**
 * Gradient attribution of a language model: what objectives push in π_S and in π_D, differentiated through the model itself on given rollouts.
 *
 * @module
 */
import { Effect, Result } from "effect"
import { ConfigError } from "../../domain/Errors.ts"
import { Grammar } from "../../domain/Grammar.ts"
import { NOT_OWNED, TWO_STAGE } from "../../domain/Partition.ts"
import { type Parameters, Policy } from "../../domain/Policy.ts"
import { fold, shuffle } from "../../domain/Seed.ts"
import { failing } from "../../domain/Throws.ts"
import { Tokenizer } from "../../domain/Tokenizer.ts"
import { type Contributions, type ResampledGradient, resampledGradient } from "../../eval/attribute/GradientIntervals.ts"
import {
  type GradientSizes,
  type ModelAttribution,
  type ObjectiveGradient,
  type Resampling,
  scaledGradient
} from "../../eval/attribute/ModelAttribution.ts"
import { bootstrapOf, type BootstrapOptions } from "../../eval/statistics/Bootstrap.ts"
import { FEWEST_CLUSTERS } from "../../eval/statistics/ClusteredInterval.ts"
import { countSketch } from "../../eval/statistics/CountSketch.ts"
import type { LossRequest } from "../../model/Backprop.ts"
import * as Batch from "../../model/loss/Batch.ts"
import * as ModelLayer from "../../model/ModelLayer.ts"
import { DEFAULT_TRAINING, defaultPositions } from "../../model/policy/PretrainedPolicy.ts"
import { lastBlocksFrom, trainedLayout } from "../../model/policy/TrainedLayout.ts"
import { openModel, type PretrainedModel } from "../../model/pretrained/PretrainedModel.ts"
import { openTokenizer, type TextTokenizer } from "../../model/pretrained/TextTokenizer.ts"
import { allEqual, mean as meanOf, standardDeviation } from "../../theory/advantage/Moments.ts"
import * as Aggregate from "../../theory/Aggregate.ts"
import * as Kl from "../../theory/Kl.ts"
import { partSizes } from "../../theory/NamedParts.ts"
import * as Objective from "../../theory/Objective.ts"
import { dot } from "../../theory/Vectors.ts"
import { firstDifference } from "../../training/RunFolder.ts"
import { sayMemory } from "../MemoryLine.ts"
import { Progress } from "../Progress.ts"
import { type Measured, measureRollouts } from "./MeasureRollouts.ts"
import { ESTIMATORS, MODEL_OBJECTIVES } from "./ModelObjectives.ts"
import { type ModelRow, noRow, readModelRows } from "./ModelRows.ts"
import { isRun, openTrained, type Subject, subjectOf, type TrainedModel } from "../TrainedRun.ts"

export type { ModelAttribution }

/** What is asked for. */
export interface ModelAttributionOptions extends Subject {
  readonly file: string
  /** A model, or a run or checkpoint, whose log-probabilities are the reference's. */
  readonly reference: string | undefined
  /** The coefficient of KL penalties. */
  readonly beta: number
  /** The objectives that are differentiated, by name; left out: all that have their inputs. */
  readonly objectives?: ReadonlyArray<string> | undefined
  /** The gradient is over the last so many blocks alone; left out: over all. */
  readonly lastBlocks: number | undefined
  /** Rounds and seed of the intervals; left out: none. */
  readonly bootstrap: Required<BootstrapOptions> | undefined
  readonly computed: ModelLayer.Computed
}

/** The reference: a model as it was published, or one of a run. */
const referenceOf = Effect.fnUntraced(function* (reference: string, positions: number | undefined) {
  const own = positions === undefined ? {} : { positions }
  if (yield* isRun(reference)) {
    const { spec, ...rest } = yield* openTrained(reference)
    const trained: TrainedModel = { ...rest, spec: { ...spec, ...own } }
    return trained
  }
  const published: TrainedModel = { spec: { _tag: "Pretrained", path: reference, ...own } }
  return published
})

/** Fails unless the ids of the rows, and all that both models have, stand for the same text in both: log-probabilities of other tokens say nothing of these. */
const checkReference = Effect.fnUntraced(function* (
  { model, reference }: { readonly model: string; readonly reference: string },
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
      value: reference,
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

/** What of a spec says which weights training begins with. */
const frozenOf = ({ _tag, adapter, path }: TrainedModel["spec"]): Partial<TrainedModel["spec"]> => ({
  _tag,
  path,
  ...(adapter !== undefined && { adapter })
})

/**
 * The parameters that make the model at hand the reference, where it is the same model: those of a run that trained the same of it, or, of a
 * published model, those of an adapter that begins as none.
 */
const atHand = (spec: TrainedModel["spec"], { parameters, spec: of }: TrainedModel, initial: Parameters): Parameters | undefined => {
  if (firstDifference(frozenOf(of), frozenOf(spec)) !== undefined) return undefined
  if (parameters === undefined) return spec.trains?._tag === "Whole" ? undefined : initial
  return firstDifference(of.trains ?? DEFAULT_TRAINING, spec.trains ?? DEFAULT_TRAINING) === undefined ? parameters : undefined
}

/** Clusters beyond this are put together: more say little more about an interval, and their inner products grow with the square. */
const MOST_CLUSTERS = 128

/** Numbers of a sketch: inner products are off by 1/√65,536 = 0.4 % of the lengths' product. */
const SKETCH = 2 ** 16

/** Rollouts of one prompt are not independent: each row's cluster is its prompt, or one of `MOST_CLUSTERS` groups of prompts, dealt in a shuffled order. */
const clustersOf = (rows: ReadonlyArray<ModelRow>, seed: number) => {
  const prompts = new Map<string, number>()
  const promptOf = rows.map(({ promptLength, tokens }) => {
    const key = tokens.slice(0, promptLength).join()
    const known = prompts.get(key) ?? prompts.size
    prompts.set(key, known)
    return known
  })
  const count = Math.min(MOST_CLUSTERS, prompts.size)
  const places = prompts.size <= count ? undefined : shuffle(Array.from({ length: prompts.size }, (_, i) => i), fold(seed, "clusters"))
  const clusters = promptOf.map((prompt) => (places === undefined ? prompt : places[prompt]! % count))
  const sizes = Array.from({ length: count }, () => 0)
  for (const cluster of clusters) sizes[cluster]!++
  return { prompts: prompts.size, clusters, sizes }
}

/** Sums over each cluster's rows. */
const byCluster = (clusters: ReadonlyArray<number>, count: number, values: ReadonlyArray<number>): Float64Array => {
  const sums = new Float64Array(count)
  values.forEach((value, row) => {
    sums[clusters[row]!]! += value
  })
  return sums
}

const sizesWithin = (
  norm: number,
  all: number,
  { actions, tokens }: { readonly tokens: number; readonly actions: number }
): GradientSizes => ({
  tokens,
  actions,
  perToken: tokens === 0 ? null : (norm * all) / tokens,
  perAction: actions === 0 ? null : (norm * all) / actions
})

/** Differentiates every objective that has its inputs through the model at hand. */
const attribute = Effect.fnUntraced(
  function* (
    options: ModelAttributionOptions,
    subject: TrainedModel,
    other: TrainedModel | undefined,
    layerOf: (of: TrainedModel) => ReturnType<typeof ModelLayer.layer>
  ) {
    const { beta, bootstrap, file, lastBlocks, reference } = options
    const { path, trains } = subject.spec
    const [policy, grammar, tokenizer] = [yield* Policy, yield* Grammar, yield* Tokenizer]
    const opened = yield* openModel(path)
    const openedOther = other === undefined || other.spec.path === path ? undefined : yield* openModel(other.spec.path)
    const contexts = [opened.config.context, ...(openedOther === undefined ? [] : [openedOther.config.context])]
    const positions = subject.spec.positions ?? defaultPositions(Math.min(...contexts))
    const { badRows, rows } = yield* readModelRows(file, { grammar, tokenizer, positions, ends: opened.ends })
    const laidOut = Batch.make(rows)
    const { offsets, owner } = laidOut
    const trainedTokens = owner.reduce((sum, index) => sum + (index === NOT_OWNED ? 0 : 1), 0)
    if (trainedTokens === 0) return yield* noRow(file, badRows)
    if (openedOther !== undefined) yield* checkReference({ model: path, reference: reference! }, opened, openedOther, rows)
    const layout = trainedLayout(opened.config, trains)
    const { layers } = opened.config
    if (lastBlocks !== undefined && !(Number.isInteger(lastBlocks) && lastBlocks >= 1 && lastBlocks <= layers)) {
      return yield* new ConfigError({
        field: "--layers",
        value: `last:${lastBlocks}`,
        expected: `last:N with N from 1 to ${layers}, the model's blocks`
      })
    }
    const from = lastBlocks === undefined ? 0 : lastBlocksFrom(layout, layers, lastBlocks)
    const batch = {
      ...laidOut,
      partition: TWO_STAGE,
      temperature: 1,
      weights: Aggregate.weights(Aggregate.tokenMean, offsets, owner)
    }
    const initial = yield* policy.initialize(1)
    const parameters = subject.parameters ?? initial

    const lacking: Record<string, string> = {}
    const advantages = advantagesOf(rows, offsets)
    if (typeof advantages === "string") lacking["surrogate"] = advantages
    const all: Array<readonly [string, LossRequest]> = [["dft", { ...batch, objective: Objective.dft() }]]
    if (other === undefined) {
      for (const estimator of ESTIMATORS) {
        lacking[`kl-loss-${estimator}`] = lacking[`kl-reward-${estimator}`] = "no reference model (--reference)"
      }
    } else {
      const logProbs = Batch.concatenate(yield* policy.logProbs(parameters, rows, 1))
      const parametersAtHand = atHand(subject.spec, other, initial)
      const referenceLogProbs = Batch.concatenate(
        parametersAtHand === undefined
          ? yield* Effect.gen(function* () {
            const policy = yield* Policy
            return yield* policy.logProbs(other.parameters ?? (yield* policy.initialize(1)), rows, 1)
          }).pipe(Effect.provide(layerOf(other)))
          : yield* policy.logProbs(parametersAtHand, rows, 1)
      )
      const inLoss = (estimator: typeof ESTIMATORS[number]): LossRequest => ({
        ...batch,
        referenceLogProbs,
        objective: Objective.klInLoss({ beta, estimator })
      })
      const inReward = (estimator: typeof ESTIMATORS[number]): LossRequest => ({
        ...batch,
        objective: Objective.surrogate({ ratio: "none" }),
        advantages: Kl.rewardAdvantages(Kl.inReward({ beta, estimator }), { offsets, owner, logProbs, referenceLogProbs })
      })
      all.push(["kl-loss-k2", inLoss("k2")], ["kl-loss-k3", inLoss("k3")])
      for (const estimator of ESTIMATORS) all.push([`kl-reward-${estimator}`, inReward(estimator)])
    }

    const isWanted = (name: string): boolean => options.objectives?.includes(name) ?? true
    const requests = all.filter(([name]) => isWanted(name))

    const { clusters, prompts, sizes } = clustersOf(rows, bootstrap?.seed ?? 0)
    const clusterCount = sizes.length
    const noIntervals = bootstrap === undefined
      ? "none were asked for"
      : clusterCount < FEWEST_CLUSTERS
      ? `${prompts} different prompts, and intervals need ${FEWEST_CLUSTERS}`
      : undefined
    const sketch = countSketch(layout.count - from, SKETCH, fold(bootstrap?.seed ?? 0, "sketch"))
    const tokensOf = byCluster(clusters, clusterCount, rows.map((_, i) => trainedIn(owner, offsets, i)))
    /** What a resample's gradient is multiplied by to be of the mean over its own tokens. */
    const scaleOf = (times: Float64Array): number => {
      const tokens = dot(times, tokensOf)
      return tokens > 0 ? trainedTokens / tokens : Number.NaN
    }
    const meanOverTokens = (times: Float64Array): Float64Array | undefined => {
      const scale = scaleOf(times)
      return Number.isFinite(scale) ? times.map((count) => scale * count) : undefined
    }
    const rounds = noIntervals === undefined ? bootstrap : undefined
    const parts = partSizes(new Float64Array(owner.length), { offsets, owner }, TWO_STAGE)

    const finished = (measured: Measured, contributions: Contributions): ObjectiveGradient => {
      const { cosine, layers, normDecision, normSampling, weights } = measured.pair
      const [sampling, decision] = [parts[0]!, parts[1]!]
      const noise: ResampledGradient | undefined = clusterCount < 2 ? undefined : resampledGradient(contributions, sizes, rounds)
      return {
        normSampling,
        normDecision,
        cosine: cosine ?? 0,
        tokensSampling: sampling.tokens,
        tokensDecision: decision.tokens,
        ...(noise === undefined ? {} : {
          signalSampling: noise.sampling.mean,
          signalDecision: noise.decision.mean,
          varianceSampling: noise.sampling.covariance,
          varianceDecision: noise.decision.covariance,
          product: noise.cross.mean,
          covariance: noise.cross.covariance
        }),
        ratio: normDecision === 0 ? null : normSampling / normDecision,
        sampling: sizesWithin(normSampling, trainedTokens, sampling),
        decision: sizesWithin(normDecision, trainedTokens, decision),
        ...(noise?.intervals === undefined ? {} : { intervals: noise.intervals }),
        ...(noise?.expected === undefined ? {} : { expected: noise.expected }),
        layers,
        weights
      }
    }
    const plain = (measured: Measured): ObjectiveGradient =>
      finished(measured, { sampling: measured.sampling, decision: measured.decision, weigh: meanOverTokens })

    const progress = yield* Progress
    // The surrogate's gradient by a rollout is NLL's times its advantage, k1's in the loss NLL's times −β: neither is differentiated again.
    const needsNll = ["nll", "kl-loss-k1", "surrogate"].some((name) => isWanted(name) && lacking[name] === undefined)
    if (!needsNll && requests.length === 0) {
      return yield* new ConfigError({
        field: "--objectives",
        value: String(options.objectives?.join()),
        expected: `one that has its inputs: ${
          Object.entries(lacking).filter(([name]) => isWanted(name)).map(([name, why]) => `${name} lacks ${why}`).join("; ")
        }`
      })
    }
    const stage = yield* progress.stage("gradients", (requests.length + (needsNll ? 1 : 0)) * rows.length)
    const settings = (name: string, done: number) => ({
      parameters,
      layout,
      from,
      clusters,
      clusterCount,
      sketch,
      threads: options.computed.threads?.workers ?? 1,
      show: (rollout: number) => stage.show(done * rows.length + rollout, name)
    })

    const objectives: Record<string, ObjectiveGradient> = {}
    if (needsNll) {
      const factors = typeof advantages === "string" || !isWanted("surrogate") ? [] : [rows.map((_, i) => advantages[offsets[i]!]!)]
      const [ofNll, ofSurrogate] = yield* measureRollouts({ ...batch, objective: Objective.nll() }, factors, settings("nll", 0))
      const nll = plain(ofNll!)
      objectives["nll"] = nll
      if (ofSurrogate !== undefined) {
        objectives["surrogate"] = finished(ofSurrogate, {
          sampling: [...ofSurrogate.sampling, ...ofNll!.sampling],
          decision: [...ofSurrogate.decision, ...ofNll!.decision],
          weigh: standardisedAnew(rows, clusters, clusterCount, scaleOf)
        })
      }
      if (other !== undefined) objectives["kl-loss-k1"] = scaledGradient(nll, beta)
    }
    for (const [i, [name, request]] of requests.entries()) {
      const [measured] = yield* measureRollouts(request, [], settings(name, i + (needsNll ? 1 : 0)))
      objectives[name] = plain(measured!)
    }
    yield* stage.end

    const resampling: Resampling | undefined = rounds === undefined ? undefined : {
      ...rounds,
      prompts,
      clusters: clusterCount,
      sketch: sketch.width,
      of: layout.count - from,
      sketchError: sketch.width === layout.count - from ? 0 : 1 / Math.sqrt(sketch.width)
    }
    const report: ModelAttribution = {
      version: 1,
      model: path,
      ...(subject.spec.adapter === undefined ? {} : { adapter: subject.spec.adapter }),
      ...(subject.file === undefined ? {} : { checkpoint: subject.file }),
      reference,
      parameters: trains?._tag === "Whole" ? "all" : "lora",
      parameterCount: layout.count - from,
      ...(lastBlocks === undefined ? {} : { approximation: { layers: lastBlocks, of: layers } }),
      rows: rows.length,
      scored: rows.filter(({ score }) => score !== undefined).length,
      ...(resampling === undefined ? {} : { resampling }),
      ...(noIntervals === undefined || bootstrap === undefined ? {} : { noIntervals }),
      objectives: Object.fromEntries(
        MODEL_OBJECTIVES.flatMap((name) => (isWanted(name) && objectives[name] !== undefined ? [[name, objectives[name]]] : []))
      ),
      lacking: Object.fromEntries(Object.entries(lacking).filter(([name]) => isWanted(name))),
      badRows
    }
    return report
  }
)

const trainedIn = (owner: Uint8Array, offsets: Int32Array, row: number): number => {
  let count = 0
  for (let t = offsets[row]!; t < offsets[row + 1]!; t++) if (owner[t] !== NOT_OWNED) count++
  return count
}

/**
 * The surrogate's weights in a resample, whose advantages are standardised by its own scores: with A the advantages in the file,
 * A* = (A − μ*)/σ*, so its gradient is the surrogate's minus μ* times NLL's, over σ*. Undefined where all scores drawn are equal.
 */
const standardisedAnew = (
  rows: ReadonlyArray<ModelRow>,
  clusters: ReadonlyArray<number>,
  count: number,
  scaleOf: (times: Float64Array) => number
): Contributions["weigh"] => {
  const scores = Float64Array.from(rows, ({ score }) => score!)
  const [mean, deviation] = [meanOf(scores), standardDeviation(scores, "population")]
  const advantages = Array.from(scores, (score) => (score - mean) / deviation)
  const [ones, sums, squares] = [advantages.map(() => 1), advantages, advantages.map((value) => value * value)]
    .map((values) => byCluster(clusters, count, values)) as [Float64Array, Float64Array, Float64Array]
  return (times) => {
    const [n, sum, square, scale] = [dot(times, ones), dot(times, sums), dot(times, squares), scaleOf(times)]
    const variance = square / n - (sum / n) ** 2
    // Of equal scores rounding alone remains.
    if (!(variance > 1e-12) || !Number.isFinite(scale)) return undefined
    const weights = new Float64Array(2 * count)
    times.forEach((drawn, c) => {
      weights[c] = (scale * drawn) / Math.sqrt(variance)
      weights[count + c] = (-(sum / n) * scale * drawn) / Math.sqrt(variance)
    })
    return weights
  }
}

/**
 * Attributes the objectives of a file of rollouts by the gradients of a model: ‖g_S‖, ‖g_D‖ and their angle, over an adapter's parameters (those of
 * a run's checkpoint, else those of an untrained adapter, A drawn from seed 1) or all weights. Signals and variances are unbiased estimates from
 * prompt to prompt; intervals are of resampled prompts, advantages standardised anew in each resample.
 */
export const attributeModel = Effect.fn("AttributeModel.attribute")(function* (options: ModelAttributionOptions) {
  const { bootstrap, computed } = options
  if (bootstrap !== undefined) yield* failing([ConfigError], () => bootstrapOf(bootstrap))
  const subject = yield* subjectOf(options)
  const [workers, device] = [computed.threads?.workers ?? 1, computed.device ?? "wasm"]
  const beside = yield* sayMemory(subject.spec, "differentiate", workers, device)
  const other = options.reference === undefined ? undefined : yield* referenceOf(options.reference, subject.spec.positions)
  // Of the same model only the parameters are others; any other is read beside it.
  if (other !== undefined && atHand(subject.spec, other, new Float32Array()) === undefined) {
    yield* sayMemory(other.spec, "score", workers, device, { name: "memory of the reference", beside })
  }
  const layerOf = ({ spec }: TrainedModel) => ModelLayer.layer(spec, computed)
  return yield* Effect.provide(attribute(options, subject, other, layerOf), layerOf(subject))
})
