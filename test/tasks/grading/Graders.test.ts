import { Effect } from "effect"
import fc from "fast-check"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { type Announcement, type Gold, Grader, type GraderService } from "../../../src/domain/Grader.ts"
import { ConfigError } from "../../../src/domain/Errors.ts"
import {
  ANSWER_KINDS,
  boolean,
  choice,
  choiceLayer,
  countdown,
  goldFrom,
  graderFor,
  graderOf,
  GRADERS,
  loadGrader,
  ownGraderLayer,
  text
} from "../../../src/tasks/grading/index.ts"

const kindOf = (gold: string): string | undefined => graderFor({ text: gold, prompt: "" })?.grader.kind

describe("the kind of a reference", () => {
  it.each([
    ["408", "integer"],
    ["14 apples", "integer"],
    ["$12,500", "integer"],
    ["0.5", "number"],
    ["\\frac12", "number"],
    ["50\\%", "number"],
    ["3\\pi", "mathematics"],
    ["(2,5)", "mathematics"],
    ["\\text{3 or 5}", "mathematics"],
    ["1331 and 1728", "mathematics"],
    ["x^2+1", "mathematics"],
    ["7:30", "mathematics"],
    ["B", "choice"],
    ["(C)", "choice"],
    ["\\text{(D)}", "choice"],
    ["A and C", "choice"],
    ["yes", "boolean"],
    ["False", "boolean"],
    ["Paris", "text"],
    ["12 Angry Men", "text"],
    ["\\text{Evelyn}", "text"],
    ["C++", "text"],
    ["", undefined],
    ["  ", undefined]
  ])("%j is %j", (gold, kind) => {
    expect(kindOf(gold)).toBe(kind)
  })

  it("numbers make it countdown and nothing else; choices make it choice where they contain the reference", () => {
    expect(graderFor({ text: "98", numbers: [44, 19, 35], prompt: "" })?.grader.kind).toBe("countdown")
    expect(graderFor({ text: "many", numbers: [44], prompt: "" })).toBeUndefined()
    expect(graderFor({ text: "3", choices: ["2", "3", "4"], prompt: "" })?.reference.answer).toBe("B")
    expect(graderFor({ text: "2", choices: ["red", "green", "blue"], prompt: "" })?.reference.answer).toBe("C")
    expect(graderFor({ text: "408", choices: ["red"], prompt: "" })?.grader.kind).toBe("integer")
  })

  it("every kind but auto has a grader of its name", () => {
    for (const kind of ANSWER_KINDS) expect(graderOf(kind)?.kind).toBe(kind === "auto" ? undefined : kind)
    expect(graderOf("toString")).toBeUndefined()
  })

  it("aliases are as right", () => {
    const { reference } = graderFor({ text: "408", aliases: ["410"], prompt: "" })!
    expect(["408", "410", "409"].map(reference.check)).toEqual(["Correct", "Correct", "Wrong"])
  })
})

const outcome = (grader: GraderService, gold: Gold, answer: string, announcement: Announcement): string | undefined => {
  const value = grader.value(answer, 0, answer.length, announcement)
  return value === undefined ? undefined : grader.reference(gold)?.check(value.answer)
}

describe("choice", () => {
  const gold = { text: "C", choices: ["red", "green", "blue", "dark blue"], prompt: "" }
  it.each<readonly [string, Announcement, string | undefined]>([
    ["(C) because it is", "begun", "Correct"],
    ["C.", "begun", "Correct"],
    ["C) blue", "begun", "Correct"],
    ["option C", "begun", "Correct"],
    ["Option (C), blue", "begun", "Correct"],
    ["**C. blue**", "begun", "Correct"],
    ["$\\boxed{C}$", "begun", "Correct"],
    ["C, since A is wrong", "begun", "Correct"],
    ["(c)", "begun", "Correct"],
    ["blue.", "begun", "Correct"],
    ["\\text{(C)}", "wrapped", "Correct"],
    ["c", "wrapped", "Correct"],
    ["The answer is C", "wrapped", "Correct"],
    ["B", "wrapped", "Wrong"],
    ["dark blue", "begun", "Wrong"],
    ["A dog", "begun", "Wrong"],
    ["A and C", "begun", "Wrong"],
    ["not C", "begun", undefined]
  ])("%j (%s): %s", (answer, announcement, expected) => {
    expect(outcome(choice, gold, answer, announcement)).toBe(expected)
  })

  it("a letter beyond the choices is no reference", () => {
    expect(choice.reference({ text: "E", choices: ["a", "b"], prompt: "" })).toBeUndefined()
    expect(choice.reference({ text: "9", choices: ["x", "y"], prompt: "" })).toBeUndefined()
  })
})

