/**
 * A batch: a folder of requests for engines that answer files of them (vLLM's run-batch, OpenAI's Batch API), and what is needed to read their
 * answers: `batch.json` says how responses are sampled, `queries.jsonl` holds what is asked, `requests-00001.jsonl` and so on the requests.
 *
 * A request's `custom_id` is `KEY-QUERY-RESPONSE`: a digest of settings and queries, and two numbers from 0. Answers of another batch have another
 * key, so they are joined to none of this one's.
 *
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex } from "@noble/hashes/utils.js"
import { Effect, FileSystem, Path, Result, Schema } from "effect"
import { ConfigError, FileError, RowError } from "../../domain/Errors.ts"
import { problemOf } from "../../domain/Files.ts"
import type { Seed } from "../../domain/Seed.ts"
import { oneLine } from "../../domain/OneLine.ts"
import { requestOf, type RequestSettings } from "../OpenAiWire.ts"
import { type TextQuery, wantedRow } from "../WantedRows.ts"
import { forLines, writeLines } from "./Lines.ts"

/** The version of the folder's form. */
export const BATCH_VERSION = 1

const Settings = Schema.Struct({
  model: Schema.String,
  api: Schema.Literal("chat"),
  maxTokens: Schema.Int,
  temperature: Schema.Finite,
  logProbs: Schema.Boolean,
  limitField: Schema.optionalKey(Schema.Literals(["max_tokens", "max_completion_tokens"])),
  system: Schema.optionalKey(Schema.String)
})

/** How a batch's responses are sampled: by the chat API, the only one of which vLLM's run-batch makes text. */
export type BatchSettings = RequestSettings & typeof Settings.Type

/** What `batch.json` says. */
export const BatchManifest = Schema.Struct({
  kind: Schema.Literal("decision-sampling batch"),
  version: Schema.Int,
  key: Schema.String,
  settings: Settings,
  seed: Schema.Int,
  generations: Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)),
  queries: Schema.Int,
  files: Schema.Array(Schema.Struct({ file: Schema.String, requests: Schema.Int, bytes: Schema.Int }))
})

/** What `batch.json` says. */
export type BatchManifest = typeof BatchManifest.Type

const Query = Schema.Struct({
  level: Schema.String,
  id: Schema.String,
  prompt: Schema.String,
  answer: Schema.optionalKey(Schema.String),
  messages: Schema.optionalKey(
    Schema.Array(Schema.StructWithRest(Schema.Struct({ role: Schema.String, content: Schema.Unknown }), [
      Schema.Record(Schema.String, Schema.Unknown)
    ]))
  ),
  fields: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown))
})

const decodeManifest = Schema.decodeUnknownResult(Schema.fromJsonString(BatchManifest))
const decodeQuery = Schema.decodeUnknownResult(Schema.fromJsonString(Query))

/** A batch that was written. */
export interface Batch {
  readonly folder: string
  readonly manifest: BatchManifest
  readonly queries: ReadonlyArray<TextQuery>
}

/** The files of a folder. */
export const MANIFEST_FILE = "batch.json"
/** The queries of a folder. */
export const QUERIES_FILE = "queries.jsonl"
/** The folder of the requests that are still without an answer, in the batch's. */
export const NEXT_FOLDER = "next"

const encoder = new TextEncoder()

/** A query as its line of `queries.jsonl`. */
export const queryLine = (query: TextQuery): string => JSON.stringify(query)

/** The digest of a batch's settings and of the lines of its queries, that its ids begin with: 12 hexadecimal digits. */
export const batchKey = (
  { limitField, logProbs, maxTokens, model, system, temperature }: BatchSettings,
  { generations, lines, seed }: { readonly generations: number; readonly lines: Iterable<string>; readonly seed: Seed }
): string => {
  const settings = [model, maxTokens, temperature, logProbs, limitField ?? null, system ?? null]
  const hash = sha256.create().update(encoder.encode(JSON.stringify([BATCH_VERSION, settings, generations, seed])))
  for (const line of lines) hash.update(encoder.encode("\n" + line))
  return bytesToHex(hash.digest()).slice(0, 12)
}

/** The id of response `g` to query `q`. */
export const customId = (key: string, q: number, g: number): string => `${key}-${q}-${g}`

/** Reads an id; undefined for one that no batch wrote. */
export const parseCustomId = (id: string): { readonly key: string; readonly q: number; readonly g: number } | undefined => {
  const [, key, q, g] = /^([0-9a-f]{12})-(0|[1-9]\d{0,8})-(0|[1-9]\d{0,8})$/.exec(id) ?? []
  return key === undefined ? undefined : { key, q: Number(q), g: Number(g) }
}

/** How many requests and bytes a file of them may hold. */
export interface BatchLimits {
  readonly requests: number
  readonly bytes: number
}

