/**
 * A task as a serialisable value that builds its layer: what a configuration names.
 *
 * @module
 */
import { Effect, Layer, Schema } from "effect"
import { ConfigError } from "../domain/Errors.ts"
import { buildExport, guarded, lacking, ModuleReference } from "../domain/ModuleReference.ts"
import { failing } from "../domain/Throws.ts"
import { Task, type TaskService, type Verdict } from "../domain/Task.ts"
import * as Addition from "./Addition.ts"
import { ArithmeticTaskConfig } from "./ArithmeticTask.ts"
import * as Countdown from "./Countdown.ts"
import * as Multiplication from "./Multiplication.ts"
import * as Problems from "./Problems.ts"

/** A task and its settings. `Module` is one's own: a module whose export `task` makes the service of the settings. */
export const TaskSpec = Schema.Union([
  Schema.Struct({ _tag: Schema.tag("Multiplication"), ...ArithmeticTaskConfig.fields }),
  Schema.Struct({ _tag: Schema.tag("Addition"), ...ArithmeticTaskConfig.fields }),
  Schema.Struct({ _tag: Schema.tag("Countdown"), ...Countdown.CountdownConfig.fields }),
  Schema.Struct({ _tag: Schema.tag("Problems"), ...Problems.ProblemsConfig.fields }),
  Schema.Struct({ _tag: Schema.tag("Module"), ...ModuleReference.fields })
])
export type TaskSpec = typeof TaskSpec.Type

const isText = (value: unknown): boolean => typeof value === "string"

const isLevels = (levels: unknown): boolean =>
  Array.isArray(levels) && levels.length > 0 && levels.every((level) => typeof level === "string")

const whatTaskLacks = (made: unknown): string | undefined => {
  const problem = lacking(made, ["training", "test", "check"], {
    name: isText,
    levels: isLevels,
    answers: (answers) => answers === undefined || isText(answers)
  })
  if (problem !== undefined) return problem
  const { teacher } = made as { readonly teacher?: unknown }
  const works = (teacher as { readonly work?: unknown } | undefined)?.work !== undefined
  const unable = teacher === undefined ? undefined : lacking(teacher, ["answer", "attempt", "corrupt", ...(works ? ["work"] : [])])
  return unable === undefined ? undefined : `teacher: ${unable}`
}

const TASK = { what: "a task: { name, levels (at least one), training, test, check }", lacks: whatTaskLacks }

const VERDICTS: ReadonlyArray<unknown> = ["Correct", "Wrong", "Unparsable", "GoldInvalid"] satisfies ReadonlyArray<Verdict>

/** A module's task whose queries and verdicts are looked at: what is none is a ConfigError, never a reward of 0 or NaN. */
const watched = (reference: ModuleReference, made: TaskService): TaskService => {
  const teacher = made.teacher &&
    guarded("task", reference, made.teacher, [
      "answer",
      "attempt",
      "corrupt",
      ...(made.teacher.work === undefined ? [] : ["work" as const])
    ], [])
  const { answers, check, levels, listed, name, test, training } = guarded("task", reference, made, ["training", "test", "check"], [
    "name",
    "levels",
    "answers",
    "listed"
  ])
  const refuse = (expected: string): never => {
    throw new ConfigError({ field: "task.module", value: JSON.stringify(reference.module), expected })
  }
  return {
    name,
    levels,
    test,
    ...(answers !== undefined && { answers }),
    ...(listed !== undefined && { listed }),
    ...(teacher && { teacher }),
    training: (level, seed) => {
      const query = training(level, seed)
      const problem = lacking(query, [], { id: isText, level: isText, prompt: isText })
      return problem === undefined ? query : refuse(`a module whose training gives a query; ${problem}`)
    },
    check: (query, candidate) => {
      const verdict: unknown = check(query, candidate)
      return VERDICTS.includes(verdict)
        ? verdict as Verdict
        : refuse(`a module whose check gives one of ${VERDICTS.join(", ")}; it gave ${JSON.stringify(verdict) ?? String(verdict)}`)
    }
  }
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
    case "Problems":
      return Problems.make(spec)
    case "Module":
      return Effect.map(buildExport<TaskService>("task", spec, "task", TASK), (made) => watched(spec, made))
  }
}

/** The layer of the task of a spec. */
export const layer = (spec: TaskSpec): Layer.Layer<Task, ConfigError> => Layer.effect(Task, taskOf(spec))