describe("text", () => {
  const gold = { text: "The Beatles", aliases: ["Fab Four"], prompt: "" }
  it.each<readonly [string, Announcement, string]>([
    ["the beatles.", "begun", "Correct"],
    ["**Beatles**", "begun", "Correct"],
    ["“The Beatles”", "wrapped", "Correct"],
    ["\\text{BEATLES}", "wrapped", "Correct"],
    ["Beatles, a band from Liverpool.", "begun", "Correct"],
    ["the Fab Four", "wrapped", "Correct"],
    ["Beatles because they did", "begun", "Correct"],
    ["Ｂｅａｔｌｅｓ", "wrapped", "Correct"],
    ["Rolling Stones", "wrapped", "Wrong"],
    ["Beatles and Stones", "wrapped", "Wrong"]
  ])("%j (%s): %s", (answer, announcement, expected) => {
    expect(outcome(text, gold, answer, announcement)).toBe(expected)
  })
})

describe("yes and no", () => {
  it.each<readonly [string, string | undefined]>([
    ["Yes, because", "Correct"],
    ["**True**", "Correct"],
    ["no.", "Wrong"],
    ["\\text{No}", "Wrong"],
    ["not sure", undefined],
    ["Yesterday", undefined]
  ])(
    "%j: %s",
    (answer, expected) => {
      expect(outcome(boolean, { text: "yes", prompt: "" }, answer, "begun")).toBe(expected)
    }
  )
})

describe("countdown", () => {
  const gold = { text: "98", numbers: [44, 19, 35], prompt: "" }
  it.each<readonly [string, Announcement, string | undefined]>([
    ["44 + 19 + 35 = 98", "wrapped", "Correct"],
    ["98 = 44+19+35", "wrapped", "Correct"],
    ["(44+19)+35 which uses all", "begun", "Correct"],
    ["\\boxed{44 + 35 + 19}", "begun", "Correct"],
    ["44 \\times 19", "wrapped", "Wrong"],
    ["44+44+10", "wrapped", "Wrong"],
    ["44+19+35+0", "wrapped", "Wrong"],
    ["98", "wrapped", "Wrong"],
    ["hello", "wrapped", "Unparsable"]
  ])("%j (%s): %s", (answer, announcement, expected) => {
    expect(outcome(countdown, gold, answer, announcement)).toBe(expected)
  })

  it("fractions on the way are exact", () => {
    expect(outcome(countdown, { text: "24", numbers: [3, 3, 8, 8], prompt: "" }, "8/(3-8/3)", "wrapped")).toBe("Correct")
    expect(outcome(countdown, { text: "24", numbers: [3, 3, 8, 8], prompt: "" }, "\\frac{8}{3-\\frac{8}{3}}", "wrapped")).toBe("Correct")
  })
})

describe("goldFrom", () => {
  it.each([
    ["She sold 40/2 = <<40/2=20>>20.\n#### 60", "60"],
    ["so $\\boxed{\\frac{1}{2}}$.", "\\frac{1}{2}"],
    ["\\boxed{1} and \\boxed{-2}", "1, -2"],
    ["\\boxed{3}. But then it is \\boxed{4}", "4"],
    ["The answer is 14 apples.", "14 apples"],
    ["The answer is 3.5. Done", "3.5"],
    ["the answer is 72 clips in total, which is all she sold.", "72"],
    ["<answer>42</answer>", "42"],
    ["14 apples", "14 apples"],
    ["\\boxed{", "\\boxed{"]
  ])("%j is %j", (solution, expected) => {
    expect(goldFrom(solution)).toBe(expected)
  })
})

