/**
 * Two partitions besides sampling and decision, worked out (remark of section 3.3).
 *
 * Plan, execute, verify: one cycle of a multi-step procedure is a short plan, a long execution and a verdict. Digits: every position
 * of a number has its own sub-policy. The first shows scale separation between more than two parts, Σ_k r_k = r; the second
 * shows that equal lengths remove the separation of immediate terms and yet leave Q = Σ r to come longest for the first digit.
 *
 * @module
 */
import { makePartition, ownerOf, type Partition } from "./Partition.ts"
import { assertRange } from "./TheoryError.ts"
import type { Layout } from "./BatchedRecursion.ts"

/** A run of tokens of one named sub-policy. */
export interface Run {
  readonly name: string
  readonly tokens: number
}

/**
 * Lays sequences of named runs end to end: their offsets [B+1] and owner column [N].
 *
 * Errors: `UnknownOwner`, `OutOfRange` (a run without tokens).
 */
export const layOut = (partition: Partition, sequences: ReadonlyArray<ReadonlyArray<Run>>): Layout => {
  const owners = sequences.map((runs) =>
    runs.flatMap(({ name, tokens }) => {
      assertRange("layOut", `tokens of ${name}`, tokens, Number.isInteger(tokens) && tokens >= 1, "the integers from 1")
      return Array.from({ length: tokens }, () => ownerOf(partition, name))
    })
  )
  const offsets = new Int32Array(sequences.length + 1)
  owners.forEach((row, index) => {
    offsets[index + 1] = offsets[index]! + row.length
  })
  return { offsets, owner: Uint8Array.from(owners.flat()) }
}

/** The partition of a multi-step procedure. "verify" closes a cycle: it is the `decisionOwner` of `BatchedRecursion`. */
export const PLAN_EXECUTE_VERIFY: Partition = makePartition(["plan", "execute", "verify"])

/** Tokens of one cycle's parts. */
export interface Steps {
  readonly plan: number
  readonly execute: number
  readonly verify: number
}

/**
 * Lays out sequences of cycles, each a plan, an execution and a verdict of the given numbers of tokens.
 *
 * Merged into { sampling: plan + execute, decision: verify } it is the two-stage layout. Errors: `OutOfRange`.
 */
export const planExecuteVerify = (sequences: ReadonlyArray<ReadonlyArray<Steps>>): Layout =>
  layOut(
    PLAN_EXECUTE_VERIFY,
    sequences.map((cycles) =>
      cycles.flatMap(({ execute, plan, verify }) => [
        { name: "plan", tokens: plan },
        { name: "execute", tokens: execute },
        { name: "verify", tokens: verify }
      ])
    )
  )

/** Names one sub-policy for each of `digits` positions, "digit 1" first, and "decision". Errors: `OutOfRange`. */
export const digitPartition = (digits: number): Partition => {
  assertRange("digitPartition", "digits", digits, Number.isInteger(digits) && digits >= 1 && digits <= 254, "the integers 1 … 254")
  return makePartition([...Array.from({ length: digits }, (_, position) => `digit ${position + 1}`), "decision"])
}

/**
 * Lays out sequences of attempts at a number of `digits` digits, each followed by its decision token; one entry of `attempts` a
 * sequence.
 *
 * All digits merged into "sampling" it is the two-stage layout. Errors: `OutOfRange`.
 */
export const digitLayout = (digits: number, attempts: ReadonlyArray<number>): Layout => {
  const partition = digitPartition(digits)
  const oneAttempt = partition.names.map((name) => ({ name, tokens: 1 }))
  return layOut(partition, attempts.map((count) => Array.from({ length: count }, () => oneAttempt).flat()))
}
