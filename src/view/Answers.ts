/**
 * The parts of the answers that the server and exported files compute from columns alike.
 *
 * @module
 */
import type { CalibrateOptions } from "../eval/calibration/Calibrate.ts"
import { compareTallies } from "../eval/transcripts/CalibrateTallies.ts"
import type { RowColumns } from "../eval/transcripts/rows/RowColumns.ts"
import { type RowFilter, selectRows } from "../eval/transcripts/rows/RowFilter.ts"
import { flipsOf, type RowFlip } from "../eval/transcripts/rows/RowFlips.ts"
import { allRows, talliesOfRows } from "../eval/transcripts/rows/RowTallies.ts"
import type { Compared, Filter, Flip, RowDetail } from "./Api.ts"

/** A set by its name. */
export interface NamedColumns {
  readonly name: string
  readonly columns: RowColumns
}

/** Characters of a prompt or response that are sent at once. */
export const WINDOW = 200_000

const OTHERS = 50
const FLIPS = 200

/** The filter of columns that a filter of the page is, but for its text; the prompt of a row that is none has no samples. */
export const rowFilterOf = ({ query }: RowColumns, filter: Filter): RowFilter =>
  filter.promptOf === undefined ? filter : { ...filter, query: query[filter.promptOf] ?? Number.NaN }

/** A rollout with the window of its response that begins at a character, out of one with all of it. */
export const windowOf = <A extends Pick<RowDetail, "from" | "logProbs" | "promptText" | "segments">>(whole: A, from: number): A => {
  const to = from + WINDOW
  return {
    ...whole,
    from,
    promptText: whole.promptText.slice(0, WINDOW),
    segments: whole.segments.flatMap(({ start, text, ...segment }) => {
      const [begin, end] = [Math.max(start, from), Math.min(start + text.length, to)]
      return end <= begin ? [] : [{ ...segment, text: text.slice(begin - start, end - start), start: begin }]
    }),
    logProbs: whole.logProbs?.filter(({ end, start }) => end > from && start < to) ?? null
  }
}

/** How many samples a row's prompt has, and those of them that stand nearest to it, without itself. */
export const samplesAround = (columns: RowColumns, row: number): { readonly samples: number; readonly others: ReadonlyArray<number> } => {
  const samples = selectRows(columns, { query: columns.query[row]! })
  const first = Math.max(0, Math.min(samples.indexOf(row) - OTHERS / 2, samples.length - OTHERS))
  return { samples: samples.length, others: [...samples.subarray(first, first + OTHERS)].filter((other) => other !== row) }
}

/** Compares two sets; `promptOf` is the beginning of the prompt of a row of the second. */
export const compareSets = async (
  from: NamedColumns,
  to: NamedColumns,
  options: CalibrateOptions,
  promptOf: (row: number) => Promise<string>
): Promise<Compared> => {
  const sideOf = ({ columns, name }: NamedColumns) => ({ id: name, levels: talliesOfRows(columns, allRows(columns)) })
  const { gained, lost, shared } = flipsOf(from.columns, to.columns)
  const flip = async (found: RowFlip): Promise<Flip> => ({ ...found, prompt: await promptOf(found.to.row) })
  return {
    comparison: compareTallies(sideOf(from), sideOf(to), options),
    gained: await Promise.all(gained.slice(0, FLIPS).map(flip)),
    lost: await Promise.all(lost.slice(0, FLIPS).map(flip)),
    gainedCount: gained.length,
    lostCount: lost.length,
    shared
  }
}
