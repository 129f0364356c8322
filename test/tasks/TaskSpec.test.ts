import { Effect, Schema } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Task } from "../../src/domain/Task.ts"
import * as TaskSpec from "../../src/tasks/TaskSpec.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "decision-sampling-task-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const moduleOf = (name: string, source: string): string => {
  const file = join(folder, name)
  writeFileSync(file, source)
  return pathToFileURL(file).href
}

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
    const absent = pathToFileURL(join(folder, "absent.mjs")).href
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

  const parts = {
    name: "\"own\"",
    levels: "[\"a\"]",
    training: "() => ({ id: \"1\", level: \"a\", prompt: \"1\" })",
    test: "() => ({ queries: [], overlap: 0, available: 0 })",
    check: "() => \"Wrong\""
  }
  const source = (other: Readonly<Record<string, string>>) =>
    `export const task = () => ({ ${Object.entries({ ...parts, ...other }).map(([name, value]) => `${name}: ${value}`).join(", ")} })`

  it.each([
    ["no function", "export const task = 7", /export task is a function of the settings; it is number/],
    ["null", "export const task = null", /it is null/],
    ["a function that throws", "export const task = () => { throw new Error(\"no luck\") }", /does not throw; it said: no luck/],
    ["nothing made", "export const task = () => undefined", /undefined is no object/],
    ["a promise", "export const task = async () => ({})", /a promise is none/],
    ["no levels", source({ levels: "[]" }), /levels is not what it should be/],
    ["no check", source({ check: "undefined" }), /check is missing/],
    ["a teacher who cannot answer", source({ teacher: "{}" }), /teacher: answer is missing/]
  ])("a module whose export is %s is refused in a sentence", async (name, text, expected) => {
    const error = await refusal({ _tag: "Module", module: moduleOf(`${name.replaceAll(" ", "-")}.mjs`, text) })
    expect(error).toMatchObject({ _tag: "ConfigError", field: "task.module" })
    expect(error.message).toMatch(expected)
  })

  it("what a module's functions throw, a query and a verdict that are none are ConfigErrors, never a reward", async () => {
    const thrown = "() => { throw new Error(\"broke\") }"
    const other = {
      training: thrown,
      check: thrown,
      test: thrown,
      teacher: `{ answer: ${thrown}, attempt: ${thrown}, corrupt: ${thrown} }`
    }
    const broken = await build({ _tag: "Module", module: moduleOf("breaks.mjs", source(other)) })
    const query = { id: "1", level: "a", prompt: "1" }
    for (
      const call of [
        () => broken.training("a", 1),
        () => broken.check(query, "1"),
        () => broken.test("a", { count: 1, seed: 1 }),
        () => broken.teacher!.answer(query)
      ]
    ) expect(call).toThrow(/task\.module is .*breaks\.mjs.* does not throw; it said: broke/)
    const vague = await build({ _tag: "Module", module: moduleOf("vague.mjs", source({ training: "() => 1", check: "() => undefined" })) })
    expect(() => vague.training("a", 1)).toThrow(/training gives a query; number is no object/)
    expect(() => vague.check(query, "1")).toThrow(/one of Correct, Wrong, Unparsable, GoldInvalid; it gave undefined/)
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
