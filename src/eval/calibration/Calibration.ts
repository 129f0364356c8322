/**
 * What calibration reports: the shape of its JSON. `calibrate` (Calibrate.ts) fills it.
 *
 * A rate without trials, and whatever follows from it, is null: never NaN, never 0.
 *
 * @module
 */
import { Effect, Schema } from "effect"
import { Outcome } from "../../domain/Query.ts"
import { Estimate } from "./Estimate.ts"

// The last bits of a sum may lie beyond 0 or 1.
const BITS = 1e-9
const Share = Schema.NullOr(Schema.Finite.check(Schema.isBetween({ minimum: -BITS, maximum: 1 + BITS })))
const Difference = Schema.NullOr(Schema.Finite.check(Schema.isBetween({ minimum: -1 - BITS, maximum: 1 + BITS })))
const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const IntervalOrNull = Schema.NullOr(Schema.Tuple([Schema.Finite, Schema.Finite]))

/**
 * Observed accuracy in two parts that add up to it exactly: that of first attempts, and what reflection adds or takes away
 * (Kang et al. 2025). Both are shares of all scored rollouts.
 */
export const Contribution = Schema.Struct({ firstAnswer: Estimate, reflection: Estimate })

/** Observed accuracy as first answers plus reflection. */
export type Contribution = typeof Contribution.Type

/** Differences `unseen` − `trained`: what is lost (or gained) out of distribution (Chu et al. 2025). */
export const DistributionShift = Schema.Struct({
  accuracy: Estimate,
  pSample: Estimate,
  pStopGivenCorrect: Estimate,
  pResampleGivenWrong: Estimate
})

/** Differences `unseen` − `trained`. */
export type DistributionShift = typeof DistributionShift.Type

// Files written before the key existed are read as "not computed".
const notComputed = { value: null, interval: null }

/** A proportion with its counts, Wilson's interval as if all trials were independent, and the interval clustered by query. */
export const Rate = Schema.Struct({
  value: Share,
  successes: Count,
  trials: Count,
  wilson: IntervalOrNull,
  interval: IntervalOrNull
})

/** A proportion with its counts and intervals. */
export type Rate = typeof Rate.Type

/**
 * A predicted accuracy, and its gap to the observed one on the same resamples; 0 inside `gap.interval` means they agree.
 * `pValue` tests the fit: that the gap is 0, two-sided, by the bootstrap; it is small where the model's assumptions fail.
 */
export const Prediction = Schema.Struct({
  accuracy: Share,
  interval: IntervalOrNull,
  gap: Schema.Struct({ value: Difference, interval: IntervalOrNull }),
  pValue: Share.pipe(Schema.withDecodingDefaultKey(Effect.succeed(null)))
})

/** A predicted accuracy and its gap to the observed one. */
export type Prediction = typeof Prediction.Type

/**
 * What raising one rate gains: accuracy for each point of the rate, by the two-stage model (with the cap if any rollout ended there), and the share of bootstrap rounds in which it is the rate that gains
 * most. A rate that is 1 gains 0.
 */
export const Lever = Schema.Struct({ gain: Estimate, leads: Share })

/** What raising one rate gains. */
export type Lever = typeof Lever.Type

/** Number of rollouts by outcome. */
export const OutcomeCounts = Schema.Record(Outcome, Count)

/** Number of rollouts by outcome. */
export type OutcomeCounts = typeof OutcomeCounts.Type

