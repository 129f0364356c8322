/**
 * The addition task: "Calculate 321 + 45. Think step by step.", levels "m×n" by the operands' digits. Carries travel as far as the
 * numbers are long, so it shows how a model fares on lengths it has not seen, at a fraction of multiplication's cost.
 *
 * @module
 */
import { Layer } from "effect"
import { ConfigError } from "../domain/Errors.ts"
import { failing } from "../domain/Throws.ts"
import { Task, type TaskService } from "../domain/Task.ts"
import { arithmeticTask, type ArithmeticTaskConfig, type Operation } from "./ArithmeticTask.ts"
import { workSum } from "./Working.ts"

/** a + b. */
export const operation: Operation = {
  name: "addition",
  sign: "+",
  apply: (left, right) => left + right,
  width: (left, right) => Math.max(left, right) + 1,
  work: workSum
}

/** Builds the task. Throws ConfigError for levels and radixes that make no sense. */
export const make = (config: ArithmeticTaskConfig): TaskService => arithmeticTask(operation, config)

/** The layer of the task. Settings that make no sense fail it with a ConfigError. */
export const layer = (config: ArithmeticTaskConfig): Layer.Layer<Task, ConfigError> =>
  Layer.effect(Task, failing([ConfigError], () => make(config)))
