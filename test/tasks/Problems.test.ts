import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll } from "vitest"
import { draws } from "../../src/domain/Seed.ts"
import { make, type ProblemsConfig } from "../../src/tasks/Problems.ts"

const folder = mkdtempSync(join(tmpdir(), "problems-"))
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})
let files = 0
const fileOf = (rows: ReadonlyArray<unknown>): string => {
  const file = join(folder, `${files++}.jsonl`)
  writeFileSync(file, rows.map((row) => (typeof row === "string" ? row : JSON.stringify(row))).join("\n"))
  return file
}
const made = (rows: ReadonlyArray<unknown>, rest: Omit<ProblemsConfig, "file"> = {}) => make({ file: fileOf(rows), ...rest })
const refusal = (rows: ReadonlyArray<unknown>, rest: Omit<ProblemsConfig, "file"> = {}) =>
  Effect.map(Effect.flip(made(rows, rest)), ({ message }) => message)

const clips = {
  question: "Natalia sold clips to 48 of her friends in April, and then half as many in May. How many in all?",
  answer: "In May she sold 48/2 = <<48/2=24>>24 clips.\nIn all she sold 48+24 = <<48+24=72>>72 clips.\n#### 72"
}
const many = Array.from(
  { length: 200 },
  (_, i) => ({ prompt: `What is ${i} + 1?`, answer: String(i + 1), level: i % 2 === 0 ? "even" : "odd", id: `p${i}` })
)

