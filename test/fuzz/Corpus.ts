/**
 * Inputs that were once neither read nor refused, each in a file of its own: `corpus/TARGET-DIGEST.json`. Small, and plain to read: long texts are
 * pieces and how often each stands there.
 *
 * @module
 */
import { createHash } from "node:crypto"
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Schema } from "effect"
import type { Failed } from "./FuzzRun.ts"
import type { Input } from "./Grammar.ts"

/** The folder. */
export const CORPUS = join(import.meta.dirname, "corpus")

const Entry = Schema.Struct({
  target: Schema.String,
  /** What happened once. */
  problem: Schema.String,
  /** How the generator makes it again, where it did. */
  seed: Schema.optionalKey(Schema.Int),
  path: Schema.optionalKey(Schema.String),
  input: Schema.Union([
    Schema.Struct({ text: Schema.String }),
    Schema.Struct({ base64: Schema.String }),
    Schema.Struct({ pieces: Schema.Array(Schema.Tuple([Schema.String, Schema.Int])) })
  ])
})

/** An input that once failed. */
export interface CorpusEntry {
  readonly file: string
  readonly target: string
  readonly problem: string
  readonly input: Input
}

const inputOf = (written: typeof Entry.Type["input"]): Input =>
  "text" in written
    ? written.text
    : "base64" in written
    ? Uint8Array.from(Buffer.from(written.base64, "base64"))
    : written.pieces.map(([piece, times]) => piece.repeat(times)).join("")

const decode = Schema.decodeUnknownSync(Schema.fromJsonString(Entry))

/** All entries, by name. */
export const readCorpus = (): ReadonlyArray<CorpusEntry> =>
  readdirSync(CORPUS).filter((name) => name.endsWith(".json")).toSorted().map((file) => {
    const { input, problem, target } = decode(readFileSync(join(CORPUS, file), "utf8"))
    return { file, target, problem, input: inputOf(input) }
  })

const MOST_PROBLEM = 300

/** Keeps an input that failed; gives its file's name. The same input of the same target has the same. */
export const keep = ({ input, path, problem, seed, target }: Failed): string => {
  const written = typeof input === "string" ? { text: input } : { base64: Buffer.from(input).toString("base64") }
  const digest = createHash("sha256").update(JSON.stringify([target, written])).digest("hex").slice(0, 8)
  const file = `${target.toLowerCase().replaceAll(/\W+/g, "-")}-${digest}.json`
  mkdirSync(CORPUS, { recursive: true })
  // Places of the machine that found it are nobody else's.
  const told = problem.replaceAll(/(?:file:\/\/)?\/\S*\/((?:src|test|node_modules)\/)/g, "$1").replaceAll(
    /\/\S*\/decision-sampling-fuzz-\w+\//g,
    ""
  )
  writeFileSync(
    join(CORPUS, file),
    JSON.stringify({ target, problem: told.slice(0, MOST_PROBLEM), seed, path, input: written }, null, 2) + "\n"
  )
  return file
}