/** Calibration of one level, or of all levels pooled. */
export const LevelCalibration = Schema.Struct({
  level: Schema.String,
  /**
   * Scored rollouts (those that finished and have a sound reference answer), distinct queries among those that are counted, and rollouts that are in no accuracy
   * (truncated, or with a broken reference answer).
   */
  n: Count,
  queries: Count,
  excluded: Count,
  outcomes: OutcomeCounts,
  /** Rollouts that ended by a RESAMPLE in the last allowed attempt. */
  hitCap: Count,
  /** Accuracy of the scored rollouts. */
  observed: Schema.Struct({
    accuracy: Share,
    normal: IntervalOrNull,
    wilson: IntervalOrNull,
    interval: IntervalOrNull
  }),
  /** p_S = P(first attempt correct), over rollouts with at least one attempt; and p_S of the k-th attempt for k = 1 … cap. */
  pSample: Rate,
  pSampleByAttempt: Schema.Array(Rate),
  /** p_D|C = P(STOP | correct) and p_D|W = P(RESAMPLE | wrong), over all decisions of all attempts. */
  pStopGivenCorrect: Rate,
  pResampleGivenWrong: Rate,
  counts: Schema.Struct({
    correctStop: Count,
    correctResample: Count,
    wrongStop: Count,
    wrongResample: Count
  }),
  /** Accuracy of the two-stage model with these rates: without a cap, with the cap, and with the cap and p_S by attempt. */
  predicted: Prediction,
  predictedCapped: Prediction,
  predictedByAttempt: Prediction,
  /** Share of all scored rollouts whose first attempt is correct: what the model would score without reflection. */
  firstAttemptAccuracy: Share,
  contribution: Contribution.pipe(
    Schema.withDecodingDefaultKey(Effect.succeed({ firstAnswer: notComputed, reflection: notComputed }))
  ),
  /** p(F→T), p(T→F): P(next answer correct | this one wrong), and the reverse, over transitions (Kang et al. 2025). */
  pFalseToTrue: Rate,
  pTrueToFalse: Rate,
  /** The same per wrong answer, whether or not another attempt followed: p_D|W · p_S if attempts are independent. */
  pFalseToTruePerWrong: Rate,
  /** Share of transitions that give the same answer again. */
  echo: Rate,
  /** SCoRe's names (Kumar et al. 2024), as shares of all scored rollouts; t2 is the answer held after at most two attempts. */
  selfCorrection: Schema.Struct({
    accuracyAtT1: Share,
    accuracyAtT2: Share,
    delta: Difference,
    incorrectToCorrect: Share,
    correctToIncorrect: Share
  }),
  /** Accuracy with truncated rollouts counted as not solved. This and the next two are not computed in the paper's way (`intervals: "percentile"`). */
  solved: Schema.optionalKey(Rate),
  /** P(RESAMPLE | wrong) − P(RESAMPLE | right), Youden's J: 0 for a model that decides without regard to the answer. */
  discrimination: Schema.optionalKey(Estimate),
  leverage: Schema.optionalKey(Schema.Struct({ pSample: Lever, pStopGivenCorrect: Lever, pResampleGivenWrong: Lever }))
})

/** Calibration of one level, or of all levels pooled. */
export type LevelCalibration = typeof LevelCalibration.Type

/** Calibration of one model. */
export const Calibration = Schema.Struct({
  /** Attempts allowed per rollout; RESAMPLE in the last one is a failure. */
  cap: Count,
  bootstrap: Schema.Struct({ rounds: Count, seed: Schema.Int }),
  levels: Schema.Array(LevelCalibration),
  /** All levels pooled. The model assumes equally hard problems, so expect its prediction to be off here. */
  overall: LevelCalibration,
  /** The levels that were trained on pooled, and the others (out of distribution), if it is known which are which. */
  trained: Schema.optionalKey(LevelCalibration),
  unseen: Schema.optionalKey(LevelCalibration),
  /** How the unseen levels differ from the trained ones; present with them. */
  distributionShift: Schema.optionalKey(DistributionShift),
  outcomes: OutcomeCounts,
  /** How truncated rollouts were counted, what intervals are, and from how many queries on there are any; absent in the paper's way. */
  method: Schema.optionalKey(Schema.Struct({
    truncated: Schema.Literals(["counted", "left-out"]),
    intervals: Schema.Literals(["clustered", "percentile"]),
    /** What the same answer again after a doubt or a check was taken for. */
    echoes: Schema.optionalKey(Schema.Literals(["resample", "confirm"])),
    fewestQueries: Count
  }))
})

/** Calibration of one model. */
export type Calibration = typeof Calibration.Type
