/**
 * Everything a run found out, as one plain value: what results.json holds and what the report is made from.
 *
 * Two runs with the same preset, seed and device have the same results but for `timings` and `machine`, which results.json does not hold: they stand
 * beside it, in timings.json and machine.json.
 *
 * @module
 */
import { Schema } from "effect"
import { TwoStageGradientParts } from "../../domain/GradientParts.ts"
import { Calibration } from "../calibration/Calibration.ts"
import { Comparison } from "../calibration/Comparison.ts"
import { Machine } from "./Machine.ts"

/** The version of this format; it changes when a reader of the old one would go wrong. */
export const RESULTS_VERSION = "1"

const Numbers = Schema.Record(Schema.String, Schema.Finite)

/** Seconds by stage, as timings.json has them. */
export const Timings = Numbers
const Ratio = Schema.NullOr(Schema.Finite)

/** A prompt, what the model answered, and whether the final answer was right. */
export const Example = Schema.Struct({ prompt: Schema.String, response: Schema.String, correct: Schema.Boolean })

/** A prompt, what the model answered, and whether the final answer was right. */
export type Example = typeof Example.Type

/** What the verdict tokens of a base model know on one level, on its own first answers: P(OK | right) and P(BAD | wrong), mean probabilities. */
export const VerifierLevel = Schema.Struct({
  level: Schema.String,
  right: Schema.Int,
  acceptsRight: Ratio,
  wrong: Schema.Int,
  rejectsWrong: Ratio
})

/** What the verdict tokens of a base model know on one level. */
export type VerifierLevel = typeof VerifierLevel.Type

/** A trained model and its evaluation. */
export const ModelResult = Schema.Struct({
  /** Letters, digits, dashes: it names the model everywhere else in the results. */
  id: Schema.String.check(Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9_-]*$/)),
  label: Schema.String,
  stage: Schema.Literals(["base", "sft", "dft", "rl"]),
  /** Which demonstrations it (or the model it started from) learned reflection from: none, correctness-blind, or checked. */
  start: Schema.optionalKey(Schema.Literals(["none", "echo", "expert"])),
  /** The model whose weights it started from. */
  parent: Schema.optionalKey(Schema.String),
  /** A run beside the main ones that answers one question; findings and figures of the main comparison leave it out. */
  variant: Schema.optionalKey(Schema.Boolean),
  /** Optimizer steps of this stage. */
  steps: Schema.Int,
  /** Base models: the latent verifier, level by level. */
  verifier: Schema.optionalKey(Schema.Array(VerifierLevel)),
  calibration: Calibration,
  examples: Schema.Array(Example)
})

/** A trained model and its evaluation. */
export type ModelResult = typeof ModelResult.Type

/** One measurement of the gradient's sampling and decision part. */
export const AttributionMeasurement = TwoStageGradientParts

const ThreeNumbers = Schema.Struct({
  sampleCorrect: Schema.Finite,
  stopGivenCorrect: Schema.Finite,
  resampleGivenWrong: Schema.Finite
})

/** One step of figure 1's training dynamics: rates, accuracy, and the parts of the ascended gradient by logit. */
export const Figure1Row = Schema.Struct({
  step: Schema.Int,
  rates: ThreeNumbers,
  accuracy: Schema.Finite,
  surrogate: ThreeNumbers,
  kl: ThreeNumbers,
  net: ThreeNumbers,
  /** Sampling : decision of each part; null where the part is zero, as the KL penalty is when the reference was just replaced. */
  surrogateRatio: Ratio,
  klRatio: Ratio
})

/** One step of figure 1's training dynamics. */
export type Figure1Row = typeof Figure1Row.Type

/** Figure 1's training dynamics, and the settings if they are to be printed. */
export const Figure1 = Schema.Struct({
  options: Schema.optionalKey(
    Schema.Struct({ answerLength: Schema.Int, beta: Schema.Finite, learningRate: Schema.Finite, refreshEvery: Schema.NullOr(Schema.Int) })
  ),
  rows: Schema.Array(Figure1Row)
})

/** Figure 1's training dynamics, and the settings if they are to be printed. */
export type Figure1 = typeof Figure1.Type

