/**
 * The multiplication task (this paper, 2026, appendix E.1 and E.2): levels "m×n", the paper's prompt, exact products.
 *
 * @module
 */
import { Layer } from "effect"
import { ConfigError } from "../domain/Errors.ts"
import type { Query } from "../domain/Query.ts"
import { failing } from "../domain/Throws.ts"
import { Task, type TaskService } from "../domain/Task.ts"
import { arithmeticTask, type ArithmeticTaskConfig, type Operation, queryOf } from "./ArithmeticTask.ts"
import type { Problem, TaskConfig } from "./Operands.ts"
import { workProduct } from "./Working.ts"

export * from "./Operands.ts"

/** a · b. */
export const operation: Operation = {
  name: "multiplication",
  sign: "*",
  apply: (left, right) => left * right,
  width: (left, right) => left + right,
  work: workProduct
}

/** Names a problem, e.g. "321*4". */
export const problemId = (task: TaskConfig, problem: Pick<Problem, "left" | "right">): string => toQuery(task, { level: "", ...problem }).id

/** The product a* in the task's numerals. */
export const product = (task: TaskConfig, problem: Pick<Problem, "left" | "right">): string =>
  operation.apply(problem.left, problem.right).toString(task.radix)

/** Puts a problem into words, with the paper's prompt: "Calculate 321 * 4. Think step by step." */
export const toQuery = ({ radix }: TaskConfig, problem: Problem): Query => queryOf(operation, radix, problem)

/** Builds the task. Throws ConfigError for levels and radixes that make no sense. */
export const make = (config: ArithmeticTaskConfig): TaskService => arithmeticTask(operation, config)

/** The layer of the task. Settings that make no sense fail it with a ConfigError. */
export const layer = (config: ArithmeticTaskConfig): Layer.Layer<Task, ConfigError> =>
  Layer.effect(Task, failing([ConfigError], () => make(config)))
