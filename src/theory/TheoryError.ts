/**
 * The one error of the theory modules.
 *
 * Every precondition of a theory function that data can break is a `Reason`: a tagged record with the
 * offending values, so that a caller can react to it by tag and a reader is told what was wrong, where,
 * and what to do. Theory functions throw it; effectful callers turn it into a typed failure.
 *
 * @module
 */
import { oneLine } from "../domain/OneLine.ts"

/** Lists why an input was refused. `what` names the offending input, `index` is its position, 0-based. */
export type Reason =
  | { readonly _tag: "ShapeMismatch"; readonly what: string; readonly expected: number; readonly actual: number }
  | { readonly _tag: "NotADistribution"; readonly what: string; readonly index: number; readonly value: number }
  | { readonly _tag: "NonFinite"; readonly what: string; readonly index: number; readonly value: number }
  | {
    readonly _tag: "OutOfRange"
    readonly what: string
    readonly index: number
    readonly value: number
    readonly range: string
  }
  | { readonly _tag: "EmptyGroup"; readonly what: string; readonly index: number }
  | {
    readonly _tag: "GroupTooSmall"
    readonly what: string
    readonly index: number
    readonly size: number
    readonly needed: number
  }
  | { readonly _tag: "MissingInput"; readonly what: string; readonly neededBy: string }
  | { readonly _tag: "UnknownObjective"; readonly tag: string; readonly path: string; readonly known: ReadonlyArray<string> }
  | { readonly _tag: "UnknownOwner"; readonly owner: string; readonly names: ReadonlyArray<string> }
  | { readonly _tag: "InvalidPartition"; readonly names: ReadonlyArray<string>; readonly why: string }
  | { readonly _tag: "MisplacedStop"; readonly attempt: number; readonly attempts: number }

const describe = (reason: Reason): string => {
  switch (reason._tag) {
    case "ShapeMismatch":
      return `${reason.what} has ${reason.actual} entries where ${reason.expected} are needed; pass one entry for each token, sequence or attempt that it describes`
    case "NotADistribution":
      return `${reason.what}[${reason.index}] = ${reason.value} is no log-probability; pass natural logarithms of probabilities, each at most 0`
    case "NonFinite":
      return `${reason.what}[${reason.index}] = ${reason.value} is not finite; find the step that overflowed or divided by zero, or drop this row`
    case "OutOfRange":
      return `${reason.what}[${reason.index}] = ${reason.value} is outside ${reason.range}; correct the value`
    case "EmptyGroup":
      return `${reason.what} ${reason.index} has no members; remove it or give it at least one`
    case "GroupTooSmall":
      return `${reason.what} ${reason.index} has ${reason.size} member(s) where ${reason.needed} are needed; sample more per group or choose another estimator`
    case "MissingInput":
      return `${reason.neededBy} needs ${reason.what}, which the input lacks; add it or leave that objective out`
    case "UnknownObjective":
      return `${reason.path} is a "${reason.tag}", which is no objective; known are ${
        reason.known.join(", ")
      }; build a loss of your own with Objective.custom`
    case "UnknownOwner":
      return `no sub-policy is called "${reason.owner}"; the partition has ${reason.names.map((name) => `"${name}"`).join(", ")}`
    case "InvalidPartition":
      return `the partition [${oneLine(reason.names.join(", "))}] ${reason.why}; name between 1 and 255 sub-policies, each once`
    case "MisplacedStop":
      return reason.attempt === reason.attempts - 1
        ? `attempt ${reason.attempt}, the last, does not end in STOP; end the trajectory with STOP or pass allowTruncated`
        : `attempt ${reason.attempt} of ${reason.attempts} ends in STOP before the end; cut the trajectory there`
  }
}

/**
 * Reports an input that a theory function refuses.
 *
 * `message` is `where: what was wrong; what to do`. Match on `reason._tag` to react to it.
 */
export class TheoryError extends Error {
  readonly _tag = "TheoryError"
  readonly where: string
  readonly reason: Reason

  constructor(where: string, reason: Reason) {
    super(`${where}: ${describe(reason)}`)
    this.name = "TheoryError"
    this.where = where
    this.reason = reason
  }
}

/** Throws `ShapeMismatch` unless `actual` equals `expected`. */
export const assertLength = (where: string, what: string, expected: number, actual: number): void => {
  if (expected !== actual) throw new TheoryError(where, { _tag: "ShapeMismatch", what, expected, actual })
}

/** Throws `NonFinite` at the first entry that is NaN or infinite. */
export const assertFinite = (where: string, what: string, values: ArrayLike<number>): void => {
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!
    if (!Number.isFinite(value)) throw new TheoryError(where, { _tag: "NonFinite", what, index, value })
  }
}

/** Throws `NonFinite` or `NotADistribution` at the first entry that is no finite natural log-probability. */
export const assertLogProbs = (where: string, what: string, values: ArrayLike<number>): void => {
  assertFinite(where, what, values)
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!
    if (value > 0) throw new TheoryError(where, { _tag: "NotADistribution", what, index, value })
  }
}

/** Throws `OutOfRange` unless `holds`; `range` says the allowed values in words. */
export const assertRange = (where: string, what: string, value: number, holds: boolean, range: string): void => {
  if (!holds) throw new TheoryError(where, { _tag: "OutOfRange", what, index: 0, value, range })
}
