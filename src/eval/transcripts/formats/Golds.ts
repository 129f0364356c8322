/**
 * The reference answer of a row: which field it is in, and what it is.
 *
 * @module
 */
import { choiceLetter, choicesOf } from "./Choices.ts"
import { fieldNames, isRow, kindOf, type Row, type RowNote, rowOf, valueAt } from "./Row.ts"

/** What was found of a reference answer. */
export interface FoundGold {
  readonly answer?: string
  readonly aliases?: ReadonlyArray<string>
  readonly choices?: ReadonlyArray<string>
  readonly numbers?: ReadonlyArray<number>
  readonly note?: RowNote
  readonly isInexact?: boolean
}

/** Where reference answers are looked for, the first that holds one counts. Dotted names are fields of fields. */
export const GOLD_FIELDS = [
  "gts",
  "answer",
  "ground_truth",
  "gt",
  "expected_answer",
  "expected",
  "reference_answer",
  "gold",
  "gold_answer",
  "target",
  "label",
  "reference",
  "ideal",
  "answers",
  "answerKey",
  "reward_model.ground_truth",
  "extra_info.answer",
  "extra_info.ground_truth",
  "info.answer",
  "info.ground_truth",
  "metadata.answer",
  "logs.expected",
  "solution",
  "expected_output",
  "correct_answer",
  "final_answer"
] as const

// Fields whose booleans say whether the response is right, not what the answer is.
const VERDICT_FIELDS: ReadonlySet<string> = new Set(["label", "correct_answer", "final_answer"])
const NESTED = ["ground_truth", "answer", "value", "text", "gold", "final_answer"] as const

interface Found {
  readonly texts: ReadonlyArray<string>
  readonly numbers?: ReadonlyArray<number>
  readonly isInexact?: boolean
}

// More digits than a number keeps: the text of the number counts, not its value.
const isInexact = (value: number): boolean =>
  !Number.isFinite(value) || (Number.isInteger(value) ? !Number.isSafeInteger(value) : String(value).length > 16)

const numbersOf = (value: unknown): ReadonlyArray<number> | undefined =>
  Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === "number" && Number.isFinite(each))
    ? value as ReadonlyArray<number>
    : undefined

