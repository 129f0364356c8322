/**
 * Which rollouts are asked for, and how they are found among columns: the pattern of each kind is looked at once, each rollout costs a look-up.
 *
 * @module
 */
import type { Outcome } from "../../../domain/Query.ts"
import { hasEcho } from "../../calibration/Echoes.ts"
import type { EvaluatedRollout } from "../../calibration/EvaluatedRollout.ts"
import { outcomeOfPattern, rolloutOfPattern } from "../Pattern.ts"
import type { RowColumns } from "./RowColumns.ts"
import { SIGN } from "./Sign.ts"

/** Whether two neighbouring attempts are of some correctness, anywhere in a rollout. */
/** Whether an attempt that is right, or wrong, is followed by one that is. */
export const moves = ({ attempts }: EvaluatedRollout, from: boolean, to: boolean): boolean =>
  attempts.some((next, k) => k > 0 && attempts[k - 1]!.correct === from && next.correct === to)

const decides = ({ attempts }: EvaluatedRollout, correct: boolean, decision: "STOP" | "RESAMPLE"): boolean =>
  attempts.some((attempt) => attempt.correct === correct && attempt.decision === decision)

// What happens in a rollout by its pattern alone. The first eight are what the rates of a calibration count.
const BY_PATTERN = {
  "right-attempt": ({ attempts }) => attempts.some(({ correct }) => correct),
  "wrong-attempt": ({ attempts }) => attempts.some(({ correct }) => !correct),
  "stop-right": (rollout) => decides(rollout, true, "STOP"),
  "resample-right": (rollout) => decides(rollout, true, "RESAMPLE"),
  "stop-wrong": (rollout) => decides(rollout, false, "STOP"),
  "resample-wrong": (rollout) => decides(rollout, false, "RESAMPLE"),
  "first-right": ({ attempts }) => attempts[0]?.correct === true,
  "first-wrong": ({ attempts }) => attempts[0]?.correct === false,
  "wrong-to-right": (rollout) => moves(rollout, false, true),
  "right-to-wrong": (rollout) => moves(rollout, true, false),
  "wrong-to-wrong": (rollout) => moves(rollout, false, false),
  "right-to-right": (rollout) => moves(rollout, true, true),
  echo: hasEcho,
  capped: ({ hitCap }) => hitCap === true
} as const satisfies Readonly<Record<string, (rollout: EvaluatedRollout) => boolean>>

/** What may happen in a rollout: an attempt, a decision on a right or wrong answer, a transition, a sign of the reading. */
export type RowEvent = keyof typeof BY_PATTERN | keyof typeof SIGN

/** All events. */
export const ROW_EVENTS = [...Object.keys(BY_PATTERN), ...Object.keys(SIGN)] as ReadonlyArray<RowEvent>

/** Which rollouts are asked for: those to which all that is named applies. Of a list one is enough; of `events` each must happen. */
export interface RowFilter {
  readonly levels?: ReadonlyArray<string>
  readonly outcomes?: ReadonlyArray<Outcome>
  readonly events?: ReadonlyArray<RowEvent>
  /** The fewest and the most attempts. */
  readonly attempts?: readonly [least: number, most: number]
  /** The first and the last step of training. */
  readonly steps?: readonly [first: number, last: number]
  /** The hash of a query: the samples of one prompt. */
  readonly query?: number
}

/** The step of training of each rollout: its row's, else its file's; undefined where neither says one. */
export const stepOfRow = (
  { file, kind, kinds }: RowColumns,
  stepOfFile: ReadonlyArray<number | undefined>
): (row: number) => number | undefined => {
  const stepOfKind = kinds.map(({ mark }) => mark?.step)
  return (row) => stepOfFile[file[row]!] ?? stepOfKind[kind[row]!]
}

const isPatternEvent = (event: RowEvent): event is keyof typeof BY_PATTERN => Object.hasOwn(BY_PATTERN, event)

/** The numbers of the rollouts that a filter asks for, in their order. */
export const selectRows = (columns: RowColumns, filter: RowFilter, stepOfFile: ReadonlyArray<number | undefined> = []): Uint32Array => {
  const { kind, kinds, length, query, signs } = columns
  const { attempts: [least, most] = [0, Infinity], events = [], levels, outcomes, steps } = filter
  const byPattern = events.filter(isPatternEvent)
  let wanted = 0
  for (const event of events) if (!isPatternEvent(event)) wanted |= SIGN[event]
  const isKind = Uint8Array.from(kinds, ({ level, pattern }) => {
    if (levels !== undefined && !levels.includes(level)) return 0
    if (outcomes !== undefined && !outcomes.includes(outcomeOfPattern(pattern))) return 0
    const rollout = rolloutOfPattern(pattern)
    const count = rollout.attempts.length
    return count >= least && count <= most && byPattern.every((event) => BY_PATTERN[event](rollout)) ? 1 : 0
  })
  const stepOf = steps === undefined ? undefined : stepOfRow(columns, stepOfFile)
  const isStep = (row: number): boolean => {
    const step = stepOf!(row)
    return step !== undefined && step >= steps![0] && step <= steps![1]
  }
  const found = new Uint32Array(length)
  let count = 0
  for (let row = 0; row < length; row++) {
    if (isKind[kind[row]!] === 0 || (signs[row]! & wanted) !== wanted) continue
    if (filter.query !== undefined && query[row] !== filter.query) continue
    if (steps !== undefined && !isStep(row)) continue
    found[count++] = row
  }
  return found.slice(0, count)
}
