/**
 * A partition of trained tokens into sub-policies.
 *
 * The paper has two sub-policies, sampling (the answer's tokens) and decision (STOP or RESAMPLE). Its remark in
 * section 3.3 allows any number K ≥ 1: every statement about attribution is a statement about who owns a token.
 *
 * @module
 */
import { NOT_OWNED, type Partition } from "../domain/Partition.ts"
import { TheoryError } from "./TheoryError.ts"

export { DECISION, NOT_OWNED, SAMPLING, TWO_STAGE } from "../domain/Partition.ts"
export type { Partition } from "../domain/Partition.ts"

/**
 * Builds a partition from its sub-policies' names, in owner order.
 *
 * Domain: 1 to 255 distinct non-empty names. Errors: `InvalidPartition`.
 * `makePartition(["sampling", "decision"])` equals `TWO_STAGE`.
 */
export const makePartition = (names: ReadonlyArray<string>): Partition => {
  const refuse = (why: string): never => {
    throw new TheoryError("makePartition", { _tag: "InvalidPartition", names, why })
  }
  if (names.length === 0) refuse("names no sub-policy")
  if (names.length > NOT_OWNED) refuse("names more than 255 sub-policies")
  if (names.includes("")) refuse("has an empty name")
  if (new Set(names).size !== names.length) refuse("names a sub-policy twice")
  return { names: [...names] }
}

/** Finds the owner index of a sub-policy by name. Errors: `UnknownOwner`. */
export const ownerOf = (partition: Partition, name: string): number => {
  const index = partition.names.indexOf(name)
  if (index < 0) throw new TheoryError("ownerOf", { _tag: "UnknownOwner", owner: name, names: partition.names })
  return index
}