const TARGET = /["']target["']: {0,2}(-?\d{1,15})/
const NUMBERS = /["']num(?:ber)?s["']: {0,2}(?:array\()?\[([\d,\s-]{0,400})\]/
const LONGEST_WRITTEN = 4096

// An object or a list that somebody has written as text: JSON, or as Python prints it.
const fromWritten = (text: string): Found | undefined => {
  const target = TARGET.exec(text)?.[1]
  const numbers = target === undefined ? undefined : NUMBERS.exec(text)?.[1]
  if (target !== undefined && numbers !== undefined) {
    return { texts: [target], numbers: numbers.split(/[,\s]+/).filter((each) => each !== "").map(Number) }
  }
  try {
    const value: unknown = JSON.parse(text)
    // [3, 4] is an answer; ["3", "4"] are two.
    return Array.isArray(value) && !value.every((each) => typeof each === "string") ? undefined : found(value, 2)
  } catch {
    return undefined
  }
}

const found = (value: unknown, depth: number): Found | undefined => {
  if (typeof value === "string") {
    const first = value.charCodeAt(0)
    // "{", "[".
    const written = (first === 123 || first === 91) && depth < 2 && value.length < LONGEST_WRITTEN ? fromWritten(value) : undefined
    return written ?? (value.trim() === "" ? undefined : { texts: [value] })
  }
  if (typeof value === "number") return { texts: [String(value)], ...(isInexact(value) ? { isInexact: true } : {}) }
  if (typeof value === "boolean") return { texts: [String(value)] }
  if (depth > 2) return undefined
  if (Array.isArray(value)) {
    const all = (value as ReadonlyArray<unknown>).map((each) => found(each, depth + 1)).filter((each) => each !== undefined)
    const texts = [...new Set(all.flatMap((each) => each.texts))]
    const numbers = all.length === 1 ? all[0]!.numbers : undefined
    return texts.length === 0
      ? undefined
      : { texts, ...(numbers === undefined ? {} : { numbers }), ...(all.some((each) => each.isInexact) ? { isInexact: true } : {}) }
  }
  if (!isRow(value)) return undefined
  const target = value["target"] === undefined ? undefined : found(value["target"], 2)
  if (target !== undefined) {
    const numbers = numbersOf(value["numbers"]) ?? numbersOf(value["nums"])
    return numbers === undefined ? target : { ...target, numbers }
  }
  for (const field of NESTED) {
    // TriviaQA's answer has aliases beside its value; a "value" alone may be anything.
    if (field === "value" && value["aliases"] === undefined) continue
    const inner = value[field] === undefined ? undefined : found(value[field], depth + 1)
    if (inner === undefined) continue
    const aliases = value["aliases"] === undefined ? undefined : found(value["aliases"], 2)
    return aliases === undefined ? inner : { ...inner, texts: [...new Set([...inner.texts, ...aliases.texts])] }
  }
  return undefined
}

// The value at a dotted path, also in an object that is written as JSON text.
const nestedAt = (row: Row, path: string): unknown => {
  const [outer] = path.split(".", 1)
  const value = row[outer!]
  const inner = typeof value === "string" ? rowOf(value) : undefined
  return inner === undefined ? valueAt(row, path) : valueAt(inner, path.slice(outer!.length + 1))
}

const unusable = (field: string, value: unknown): RowNote => ({
  kind: "gold",
  text: `no usable reference answer: "${field}" is ${isRow(value) ? `an object with the fields ${fieldNames(value)}` : kindOf(value)}`
})

// The guide has them all.
const SHOWN = 6

const missing = (row: Row, fields: ReadonlyArray<string>): RowNote => ({
  kind: "gold",
  text: `no reference answer: looked for ${fields.slice(0, SHOWN).join(", ")}${
    fields.length > SHOWN ? ` and ${fields.length - SHOWN} other names` : ""
  }; this row has the fields ${fieldNames(row)}`
})

/**
 * The reference answer of a row, of the first of `fields` that holds one. A list gives its first text and the others as aliases; an object of
 * a target and numbers is a countdown; with options, it is their letter. Where there is none, the note says where it was looked for.
 */
export const goldOf = (row: Row, fields: ReadonlyArray<string> = GOLD_FIELDS): FoundGold => {
  const { metrics } = row
  let note: RowNote | undefined
  for (const field of fields) {
    const value = field.includes(".") ? nestedAt(row, field) : row[field]
    if (value === undefined || value === null || value === "") continue
    // A tool may lay its metrics out beside the fields, under names like "correct_answer".
    if ((typeof value === "boolean" && VERDICT_FIELDS.has(field)) || (isRow(metrics) && field in metrics)) continue
    const gold = found(value, 0)
    if (gold === undefined) {
      note ??= unusable(field, value)
      continue
    }
    return withChoices(row, field, value, gold)
  }
  return { note: note ?? missing(row, fields) }
}

const withChoices = (row: Row, field: string, value: unknown, { isInexact, numbers, texts }: Found): FoundGold => {
  const inexact = isInexact === true ? { isInexact } : {}
  const choices = choicesOf(row)
  const single: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value
  const letter = choices === undefined ? undefined : choiceLetter(single, choices)
  if (choices !== undefined && letter !== undefined) return { answer: letter, choices: choices.texts }
  const ofRow = field === "target" && typeof value === "number" ? numbersOf(row["nums"]) ?? numbersOf(row["numbers"]) : undefined
  const all = numbers ?? ofRow
  const aliases = texts.slice(1)
  return {
    answer: texts[0]!,
    ...(aliases.length > 0 ? { aliases } : {}),
    ...(all === undefined ? {} : { numbers: all }),
    ...inexact
  }
}
