/**
 * Sequences of unequal length as padded rectangles, the form in which a device computes them.
 *
 * @module
 */
import type { Tensor2D } from "@tensorflow/tfjs-core"
import type { TensorLibrary } from "../device/Device.ts"
import type { ScoredTokens } from "../../domain/Policy.ts"
import type { TokenInputs } from "../architecture/Architecture.ts"
import { placeTokens, type Speech } from "./Choices.ts"

/** Kernels work on four numbers at a time, so rows are padded to a multiple of this. */
const COLUMN_STEP = 4

/** What one more pass over the device costs, in tokens of padding that may be computed instead. */
const WORTH_A_PASS = 256

/** Tokens as rectangles of `rows` × `columns` cells, row by row; cells past a row's end have group −1. */
export interface InputGrid {
  readonly rows: number
  readonly columns: number
  readonly tokens: Int32Array
  readonly positions: Int32Array
  readonly segments: Int32Array
  readonly groups: Int32Array
}

/** An input grid and what is predicted from each cell: the token after it. */
export interface TokenGrid extends InputGrid {
  readonly targets: Int32Array
  /** The set that the target is chosen from; −1 where nothing is chosen. */
  readonly setIds: Int32Array
  /** Index of the target among all tokens of the batch; −1 in padding. */
  readonly source: Int32Array
  /** The first column from which any row predicts a choice. */
  readonly firstChoice: number
}

/** A grid without its padding: its sequences one after the other, of one position at least. */
export interface PackedGrid extends Record<"tokens" | "positions" | "segments" | "groups", Int32Array> {
  /** Sequence r is the positions starts[r] … starts[r+1] − 1. */
  readonly starts: Int32Array
  /** The positions that predict a choice, in order; the first where there is none: a device computes no empty matrices. */
  readonly choices: Int32Array
  /** For each cell of the grid from its first choice on its index among `choices`; their number where it is none of them. */
  readonly places: Int32Array
}

/** A sequence to be laid into a grid: its first `length` tokens with their places. */
export interface PlacedTokens extends Record<"tokens" | "positions" | "segments" | "groups", ArrayLike<number>> {
  readonly length: number
}

/** The least width of a grid that holds `length` tokens. */
export const paddedColumns = (length: number): number => Math.max(1, Math.ceil(length / COLUMN_STEP)) * COLUMN_STEP

/** Lays sequences into one grid, a row each, as wide as the longest or wider. */
export const inputGrid = (
  sequences: ReadonlyArray<PlacedTokens>,
  columns = paddedColumns(Math.max(...sequences.map(({ length }) => length)))
): InputGrid => {
  const rows = sequences.length
  const cells = () => new Int32Array(rows * columns)
  const grid = { rows, columns, tokens: cells(), positions: cells(), segments: cells(), groups: cells().fill(-1) }
  sequences.forEach(({ groups, length, positions, segments, tokens }, row) => {
    const start = row * columns
    for (let t = 0; t < length; t++) {
      grid.tokens[start + t] = tokens[t]!
      grid.positions[start + t] = positions[t]!
      grid.segments[start + t] = segments[t]!
      grid.groups[start + t] = groups[t]!
    }
  })
  return grid
}

/**
 * Cuts sorted lengths into runs of at most `budget` padded tokens each. A run also ends where a longer row would pad the
 * run's shorter ones by more than another pass costs.
 */
export const gridRuns = (lengths: ReadonlyArray<number>, budget: number): ReadonlyArray<readonly [start: number, end: number]> => {
  const runs: Array<readonly [number, number]> = []
  let start = 0
  let tokens = 0
  lengths.forEach((length, i) => {
    const columns = paddedColumns(length)
    const padded = (i - start + 1) * columns
    const isWasteful = padded - tokens - columns > WORTH_A_PASS
    if (i > start && (padded > budget || isWasteful)) {
      runs.push([start, i])
      start = i
      tokens = 0
    }
    tokens += columns
  })
  if (lengths.length > start) runs.push([start, lengths.length])
  return runs
}

/**
 * Lays trajectories into grids of at most `budget` padded tokens (a single longer one gets a grid of its own), of similar
 * lengths together. A trajectory of n tokens has n − 1 inputs: nothing follows the last. `offsets[i]` is the index of
 * trajectory i's first token among all. Throws PolicyError for tokens that do not fit the words.
 */
