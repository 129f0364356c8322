/**
 * Reads a block of whole lines into what the tallies need: the part of the work that can be done in any thread.
 *
 * @module
 */
import { forLines } from "./BlockLines.ts"
import { type LinePlan, readLine } from "./Formats.ts"
import { type GradedTranscript, readTranscript } from "./Grade.ts"
import { patternOf } from "./Pattern.ts"
import { hashText } from "./QueryIndex.ts"
import type { Reader } from "./Reader.ts"
import { keyOfMark, type StepMark } from "./formats/StepMark.ts"
import { type CountedNote, makeNoteCounter } from "./ReadingNotes.ts"
import { makeReadingTally, type ReadingTally } from "./ReadingTally.ts"
import { SIGN } from "./rows/Sign.ts"

/** A line that could not be used. */
export interface BadRow {
  readonly file: string
  readonly line: number
  readonly reason: string
}

/** A level and a pattern (Pattern.ts): all that a block says of a rollout but its query. */
export interface RolloutKind {
  readonly level: string
  readonly pattern: string
  /** What its row says of the step of training and of its end; where the plan asks for that. */
  readonly mark?: StepMark
}

/** Rollouts as columns: the number of their kind, and the hash of their query. */
export interface BlockMarks {
  readonly kinds: ReadonlyArray<RolloutKind>
  readonly kind: Uint32Array<ArrayBuffer>
  readonly query: Float64Array<ArrayBuffer>
  /** Where the plan asks for it. */
  readonly places?: BlockPlaces
}

/** Where rollouts stand, as columns, and what was counted of each beside its pattern. */
export interface BlockPlaces {
  /** The byte of the block at which its line begins, and the line's number in the block, from 1. */
  readonly start: Uint32Array<ArrayBuffer>
  readonly line: Uint32Array<ArrayBuffer>
  /** Which of its line's rollouts it is, from 0. */
  readonly part: Uint32Array<ArrayBuffer>
  /** Bits of `SIGN`. */
  readonly signs: Uint8Array<ArrayBuffer>
}

const signsOf = ({ counts: { checks, unmarked }, isContradicted }: GradedTranscript): number =>
  (checks > 0 ? SIGN.confirmed : 0) + (unmarked > 0 ? SIGN.unmarked : 0) + (isContradicted === true ? SIGN.contradicted : 0)

/** Where a rollout stands, and its signs. */
interface Place {
  readonly start: number
  readonly line: number
  readonly part: number
  readonly signs: number
}

/** What a block says. Line numbers of bad rows count from the block's first line, which is 1. */
export interface BlockReading {
  readonly lines: number
  readonly marks: BlockMarks
  readonly badRows: ReadonlyArray<Omit<BadRow, "file">>
  /** Lines that were read, by their format. */
  readonly formats: Readonly<Record<string, number>>
  /** What there is to say of rows that were used, or left out because another says the same; their lines count as those of bad rows. */
  readonly notes: ReadonlyArray<CountedNote>
  readonly reading: ReadingTally
}

// Columns that grow, and the kinds by number.
const makeMarks = (isPlaced: boolean) => {
  const kinds: Array<RolloutKind> = []
  // By step, where rows say theirs; by level; by pattern.
  const byMark = new Map<number | undefined, Map<string, Map<string, number>>>()
  let kind = new Uint32Array(1024)
  let query = new Float64Array(1024)
  let length = 0
  const places: Array<Place> = []
  const numberOf = ({ level, mark, pattern }: RolloutKind): number => {
    const key = mark === undefined ? undefined : keyOfMark(mark)
    const numbers = byMark.get(key) ?? new Map<string, Map<string, number>>()
    if (numbers.size === 0) byMark.set(key, numbers)
    const ofLevel = numbers.get(level) ?? new Map<string, number>()
    if (ofLevel.size === 0) numbers.set(level, ofLevel)
    const known = ofLevel.get(pattern)
    if (known !== undefined) return known
    ofLevel.set(pattern, kinds.length)
    return kinds.push({ level, pattern, ...(mark === undefined ? {} : { mark }) }) - 1
  }
  return {
    add: (of: RolloutKind, hash: number, place: () => Place): void => {
      if (isPlaced) places.push(place())
      if (length === kind.length) {
        const [fewKinds, fewQueries] = [kind, query]
        kind = new Uint32Array(2 * length)
        query = new Float64Array(2 * length)
        kind.set(fewKinds)
        query.set(fewQueries)
      }
      kind[length] = numberOf(of)
      query[length++] = hash
    },
    marks: (): BlockMarks => ({
      kinds,
      kind: kind.slice(0, length),
      query: query.slice(0, length),
      ...(isPlaced
        ? {
          places: {
            start: Uint32Array.from(places, ({ start }) => start),
            line: Uint32Array.from(places, ({ line }) => line),
            part: Uint32Array.from(places, ({ part }) => part),
            signs: Uint8Array.from(places, ({ signs }) => signs)
          }
        }
        : {})
    })
  }
}

/**
 * Reads a block of JSON lines as a plan says. Blank lines count as lines and are skipped. `source` names the file and the block, to tell rows
 * without a problem and an id apart.
 */
export const readBlock = (bytes: Uint8Array, plan: LinePlan, reader: Reader, source = ""): BlockReading => {
  const block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { add, marks } = makeMarks(plan.isPlaced === true)
  const badRows: Array<Omit<BadRow, "file">> = []
  const formats: Record<string, number> = {}
  const notes = makeNoteCounter()
  const counted = makeReadingTally()
  // Samples of one prompt mostly follow each other.
  let query = ""
  let hash = hashText(query)
  const lines = forLines(block, (line, number, start) => {
    const reading = readLine(line, plan, String(number), source)
    if ("problem" in reading) {
      badRows.push({ line: number, reason: reading.problem })
      return
    }
    if (reading.format !== undefined) formats[reading.format] = (formats[reading.format] ?? 0) + 1
    if (reading.note !== undefined) notes.add(reading.note, number)
    for (const [part, row] of reading.rows.entries()) {
      const graded = readTranscript(row, reader)
      const { rollout } = graded
      counted.add(graded, row.response)
      if (rollout.query !== query) {
        query = rollout.query
        hash = hashText(query)
      }
      const { mark } = reading
      add({ level: rollout.level, pattern: patternOf(rollout), ...(mark === undefined ? {} : { mark }) }, hash, () => ({
        start,
        line: number,
        part,
        signs: signsOf(graded)
      }))
    }
  })
  return { lines, badRows, formats, notes: notes.notes(), marks: marks(), reading: counted.tally() }
}
