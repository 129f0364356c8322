/**
 * What is wrong with a value that a schema refuses: every fault, each with its place and in words.
 *
 * @module
 */
import { Result, type Schema, type SchemaAST, SchemaIssue } from "effect"
import { ConfigError, type Fault } from "./Errors.ts"
import { caught } from "./Throws.ts"
import { shownValue } from "./ShownValue.ts"

type Path = ReadonlyArray<PropertyKey>

interface Found {
  readonly path: Path
  readonly expected: string
  /** What names the fault's place has, for whoever meant one of them. */
  readonly names?: ReadonlyArray<string>
}

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/

/** A place in a value as a program would write it: `task.levels[1]`, `weights["a b"]`; "" for the whole. */
export const placeOf = (path: Path): string =>
  path.reduce<string>((place, key) => {
    if (typeof key === "number") return `${place}[${key}]`
    const name = String(key)
    return IDENTIFIER.test(name) ? `${place}${place === "" ? "" : "."}${name}` : `${place}[${JSON.stringify(name)}]`
  }, "")

// How many letters have to be put in, taken out, replaced or swapped with their neighbour.
const distance = (a: string, b: string): number => {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const [before, row] = [rows[i - 1]!, [i]]
    for (let j = 1; j <= b.length; j++) {
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const replaced = before[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(before[j]! + 1, row[j - 1]! + 1, replaced, isSwapped ? rows[i - 2]![j - 2]! + 1 : Infinity))
    }
    rows.push(row)
  }
  return rows[a.length]![b.length]!
}

const LONGEST_NAME = 60

// Of more faults than anybody reads, the names that were meant are not looked for.
const MOST_LOOKED_UP = 100

// In a name this short another letter makes another name: cpu, gpu.
const SHORT = 3

/** The name that was probably meant: one that differs in few letters for its length, or in capitals alone, or begins as it does; undefined where none does. */
export const nearestName = (name: string, names: ReadonlyArray<string>): string | undefined => {
  if (name === "" || name.length > LONGEST_NAME) return undefined
  const plain = name.toLowerCase()
  const near = names.flatMap((each) => {
    const other = each.toLowerCase()
    const away = distance(plain, other)
    const isOther = plain.length <= SHORT && other.length === plain.length && [...plain].toSorted().join() !== [...other].toSorted().join()
    return away <= Math.max(1, Math.floor(plain.length / 3)) && away < other.length && !isOther ? [{ each, away }] : []
  })
  const [best] = near.toSorted((a, b) => a.away - b.away)
  return best?.each ?? (plain.length < SHORT ? undefined : names.find((each) => each.toLowerCase().startsWith(plain)))
}

const IN_WORDS: Readonly<Record<string, string>> = {
  number: "a number",
  string: "a text",
  boolean: "true or false",
  object: "an object, { … }",
  array: "a list, [ … ]",
  "an integer": "a whole number"
}

const fieldsOf = (ast: SchemaAST.AST): ReadonlyArray<string> =>
  ast._tag === "Objects" ? ast.propertySignatures.map(({ name }) => String(name)) : []

const literalOf = (ast: SchemaAST.AST): string | undefined =>
  ast._tag === "Literal" && typeof ast.literal === "string" ? ast.literal : undefined

const NO_FIELD = "no field of this name"

interface Tags {
  readonly field: string
  readonly tags: ReadonlyArray<string>
}

// The field by which the members of a union are told apart, and what it may be.
const tagsOf = (ast: SchemaAST.Union): Tags | undefined => {
  const members = ast.types.map((type) => type._tag === "Objects" ? type.propertySignatures : [])
  const shared = members[0]?.map(({ name }) => String(name)).find((field) =>
    members.every((signatures) => signatures.some(({ name, type }) => name === field && literalOf(type) !== undefined))
  )
  if (shared === undefined) return undefined
  return { field: shared, tags: members.map((signatures) => literalOf(signatures.find(({ name }) => name === shared)!.type)!) }
}

const inWords = (expected: string): string => expected.split(" | ").map((each) => IN_WORDS[each] ?? each).join(" or ")

const messages = SchemaIssue.makeFormatterStandardSchemaV1()

const messageOf = (issue: SchemaIssue.Issue): string => {
  const [first] = messages(issue).issues
  return inWords((first?.message ?? "a valid value").replace(/^Expected /, ""))
}

interface Expected {
  readonly expected: string
  readonly names?: ReadonlyArray<string>
}

// What a union takes, where its members are told apart by a field or are all words.
const ofUnion = (ast: SchemaAST.Union): Expected | undefined => {
  const tags = tagsOf(ast)
  if (tags !== undefined) return { expected: `a "${tags.field}" of ${tags.tags.join(", ")}`, names: tags.tags }
  const words = ast.types.flatMap((type) => literalOf(type) ?? [])
  return words.length < ast.types.length
    ? undefined
    : { expected: `one of ${words.map((word) => JSON.stringify(word)).join(", ")}`, names: words }
}