const TableParameter = Schema.Literals(["s", "stopGivenCorrect", "resampleGivenWrong"])
const chainRow = {
  step: Schema.Int,
  action: Schema.Literals(["SAMPLE_CORRECT", "SAMPLE_WRONG", "STOP", "RESAMPLE"]),
  r: Schema.Finite,
  future: Schema.Finite,
  q: Schema.Finite,
  parameter: TableParameter,
  contribution: Schema.Finite
}
const updateRow = { parameter: TableParameter, reward: Schema.Finite, kl: Schema.Finite, net: Schema.Finite }

// Appendix C as the theory computes it, with the printed figures beside.
const AppendixCFields = Schema.Struct({
  steps: Schema.Array(Schema.Struct({ ...chainRow, printed: Schema.Struct(chainRow) })),
  update: Schema.Array(Schema.Struct({ ...updateRow, printed: Schema.Struct(updateRow) })),
  largestDifference: Schema.Finite,
  claims: Schema.Array(
    Schema.Struct({
      statement: Schema.String,
      value: Schema.Finite,
      printed: Schema.Finite,
      inExpectation: Schema.Finite,
      holds: Schema.Boolean,
      holdsInExpectation: Schema.Boolean
    })
  ),
  expectation: Schema.Struct({ update: Schema.Array(Schema.Struct(updateRow)), surrogateRatio: Ratio, klRatio: Ratio })
})

/** Appendix C as the theory computes it, with the printed figures beside: what `appendixC()` of the theory returns. */
export const AppendixCResult = AppendixCFields.check(
  Schema.makeFilter(({ expectation, update }) =>
    update.every(({ parameter }, k) => expectation.update[k]?.parameter === parameter)
      ? undefined
      : "an expectation of the update of every parameter, in the same order"
  )
)

/** What this run says of one claim of the paper. */
export const Finding = Schema.Struct({
  claim: Schema.String,
  /** Where the paper makes the claim. */
  where: Schema.String,
  verdict: Schema.Literals(["agrees", "disagrees", "undecided"]),
  /** The numbers behind the verdict, in one or two sentences. */
  evidence: Schema.String
})

/** What this run says of one claim of the paper. */
export type Finding = typeof Finding.Type

/** Everything a run found out. */
export const Results = Schema.Struct({
  version: Schema.String,
  preset: Schema.String,
  seed: Schema.Int,
  device: Schema.optionalKey(Schema.String),
  /** Seconds by stage; differs between equal runs. */
  timings: Schema.optionalKey(Timings),
  /** On what it was computed; differs between equal runs. */
  machine: Schema.optionalKey(Machine),
  task: Schema.Struct({
    radix: Schema.Int,
    trainLevels: Schema.Array(Schema.String),
    testLevels: Schema.Array(Schema.String),
    testPerLevel: Schema.Int,
    cap: Schema.Int,
    /** The pretrained language model that all start from; left out: networks trained from scratch. */
    model: Schema.optionalKey(Schema.String)
  }),
  models: Schema.Array(ModelResult),
  training: Schema.Array(Schema.Struct({ model: Schema.String, rows: Schema.Array(Numbers) })),
  attribution: Schema.Array(Schema.Struct({ model: Schema.String, rows: Schema.Array(AttributionMeasurement) })),
  appendixC: AppendixCResult,
  figure1: Figure1,
  paperTable1: Schema.Struct({
    source: Schema.String,
    n: Schema.Int,
    levels: Schema.Array(Schema.String),
    trainLevels: Schema.Array(Schema.String),
    rows: Schema.Array(
      Schema.Struct({
        model: Schema.String,
        accuracy: Schema.Array(Schema.Finite),
        interval: Schema.Array(Schema.Tuple([Schema.Finite, Schema.Finite]))
      }).check(
        Schema.makeFilter(({ accuracy, interval }) => (accuracy.length === interval.length ? undefined : "an interval for every accuracy"))
      )
    )
  }),
  comparisons: Schema.Array(Comparison),
  summary: Schema.Array(Finding)
})

/** Everything a run found out. */
export type Results = typeof Results.Type

/** The results without timings and machine: equal for equal runs. */
export const withoutTimings = ({ machine: _machine, timings: _timings, ...rest }: Results): Results => rest
