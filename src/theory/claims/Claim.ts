/**
 * What an entry of the claims ledger is: one claim of the paper, how far it holds, and the tests that show it.
 *
 * The ledger is data. A test reads every named test file, and computes the counterexamples' numbers again. Source: this paper.
 *
 * @module
 */

/**
 * How far a claim holds.
 *
 * - `exact`: an identity or an inequality that every tested input obeys.
 * - `in expectation`: a mean over trajectories obeys it; one trajectory need not.
 * - `under assumption`: it holds where the stated assumption does; the counterexample is outside.
 * - `definition`: a convention or a definition, made computable.
 * - `refuted as stated`: the counterexample contradicts it; `instead` says what holds.
 * - `empirical`: a statement about trained models or samples, judged by measurement.
 */
export type ClaimStatus = "exact" | "in expectation" | "under assumption" | "definition" | "refuted as stated" | "empirical"

/** A test by its file, from the repository's root, and its exact name. */
export interface Evidence {
  readonly file: string
  readonly test: string
}

/** A case that a claim does not cover: what is `given`, what comes out as named `numbers` (four digits), what holds `instead`. */
export interface Counterexample {
  readonly given: string
  readonly numbers: Readonly<Record<string, number>>
  readonly instead: string
}

/**
 * A revision of an entry: when (`date`, as YYYY-MM-DD), what the ledger said until then (`was`; left out where it had no entry), and
 * `why` that was given up.
 */
export interface ClaimChange {
  readonly date: string
  readonly was?: string
  readonly why: string
}

/** One claim. `statement` is the paper's claim in our words, `finding` what the tests say about it, `changes` its revisions, oldest first. */
export interface Claim {
  readonly id: string
  readonly where: string
  readonly statement: string
  readonly status: ClaimStatus
  readonly assumption?: string
  readonly counterexample?: Counterexample
  readonly finding: string
  readonly shownBy: ReadonlyArray<Evidence>
  readonly changes?: ReadonlyArray<ClaimChange>
}

/** Names several tests of one file. */
export const testsOf = (file: string, tests: ReadonlyArray<string>): ReadonlyArray<Evidence> =>
  tests.map((test) => ({ file: `test/${file}.test.ts`, test }))
