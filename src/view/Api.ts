/**
 * What the page asks of the server, and what it is answered: the one list of both. The same answers come from files where the page was exported (`view --export`).
 *
 * Every number that counts rollouts comes with the filter that finds them.
 *
 * @module
 */
import type { AttemptShown } from "../eval/transcripts/rows/AttemptWords.ts"
import type { Outcome } from "../domain/Query.ts"
import type { Comparison } from "../eval/calibration/Comparison.ts"
import type { Results } from "../eval/results/Results.ts"
import type { RowFilter } from "../eval/transcripts/rows/RowFilter.ts"
import type { TranscriptCalibration } from "../eval/transcripts/files/TranscriptCalibration.ts"

/** A file of a set. */
export interface FileInfo {
  readonly file: string
  readonly step: number | null
  readonly bytes: number
  readonly rows: number
  readonly badRows: number
  /** Rows by format. */
  readonly formats: Readonly<Record<string, number>>
  /** Why it could not be read. */
  readonly problem: string | null
  /** What there is to say of its rows. */
  readonly notes: ReadonlyArray<{ readonly count: number; readonly line: number; readonly text: string }>
}

/** Rollouts that are looked at as one: a file, or the files of a run. */
export interface SetInfo {
  /** Short and stable while the program runs; the same paths have the same ids. */
  readonly id: string
  readonly name: string
  readonly path: string
  /** The run that they are of. */
  readonly run: string | null
  readonly files: ReadonlyArray<FileInfo>
  readonly rows: number
  readonly badRows: number
  /** The first that could not be used. */
  readonly bad: ReadonlyArray<{ readonly file: string; readonly line: number; readonly reason: string }>
  /** Reading: the share of the bytes that has been read. */
  readonly state: "reading" | "ready" | "failed"
  readonly share: number
  readonly problem: string | null
  /** Another number whenever the numbers of rows mean other rows. */
  readonly edition: number
  /** Levels in order, and how many rollouts each has. */
  readonly levels: ReadonlyArray<{ readonly level: string; readonly rows: number }>
  readonly outcomes: Readonly<Record<Outcome, number>>
  /** The most attempts of a rollout. */
  readonly mostAttempts: number
  /** Steps of training that rollouts say, in order. */
  readonly steps: ReadonlyArray<number>
}

/** A run of training, ours or another's, by what it measured. */
export interface RunInfo {
  readonly id: string
  readonly name: string
  readonly path: string
  /** Who wrote it: "train", "reproduce", "trl", … */
  readonly by: string
  /** Names of what was measured, in the order of the file. */
  readonly metrics: ReadonlyArray<string>
  readonly points: number
  /** Its last step, and the number of steps that its settings ask for. */
  readonly lastStep: number | null
  readonly steps: number | null
  /** Whether it was written to in the last minute. */
  readonly isRunning: boolean
  /** Its settings, flattened: "kl.beta" → "0.001". */
  readonly settings: Readonly<Record<string, string>>
  /** Its sets of rollouts. */
  readonly sets: ReadonlyArray<string>
  readonly problem: string | null
}

/** Results of `reproduce`, or a comparison, that lie in a file. */
export interface DocumentInfo {
  readonly id: string
  readonly name: string
  readonly path: string
}

/** What there is to look at. */
export interface Overview {
  readonly version: string
  /** Another number whenever anything is new. */
  readonly edition: number
  readonly sets: ReadonlyArray<SetInfo>
  readonly runs: ReadonlyArray<RunInfo>
  readonly results: ReadonlyArray<DocumentInfo>
  readonly comparisons: ReadonlyArray<DocumentInfo>
  /** Paths that were named and hold nothing to look at, with the reason. */
  readonly leftOut: ReadonlyArray<{ readonly path: string; readonly reason: string }>
}

/** What a run measured; `null` where a step did not. */
export interface Metrics {
  readonly run: string
  readonly steps: ReadonlyArray<number>
  readonly series: Readonly<Record<string, ReadonlyArray<number | null>>>
  /** 1, or of a very long run the distance between the steps that are told. */
  readonly every: number
}

/** Which rollouts of a set are asked for: all that is named applies; of a list one is enough; of `events` each must happen. */
export interface Filter extends Omit<RowFilter, "query"> {
  /** A row of the set: the samples of its prompt. */
  readonly promptOf?: number
  /** What stands in the prompt or the response, letter by letter. */
  readonly text?: string
}

