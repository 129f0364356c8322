/**
 * Reads a value of mathematics once, and decides whether another is the same.
 *
 * @module
 */
import type { Verdict } from "../../../domain/Task.ts"
import { format } from "../Rational.ts"
import { clean, MOST_LENGTH } from "./Clean.ts"
import { same } from "./Compare.ts"
import { areEqual, isMissing, isReadable } from "./Engine.ts"
import { exactValue, lettersOf } from "./Evaluate.ts"
import type { Node } from "./Node.ts"
import { parse } from "./Parse.ts"
import { valueOf } from "./Relations.ts"

/** A value as written in one way, and what it is made of; no node where the grammar does not know it. */
export interface Mathematics {
  readonly cleaned: string
  readonly node: Node | undefined
}

// A value is read when it is found and again when it is checked, and many responses give the same one.
const known = new Map<string, Mathematics>()
const MOST_KNOWN = 1_000

/** Reads a text that is a value and nothing else. */
export const readMathematics = (text: string): Mathematics => {
  const kept = known.get(text)
  if (kept !== undefined) return kept
  const cleaned = clean(text)
  const read = { cleaned, node: cleaned.length > MOST_LENGTH ? undefined : parse(cleaned) }
  if (text.length > MOST_LENGTH) return read
  if (known.size >= MOST_KNOWN) known.clear()
  known.set(text, read)
  return read
}

/** Says whether a value could be read by the compute engine only, and that is not installed. */
export const lacksEngine = (text: string): boolean => {
  if (!forEngine.test(text)) return false
  const { cleaned, node } = readMathematics(text)
  return node === undefined && forEngine.test(cleaned) && isMissing()
}

/** Commands that the grammar does not read and the engine may. */
const forEngine = /\\(?:sum|prod|int|lim|iint|oint|partial|ldots|max|min|gcd|lcm|mod|bmod|pmod|det|Re|Im)(?![a-zA-Z])/

/** Says whether a value is read as mathematics at all. */
export const isMathematics = ({ cleaned, node }: Mathematics): boolean =>
  node !== undefined || (forEngine.test(cleaned) && isReadable(cleaned))

/** Its normal form: a fraction in lowest terms where it is one without percent or base, the cleaned text else. */
export const normalForm = ({ cleaned, node }: Mathematics): string => {
  // "7:30" stays what it is.
  const value = node === undefined || hasMark(node) || cleaned.includes(":") ? undefined : exactValue(node)
  const written = value === undefined ? cleaned : format(value)
  return written.length > MOST_LENGTH ? cleaned : written
}

const hasMark = (node: Node): boolean => node.kind === "percent" || node.kind === "base" || (node.kind === "negative" && hasMark(node.part))

/** The value that an equation ends in, where it names or works out one. */
export const valueNode = ({ node }: Mathematics): Node | undefined => (node === undefined ? undefined : valueOf(node))

/** "\text{none}" is no value; "\text{Area} = 5" is. */
const isOnlyWords = (answer: Mathematics): boolean => {
  const value = valueNode(answer)
  return value !== undefined && [...lettersOf(value)].some((name) => name.startsWith("\\text"))
}

/** Says whether an answer is the reference: `Unparsable` where it is no mathematics at all and written otherwise. */
export const decide = (reference: Mathematics, answer: Mathematics): Verdict => {
  if (reference.cleaned === answer.cleaned) return "Correct"
  if (!isMathematics(answer)) return "Unparsable"
  const told = reference.node === undefined || answer.node === undefined ? undefined : same(reference.node, answer.node)
  if (told === true) return "Correct"
  if (isOnlyWords(answer)) return "Unparsable"
  if (told === false) return "Wrong"
  return areEqual(reference.cleaned, answer.cleaned) === true ? "Correct" : "Wrong"
}
