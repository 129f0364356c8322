/**
 * Signatures of queries: which patterns (Pattern.ts) a query's scored rollouts had, and how often each.
 *
 * A signature is a text, e.g. "0b:1 1c:3", and has a number; a query keeps the number only. A million queries have some thousand
 * signatures, so which signature follows another by one more rollout is looked up, not worked out. Only a query of many rollouts, whose next signature is as long
 * as all before it, keeps counts of its own, and its text is written when it is asked for.
 *
 * @module
 */

/** The patterns of a query's scored rollouts, each with how often it came. */
export type PatternCounts = ReadonlyMap<string, number>

/** The number of a query without a scored rollout. */
export const NO_SIGNATURE = -1

/** Writes the signature of a query that has these patterns, each so often. */
export const writeSignature = (counts: PatternCounts): string =>
  [...counts].map(([pattern, count]) => `${pattern}:${count}`).sort().join(" ")

/** The signature of a query whose rollouts lie in several places: its patterns there, added. */
export const sumSignature = (parts: Iterable<Iterable<readonly [pattern: string, count: number]>>): string => {
  const sum = new Map<string, number>()
  for (const part of parts) for (const [pattern, count] of part) sum.set(pattern, (sum.get(pattern) ?? 0) + count)
  return writeSignature(sum)
}

/** Adds one rollout to a signature: patterns stay sorted, so that the order of rollouts does not matter. */
const addPattern = (signature: string, pattern: string): string => {
  if (signature === "") return `${pattern}:1`
  const parts = signature.split(" ")
  const place = parts.findIndex((part) => part.startsWith(`${pattern}:`))
  const part = parts[place]
  if (part === undefined) parts.push(`${pattern}:1`)
  else parts[place] = `${pattern}:${Number(part.slice(pattern.length + 1)) + 1}`
  return parts.sort().join(" ")
}

/** Reads a signature. */
export const parseSignature = (signature: string): PatternCounts =>
  new Map(
    signature.split(" ").filter((part) => part !== "").map((part) => {
      const [pattern = "", count = ""] = part.split(":")
      return [pattern, Number(count)] as const
    })
  )

/** Signatures by number, with how many queries have each. */
export interface Signatures {
  readonly text: (number: number) => string
  /** Counts one more query with this signature; returns its number. */
  readonly take: (text: string) => number
  /** The number that stands for a pattern here. */
  readonly patternNumber: (pattern: string) => number
  /** Moves a query from a signature (or none) to the one with one more rollout of a pattern, by number; returns its number. */
  readonly advance: (from: number, pattern: number) => number
  /** The signatures that queries have, with how many. */
  readonly counts: () => ReadonlyMap<string, number>
}

// Signatures that no query has any more are kept, as other queries will pass through them, until they are this many more than the rest.
const MOST_IDLE = 2000

// A signature of more characters than this belongs to one query. Its number is then the place of the query's counts, from here on.
const LONGEST_SHARED = 256
const OWN = 2 ** 30

/** Makes signatures; nobody has any yet. */
export const makeSignatures = (): Signatures => {
  const texts: Array<string> = []
  const owners: Array<number> = []
  const numbers = new Map<string, number>()
  const free: Array<number> = []
  const patterns: Array<string> = []
  const patternNumbers = new Map<string, number>()
  // By pattern: which signature follows which.
  const followers: Array<Map<number, number>> = []
  let idle = 0
  const ownCounts: Array<Map<string, number>> = []

  const isOwn = (number: number): boolean => number >= OWN
  const textOf = (number: number): string => (isOwn(number) ? writeSignature(ownCounts[number - OWN]!) : texts[number]!)
  const keepApart = (text: string): number => OWN + ownCounts.push(new Map(parseSignature(text))) - 1

  const numberOf = (text: string): number => {
    const known = numbers.get(text)
    if (known !== undefined) return known
    const number = free.pop() ?? texts.length
    texts[number] = text
    owners[number] = 0
    numbers.set(text, number)
    idle++
    return number
  }
  const own = (number: number): number => {
    if (owners[number]!++ === 0) idle--
    return number
  }
  const sweep = (): void => {
    for (const [text, number] of numbers) {
      if (owners[number]! > 0) continue
      numbers.delete(text)
      free.push(number)
    }
    for (const each of followers) each.clear()
    idle = 0
  }
  const patternNumber = (pattern: string): number => {
    const known = patternNumbers.get(pattern)
    if (known !== undefined) return known
    followers.push(new Map())
    patternNumbers.set(pattern, patterns.length)
    return patterns.push(pattern) - 1
  }
  const follower = (from: number, pattern: number): number => {
    const known = followers[pattern]!.get(from)
    if (known !== undefined) return known
    const number = numberOf(addPattern(from === NO_SIGNATURE ? "" : texts[from]!, patterns[pattern]!))
    followers[pattern]!.set(from, number)
    return number
  }
  const release = (number: number): void => {
    if (--owners[number]! === 0 && 2 * ++idle > numbers.size + MOST_IDLE) sweep()
  }
  return {
    text: textOf,
    take: (text) => (text.length > LONGEST_SHARED ? keepApart(text) : own(numberOf(text))),
    patternNumber,
    advance: (from, number) => {
      const pattern = patterns[number]!
      if (isOwn(from)) {
        const counts = ownCounts[from - OWN]!
        counts.set(pattern, (counts.get(pattern) ?? 0) + 1)
        return from
      }
      const before = from === NO_SIGNATURE ? "" : texts[from]!
      const isLong = before.length + pattern.length > LONGEST_SHARED
      const next = isLong ? keepApart(addPattern(before, pattern)) : own(follower(from, number))
      if (from !== NO_SIGNATURE) release(from)
      return next
    },
    counts: () => {
      const queries = new Map<string, number>()
      for (const [text, number] of numbers) if (owners[number]! > 0) queries.set(text, owners[number]!)
      for (let k = 0; k < ownCounts.length; k++) {
        const text = textOf(OWN + k)
        queries.set(text, (queries.get(text) ?? 0) + 1)
      }
      return queries
    }
  }
}
