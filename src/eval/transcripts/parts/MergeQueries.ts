/**
 * The queries of many parts as one, in one pass: parts are sorted by level and hash, so that only the next query of each is held.
 *
 * What a query's rollouts did is a multiset of patterns, and multisets add: together with the empty one they are a commutative monoid. So it
 * does not matter how rollouts are divided between parts, one query's among them, nor in which order and grouping parts are merged.
 *
 * @module
 */
import { FileError } from "../../../domain/Errors.ts"
import { oneLine } from "../../../domain/OneLine.ts"
import { parseSignature, type PatternCounts, sumSignature } from "../Signatures.ts"
import { type CountedLevel, isNoted } from "../Tallies.ts"
import type { OpenPart, PartLevel, PartQuery } from "./PartFile.ts"
import type { PartHeader } from "./PartHeader.ts"

/** A source of queries, sorted by level and hash: a part, its levels by the names that its header has for their numbers. */
export type QuerySource = Pick<OpenPart, "file" | "queries"> & { readonly header: Pick<PartHeader, "levels"> }

interface Cursor {
  readonly file: string
  /** The number of the level among all levels of the merge. */
  level: number
  hash: number
  signature: string
  /** Goes to the next query; false where there is none. */
  readonly advance: () => boolean
}

const cursorOf = ({ file, header, queries }: QuerySource, numbers: ReadonlyMap<string, number>): Cursor => {
  const levels = header.levels.map(({ level }) => numbers.get(level)!)
  const all = queries()
  const cursor: Cursor = {
    file,
    level: -1,
    hash: -1,
    signature: "",
    advance: () => {
      const next = all.next()
      if (next.done === true) return false
      const [number, hash, signature] = next.value
      const level = levels[number]
      if (level === undefined || level < cursor.level || (level === cursor.level && hash <= cursor.hash)) {
        throw new FileError({
          file,
          problem: "the file was changed after it was written (its queries are out of order)",
          advice: "Make this part again with calibrate --partial"
        })
      }
      cursor.level = level
      cursor.hash = hash
      cursor.signature = signature
      return true
    }
  }
  return cursor
}

const isBefore = (a: Cursor, b: Cursor): boolean => a.level < b.level || (a.level === b.level && a.hash < b.hash)

// A heap of cursors, the one with the least query first.
const sink = (heap: Array<Cursor>, from: number): void => {
  let at = from
  const moved = heap[at]!
  for (;;) {
    let child = 2 * at + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++
    if (!isBefore(heap[child]!, moved)) break
    heap[at] = heap[child]!
    at = child
  }
  heap[at] = moved
}

// Signatures that were taken apart, as most queries share few; forgotten when there are too many.
const MOST_PARSED = 100_000

const makeSum = () => {
  const parsed = new Map<string, PatternCounts>()
  const countsOf = (signature: string): PatternCounts => {
    const known = parsed.get(signature)
    if (known !== undefined) return known
    if (parsed.size >= MOST_PARSED) parsed.clear()
    const counts = parseSignature(signature)
    parsed.set(signature, counts)
    return counts
  }
  /** The signature of a query whose rollouts several parts have. */
  return (signatures: ReadonlyArray<string>): string => sumSignature(signatures.map(countsOf))
}

/**
 * Merges queries level by level, `levels` being all their names in the order of their characters; the queries of a level must be taken to
 * their end before the next one's. Throws `FileError` where a source is damaged or out of order.
 */
export function* mergeQueries(sources: ReadonlyArray<QuerySource>, levels: ReadonlyArray<string>): Generator<PartLevel> {
  const numbers = new Map(levels.map((level, number) => [level, number]))
  const heap = sources.map((source) => cursorOf(source, numbers)).filter((cursor) => cursor.advance())
  for (let at = (heap.length >> 1) - 1; at >= 0; at--) sink(heap, at)
  const sum = makeSum()
  // Moves the first cursor on, or drops it at its end.
  const moveFirst = (): void => {
    if (!heap[0]!.advance()) {
      const last = heap.pop()!
      if (heap.length === 0) return
      heap[0] = last
    }
    sink(heap, 0)
  }
  const same: Array<string> = []
  const queriesOf = function* (number: number): Generator<PartQuery> {
    while (heap.length > 0 && heap[0]!.level === number) {
      const { hash, signature } = heap[0]!
      moveFirst()
      if (heap.length === 0 || heap[0]!.level !== number || heap[0]!.hash !== hash) {
        yield [hash, signature]
        continue
      }
      same.length = 0
      same.push(signature)
      while (heap.length > 0 && heap[0]!.level === number && heap[0]!.hash === hash) {
        same.push(heap[0]!.signature)
        moveFirst()
      }
      yield [hash, sum(same)]
    }
  }
  for (const [number, level] of levels.entries()) yield { level, queries: queriesOf(number) }
}

const tooMany = (file: string, level: string): FileError =>
  new FileError({
    file,
    problem: `the prompts of level ${
      oneLine(level, 80)
    } differ in what their responses did in more than ${MOST_SIGNATURES} ways, more than can be counted`,
    advice: "Calibrate fewer parts at a time, give the rows more levels, or fewer responses to a prompt"
  })

// A map of the language holds 2^24 entries.
const MOST_SIGNATURES = 16_000_000

/**
 * Counts merged queries by signature: all that a calibration needs, in memory that grows with the number of different signatures, not with
 * queries. Throws `FileError` where the patterns that `header` counted are not those of the queries, and beyond 16 million signatures of a level.
 */
export const countQueries = (
  file: string,
  header: Pick<PartHeader, "levels">,
  levels: Iterable<PartLevel>
): ReadonlyArray<CountedLevel> => {
  const counted: Array<CountedLevel> = []
  for (const { level, queries } of levels) {
    const signatures = new Map<string, number>()
    for (const [, signature] of queries) {
      const times = signatures.get(signature) ?? 0
      if (times === 0 && signatures.size === MOST_SIGNATURES) throw tooMany(file, level)
      signatures.set(signature, times + 1)
    }
    const patterns = new Map(header.levels.find((each) => each.level === level)?.patterns)
    const rest = new Map([...patterns].filter(([pattern]) => isNoted(pattern)))
    for (const [signature, times] of signatures) {
      for (const [pattern, count] of parseSignature(signature)) rest.set(pattern, (rest.get(pattern) ?? 0) - times * count)
    }
    for (const [pattern, left] of rest) {
      if (left === 0) continue
      throw new FileError({
        file,
        problem: `pattern ${pattern} of level ${oneLine(level, 80)} is not counted as often as its queries have it`,
        advice: "Make the parts again with calibrate --partial"
      })
    }
    counted.push({ level, patterns, signatures })
  }
  return counted
}
