import { Effect, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { Task } from "../../src/domain/Task.ts"
import * as TaskSpec from "../../src/tasks/TaskSpec.ts"
import { ownModules } from "../support/OwnModules.ts"

const moduleOf = ownModules()

const build = (spec: TaskSpec.TaskSpec) => Effect.runPromise(Effect.provide(Task, TaskSpec.layer(spec)))
const refusal = (spec: TaskSpec.TaskSpec) => Effect.runPromise(Effect.flip(TaskSpec.taskOf(spec)))

const specs: ReadonlyArray<TaskSpec.TaskSpec> = [
  { _tag: "Multiplication", radix: 10, levels: ["2x1"] },
  { _tag: "Addition", radix: 2, levels: ["2x2", "3x3"] },
  { _tag: "Countdown", levels: ["2", "3"], largest: 9, operations: ["+", "*"] }
]

describe("a task's spec", () => {
  it.each(specs)("$_tag: survives JSON and builds the task of its name, whose teacher is right", async (spec) => {
    const again = Schema.decodeUnknownSync(TaskSpec.TaskSpec)(JSON.parse(JSON.stringify(spec)))
    expect(again).toEqual(spec)
    const task = await build(again)
    expect([task.name, task.levels]).toEqual([spec._tag.toLowerCase(), "levels" in spec ? spec.levels : []])
    const query = task.training(task.levels[0]!, 1)
    expect(task.check(query, task.teacher!.answer(query))).toBe("Correct")
  })

  it("Module: the export `task` of a file, called with the settings", async () => {
    const module = moduleOf(
      "parity.mjs",
      `export const task = ({ word }) => ({
        name: "parity", levels: [word],
        training: (level, seed) => ({ id: String(seed), level, prompt: String(seed) }),
        test: (level) => ({ queries: [], overlap: 0, available: 0 }),
        check: ({ id }, candidate) => candidate === (Number(id) % 2 === 0 ? word : "odd") ? "Correct" : "Wrong"
      })`
    )
    const task = await build({ _tag: "Module", module, settings: { word: "even" } })
    expect([task.name, task.levels, task.teacher]).toEqual(["parity", ["even"], undefined])
    expect([task.check(task.training("even", 4), "even"), task.check(task.training("even", 5), "even")]).toEqual(["Correct", "Wrong"])
  })

  it("a module that is missing, that does not run, and one without the export are ConfigErrors that name the field and say why", async () => {
    const absent = moduleOf("absent.mjs")
    expect(await refusal({ _tag: "Module", module: absent })).toMatchObject({
      _tag: "ConfigError",
      field: "task.module",
      value: JSON.stringify(absent)
    })
    const broken = await refusal({ _tag: "Module", module: moduleOf("broken.mjs", "throw new Error(\"no luck\")") })
    expect(broken).toMatchObject({ field: "task.module", expected: "a module that can be imported: no luck" })
    const other = await refusal({ _tag: "Module", module: moduleOf("other.mjs", "export const tasks = 1") })
    expect(other).toMatchObject({ field: "task.module", expected: "a module with the export task" })
  })

  it("settings that make no sense are ConfigErrors, not defects", async () => {
    expect(await refusal({ _tag: "Multiplication", radix: 11, levels: ["1x1"] })).toMatchObject({
      _tag: "ConfigError",
      field: "task.radix"
    })
    expect(await refusal({ _tag: "Addition", radix: 10, levels: ["a"] })).toMatchObject({ _tag: "ConfigError", field: "level" })
    expect(await refusal({ _tag: "Countdown", levels: ["2"], largest: 0, operations: ["+"] })).toMatchObject({ field: "task.largest" })
  })
})
