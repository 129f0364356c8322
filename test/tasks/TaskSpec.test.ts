import { Effect, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { draws } from "../../src/domain/Seed.ts"
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
    expect(other).toMatchObject({ field: "task.module", expected: "a module with the export task; it has tasks" })
    const bare = await refusal({ _tag: "Module", module: "own/task.ts" })
    expect(bare.expected).toMatch(/^a module that can be imported \(a path begins with "\.\/"\): (?!.* imported from)/)
  })

  it.each<readonly [what: string, source: string, field: string, expected: RegExp]>([
    ["is no function", "export const task = {}", "task.module", /whose export task is a function of settings; it is object/],
    ["makes nothing", "export const task = () => undefined", "task.module", /whose export task makes a task: \{ name, levels/],
    ["makes no task", "export const task = () => ({ name: 'x', levels: ['all'] })", "task.module", /makes a task/],
    [
      "makes a task without a level",
      "const none = () => 1\nexport const task = () => ({ levels: [], training: none, test: none, check: none })",
      "task.module",
      /levels \(at least one\)/
    ],
    [
      "throws",
      "export const task = () => { throw new Error('my own mistake') }",
      "task.settings",
      /task of .*throws\.mjs accepts; it threw my own mistake \(at .*throws\.mjs:1/
    ],
    ["wants settings", "export const task = ({ size }) => size", "task.settings", /it threw Cannot destructure property 'size'/]
  ])("an export that %s is a ConfigError that says so", async (what, source, field, expected) => {
    const error = await refusal({ _tag: "Module", module: moduleOf(`${what.replaceAll(" ", "-")}.mjs`, source) })
    expect(error).toMatchObject({ _tag: "ConfigError", field })
    expect(error.expected).toMatch(expected)
  })

  it("Module: an export may return a promise", async () => {
    const source = `const none = () => 1
      export const task = async () => ({ name: "late", levels: ["all"], training: none, test: none, check: none })`
    expect((await build({ _tag: "Module", module: moduleOf("late.mjs", source) })).name).toBe("late")
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
    ["null", "export const task = null", /it is null/],
    ["nothing made", "export const task = () => undefined", /undefined is no object/],
    ["a promise of no task", "export const task = async () => ({})", /training is missing/],
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
    ) expect(call).toThrow(/task\.module is .*breaks\.mjs.* does not throw; it threw broke/)
    const vague = await build({ _tag: "Module", module: moduleOf("vague.mjs", source({ training: "() => 1", check: "() => undefined" })) })
    expect(() => vague.training("a", 1)).toThrow(/training gives a query; number is no object/)
    expect(() => vague.check(query, "1")).toThrow(/one of Correct, Wrong, Unparsable, GoldInvalid; it gave undefined/)
  })

  it("a module's working and its list of queries are the task's, whoever looks at it", async () => {
    const teacher =
      "{ answer: () => \"1\", attempt: () => \"1\", corrupt: () => \"2\", work: () => ({ working: \"0 + 1 = 1.\", answer: \"1\" }) }"
    const other = { teacher, listed: "[{ id: \"1\", level: \"a\", prompt: \"1\" }]" }
    const task = await build({ _tag: "Module", module: moduleOf("works.mjs", source(other)) })
    const query = { id: "1", level: "a", prompt: "1" }
    expect(task.listed).toEqual([query])
    expect(task.teacher?.work?.(query, { slip: 0, isWrong: false }, draws(1))).toEqual({ working: "0 + 1 = 1.", answer: "1" })
    const lazy = source({ teacher: "{ answer: () => 1, attempt: () => 1, corrupt: () => 1, work: 7 }" })
    expect((await refusal({ _tag: "Module", module: moduleOf("lazy.mjs", lazy) })).message).toContain(
      "teacher: work is no function but number"
    )
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
