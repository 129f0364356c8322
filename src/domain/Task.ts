/**
 * The task as a service: what is asked at which level, and whether a candidate answer is right.
 *
 * @module
 */
import { Context } from "effect"
import type { Outcome, Query } from "./Query.ts"
import { type Draws, fold, type Seed } from "./Seed.ts"

/** What a checker says of one candidate answer. How a trajectory ended is not its business: that makes `Truncated`. */
export type Verdict = Exclude<Outcome, "Truncated">

/** Distinct test queries of a level, and what is known of their overlap with training. */
export interface TestQueries {
  readonly queries: ReadonlyArray<Query>
  /** How many of `queries` training may also draw. 0 unless the level has too few problems to hold any out. */
  readonly overlap: number
  /** All problems that could have been chosen. */
  readonly available: number
}

/** An answer with the working that leads to it, a text that announces nothing yet. */
export interface Worked {
  readonly working: string
  readonly answer: string
}

/** Someone who knows the answers: what demonstrations are made from. Answers are in the task's normal form. */
export interface Teacher {
  /** A right answer to a query. */
  readonly answer: (query: Query) => string
  /** An answer by somebody who slips: each part of it (a digit, an expression) is replaced by a random one with probability `slip`. */
  readonly attempt: (query: Query, slip: number, stream: Draws) => string
  /** A wrong answer that is hard to tell from a right one. */
  readonly corrupt: (query: Query, stream: Draws) => string
  /**
   * The same with working, for policies that write text: each part of a result in it slips with probability `slip`, and the answer is
   * what follows from them. `isWrong`: the answer must be wrong. Left out: answers come without working.
   */
  readonly work?: (query: Query, options: { readonly slip: number; readonly isWrong: boolean }, stream: Draws) => Worked
}

/** What a task does. All of it is pure; every draw is a function of its seed. */
export interface TaskService {
  /** The task's name, e.g. "multiplication". */
  readonly name: string
  /** The kind of its answers, as graders are named (`integer`, `countdown`, …, "./grader.ts#grader"): how a text is read for them. Left out: numbers. */
  readonly answers?: string
  /** The levels that training draws from. */
  readonly levels: ReadonlyArray<string>
  /** All training queries, where the task has a list of them. */
  readonly listed?: ReadonlyArray<Query>
  /** Draws a training query of one of `levels`; held-out problems are never drawn where the level has enough to hold any out. */
  readonly training: (level: string, seed: Seed) => Query
  /** Chooses up to `count` distinct test queries of any level, held-out ones at a training level. Throws ConfigError for a level that is none. */
  readonly test: (level: string, options: { readonly count: number; readonly seed: Seed }) => TestQueries
  /** Says whether a candidate answers the query. It compares normal forms and changes nothing: spaces and leading zeros are not dropped. Any
   * text may come: the empty one is asked about to learn whether the reference answer is sound (`GoldInvalid`). */
  readonly check: (query: Query, candidate: string) => Verdict
  /** Where there is a teacher, demonstrations can be made. */
  readonly teacher?: Teacher
}

/** The service tag; layers: `Multiplication`, `Addition`, `Countdown` in `tasks`. */
export class Task extends Context.Service<Task, TaskService>()("decision-sampling/domain/Task") {}

// The task's levels in turn, each query drawn with a seed of its own.
const inTurn = (task: TaskService, count: number, seedOf: (i: number) => Seed): ReadonlyArray<Query> =>
  Array.from({ length: count }, (_, i) => task.training(task.levels[i % task.levels.length]!, seedOf(i)))

/** `count` training queries for a file of data, balanced over the task's levels. */
export const dataQueries = (task: TaskService, seed: Seed, count: number): ReadonlyArray<Query> =>
  inTurn(task, count, (i) => fold(seed, "data", i))

/** The queries of a step of training: the task's levels in turn, each drawn with a seed of its own. */
export const trainingQueries = (task: TaskService, seed: Seed, step: number, count: number): ReadonlyArray<Query> =>
  inTurn(task, count, (i) => fold(seed, "query", step, i))