describe("long and random texts", () => {
  const megabyte = 1_000_000
  const repeated = (part: string): string => part.repeat(Math.ceil(megabyte / part.length))
  const long = [
    "0",
    "9",
    ",111",
    ".111",
    " ",
    "$.",
    "\\boxed{",
    "=1",
    "=",
    "1 ",
    "(",
    "\\frac{",
    "*",
    "\\",
    "{",
    "\\text{",
    "A, ",
    "-",
    "2^",
    "5!",
    "_",
    "a",
    "is ",
    "#",
    "²",
    "\n",
    "i.e. ",
    "answer is "
  ]

  it("one megabyte of anything takes well under a second", () => {
    for (const part of long) {
      const all = `1${repeated(part)}x`
      for (const grader of Object.values(GRADERS)) {
        const started = performance.now()
        for (const announcement of ["wrapped", "begun"] as const) grader.value(all, 0, all.length, announcement)
        grader.reference({ text: all, choices: ["a"], numbers: [1], prompt: "" })?.check(all)
        goldFrom(all)
        expect([part, grader.kind, performance.now() - started < 1_500]).toEqual([part, grader.kind, true])
      }
    }
  })

  it("no grader throws; a value lies within its stretch", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), fc.string({ maxLength: 30 }), (a, b) => {
        for (const grader of Object.values(GRADERS)) {
          for (const announcement of ["wrapped", "begun"] as const) {
            const value = grader.value(a, 0, a.length, announcement)
            if (value === undefined) continue
            expect(0 <= value.start && value.start <= value.end && value.end <= a.length).toBe(true)
            expect(grader.reference({ text: b, choices: [b, a], numbers: [1, 2], prompt: "" })?.check(value.answer)).not.toBe("GoldInvalid")
          }
        }
      }),
      { numRuns: 1_000 }
    )
  })
})

describe("layers and a grader of one's own", () => {
  it("a layer gives the service", async () => {
    const kind = await Effect.runPromise(Effect.provide(Effect.map(Grader, ({ kind }) => kind), choiceLayer))
    expect(kind).toBe("choice")
  })

  it("a module's export is one, or the error says why not", async () => {
    const folder = mkdtempSync(join(tmpdir(), "grader-"))
    try {
      const path = join(folder, "own.mjs")
      writeFileSync(
        path,
        `export const grader = { kind: "own", reference: () => undefined, value: () => undefined }\nexport const other = 1\n`
      )
      expect((await loadGrader(path)).kind).toBe("own")
      expect((await loadGrader(`${path}#grader`)).kind).toBe("own")
      await expect(loadGrader(`${path}#other`)).rejects.toThrow("number is no object")
      await expect(loadGrader(`${path}#none`)).rejects.toThrow("it has grader, other")
      await expect(loadGrader(join(folder, "missing.mjs"))).rejects.toThrow("a module that can be imported")
      await expect(loadGrader("#x")).rejects.toThrow("a module and its export")
      const made = async (source: string) => {
        const file = join(folder, `made-${source.length}.mjs`)
        writeFileSync(file, `export const grader = { kind: "own", value: () => undefined, reference: () => undefined, ${source} }\n`)
        return loadGrader(file, "task.answers")
      }
      const gold = { text: "7", prompt: "" }
      const thrown = /^task\.answers\.module is ".*\.mjs"; expected a module whose (.*)$/
      const refusal = (call: () => unknown): string => {
        try {
          return `gave ${String(call())}`
        } catch (cause) {
          return cause instanceof ConfigError ? thrown.exec(cause.message)?.[1] ?? cause.message : `no ConfigError: ${String(cause)}`
        }
      }
      const checking = async (check: string) => (await made(`reference: () => ({ answer: "7", check: ${check} })`)).reference(gold)
      expect(refusal(() => undefined)).toBe("gave undefined")
      const yes = await checking("(given) => (given === \"7\" ? \"Correct\" : \"Wrong\")")
      expect([yes?.check("7"), yes?.check("8")]).toEqual(["Correct", "Wrong"])
      const isRight = await checking("(given) => given === \"7\"")
      expect(refusal(() => isRight?.check("7"))).toBe("check gives one of Correct, Wrong, Unparsable; it gave true")
      const later = await checking("async () => \"Correct\"")
      expect(refusal(() => later?.check("7"))).toBe("check gives one of Correct, Wrong, Unparsable; it gave a promise")
      const broken = await checking("() => { throw new RangeError(\"no such unit\") }")
      expect(refusal(() => broken?.check("7"))).toMatch(/^check does not throw; it threw no such unit \(at .*made-/)
      const bare = await made("reference: () => \"7\"")
      expect(refusal(() => bare.reference(gold))).toBe("reference gives undefined or { answer, check }; string is no object")
      const beyond = await made("value: () => ({ answer: \"7\", start: 0, end: 99 })")
      expect(refusal(() => beyond.value("7", 0, 1, "wrapped")))
        .toBe("value gives undefined or { start, end, answer }, with places from 0 to 1 here; end is not what it should be")
      const error = await Effect.runPromise(Effect.flip(Effect.provide(Grader, ownGraderLayer(`${path}#other`))))
      expect(error._tag).toBe("ConfigError")
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
