/**
 * A long text in overlapping pieces, cut at line ends, for whoever reads no more than so much at once.
 *
 * @module
 */

/** A piece text[from, to); what is found in it counts in [keptFrom, keptTo), so that every place is judged once, with text on both sides. */
export interface Piece {
  readonly from: number
  readonly to: number
  readonly keptFrom: number
  readonly keptTo: number
}

/** The most UTF-16 units of a piece. */
export const PIECE_LENGTH = 12_000

/** The most units that a piece has in common with the one before it. */
export const PIECE_OVERLAP = 1_000

// A cut is moved back so far at most to find the end of a line, or of a word.
const MOST_MOVED = 3_000

const isLowSurrogate = (text: string, at: number): boolean => (text.charCodeAt(at) & 0xfc00) === 0xdc00

// A piece must not begin or end inside a character.
const betweenCharacters = (text: string, at: number): number => (isLowSurrogate(text, at) ? at - 1 : at)

const cutBefore = (text: string, at: number): number => {
  const begin = at - MOST_MOVED
  const stretch = text.slice(begin, at)
  const line = stretch.lastIndexOf("\n")
  if (line >= 0) return begin + line + 1
  const word = stretch.lastIndexOf(" ")
  return word >= 0 ? begin + word + 1 : betweenCharacters(text, at)
}

const beginAfter = (text: string, at: number, limit: number): number => {
  const line = text.slice(at, limit).indexOf("\n")
  return line >= 0 ? at + line + 1 : betweenCharacters(text, at)
}

/** Cuts a text into pieces of at most `PIECE_LENGTH`; the kept parts make up all of it. Time is linear in its length. */
export const piecesOf = (text: string): ReadonlyArray<Piece> => {
  const pieces: Array<Piece> = []
  let from = 0
  let keptFrom = 0
  for (;;) {
    const isLast = from + PIECE_LENGTH >= text.length
    const to = isLast ? text.length : cutBefore(text, from + PIECE_LENGTH)
    if (isLast) {
      pieces.push({ from, to, keptFrom, keptTo: to })
      return pieces
    }
    const next = beginAfter(text, to - PIECE_OVERLAP, to - PIECE_OVERLAP / 2)
    const keptTo = (next + to) >> 1
    pieces.push({ from, to, keptFrom, keptTo })
    from = next
    keptFrom = keptTo
  }
}
