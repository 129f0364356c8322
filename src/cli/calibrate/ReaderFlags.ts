/**
 * Flags of a model as reader.
 *
 * @module
 */
import type { Option } from "effect"
import { Flag } from "effect/cli"
import { DEFAULT_READER_TOKENS } from "../../engine/ModelReader.ts"
import { DEFAULT_READER_CONCURRENCY } from "../../eval/transcripts/files/ReadByModel.ts"
import { withDefault } from "../Help.ts"

/** The flags. */
export const readerFlags = {
  reader: Flag.String("reader").pipe(
    Flag.withDescription("Address of an OpenAI-compatible server whose model lists the candidate answers, e.g. http://localhost:8000/v1"),
    Flag.optional
  ),
  readerModel: Flag.String("reader-model").pipe(Flag.withDescription("The reader's name at its server"), Flag.optional),
  readerCache: Flag.String("reader-cache").pipe(
    Flag.withDescription("Where the reader's answers are kept; FILE.reader-cache.jsonl unless told"),
    Flag.optional
  ),
  readerConcurrency: Flag.Int("reader-concurrency").pipe(
    Flag.withDescription("Responses that the reader reads at a time"),
    withDefault(DEFAULT_READER_CONCURRENCY)
  ),
  readerMaxTokens: Flag.Int("reader-max-tokens").pipe(
    Flag.withDescription("Tokens allowed to an answer of the reader, its thoughts among them"),
    withDefault(DEFAULT_READER_TOKENS)
  ),
  readerTemperature: Flag.Finite("reader-temperature").pipe(Flag.withDescription("The reader's temperature"), withDefault(0)),
  readerTimeout: Flag.Finite("reader-timeout").pipe(
    Flag.withDescription("Seconds allowed to a request to the reader"),
    withDefault(600)
  ),
  readerRetries: Flag.Int("reader-retries").pipe(
    Flag.withDescription("Repetitions of a request to the reader that failed for a passing reason"),
    withDefault(6)
  ),
  readerKeyEnv: Flag.String("reader-key-env").pipe(
    Flag.withDescription("Environment variable that holds the key of the reader's server, if it wants one"),
    withDefault("DECISION_SAMPLING_API_KEY")
  )
}

/** The values of the flags. */
export interface ReaderFlags {
  readonly reader: Option.Option<string>
  readonly readerModel: Option.Option<string>
  readonly readerCache: Option.Option<string>
  readonly readerConcurrency: number
  readonly readerMaxTokens: number
  readonly readerTemperature: number
  readonly readerTimeout: number
  readonly readerRetries: number
  readonly readerKeyEnv: string
}
