/**
 * What was read of a stretch of a file, step by step, in little memory.
 *
 * @module
 */
import { addCounts, type Counts } from "../Counts.ts"
import { poolTallies } from "../PoolTallies.ts"
import type { BadRow, BlockMarks, BlockReading, RolloutKind } from "../ReadBlock.ts"
import { addReadings, NO_READING, type ReadingTally } from "../ReadingTally.ts"
import { type CountedNote, mergeNotes } from "../ReadingNotes.ts"
import { type LevelTally, makeTallies, type Tallies } from "../Tallies.ts"

/** The step of rows that say none and are in a file that says none. */
export const NO_STEP = -1

/** The rollouts of one step in one stretch of a file. */
export interface StepPart {
  readonly levels: ReadonlyArray<LevelTally>
  readonly rows: number
  /** Rows that say how their response ended. */
  readonly told: number
}

/** What was read of a stretch of a file. */
export interface FilePart {
  readonly steps: ReadonlyMap<number, StepPart>
  readonly rows: number
  readonly lines: number
  /** Rows whose own step is not the one of the file's name. */
  readonly elsewhere: number
  readonly badRowCount: number
  /** The first of them; line numbers count from the stretch's first line. */
  readonly badRows: ReadonlyArray<Omit<BadRow, "file">>
  readonly formats: Counts
  readonly notes: ReadonlyArray<CountedNote>
  readonly reading: ReadingTally
}

/** Nothing read. */
export const NO_PART: FilePart = {
  steps: new Map(),
  rows: 0,
  lines: 0,
  elsewhere: 0,
  badRowCount: 0,
  badRows: [],
  formats: {},
  notes: [],
  reading: NO_READING
}

const addStep = (a: StepPart | undefined, b: StepPart): StepPart =>
  a === undefined ? b : { levels: poolTallies([a.levels, b.levels]), rows: a.rows + b.rows, told: a.told + b.told }

// Of each file; a run has thousands.
const MOST_LISTED = 100

/** Two neighbouring stretches as one. */
export const addParts = (a: FilePart, b: FilePart): FilePart => {
  if (a.lines === 0) return b
  if (b.lines === 0) return a
  const steps = new Map(a.steps)
  for (const [step, part] of b.steps) steps.set(step, addStep(steps.get(step), part))
  return {
    steps,
    rows: a.rows + b.rows,
    lines: a.lines + b.lines,
    elsewhere: a.elsewhere + b.elsewhere,
    badRowCount: a.badRowCount + b.badRowCount,
    badRows: [...a.badRows, ...b.badRows.map((row) => ({ ...row, line: row.line + a.lines }))].slice(0, MOST_LISTED),
    formats: addCounts(a.formats, b.formats),
    notes: mergeNotes(a.notes, b.notes, a.lines),
    reading: addReadings(a.reading, b.reading)
  }
}

// The rollouts of a block, by the step of each.
const byStep = ({ kind, kinds, query }: BlockMarks, fileStep: number | undefined): ReadonlyMap<number, BlockMarks> => {
  const stepOf = ({ mark }: RolloutKind): number => mark?.step ?? fileStep ?? NO_STEP
  const steps = [...new Set(kinds.map(stepOf))]
  if (steps.length === 1) return new Map([[steps[0]!, { kind, kinds, query }]])
  const stepOfKind = kinds.map(stepOf)
  return new Map(
    steps.map((step) => {
      const places = [...kind.keys()].filter((i) => stepOfKind[kind[i]!] === step)
      return [step, { kinds, kind: Uint32Array.from(places, (i) => kind[i]!), query: Float64Array.from(places, (i) => query[i]!) }]
    })
  )
}

// Steps of one file follow each other; of those before, the small form is kept.
const MOST_LIVE = 4

interface Live {
  readonly tallies: Tallies
  rows: number
  told: number
}

/** Collects blocks into a part; `fileStep` is the step that the file's name says. */
export const makeFilePart = (fileStep: number | undefined) => {
  let part: FilePart = NO_PART
  const steps = new Map<number, StepPart>()
  const live = new Map<number, Live>()
  const settle = (step: number, { rows, tallies, told }: Live): void => {
    steps.set(step, addStep(steps.get(step), { levels: poolTallies([tallies.levels()]), rows, told }))
    live.delete(step)
  }
  const liveOf = (step: number): Live => {
    const known = live.get(step)
    if (known !== undefined) return known
    for (const [oldest, each] of live) if (live.size >= MOST_LIVE) settle(oldest, each)
    const fresh = { tallies: makeTallies(), rows: 0, told: 0 }
    live.set(step, fresh)
    return fresh
  }
  return {
    add: ({ badRows, formats, lines, marks, notes, reading }: BlockReading): void => {
      const of = (isSo: (kind: RolloutKind) => boolean): number => {
        const counts = marks.kinds.map(isSo)
        return marks.kind.reduce((sum, k) => sum + (counts[k] === true ? 1 : 0), 0)
      }
      for (const [step, each] of byStep(marks, fileStep)) {
        const state = liveOf(step)
        state.tallies.addMarks(each)
        state.rows += each.kind.length
        state.told += each.kind.reduce((sum, k) => sum + (each.kinds[k]!.mark?.isEndTold === true ? 1 : 0), 0)
      }
      part = addParts(part, {
        ...NO_PART,
        rows: marks.kind.length,
        lines,
        elsewhere: fileStep === undefined ? 0 : of(({ mark }) => mark?.step !== undefined && mark.step !== fileStep),
        badRowCount: badRows.length,
        badRows: badRows.slice(0, MOST_LISTED),
        formats,
        notes,
        reading
      })
    },
    part: (): FilePart => {
      for (const [step, each] of live) settle(step, each)
      return { ...part, steps: new Map(steps) }
    }
  }
}
