/**
 * What a calibration by step reports: the shape of `calibrate --by step --json`.
 *
 * @module
 */
import { Schema } from "effect"
import { Calibration, LevelCalibration } from "../../calibration/Calibration.ts"
import { LevelComparison } from "../../calibration/Comparison.ts"

/** The version of the shape. */
export const STEPS_VERSION = 1

const { level, n, observed, outcomes, pResampleGivenWrong, pSample, pStopGivenCorrect, queries, solved } = LevelCalibration.fields

/** The rates of one level, or of several pooled: what `calibrate` says of the same rollouts, under the same names. */
export const StepRates = Schema.Struct({
  level,
  n,
  queries,
  outcomes,
  observed,
  pSample,
  pStopGivenCorrect,
  pResampleGivenWrong,
  solved
})

/** The rates of one level, or of several pooled. */
export type StepRates = typeof StepRates.Type

/** The differences from the first step, as `compare` computes them from the files of the two. */
export const SinceFirst = Schema.Struct({
  overall: LevelComparison,
  /** Level by level, where there are several. */
  levels: Schema.optionalKey(Schema.Array(LevelComparison)),
  trained: Schema.optionalKey(LevelComparison),
  unseen: Schema.optionalKey(LevelComparison)
})

/** The differences from the first step. */
export type SinceFirst = typeof SinceFirst.Type

/** One step of training, or a window of steps pooled. */
export const StepRow = Schema.Struct({
  /** The first and the last step that the row may hold: equal without windows. */
  first: Schema.Int,
  last: Schema.Int,
  /** Steps that were found of those. */
  steps: Schema.Int,
  rows: Schema.Int,
  badRows: Schema.Int,
  /** Rows that say how their response ended. Where none does, responses that were cut off cannot be told from those that stopped. */
  endTold: Schema.Int,
  overall: StepRates,
  levels: Schema.optionalKey(Schema.Array(StepRates)),
  trained: Schema.optionalKey(StepRates),
  unseen: Schema.optionalKey(StepRates),
  /** Absent in the first row. */
  sinceFirst: Schema.optionalKey(SinceFirst)
})

/** One step of training, or a window of steps pooled. */
export type StepRow = typeof StepRow.Type

/** The answer in words, with what a program would ask of it. */
export const StepsFindings = Schema.Struct({
  /** Which sub-policy made the larger part of the change from the first row to the last; `undecided` where that cannot be told yet. */
  verdict: Schema.Literals(["sampling", "decision", "undecided"]),
  /** Whether the last row is more accurate than the first. */
  accuracy: Schema.Literals(["better", "worse", "undecided"]),
  /** A number of steps to pool that would make smaller changes visible; where that is possible. */
  window: Schema.optionalKey(Schema.Int),
  sentences: Schema.Array(Schema.String)
})

/** The answer in words. */
export type StepsFindings = typeof StepsFindings.Type

/** Calibration of a run, step by step. */
export const StepsCalibration = Schema.Struct({
  version: Schema.Literal(STEPS_VERSION),
  inputs: Schema.Array(Schema.String),
  files: Schema.Int,
  /** How many steps a row pools, or of how many steps one is shown; 1 unless told. */
  window: Schema.Int,
  every: Schema.Int,
  bootstrap: Calibration.fields.bootstrap,
  method: Calibration.fields.method,
  /** Lines by the format that they were read in, and responses by kind of answer. */
  formats: Schema.Record(Schema.String, Schema.Int),
  kinds: Schema.Record(Schema.String, Schema.Int),
  trainLevels: Schema.optionalKey(Schema.Array(Schema.String)),
  /** Rows that there are; `steps` may have fewer (`most`). */
  rowCount: Schema.Int,
  steps: Schema.Array(StepRow),
  findings: StepsFindings,
  badRowCount: Schema.Int,
  /** The first thousand, at most a hundred of each file. */
  badRows: Schema.Array(Schema.Struct({ file: Schema.String, line: Schema.Int, reason: Schema.String }))
})

/** Calibration of a run, step by step. */
export type StepsCalibration = typeof StepsCalibration.Type
