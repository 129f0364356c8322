/**
 * What a row says of the run that it is from: the step of training, and whether it says how its response ended.
 *
 * @module
 */
import { ENDING_FIELDS } from "../../../domain/ResponseFields.ts"
import { isRow, type Row } from "./Row.ts"

/** The fields that hold a step of training: verl's and TRL's, and what others call it. The first that holds a whole number counts. */
export const STEP_FIELDS = ["step", "global_step", "global_steps", "training_step"] as const

/** What a row says of its step. */
export interface StepMark {
  /** The step of training; undefined where the row has none. */
  readonly step: number | undefined
  /** Whether any field of the row says how the response ended; without one, a response that was cut off looks like one that stopped. */
  readonly isEndTold: boolean
}

const stepIn = (value: unknown): number | undefined => {
  const step = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value
  return typeof step === "number" && Number.isSafeInteger(step) && step >= 0 ? step : undefined
}

// prime-rl's episodes say it of the work that they were dispatched for.
const stepOfWork = ({ run }: Row): number | undefined => isRow(run) && isRow(run["work"]) ? stepIn(run["work"]["step"]) : undefined

const tellsEnd = (row: Row): boolean => ENDING_FIELDS.some((field) => row[field] !== undefined && row[field] !== null)

// Where servers and trainers put it, beside the row's own fields.
const HOLDERS = ["meta_info", "response", "info", "choices", "traces"] as const

// Lists of lists of them are as deep as any has it.
const anyTellsEnd = (value: unknown): boolean => [value].flat(3).some((each) => isRow(each) && tellsEnd(each))

/** Reads the mark of a row. */
export const markOf = (row: Row): StepMark => {
  let step: number | undefined
  for (const field of STEP_FIELDS) step ??= stepIn(row[field])
  return { step: step ?? stepOfWork(row), isEndTold: tellsEnd(row) || HOLDERS.some((field) => anyTellsEnd(row[field])) }
}

/** A number of its own for each mark. */
export const keyOfMark = ({ isEndTold, step }: StepMark): number => 2 * (step ?? -1) + (isEndTold ? 1 : 0)
