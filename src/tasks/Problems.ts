/**
 * Problems of one's own: a file of prompts and right answers (GSM8K's fields and those of other data sets), graded as calibration grades.
 *
 * @module
 */
import { Effect, Result, Schema } from "effect"
import { ConfigError } from "../domain/Errors.ts"
import type { Gold, GraderService, Reference } from "../domain/Grader.ts"
import { oneLine } from "../domain/OneLine.ts"
import type { Query } from "../domain/Query.ts"
import { type Draws, draws, fold, shuffle } from "../domain/Seed.ts"
import type { TaskService, Teacher } from "../domain/Task.ts"
import { caught } from "../domain/Throws.ts"
import { graderFor, GRADERS } from "./grading/Graders.ts"
import { goldFrom } from "./grading/GoldFrom.ts"
import { graderNamed } from "./grading/NamedGrader.ts"
import { HELD_OUT_ONE_IN } from "./Operands.ts"
import { Line, promptRowOf } from "./PromptRow.ts"

/** Files of problems, and how their answers are graded. */
export const ProblemsConfig = Schema.Struct({
  /** JSON Lines of `prompt`, `question`, `problem` or one message of a user, and `answer` (a solution that ends with it will do); `level` and `id` where known. */
  file: Schema.NonEmptyString,
  /** Problems to be tested with; left out: an eighth of `file`, chosen by a hash of each prompt. */
  test: Schema.optionalKey(Schema.NonEmptyString),
  /** The kind of answers, or a grader of one's own as "./grader.ts#grader"; left out: what the answers show. */
  answers: Schema.optionalKey(Schema.NonEmptyString)
})
export type ProblemsConfig = typeof ProblemsConfig.Type

/** A problem with its sound reference answer, and the solution that it came with. */
interface Problem {
  readonly query: Query
  readonly reference: Reference
  readonly working?: string
}

interface Row {
  readonly query: Query
  readonly gold: Gold
  readonly given: string
}

const refuse = (field: string, value: string, expected: string): ConfigError => new ConfigError({ field, value, expected })

// As text; a system that refuses it says why.
const readText = (field: string, file: string): Effect.Effect<string, ConfigError> =>
  Effect.try({
    // Some editors begin a file with a byte order mark.
    try: () => process.getBuiltinModule("node:fs").readFileSync(file, "utf8").replace(/^\uFEFF/, ""),
    catch: (cause) =>
      refuse(field, JSON.stringify(file), `a file that can be read: ${cause instanceof Error ? cause.message : String(cause)}`)
  })

const isNumbers = Schema.is(Schema.NonEmptyArray(Schema.Int))
const isTexts = Schema.is(Schema.NonEmptyArray(Schema.String))
const isLine = Schema.is(Line)

const rowOf = (line: string, number: number): Row | string => {
  const parsed = caught([SyntaxError], (): unknown => JSON.parse(line))
  if (Result.isFailure(parsed)) return `no JSON: ${oneLine(parsed.failure.message)}`
  const fields = parsed.success
  if (!isLine(fields) || Array.isArray(fields)) return "no object"
  const row = promptRowOf(fields, number)
  if (typeof row === "string") return row
  if (row.messages !== undefined && (row.messages.length > 1 || row.messages[0]!.role !== "user")) {
    return "its prompt is a chat: give one message of a user, or its text as \"prompt\""
  }
  // A countdown problem's target; of a row without any answer nothing can be right.
  const given = row.answer
  if (given === undefined || given.trim() === "") return "no answer: give it as \"answer\""
  const numbers = [fields["numbers"], fields["nums"]].find(isNumbers)
  const choices = [fields["choices"], fields["options"]].find(isTexts)
  const query = { id: row.id, level: row.level, prompt: row.prompt, answer: given }
  return { query, given, gold: { text: goldFrom(given), prompt: row.prompt, ...(numbers && { numbers }), ...(choices && { choices }) } }
}