describe("problems of a file", () => {
  it.effect("reads a worked solution: the answer after the mark, the working without calculator and mark", () =>
    Effect.gen(function* () {
      const task = yield* made([clips])
      assert.deepStrictEqual([task.answers, task.levels], ["integer", ["all"]])
      const query = task.training("all", 1)
      assert.strictEqual(query.prompt, clips.question)
      assert.deepStrictEqual(["72", "71", "x"].map((answer) => task.check(query, answer)), ["Correct", "Wrong", "Wrong"])
      assert.strictEqual(task.check({ ...query, id: "other" }, "72"), "GoldInvalid")
      const right = task.teacher!.work!(query, { slip: 0, isWrong: false }, draws(1))
      assert.deepStrictEqual(right, { answer: "72", working: "In May she sold 48/2 = 24 clips.\nIn all she sold 48+24 = 72 clips." })
      const wrong = task.teacher!.work!(query, { slip: 0, isWrong: true }, draws(1))
      assert.strictEqual(task.check(query, wrong.answer), "Wrong")
      assert.strictEqual(wrong.working, `In May she sold 48/2 = 24 clips.\nIn all she sold 48+24 = ${wrong.answer} clips.`)
    }))

  it.effect("writes a wrong working that goes wrong where its answer comes out, and nowhere before", () =>
    Effect.gen(function* () {
      const wrongOf = (answer: string) =>
        Effect.map(made([{ question: "How many?", answer }]), (task) => {
          const query = task.training("all", 1)
          const wrong = task.teacher!.work!(query, { slip: 0, isWrong: true }, draws(1))
          assert.strictEqual(task.check(query, wrong.answer), "Wrong")
          return wrong
        })
      const digits = yield* wrongOf("Take 12 of 2 dozen. 12+2=14, 14-12=2.\nSo 2 eggs of 22.\n#### 2")
      assert.strictEqual(digits.working, `Take 12 of 2 dozen. 12+2=14, 14-12=${digits.answer}.\nSo ${digits.answer} eggs of 22.`)
      const negative = yield* wrongOf("5-10 degrees: 0-5=-5.\n#### -5")
      assert.strictEqual(negative.working, `5-10 degrees: 0-5=${negative.answer}.`)
      const plain = yield* wrongOf("There are 18 apples and 118 pears, 1.18 a head.\n#### 18")
      assert.strictEqual(plain.working, `There are ${plain.answer} apples and 118 pears, 1.18 a head.`)
      const grouped = yield* wrongOf("It is $1,239-5 = $<<1239-5=1234>>1,234.\n#### 1,234")
      assert.strictEqual(grouped.working, `It is $1,239-5 = $${grouped.answer.replace(/^1/, "1,")}.`)
      const nowhere = yield* wrongOf("Seven and one are eight.\n#### 8")
      assert.strictEqual(nowhere.working, "Seven and one are eight.")
    }))

  it.effect("reads a file that begins with a byte order mark", () =>
    Effect.gen(function* () {
      const task = yield* made([`\uFEFF${JSON.stringify(clips)}`])
      assert.deepStrictEqual(task.listed!.map(({ prompt }) => prompt), [clips.question])
    }))

  it.effect("holds an eighth out by its prompt, draws each level evenly, and says what tests share with training", () =>
    Effect.gen(function* () {
      const task = yield* made(many)
      assert.deepStrictEqual(task.levels, ["even", "odd"])
      const tests = task.test("even", { count: 1_000, seed: 3 })
      assert.deepStrictEqual([tests.overlap, tests.queries.length], [0, tests.available])
      assert.isTrue(tests.queries.every(({ level }) => level === "even"))
      assert.isAbove(tests.available, 3)
      assert.isBelow(tests.available, 30)
      const held = new Set(tests.queries.map(({ id }) => id))
      const drawn = new Set(Array.from({ length: 3_000 }, (_, i) => task.training("even", i).id))
      assert.isFalse([...drawn].some((id) => held.has(id)))
      assert.strictEqual(drawn.size + held.size, 100)
      assert.strictEqual(task.listed!.length + held.size + task.test("odd", { count: 1_000, seed: 3 }).available, 200)
      // Problems of one's own to test with, one of which training has too.
      const own = yield* made(many, { test: fileOf([many[0], { prompt: "What is 9 + 9?", answer: "18", level: "even" }]) })
      const { overlap, queries } = own.test("even", { count: 9, seed: 1 })
      assert.deepStrictEqual([queries.length, overlap, own.listed!.length], [2, 1, 200])
      assert.strictEqual(own.check(queries.find(({ prompt }) => prompt.includes("9 + 9"))!, "18"), "Correct")
    }))

  it.effect("grades by the kind that all answers show, by the wider where they show two, and by one that is named", () =>
    Effect.gen(function* () {
      const kindOf = (answers: ReadonlyArray<string>, rest: Omit<ProblemsConfig, "file"> = {}) =>
        Effect.map(made(answers.map((answer, i) => ({ prompt: `q${i}`, answer })), rest), (task) => task.answers)
      assert.strictEqual(yield* kindOf(["1", "2.5"]), "number")
      assert.strictEqual(yield* kindOf(["1", "\\sqrt{2}"]), "mathematics")
      assert.strictEqual(yield* kindOf(["A", "(B)"]), "choice")
      assert.strictEqual(yield* kindOf(["Paris", "Rome"], { answers: "text" }), "text")
      const countdown = yield* made([{ prompt: "Using the numbers [1, 2, 3], make 9.", target: 9, nums: [1, 2, 3] }])
      assert.strictEqual(countdown.answers, "countdown")
      assert.strictEqual(countdown.check(countdown.training("all", 1), "(1+2)*3"), "Correct")
    }))

  it.effect("refuses what is no problem, with the file, the line and what to do", () =>
    Effect.gen(function* () {
      assert.include(yield* refusal(["{"]), ".jsonl, line 1; expected a problem; it has no JSON")
      assert.include(yield* refusal([clips, ["no"]]), ".jsonl, line 2; expected a problem; it has no object")
      assert.include(yield* refusal([{ question: "q" }]), "no answer: give it as \"answer\"")
      assert.include(yield* refusal([{ question: "q", answer: " " }]), "line 1; expected a problem; it has no answer")
      assert.include(yield* refusal([{ answer: "1" }]), "no prompt: give text as \"prompt\"")
      assert.include(
        yield* refusal([{ messages: [{ role: "system", content: "s" }, { role: "user", content: "q" }], answer: "1" }]),
        "its prompt is a chat"
      )
      assert.include(
        yield* refusal([{ id: "a", prompt: "q", answer: "1" }, { id: "a", prompt: "p", answer: "1" }]),
        "\"a\" is that of line 1"
      )
      assert.include(yield* refusal([""]), "a file with at least one problem")
      assert.include(
        yield* refusal([{ prompt: "q", answer: "1" }, { prompt: "p", answer: "Paris" }]),
        "the file shows integer (first in 1), text (first in 2), and a text is read in one way"
      )
      assert.include(yield* refusal([clips], { answers: "integre" }), "task.answers is \"integre\"; expected one of integer, number")
      assert.include(yield* refusal([clips], { answers: "./none.ts#grader" }), "task.answers")
      assert.include(yield* refusal([{ prompt: "q", answer: "Paris" }], { answers: "integer" }), "an answer that is integer")
      assert.include((yield* Effect.flip(make({ file: join(folder, "none.jsonl") }))).message, "a file that can be read: ENOENT")
    }))
})