export const tokenGrids = (
  operation: string,
  speech: Speech,
  trajectories: ReadonlyArray<ScoredTokens>,
  offsets: ArrayLike<number>,
  budget: number
): ReadonlyArray<TokenGrid> => {
  const placed = trajectories.map((trajectory, row) => placeTokens(operation, speech, trajectory, row))
  const sorted = trajectories
    .map(({ tokens }, i) => ({ ...placed[i]!, tokens, length: Math.max(0, tokens.length - 1), offset: offsets[i]! }))
    .sort((a, b) => a.length - b.length)
  return gridRuns(sorted.map(({ length }) => length), budget).map(([start, end]) => {
    const members = sorted.slice(start, end)
    const grid = inputGrid(members)
    const cells = grid.rows * grid.columns
    const targets = new Int32Array(cells)
    const setIds = new Int32Array(cells).fill(-1)
    const source = new Int32Array(cells).fill(-1)
    let firstChoice = grid.columns - 1
    members.forEach(({ length, offset, sets, tokens }, row) => {
      for (let t = 0; t < length; t++) {
        const cell = row * grid.columns + t
        targets[cell] = tokens[t + 1]!
        setIds[cell] = sets[t + 1]!
        source[cell] = offset + t + 1
        if (setIds[cell] >= 0 && t < firstChoice) firstChoice = t
      }
    })
    return { ...grid, targets, setIds, source, firstChoice }
  })
}

/** Packs a grid. */
export const packed = ({ columns, firstChoice, groups, positions, rows, segments, setIds, source, tokens }: TokenGrid): PackedGrid => {
  const starts = new Int32Array(rows + 1)
  for (let row = 0; row < rows; row++) {
    let length = columns
    while (length > 1 && source[row * columns + length - 1]! < 0) length--
    starts[row + 1] = starts[row]! + length
  }
  const pack = (values: Int32Array): Int32Array => {
    const kept = new Int32Array(starts[rows]!)
    for (let row = 0; row < rows; row++) {
      kept.set(values.subarray(row * columns, row * columns + starts[row + 1]! - starts[row]!), starts[row])
    }
    return kept
  }
  const width = columns - firstChoice
  const choices: Array<number> = []
  const places = new Int32Array(rows * width).fill(-1)
  for (let row = 0; row < rows; row++) {
    for (let column = firstChoice; column < starts[row + 1]! - starts[row]!; column++) {
      if (setIds[row * columns + column]! < 0) continue
      places[row * width + column - firstChoice] = choices.length
      choices.push(starts[row]! + column)
    }
  }
  if (choices.length === 0) choices.push(0)
  return {
    tokens: pack(tokens),
    positions: pack(positions),
    segments: pack(segments),
    groups: pack(groups),
    starts,
    choices: Int32Array.from(choices),
    places: places.map((place) => place < 0 ? choices.length : place)
  }
}

/** The grid without the choices of tokens that are not wanted, by their index in the batch: they are predicted as if they were forced. */
export const withoutChoices = (grid: TokenGrid, isWanted: (token: number) => boolean): TokenGrid => ({
  ...grid,
  setIds: grid.setIds.map((setId, cell) => setId >= 0 && isWanted(grid.source[cell]!) ? setId : -1)
})

/** What the network reads of a grid, as tensors. */
export const inputTensors = (
  tf: TensorLibrary,
  { positions, segments, tokens }: Pick<InputGrid, "positions" | "segments" | "tokens">
): TokenInputs => ({
  tokens: tf.tensor1d(tokens, "int32"),
  positions: tf.tensor1d(positions, "int32"),
  segments: tf.tensor1d(segments, "int32")
})

/** The grid's inputs and groups as tensors. */
export const gridTensors = (tf: TensorLibrary, grid: InputGrid) => ({
  inputs: inputTensors(tf, grid),
  groups: tf.tensor2d(grid.groups, [grid.rows, grid.columns], "int32")
})

/** Keeps the columns of a grid's cells from `first` on: [rows·columns, D] → [rows·(columns − first), D]. */
export const fromColumn =
  (tf: TensorLibrary, { columns, rows }: Pick<InputGrid, "rows" | "columns">, first: number) => (x: Tensor2D): Tensor2D => {
    if (first === 0) return x
    const width = x.shape[1]
    const kept = tf.slice(tf.reshape(x, [rows, columns, width]), [0, first, 0], [rows, columns - first, width])
    return tf.reshape(kept, [rows * (columns - first), width])
  }

/** The same for values on the host. */
export const cellsFromColumn = <A extends Int32Array>(
  values: A,
  { columns, rows }: Pick<InputGrid, "rows" | "columns">,
  first: number
): Int32Array => {
  const kept = new Int32Array(rows * (columns - first))
  for (let row = 0; row < rows; row++) kept.set(values.subarray(row * columns + first, (row + 1) * columns), row * (columns - first))
  return kept
}