/** A rollout in a list. */
export interface RowInfo {
  readonly row: number
  readonly id: string
  readonly level: string
  readonly outcome: Outcome
  readonly attempts: ReadonlyArray<AttemptShown>
  readonly hitCap: boolean
  readonly confirmed: boolean
  readonly unmarked: boolean
  readonly contradicted: boolean
  readonly step: number | null
  readonly file: string
  readonly line: number
  /** The beginnings of prompt and response. */
  readonly prompt: string
  readonly excerpt: string
}

/** Some of the rollouts that a filter asks for. */
export interface RowsPage {
  readonly set: string
  readonly edition: number
  /** How many there are; of a text that is still looked for, how many were found so far. */
  readonly total: number
  readonly isComplete: boolean
  /** The number of the first of these among all of them. */
  readonly from: number
  readonly rows: ReadonlyArray<RowInfo>
}

/** A piece of a response: all of it is plain text. */
export interface Segment {
  readonly text: string
  readonly kind: "plain" | "candidate" | "marker"
  /** The attempt whose text or decision it is in, from 0; −1 after the last decision's text and where nothing was read. */
  readonly attempt: number
  /** Of a candidate: right, wrong, or not graded. */
  readonly correct?: boolean | null
  /** How a candidate was put forward ("boxed", "announced", …). */
  readonly how?: string
  /** Where it begins in the response, in UTF-16 units. */
  readonly start: number
}

/** A rollout with its text. */
export interface RowDetail extends RowInfo {
  readonly set: string
  readonly format: string
  /** The prompt, its beginning where it is long; and how many characters all of it has. */
  readonly promptText: string
  readonly promptLength: number
  /** The response from `from` on, a window of it where it is long. */
  readonly segments: ReadonlyArray<Segment>
  readonly from: number
  readonly length: number
  /** The answers of its attempts, in order. */
  readonly answers: ReadonlyArray<string>
  readonly reference: string | null
  /** The kind of answers that it was graded by, and why the outcome is what it is. */
  readonly kind: string
  readonly reason: string
  /** Markers after which the answer stood. */
  readonly checks: number
  /** log π of tokens in the window, nats, each with the place in the response that its text begins at; where the row has any that can be placed. */
  readonly logProbs: ReadonlyArray<{ readonly start: number; readonly end: number; readonly logProb: number }> | null
  /** Other samples of its prompt: how many, and the first of them. */
  readonly samples: number
  readonly others: ReadonlyArray<RowInfo>
  /** Further fields of the row with a number, a text of one line or a truth value. */
  readonly fields: Readonly<Record<string, string>>
}

/** A problem that two sets solved otherwise: the share of its responses that are right, before and after. */
export interface Flip {
  readonly prompt: string
  readonly level: string
  readonly from: { readonly right: number; readonly all: number; readonly row: number }
  readonly to: { readonly right: number; readonly all: number; readonly row: number }
}

/** Two sets held against each other. */
export interface Compared {
  readonly comparison: Comparison
  /** Problems that went from wrong to right and from right to wrong, by the size of the change; the first of each. */
  readonly gained: ReadonlyArray<Flip>
  readonly lost: ReadonlyArray<Flip>
  readonly gainedCount: number
  readonly lostCount: number
  /** Problems that both have. */
  readonly shared: number
}

/** What the page asks. A server answers over HTTP, exported files by themselves. Rejects with an `ApiError`. */
export interface Api {
  readonly overview: () => Promise<Overview>
  readonly metrics: (run: string) => Promise<Metrics>
  readonly rows: (set: string, filter: Filter, from: number, count: number) => Promise<RowsPage>
  readonly row: (set: string, row: number, from?: number) => Promise<RowDetail>
  readonly calibration: (set: string, filter: Filter) => Promise<TranscriptCalibration>
  readonly compare: (from: string, to: string) => Promise<Compared>
  readonly results: (id: string) => Promise<Results>
  readonly comparison: (id: string) => Promise<Comparison>
  /** Calls back whenever anything is new; gives what ends that. */
  readonly follow: (onNews: (edition: number) => void) => () => void
}

/** Why a question has no answer, in words for a person. */
export interface Problem {
  readonly problem: string
  readonly advice: string
}
