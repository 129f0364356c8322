/**
 * A task as a serialisable value that builds its layer: what a configuration names.
 *
 * @module
 */
import { type Effect, Layer, Schema } from "effect"
import { ConfigError } from "../domain/Errors.ts"
import { buildExport, hasMethods, type Made, ModuleReference } from "../domain/ModuleReference.ts"
import { failing } from "../domain/Throws.ts"
import { Task, type TaskService } from "../domain/Task.ts"
import * as Addition from "./Addition.ts"
import { ArithmeticTaskConfig } from "./ArithmeticTask.ts"
import * as Countdown from "./Countdown.ts"
import * as Multiplication from "./Multiplication.ts"

/** A task and its settings. `Module` is one's own: a module whose export `task` makes the service of the settings. */
export const TaskSpec = Schema.Union([
  Schema.Struct({ _tag: Schema.tag("Multiplication"), ...ArithmeticTaskConfig.fields }),
  Schema.Struct({ _tag: Schema.tag("Addition"), ...ArithmeticTaskConfig.fields }),
  Schema.Struct({ _tag: Schema.tag("Countdown"), ...Countdown.CountdownConfig.fields }),
  Schema.Struct({ _tag: Schema.tag("Module"), ...ModuleReference.fields })
])
export type TaskSpec = typeof TaskSpec.Type

const TASK: Made<TaskService> = {
  what: "a task: { name, levels (at least one), training, test, check }",
  isMade: (value): value is TaskService =>
    hasMethods(value, ["training", "test", "check"]) && Array.isArray((value as TaskService).levels) &&
    (value as TaskService).levels.length > 0
}

/** Builds the task of a spec. */
export const taskOf = (spec: TaskSpec): Effect.Effect<TaskService, ConfigError> => {
  switch (spec._tag) {
    case "Multiplication":
      return failing([ConfigError], () => Multiplication.make(spec))
    case "Addition":
      return failing([ConfigError], () => Addition.make(spec))
    case "Countdown":
      return failing([ConfigError], () => Countdown.make(spec))
    case "Module":
      return buildExport("task", spec, "task", TASK)
  }
}

/** The layer of the task of a spec. */
export const layer = (spec: TaskSpec): Layer.Layer<Task, ConfigError> => Layer.effect(Task, taskOf(spec))
