/**
 * What may happen in a rollout, in words: the same in filters, in rows and in what a link says of itself.
 *
 * @module
 */
import type { RowEvent } from "../../eval/transcripts/rows/RowFilter.ts"

/** An event in a few words: "a rollout with …". */
export const EVENT_WORDS: Readonly<Record<RowEvent, string>> = {
  "right-attempt": "a right answer",
  "wrong-attempt": "a wrong answer",
  "stop-right": "STOP on a right answer",
  "resample-right": "RESAMPLE of a right answer",
  "stop-wrong": "STOP on a wrong answer",
  "resample-wrong": "RESAMPLE of a wrong answer",
  "first-right": "the first answer right",
  "first-wrong": "the first answer wrong",
  "wrong-to-right": "wrong → right",
  "right-to-wrong": "right → wrong",
  "wrong-to-wrong": "wrong → wrong",
  "right-to-right": "right → right",
  echo: "the same answer again (echo)",
  capped: "RESAMPLE in the last allowed attempt",
  confirmed: "a check after which the answer stood",
  unmarked: "a revision without a marker",
  contradicted: "a verdict in the file that is not ours"
}

/** The events as a person looks for them. */
export const EVENT_GROUPS: ReadonlyArray<{ readonly name: string; readonly events: ReadonlyArray<RowEvent> }> = [
  { name: "First answer", events: ["first-right", "first-wrong"] },
  { name: "Decisions", events: ["stop-right", "resample-right", "stop-wrong", "resample-wrong"] },
  { name: "Transitions", events: ["wrong-to-right", "right-to-wrong", "wrong-to-wrong", "right-to-right", "echo"] },
  { name: "Anywhere", events: ["right-attempt", "wrong-attempt", "capped"] },
  { name: "Reading", events: ["confirmed", "unmarked", "contradicted"] }
]