const KINDS: Partial<Record<SchemaAST.AST["_tag"], string>> = {
  Number: IN_WORDS["number"]!,
  String: IN_WORDS["string"]!,
  Boolean: IN_WORDS["boolean"]!,
  Objects: IN_WORDS["object"]!,
  Arrays: IN_WORDS["array"]!
}

const ofType = (ast: SchemaAST.AST | undefined): Expected =>
  (ast?._tag === "Union" ? ofUnion(ast) : undefined) ?? { expected: (ast && KINDS[ast._tag]) ?? "a value" }

const find = (issue: SchemaIssue.Issue, path: Path): ReadonlyArray<Found> => {
  switch (issue._tag) {
    case "Pointer":
      return find(issue.issue, [...path, ...issue.path])
    case "Composite": {
      const fields = issue.ast._tag === "Objects" ? issue.ast.propertySignatures : []
      return issue.issues.flatMap((each) =>
        each._tag === "Pointer" && each.issue._tag === "MissingKey"
          // A name that stands in place of the missing one is told there.
          ? [{ path: [...path, ...each.path], expected: ofType(fields.find(({ name }) => name === each.path[0])?.type).expected }]
          : find(each, path)
      )
    }
    case "Filter":
      return issue.issue._tag === "InvalidValue" ? [{ path, expected: messageOf(issue) }] : find(issue.issue, path)
    case "Encoding":
      return find(issue.issue, path)
    case "AnyOf": {
      // Of the members of a union that which has the fewest faults was meant.
      const [meant] = issue.issues.map((each) => find(each, path)).toSorted((a, b) => a.length - b.length)
      if (meant !== undefined) return meant
      const words = issue.ast.types.flatMap((type) => literalOf(type) ?? [])
      return [{ path, ...(ofUnion(issue.ast) ?? { expected: messageOf(issue), names: words }) }]
    }
    case "UnexpectedKey":
      return [{ path, expected: NO_FIELD, names: fieldsOf(issue.ast) }]
    case "MissingKey":
      return [{ path, expected: "a value" }]
    default:
      return [{ path, expected: messageOf(issue) }]
  }
}

const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key], value)

const meantBy = ({ expected, names = [], path }: Found, value: unknown): string | undefined => {
  if (expected === NO_FIELD) return nearestName(String(path.at(-1)), names)
  if (typeof value === "string") return nearestName(value, names)
  // A tag stands within the object.
  return typeof value !== "object" || value === null
    ? undefined
    : Object.values(value).flatMap((each: unknown) => typeof each === "string" ? nearestName(each, names) ?? [] : [])[0]
}

/**
 * All faults of `value` that the schema's error tells of, at most one a place. Of a name that there is not, the one that was probably meant is told; a
 * field of that name which is missing is then no fault of its own. `whole` names a fault of the whole value.
 */
export const faultsOf = (error: Schema.SchemaError, value: unknown, whole: string): ReadonlyArray<Fault> => {
  const found = find(error.issue, [])
  const faults = found.map((each, k) => {
    const inner = at(value, each.path)
    const meant = k < MOST_LOOKED_UP ? meantBy(each, inner) : undefined
    return {
      isMissing: inner === undefined,
      place: placeOf(each.path),
      meant: meant === undefined ? undefined : placeOf([...each.path.slice(0, -1), meant]),
      fault: {
        field: placeOf(each.path) || whole,
        value: shownValue(inner),
        expected: each.expected + (meant === undefined ? "" : ` (did you mean ${meant}?)`)
      }
    }
  })
  const meant = new Set(faults.map((each) => each.meant))
  const told = faults.filter(({ isMissing, place }) => !(isMissing && meant.has(place)))
  return [...new Map(told.toReversed().map(({ fault, place }) => [place, fault])).values()].toReversed()
}

const distinct = (faults: ReadonlyArray<Fault>): ReadonlyArray<Fault> => [
  ...new Map(faults.map((fault) => [JSON.stringify([fault.field, fault.expected]), fault])).values()
]

/** The faults of all checks, each of which throws a ConfigError or does not. */
export const faultsOfChecks = (checks: ReadonlyArray<() => unknown>): ReadonlyArray<Fault> =>
  checks.flatMap((check) => Result.match(caught([ConfigError], check), { onFailure: ({ faults }) => faults, onSuccess: () => [] }))

/** Throws one ConfigError of all faults, each once, if there are any. */
export const assertNone = (faults: Iterable<Fault>): void => {
  const all = distinct([...faults])
  if (all.length > 0) throw ConfigError.all(all)
}

/** `faultsOf` as one error, with those that were found otherwise. */
export const configErrorOf = (
  error: Schema.SchemaError,
  value: unknown,
  whole: string,
  further: ReadonlyArray<Fault> = []
): ConfigError => {
  const faults = faultsOf(error, value, whole)
  const places = new Set(faults.map(({ field }) => field))
  return ConfigError.all([...faults, ...further.filter(({ field }) => !places.has(field))])
}
