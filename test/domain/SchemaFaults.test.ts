import { Result, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { ConfigError } from "../../src/domain/Errors.ts"
import { assertNone, configErrorOf, faultsOfChecks, nearestName, placeOf } from "../../src/domain/SchemaFaults.ts"
import { shownValue } from "../../src/domain/ShownValue.ts"

const Inner = Schema.Struct({ size: Schema.Int, name: Schema.optionalKey(Schema.String) })
const Outer = Schema.Struct({
  count: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 9 })),
  kind: Schema.Literals(["alpha", "beta"]),
  flag: Schema.optionalKey(Schema.Boolean),
  list: Schema.Array(Inner),
  shape: Schema.optionalKey(
    Schema.Union([
      Schema.Struct({ _tag: Schema.Literal("Circle"), radius: Schema.Finite }),
      Schema.Struct({ _tag: Schema.Literal("Square"), side: Schema.Finite, round: Schema.optionalKey(Schema.Boolean) })
    ])
  ),
  // No field tells the two apart: that with fewer faults was meant.
  rule: Schema.optionalKey(
    Schema.Union([Schema.Struct({ a: Schema.Finite, b: Schema.Finite, c: Schema.Finite }), Schema.Struct({ big: Schema.Finite })])
  ),
  weights: Schema.optionalKey(Schema.Record(Schema.String, Schema.Finite))
})
const decode = Schema.decodeUnknownResult(Outer, { errors: "all", onExcessProperty: "error" })

const linesOf = (value: unknown): ReadonlyArray<string> => {
  const decoded = decode(value)
  if (Result.isSuccess(decoded)) throw new Error("nothing was refused")
  return configErrorOf(decoded.failure, value, "the file").message.split("\n  ")
}

const good = { count: 1, kind: "alpha", list: [{ size: 1 }] }

describe("faults of a value that a schema refuses", () => {
  it("one fault is one sentence", () => {
    expect(linesOf({ ...good, count: 10 })).toEqual(["count is 10; expected a value between 1 and 9"])
    expect(linesOf(3)).toEqual(["the file is 3; expected an object, { … }"])
  })

  it("all faults, each with its place, what was found, what is expected, and the name that was meant", () => {
    expect(linesOf({
      conut: 2,
      kind: "alhpa",
      flag: "yes",
      list: [{ size: 1 }, { size: 1.5, nam: "x" }, {}],
      shape: { _tag: "Squar", side: 1 },
      rule: { big: "x" },
      weights: { "a b": null }
    })).toEqual([
      "9 things are wrong:",
      "conut is 2; expected no field of this name (did you mean count?)",
      "kind is \"alhpa\"; expected one of \"alpha\", \"beta\" (did you mean alpha?)",
      "flag is \"yes\"; expected true or false",
      "list[1].nam is \"x\"; expected no field of this name (did you mean name?)",
      "list[1].size is 1.5; expected a whole number",
      "list[2].size is missing; expected a number",
      "shape is {\"_tag\":\"Squar\",\"side\":1}; expected a \"_tag\" of Circle, Square (did you mean Square?)",
      "rule.big is \"x\"; expected a number",
      "weights[\"a b\"] is null; expected a number"
    ])
  })

  it("of more faults than anybody reads, the meant names of the first hundred", () => {
    const letters = "abcdefghijklmnopqrstuvwxyz"
    const names = [...letters].flatMap((a) => [...letters].map((b) => `count${a}${b}`))
    const value = { ...good, ...Object.fromEntries(names.map((name) => [name, 1])) }
    const decoded = decode(value)
    if (Result.isSuccess(decoded)) throw new Error("nothing was refused")
    const { faults } = configErrorOf(decoded.failure, value, "the file")
    expect(faults).toHaveLength(names.length)
    expect(faults.filter(({ expected }) => expected.endsWith("(did you mean count?)"))).toHaveLength(100)
  })

  it("a field that is missing is told with what it takes", () => {
    expect(linesOf({})).toEqual([
      "3 things are wrong:",
      "count is missing; expected a number",
      "kind is missing; expected one of \"alpha\", \"beta\"",
      "list is missing; expected a list, [ … ]"
    ])
  })

  it("faults found otherwise stand beside them, but for the same place", () => {
    const decoded = decode({ ...good, count: 0 })
    if (Result.isSuccess(decoded)) throw new Error("nothing was refused")
    const more = ["count", "list[0].size"].map((field) => ({ field, value: "1", expected: "another" }))
    expect(configErrorOf(decoded.failure, { ...good, count: 0 }, "the file", more).faults.map(({ field }) => field)).toEqual([
      "count",
      "list[0].size"
    ])
  })

  it("a thousand faults are counted, and the first of them told", () => {
    const lines = linesOf({ ...good, list: Array.from({ length: 1000 }, () => ({ size: "x" })) })
    expect([lines.length, lines[0], lines.at(-1)]).toEqual([32, "1000 things are wrong:", "… and 970 more"])
  })

  it("checks that throw are told together, each once, and what is no ConfigError is thrown on", () => {
    const refuse = (field: string) => () => {
      throw new ConfigError({ field, value: "1", expected: "2" })
    }
    const faults = faultsOfChecks([refuse("a"), () => 3, refuse("b"), refuse("a")])
    expect(faults.map(({ field }) => field)).toEqual(["a", "b", "a"])
    expect(() => assertNone(faults)).toThrow("2 things are wrong:\n  a is 1; expected 2\n  b is 1; expected 2")
    expect(() => assertNone([])).not.toThrow()
    expect(() =>
      faultsOfChecks([() => {
        throw new TypeError("a mistake")
      }])
    ).toThrow(TypeError)
  })
})

describe("places, values and names in messages", () => {
  it("places as a program writes them", () => {
    expect(placeOf(["task", "levels", 1])).toBe("task.levels[1]")
    expect(placeOf([0, "a-b", "c"])).toBe("[0][\"a-b\"].c")
  })

  it("values are cut where they are long, and missing where they are", () => {
    expect(shownValue(undefined)).toBe("missing")
    expect(shownValue("x".repeat(500))).toHaveLength(201)
    expect(shownValue("x".repeat(500), 10)).toBe("\"xxxxxxxxx…")
    expect(shownValue([2n ** 63n])).toBe("[\"9223372036854775808\"]")
    expect(shownValue(JSON.parse("[".repeat(50_000) + "]".repeat(50_000)))).toBe("nested too deeply")
  })

  it.each([
    ["stpes", "steps"],
    ["bathcSize", "batchSize"],
    ["groupsize", "groupSize"],
    ["sed", "seed"],
    ["check", "checkpointEvery"],
    ["gpu", undefined],
    ["banana", undefined],
    ["x", undefined],
    ["s".repeat(1000), undefined]
  ])("%s was meant as %s", (name, meant) => {
    expect(nearestName(name, ["steps", "batchSize", "groupSize", "seed", "checkpointEvery", "cpu", "a"])).toBe(meant)
  })
})