/** OpenAI's limits: 50,000 requests and 200 MB a file. vLLM has none, but writes an output file a request file, and a cut one loses less. */
export const OPENAI_LIMITS: BatchLimits = { requests: 50_000, bytes: 200_000_000 }

/** Fails with `ConfigError` for limits that no file keeps. */
export const assertLimits = (limits: BatchLimits): Effect.Effect<void, ConfigError> =>
  Effect.andThen(assertWhole("limits.requests", limits.requests), assertWhole("limits.bytes", limits.bytes))

/** Fails with `ConfigError` for what is no whole number from 1. */
export const assertWhole = (field: string, value: number): Effect.Effect<void, ConfigError> =>
  Number.isInteger(value) && value >= 1
    ? Effect.void
    : Effect.fail(new ConfigError({ field, value: String(value), expected: "a whole number from 1" }))

/** The line of one request, with its end. */
const requestLine = (
  settings: BatchSettings,
  key: string,
  query: TextQuery,
  q: number,
  g: number,
  seeds: Parameters<typeof wantedRow>[3]
) => {
  const { body, path } = requestOf(settings, query, wantedRow(query, q, g, seeds).seed)
  return encoder.encode(JSON.stringify({ custom_id: customId(key, q, g), method: "POST", url: `/v1${path}`, body }) + "\n")
}

/** Request lines of those responses of a batch that `isWanted` chooses, one at a time: one line a response, each with its own seed. */
export function* requestLines(
  { manifest: { generations, key, seed, settings }, queries }: Pick<Batch, "manifest" | "queries">,
  isWanted: (number: number) => boolean
): Generator<Uint8Array> {
  for (const [q, query] of queries.entries()) {
    for (let g = 0; g < generations; g++) {
      if (isWanted(q * generations + g)) yield requestLine(settings, key, query, q, g, { generations, seed })
    }
  }
}

const numbered = (number: number): string => `requests-${String(number).padStart(5, "0")}.jsonl`

/** Writes request lines into as many files of a folder as the limits ask for. Fails with `FileError`, also for a request beyond the limit. */
export const writeRequests = Effect.fnUntraced(function* (folder: string, lines: Iterable<Uint8Array>, limits: BatchLimits) {
  const path = yield* Path.Path
  const written: Array<BatchManifest["files"][number]> = []
  const all = lines[Symbol.iterator]()
  let next = all.next()
  let tooLarge = 0
  const some = function* (): Generator<Uint8Array> {
    let requests = 0
    let bytes = 0
    while (next.done !== true) {
      const { length } = next.value
      if (length > limits.bytes) {
        tooLarge = length
        return
      }
      if (requests === limits.requests || bytes + length > limits.bytes) return
      requests++
      bytes += length
      yield next.value
      next = all.next()
    }
  }
  while (next.done !== true) {
    const file = numbered(written.length + 1)
    const { bytes, lines: requests } = yield* writeLines(path.join(folder, file), some())
    if (tooLarge > 0) {
      return yield* new FileError({
        file: path.join(folder, file),
        problem: `a request has ${tooLarge} bytes, more than the ${limits.bytes} that a file may have`,
        advice: "Shorten the prompt, or allow more with --max-bytes where the engine does"
      })
    }
    written.push({ file, requests, bytes })
  }
  return written
})

const bad = (folder: string, problem: string): FileError =>
  new FileError({ file: folder, problem, advice: "Name the folder that eval batch write made" })

/** Opens a batch's folder. Fails with `FileError` where it is none, was not written to its end, or was changed. */
export const openBatch = Effect.fn("Batch.open")(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const text = yield* files.readFileString(path.join(folder, MANIFEST_FILE)).pipe(
    Effect.mapError((cause) => bad(folder, cause.message.startsWith("NotFound") ? "no batch: it has no batch.json" : problemOf(cause)))
  )
  const read = decodeManifest(text)
  if (Result.isFailure(read)) return yield* bad(folder, `its batch.json is none of a batch: ${oneLine(read.failure.message)}`)
  const manifest = read.success
  if (manifest.version !== BATCH_VERSION) {
    return yield* bad(folder, `a batch in the form of version ${manifest.version}; this program reads version ${BATCH_VERSION}`)
  }
  const queries: Array<TextQuery> = []
  const texts: Array<string> = []
  const file = path.join(folder, QUERIES_FILE)
  yield* forLines(file, (lines) =>
    Effect.gen(function* () {
      for (const { number, text } of lines) {
        const query = decodeQuery(text)
        if (Result.isFailure(query)) return yield* new RowError({ file, line: number, problem: oneLine(query.failure.message) })
        queries.push(query.success)
        texts.push(text)
      }
    }))
  if (batchKey(manifest.settings, { ...manifest, lines: texts }) !== manifest.key) {
    return yield* bad(folder, "its queries or settings are not those that it was written with")
  }
  return { folder, manifest, queries } satisfies Batch
})