/** The rows of a file. The first that is none, or has the id of another, is refused. */
const rowsOf = Effect.fnUntraced(function* (field: string, file: string) {
  const text = yield* readText(field, file)
  const rows: Array<Row> = []
  const lines = new Map<string, number>()
  for (const [i, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue
    const row = rowOf(line, i + 1)
    if (typeof row === "string") return yield* refuse(field, `${file}, line ${i + 1}`, `a problem; it has ${row}`)
    const before = lines.get(row.query.id)
    if (before !== undefined) {
      return yield* refuse(field, `${file}, line ${i + 1}`, `an id of its own; ${JSON.stringify(row.query.id)} is that of line ${before}`)
    }
    lines.set(row.query.id, i + 1)
    rows.push(row)
  }
  return rows.length > 0 ? rows : yield* refuse(field, JSON.stringify(file), "a file with at least one problem")
})

// Wider kinds read what narrower ones do, so that a policy that writes text is read in one way.
const WIDER = ["integer", "number", "mathematics"]

/** The one kind of answers that all rows show. */
const commonKind = (rows: ReadonlyArray<Row>): string | ConfigError => {
  const kinds = new Map<string, string>()
  for (const { gold, query } of rows) {
    const found = graderFor(gold)
    if (found === undefined) {
      return refuse(
        "task.file",
        `the problem ${oneLine(query.id, 80)} with the answer ${JSON.stringify(gold.text.slice(0, 80))}`,
        "an answer of a kind that is known; name the kind as task.answers"
      )
    }
    if (!kinds.has(found.grader.kind)) kinds.set(found.grader.kind, query.id)
  }
  const [only] = kinds.keys()
  if (kinds.size === 1) return only!
  const widest = WIDER.findLast((kind) => kinds.has(kind))
  if (widest !== undefined && [...kinds.keys()].every((kind) => WIDER.includes(kind))) return widest
  return refuse(
    "task.answers",
    "left out",
    `one of ${Object.keys(GRADERS).join(", ")}: the file shows ${
      [...kinds].map(([kind, id]) => `${kind} (first in ${oneLine(id, 80)})`).join(", ")
    }, and a text is read in one way`
  )
}

// GSM8K writes its calculator's calls into solutions.
const CALCULATOR = /<<[^<>\n]*>>/g
const FINAL = /\n?####[^\n]*\s*$/

/** A solution without what announces its answer; undefined where there is nothing but the answer. */
const workingOf = ({ given, gold }: Row): string | undefined => {
  const working = given.replaceAll(CALCULATOR, "").replace(FINAL, "").trim()
  return working === "" || working === gold.text || working === given.trim() && !/\s/.test(working) ? undefined : working
}

const problemsOf = (field: string, rows: ReadonlyArray<Row>, grader: GraderService): ReadonlyArray<Problem> | ConfigError => {
  const problems: Array<Problem> = []
  for (const row of rows) {
    const reference = grader.reference(row.gold)
    if (reference === undefined) {
      return refuse(
        field,
        `the problem ${oneLine(row.query.id, 80)} with the answer ${JSON.stringify(row.gold.text.slice(0, 80))}`,
        `an answer that is ${grader.kind}`
      )
    }
    const working = workingOf(row)
    problems.push({ query: row.query, reference, ...(working !== undefined && { working }) })
  }
  return problems
}

const isHeldOut = ({ query }: Problem): boolean => fold(0xf11e, query.prompt) % HELD_OUT_ONE_IN === 0

const MOST_TRIED = 100

// A minus after a digit, a letter or a bracket subtracts.
const NUMERAL = /(?:(?<![\d\p{L})\]])-)?(?<![\d.,\p{L}_])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\d\p{L}_]|[.,]\d)/gu
const RESULT = /=\s*[$€£]?$/u

const withCommas = (answer: string): string => answer.replace(/\d+/, (digits) => digits.replaceAll(/\B(?=(?:\d{3})+$)/g, ","))

/**
 * A working that comes to a wrong answer: the number that is the right one gives way where it comes out last ("= 72"), and from there on. What was said
 * before stays; a number that has the answer's digits among its own is another. Answers that are no numbers give way where they stand as words last.
 */
const workedTo = (working: string, right: string, wrong: string): string => {
  const isNumber = /^-?\d+(?:\.\d+)?$/.test(right)
  const places = isNumber
    ? [...working.matchAll(NUMERAL)].filter(([numeral]) => Number(numeral.replaceAll(",", "")) === Number(right))
      .map(({ 0: { length }, index }) => ({ index, length }))
    : [working.lastIndexOf(right)].filter((index) => index >= 0).map((index) => ({ index, length: right.length }))
  const resulting = places.findLastIndex(({ index }) => RESULT.test(working.slice(0, index)))
  let [text, end] = ["", 0]
  for (const { index, length } of places.slice(resulting)) {
    text += working.slice(end, index) + (working.slice(index, index + length).includes(",") && isNumber ? withCommas(wrong) : wrong)
    end = index + length
  }
  return text + working.slice(end)
}

