/** Readers of transcripts: a line of every format, files in every wrapping, and what is read of their texts. */
import { zstdCompressSync } from "node:zlib"
import { writeFileSync } from "node:fs"
import { Effect, Stream } from "effect"
import fc from "fast-check"
import { parquetWriteBuffer } from "hyparquet-writer"
import { zipSync } from "fflate"
import { defaultMarkers } from "../../../src/tasks/reading/Markers.ts"
import { takeApart } from "../../../src/tasks/reading/TakeApart.ts"
import { GRADERS } from "../../../src/tasks/grading/Graders.ts"
import { askedExpression, statedProduct } from "../../../src/tasks/StatedProduct.ts"
import { type Format, FORMATS, readLine } from "../../../src/eval/transcripts/Formats.ts"
import { readTranscript } from "../../../src/eval/transcripts/Grade.ts"
import { readTranscripts } from "../../../src/eval/transcripts/files/ReadTranscripts.ts"
import { patternOf } from "../../../src/eval/transcripts/Pattern.ts"
import { fieldsOf, placeLogProbs } from "../../../src/eval/transcripts/rows/RowText.ts"
import { calibrateFiles } from "../../../src/eval/transcripts/files/CalibrateFiles.ts"
import { cases } from "../../support/FormatRows.ts"
import { harmed, type Input, jsonLines, jsonText, packed, text } from "../Grammar.ts"
import { Refusal, type Target } from "../Target.ts"

const rowsOf = (format: Format): ReadonlyArray<object> => cases.filter(([of]) => of === format).map(([, , row]) => row)
const allRows = cases.map(([, , row]) => row)

const refused = (problem: string) => Effect.fail(new Refusal(problem))

/** Reads a line as `calibrate` does, to the pattern that is counted and what the page shows of it. */
const readRow = (line: string, plan = {}) =>
  Effect.suspend(() => {
    const reading = readLine(line, { isByStep: true, ...plan }, "1", "file:")
    if ("problem" in reading) return refused(reading.problem)
    return Effect.succeed(reading.rows.map((row) => {
      const read = readTranscript(row)
      return [row, read, patternOf(read.rollout)]
    }))
  })

const ofFormat = (format: Format): Target => ({
  name: `transcript: ${format}`,
  input: jsonText(...rowsOf(format)),
  read: (input) => Effect.andThen(Effect.ignore(readRow(String(input))), readRow(String(input), { format }))
})

const readFile = (extension: string) => (input: Input, file: string) =>
  Effect.suspend(() => {
    const path = `${file}${extension}`
    writeFileSync(path, input)
    return Stream.runCollect(readTranscripts(path))
  })

const parquet = (rows: ReadonlyArray<Readonly<Record<string, unknown>>>): Uint8Array => {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return new Uint8Array(parquetWriteBuffer({ columnData: names.map((name) => ({ name, data: rows.map((row) => row[name] ?? null) })) }))
}

const sample = {
  id: 1,
  epoch: 1,
  input: "How many?",
  target: "7",
  messages: [{ role: "user", content: "How many?" }, { role: "assistant", content: "The answer is 7." }],
  output: { choices: [{ message: { role: "assistant", content: "The answer is 7." }, stop_reason: "stop" }] }
}
const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
const archive = zipSync({
  "header.json": bytesOf({ version: 2, status: "success" }),
  "samples/1_epoch_1.json": bytesOf(sample),
  "samples/2_epoch_1.json": [bytesOf({ ...sample, id: 2 }), { level: 0 }]
})

const lines = jsonLines(...allRows)
const array = fc.array(fc.constantFrom(...allRows), { minLength: 1, maxLength: 3 })

const plainRows = [{ prompt: "How many?", response: "The answer is 4.", answer: "4", level: "a", id: "1" }, {
  prompt: "How many more?",
  response: "It is 5. Wait, no. The answer is 6.",
  answer: "6",
  level: "b",
  id: "2"
}]

const answers = (name: keyof typeof GRADERS): Target => ({
  name: `answer: ${name}`,
  input: fc.tuple(text, text, text, fc.array(text, { maxLength: 3 })).map((parts) => JSON.stringify(parts)),
  read: (input) =>
    Effect.suspend(() => {
      const [prompt, gold, response, choices] = JSON.parse(String(input)) as [string, string, string, ReadonlyArray<string>]
      const grader = GRADERS[name]
      const taken = takeApart(response, defaultMarkers, { grader, asked: askedExpression(prompt) })
      const stated = statedProduct(prompt)
      const begun = grader.value(response, 0, response.length, "begun")
      const wrapped = grader.value(response, 0, response.length, "wrapped")
      const reference = grader.reference({ text: gold, prompt, choices, aliases: choices, numbers: [1, 2, 3] })
      return reference === undefined
        ? refused("no reference answer of this kind")
        : Effect.succeed([taken, stated, begun, wrapped, reference.check(response), reference.check(wrapped?.answer ?? "")])
    })
})

export const transcripts: ReadonlyArray<Target> = [
  ...FORMATS.map(ofFormat),
  { name: "transcript: any", input: jsonText(...allRows), read: (input) => readRow(String(input)) },
  {
    name: "transcript: shown",
    input: jsonText(...allRows, { prompt: "p", response: "a b", tokens: ["a", " b"], logprobs: [-1, -2] }),
    read: (input) =>
      Effect.suspend(() => {
        const reading = readLine(String(input), {}, "1")
        if ("problem" in reading) return refused(reading.problem)
        const row = JSON.parse(String(input).replaceAll(/-?Infinity|NaN/g, "null")) as Readonly<Record<string, unknown>>
        return Effect.succeed([fieldsOf(row, new Set(["prompt"])), reading.rows.map(({ response }) => placeLogProbs(row, response))])
      }).pipe(Effect.catchDefect((defect) => (defect instanceof SyntaxError ? Effect.succeed("not JSON") : Effect.die(defect))))
  },
  { name: "transcripts: lines", input: lines, read: readFile(".jsonl") },
  { name: "transcripts: array", input: jsonText(allRows.slice(0, 3), { samples: allRows.slice(3, 5) }), read: readFile(".json") },
  { name: "transcripts: gzip", input: packed(fc.oneof(lines, array.map((rows) => JSON.stringify(rows)))), read: readFile(".jsonl.gz") },
  {
    name: "transcripts: zstd",
    input: harmed(zstdCompressSync(plainRows.map((row) => JSON.stringify(row)).join("\n"))),
    read: readFile(".jsonl.zst")
  },
  { name: "transcripts: Parquet", input: harmed(parquet(plainRows)), read: readFile(".parquet") },
  { name: "transcripts: archive", input: harmed(archive), read: readFile(".eval") },
  { name: "transcripts: binary", input: harmed(archive, parquet(plainRows), new Uint8Array(64)), read: readFile("") },
  {
    name: "calibrate",
    input: jsonLines(...plainRows),
    read: (input, file) =>
      Effect.suspend(() => {
        writeFileSync(`${file}.jsonl`, input)
        return Effect.scoped(calibrateFiles([`${file}.jsonl`], { isScored: true, rounds: 20 }))
      })
  },
  ...(Object.keys(GRADERS) as ReadonlyArray<keyof typeof GRADERS>).map(answers)
]
