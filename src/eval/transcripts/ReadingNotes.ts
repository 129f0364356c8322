/**
 * What there is to say of the rows of a file that are used all the same, counted: the first of each kind in words.
 *
 * @module
 */
import { Schema } from "effect"
import type { RowNote } from "./formats/Row.ts"

/** Notes of one kind: how many rows they are of, and the first one with its line. */
export const CountedNote = Schema.Struct({
  kind: Schema.Literals(["gold", "problem", "repeat"]),
  count: Schema.Int,
  line: Schema.Int,
  text: Schema.String
})

/** Notes of one kind. */
export type CountedNote = typeof CountedNote.Type

/** Counts notes of rows. */
export interface NoteCounter {
  readonly add: (note: RowNote, line: number) => void
  readonly notes: () => ReadonlyArray<CountedNote>
}

/** Makes a counter of notes. */
export const makeNoteCounter = (): NoteCounter => {
  const counted = new Map<string, CountedNote>()
  return {
    add: ({ kind, text }, line) => {
      const known = counted.get(kind)
      counted.set(kind, known === undefined ? { kind, count: 1, line, text } : { ...known, count: known.count + 1 })
    },
    notes: () => [...counted.values()]
  }
}

/** Notes of several blocks as one; `shift` is added to the lines of `more`. The first in the file stays the one in words. */
export const mergeNotes = (
  notes: ReadonlyArray<CountedNote>,
  more: ReadonlyArray<CountedNote>,
  shift: number
): ReadonlyArray<CountedNote> => {
  const known = new Map(notes.map((note) => [note.kind, note]))
  for (const note of more) {
    const before = known.get(note.kind)
    known.set(note.kind, before === undefined ? { ...note, line: note.line + shift } : { ...before, count: before.count + note.count })
  }
  return [...known.values()]
}