/** A teacher who has the solutions. His wrong answers: of whole numbers one near, of others that of another problem. */
const teacherOf = (problems: ReadonlyArray<Problem>, byId: ReadonlyMap<string, Problem>): Teacher => {
  const of = ({ id }: Query): Problem => byId.get(id)!
  const corrupt = (query: Query, stream: Draws): string => {
    const { reference } = of(query)
    for (let tried = 0; tried < MOST_TRIED; tried++) {
      const other = /^-?\d{1,15}$/.test(reference.answer)
        ? String(Number(reference.answer) + stream.pick([-10, -2, -1, 1, 2, 10]))
        : stream.pick(problems).reference.answer
      if (reference.check(other) === "Wrong") return other
    }
    throw refuse("task.file", `answers like ${JSON.stringify(reference.answer)}`, "answers that differ: none that is wrong was found to it")
  }
  const attempt = (
    query: Query,
    slip: number,
    stream: Draws
  ): string => (stream.uniform() < slip ? corrupt(query, stream) : of(query).reference.answer)
  return {
    answer: (query) => of(query).reference.answer,
    attempt,
    corrupt,
    work: (query, { isWrong, slip }, stream) => {
      const { reference, working = "" } = of(query)
      const answer = isWrong ? corrupt(query, stream) : attempt(query, slip, stream)
      // A wrong answer is what its working comes to.
      return { answer, working: answer === reference.answer ? working : workedTo(working, reference.answer, answer) }
    }
  }
}

/** Builds the task of files of problems. Fails with a ConfigError that names the file and the line of the first row that is no problem. */
export const make = Effect.fnUntraced(function* (config: ProblemsConfig): Effect.fn.Return<TaskService, ConfigError> {
  const rows = yield* rowsOf("task.file", config.file)
  const kind = config.answers ?? commonKind(rows)
  const grader = typeof kind === "string" ? yield* graderNamed(kind, "task.answers") : yield* kind
  const all = problemsOf("task.file", rows, grader)
  if (all instanceof ConfigError) return yield* all
  const tests = config.test === undefined ? undefined : problemsOf("task.test", yield* rowsOf("task.test", config.test), grader)
  if (tests instanceof ConfigError) return yield* tests
  const trained = tests === undefined ? all.filter((problem) => !isHeldOut(problem)) : all
  const training = trained.length > 0 ? trained : all
  const heldOut = tests ?? all.filter(isHeldOut)
  const asked = new Set(training.map(({ query }) => query.prompt))
  const byLevel = Map.groupBy(training, ({ query }) => query.level)
  // One id may name a problem of each file.
  const known = new Map(all.map((problem) => [problem.query.id, problem]))
  const tested = new Map(heldOut.map((problem) => [problem.query.id, problem]))
  const referenceOf = ({ id, prompt }: Query): Reference | undefined =>
    [known.get(id), tested.get(id)].find((problem) => problem?.query.prompt === prompt)?.reference
  const levels = [...byLevel.keys()]
  return {
    name: "problems",
    answers: kind as string,
    levels,
    listed: training.map(({ query }) => query),
    training: (level, seed) => {
      const problems = byLevel.get(level)
      if (problems === undefined) throw refuse("level", JSON.stringify(level), `one of ${oneLine(levels.join(", "))}`)
      return draws(fold(seed, "problem")).pick(problems).query
    },
    test: (level, { count, seed }) => {
      const there = heldOut.length > 0 ? heldOut : all
      const available = there.filter(({ query }) => query.level === level)
      if (available.length === 0) {
        throw refuse("level", JSON.stringify(level), `one of ${oneLine([...new Set(there.map(({ query }) => query.level))].join(", "))}`)
      }
      const queries = shuffle(available, fold(seed, "test", level)).slice(0, count).map(({ query }) => query)
      return { queries, available: available.length, overlap: queries.filter(({ prompt }) => asked.has(prompt)).length }
    },
    check: (query, candidate) => referenceOf(query)?.check(candidate) ?? "GoldInvalid",
    teacher: teacherOf(training, known)
  }
})
