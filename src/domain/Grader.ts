/**
 * The grader as a service: which part of an announced text is the value, what a reference answer is, and when the two agree. One for each kind of
 * answer (whole numbers, mathematics, choices, …); whoever reads a text asks it and knows no kind himself. Pure, so that a thread that reads
 * transcripts by the million calls it directly.
 *
 * @module
 */
import { Context } from "effect"
import type { Verdict } from "./Task.ts"

/** How a value was announced, which says where it may end. */
export type Announcement =
  /** By a wrapper of its own (`\boxed{…}`, `<answer>…</answer>`, display mathematics, bold): the value is all of the stretch. */
  | "wrapped"
  /** By words or a label ("the answer is …", "Answer: …", "#### …"): the value begins the stretch, and words may follow it. */
  | "begun"

/** A value in a text: text[start, end), and its normal form. Equal strings are the same answer, as far as the writing tells. */
export interface Value {
  readonly start: number
  readonly end: number
  readonly answer: string
}

/** A reference answer and what came with it in its row. */
export interface Gold {
  readonly text: string
  /** Other texts that are as right. */
  readonly aliases?: ReadonlyArray<string>
  /** The options of a multiple-choice problem, in the order of their letters. */
  readonly choices?: ReadonlyArray<string>
  /** The numbers of a countdown problem; `text` is the target. */
  readonly numbers?: ReadonlyArray<number>
  readonly prompt: string
}

/** A sound reference answer. */
export interface Reference {
  /** What the reference is, in normal form, for messages. */
  readonly answer: string
  /** Says whether an answer, in the normal form of `value`, is right. Never `GoldInvalid`. */
  readonly check: (answer: string) => Verdict
}

/** What a grader does. */
export interface GraderService {
  /** The kind of answers, e.g. "integer". */
  readonly kind: string
  /** Reads a reference answer; undefined where it is none of this kind. */
  readonly reference: (gold: Gold) => Reference | undefined
  /**
   * Finds the value in the stretch text[from, to) that an announcement opens: whole or not at all. In time linear in the length of the stretch,
   * and of the value where words follow it.
   */
  readonly value: (text: string, from: number, to: number, announcement: Announcement) => Value | undefined
}

/** The service tag; layers in `tasks`. */
export class Grader extends Context.Service<Grader, GraderService>()("decision-sampling/domain/Grader") {}
