/**
 * What a billion rollouts cost: parts of a calibration and their merge, batches of requests and their answers.
 *
 *     npm run bench -- parts [PROMPTS_A_PART] [RESPONSES_A_PROMPT] [PARTS]
 *
 * 250,000 prompts, 8 responses and 4 parts unless told. Parts are written from simulated rollouts, once with prompts of their own and once with the same
 * prompts in all of them; the speed of reading text is that of `npm run bench -- calibrate`. Programs run one after the other, each as a
 * process of its own. Seconds of the processor are the better guide where other work runs.
 */
import { spawnSync } from "node:child_process"
import { createReadStream, createWriteStream, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { loadavg, tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { simulate } from "../src/eval/calibration/Simulate.ts"
import { writePart } from "../src/eval/transcripts/parts/PartFile.ts"
import { NO_READING } from "../src/eval/transcripts/ReadingTally.ts"
import { makeTallies } from "../src/eval/transcripts/Tallies.ts"
import { machine, table } from "./Timing.ts"

const prompts = Number(process.argv[3] ?? 250_000)
const responses = Number(process.argv[4] ?? 8)
const parts = Number(process.argv[5] ?? 4)
const program = fileURLToPath(new URL("../bin/decision-sampling.mjs", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "decision-sampling-bench-"))

const timed = (args: ReadonlyArray<string>) => {
  const start = performance.now()
  const { error, status, stderr, stdout } = spawnSync("/usr/bin/time", ["-f", "%U %S %M", process.execPath, program, ...args], {
    encoding: "utf8",
    maxBuffer: 1 << 30
  })
  if (error !== undefined || status !== 0) throw new Error(`${args.join(" ")}: ${error?.message ?? stderr}`)
  const [user = 0, system = 0, kilobytes = 0] = stderr.trim().split("\n").at(-1)!.split(" ").map(Number)
  return { seconds: (performance.now() - start) / 1000, processor: user + system, megabytes: kilobytes / 1024, stdout }
}

const CHUNK = 5000

/** Writes a part of simulated rollouts; the prompts are those of `names`. */
const makePart = (name: string, names: number, seed: number) => {
  const tallies = makeTallies()
  for (let from = 0; from < prompts; from += CHUNK) {
    const n = Math.min(CHUNK, prompts - from)
    const rates = { pSample: 0.2 + 0.6 * ((from / CHUNK) % 7) / 6, pStopGivenCorrect: 0.9, pResampleGivenWrong: 0.6, cap: 6 }
    for (
      const rollout of simulate({
        ...rates,
        n,
        rolloutsPerQuery: responses,
        seed: seed * 100_003 + from,
        level: `3x${4 + (from / CHUNK) % 3}`
      })
    ) {
      tallies.add({ ...rollout, query: `${names} ${from} ${rollout.query}` })
    }
  }
  const levels = tallies.levels().toSorted((a, b) => (a.level < b.level ? -1 : 1))
  const header = {
    reading: { package: "bench", markers: [], lexicon: "", answers: "auto", isScored: false, isStrict: false },
    inputs: [{
      file: `${name}.jsonl`,
      rows: prompts * responses,
      badRows: 0,
      formats: { plain: prompts * responses },
      notes: [],
      bytes: seed,
      fingerprint: name
    }],
    merged: [],
    badRowCount: 0,
    badRows: [],
    counted: NO_READING,
    levels: levels.map(({ level, patterns }) => ({ level, patterns: [...patterns] }))
  }
  const start = performance.now()
  const { bytes, queries } = writePart(join(folder, name), header, levels.map(({ level, sorted }) => ({ level, queries: sorted() })))
  const signatures = new Set(levels.flatMap((level) => [...level.signatures.keys()])).size
  return { bytes, queries, signatures, seconds: (performance.now() - start) / 1000 }
}

const measureParts = (title: string, nameOf: (part: number) => number) => {
  const made = Array.from({ length: parts }, (_, part) => makePart(`${title}-${part}.part`, nameOf(part), part + 1))
  const paths = made.map((_, part) => join(folder, `${title}-${part}.part`))
  const bytes = made.reduce((sum, part) => sum + part.bytes, 0)
  const queries = made.reduce((sum, part) => sum + part.queries, 0)
  const merged = timed(["calibrate", "merge", ...paths, "--partial", join(folder, `${title}.part`), "--json"])
  const { bytes: mergedBytes, queries: mergedQueries } = JSON.parse(merged.stdout) as { readonly bytes: number; readonly queries: number }
  const calibrated = timed(["calibrate", "merge", ...paths, "--json"])
  for (const path of paths) rmSync(path)
  return [
    title,
    `${parts} × ${prompts}`,
    (bytes / queries).toFixed(2),
    (queries / made.reduce((sum, { seconds }) => sum + seconds, 0) / 1e6).toFixed(2),
    String(mergedQueries),
    (mergedBytes / mergedQueries).toFixed(2),
    merged.seconds.toFixed(1),
    merged.processor.toFixed(1),
    merged.megabytes.toFixed(0),
    calibrated.seconds.toFixed(1),
    calibrated.processor.toFixed(1),
    calibrated.megabytes.toFixed(0),
    String(Math.max(...made.map(({ signatures }) => signatures)))
  ]
}

// Answers as vLLM writes them, of some thousand characters.
const answer = async (from: string, to: string) => {
  const out = createWriteStream(to)
  const text = "Multiplying digit by digit and adding the partial products. ".repeat(16)
  for await (const line of createInterface({ input: createReadStream(from) })) {
    const { custom_id } = JSON.parse(line) as { readonly custom_id: string }
    const message = { role: "assistant", content: `${text}The answer is 12.`, refusal: null, tool_calls: [], reasoning: null }
    const body = {
      id: "chatcmpl-1",
      object: "chat.completion",
      model: "small",
      choices: [{ index: 0, message, logprobs: null, finish_reason: "stop" }]
    }
    const row = { id: "vllm-1", custom_id, response: { status_code: 200, request_id: "vllm-batch-1", body }, error: null }
    if (!out.write(JSON.stringify(row) + "\n")) await new Promise((resolve) => out.once("drain", () => resolve(undefined)))
  }
  await new Promise((resolve) => out.end(() => resolve(undefined)))
}

const measureBatch = async () => {
  const batch = join(folder, "batch")
  const count = Math.max(1, Math.round(prompts / 2))
  const wrote = timed([
    "eval",
    "batch",
    "write",
    batch,
    "--model",
    "small",
    "--levels",
    "5x5,6x6",
    "--count",
    String(count),
    "--generations",
    String(responses),
    "--json"
  ])
  const { bytes, requests } = JSON.parse(wrote.stdout) as { readonly bytes: number; readonly requests: number }
  const answers = join(folder, "answers")
  mkdirSync(answers)
  // Five files of answers tell the speed.
  const some = readdirSync(batch).filter((file) => file.startsWith("requests-")).sort().slice(0, 5)
  for (const file of some) await answer(join(batch, file), join(answers, file))
  const size = some.reduce((sum, file) => sum + statSync(join(answers, file)).size, 0)
  const rows = some.reduce((sum, file) => sum + readFileSync(join(batch, file)).filter((byte) => byte === 10).length, 0)
  const read = timed(["eval", "batch", "read", batch, ...some.map((file) => join(answers, file)), "--next", "none", "--json"])
  return [
    [
      "eval batch write",
      `${requests} requests`,
      (bytes / 1e6).toFixed(0),
      wrote.seconds.toFixed(1),
      wrote.processor.toFixed(1),
      (requests / wrote.seconds).toFixed(0),
      wrote.megabytes.toFixed(0)
    ],
    [
      "eval batch read",
      `${rows} answers`,
      (size / 1e6).toFixed(0),
      read.seconds.toFixed(1),
      read.processor.toFixed(1),
      (rows / read.seconds).toFixed(0),
      read.megabytes.toFixed(0)
    ]
  ]
}

try {
  console.log(`${machine()}, ${new Date().toISOString().slice(0, 10)}, load ${loadavg()[0]!.toFixed(1)}\n`)
  console.log(`${responses} responses to a prompt in each part\n`)
  const rows = [measureParts("own prompts", (part) => part), measureParts("same prompts", () => 0)]
  console.log(
    table(
      [
        "parts of",
        "prompts",
        "bytes a prompt",
        "written, million prompts/s",
        "prompts merged",
        "bytes a prompt",
        "merge --partial, s",
        "s processor",
        "peak MB",
        "merge, calibrated, s",
        "s processor",
        "peak MB",
        "signatures of a part"
      ],
      rows
    )
  )
  console.log("\n" + table(["", "", "MB", "s", "s processor", "lines/s", "peak MB"], await measureBatch()))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
