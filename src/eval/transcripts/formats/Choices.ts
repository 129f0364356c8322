/**
 * The options of a multiple-choice problem, in the shapes that data sets keep them in, and the letter of a reference answer among them.
 *
 * @module
 */
import { isRow, type Row, scalarText } from "./Row.ts"

/** Options in the order of their letters; `labels` where the data set names them otherwise. */
export interface Choices {
  readonly texts: ReadonlyArray<string>
  readonly labels?: ReadonlyArray<string>
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
const FEWEST = 2

/** The letter of option `k`. */
export const letterOf = (k: number): string => LETTERS[k] ?? String(k + 1)

const textsOf = (value: unknown): ReadonlyArray<string> | undefined => {
  if (!Array.isArray(value) || value.length < FEWEST || value.length > LETTERS.length) return undefined
  const texts = (value as ReadonlyArray<unknown>).map((each) => scalarText(isRow(each) ? each["text"] : each))
  return texts.every((text) => text !== undefined) ? texts : undefined
}

// Options as fields A, B, C, … of an object.
const lettered = (row: Row): Choices | undefined => {
  const texts: Array<string> = []
  for (const letter of LETTERS) {
    const text = scalarText(row[letter])
    if (text === undefined) break
    texts.push(text)
  }
  return texts.length < FEWEST ? undefined : { texts }
}

const fromValue = (value: unknown): Choices | undefined => {
  if (isRow(value)) {
    const texts = textsOf(value["text"])
    const labels = textsOf(value["label"])
    return texts === undefined ? lettered(value) : { texts, ...(labels?.length === texts.length ? { labels } : {}) }
  }
  const texts = textsOf(value)
  if (texts === undefined) return undefined
  const labels = (value as ReadonlyArray<unknown>).map((each) => (isRow(each) ? scalarText(each["label"]) : undefined))
  return labels.every((label) => label !== undefined) ? { texts, labels } : { texts }
}

/** The options of a row: `choices` or `options` (texts, {text, label}, {A, B, …}), or fields A, B, C, …; undefined where it has none. */
export const choicesOf = (row: Row): Choices | undefined =>
  row["choices"] !== undefined || row["options"] !== undefined
    ? fromValue(row["choices"]) ?? fromValue(row["options"])
    : row["A"] !== undefined
    ? lettered(row)
    : undefined

/**
 * The letter that a reference answer means: a number is an option's place, counted from 0, as data sets do; a text is an option's label or
 * letter, else its words, else a place written as text. Undefined where it is none of the options.
 */
export const choiceLetter = (gold: unknown, { labels, texts }: Choices): string | undefined => {
  const at = (k: number): string | undefined => (k >= 0 && k < texts.length ? letterOf(k) : undefined)
  if (typeof gold === "number") return Number.isInteger(gold) ? at(gold) ?? at(texts.indexOf(String(gold))) : undefined
  if (typeof gold !== "string") return undefined
  const text = gold.trim()
  const labelled = labels?.indexOf(text) ?? -1
  if (labelled >= 0) return at(labelled)
  const bare = text.startsWith("(") && text.endsWith(")") ? text.slice(1, -1) : text
  const letter = bare.length === 1 ? LETTERS.indexOf(bare.toUpperCase()) : -1
  const said = texts.findIndex((each) => each.trim() === text)
  if (letter >= 0 && letter < texts.length) return at(letter)
  return said >= 0 ? at(said) : /^\d{1,2}$/.test(text) ? at(Number(text)) : undefined
}
