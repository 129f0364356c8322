/**
 * `decision-sampling calibrate` on a large file against plain Python, both as programs of their own, in turns.
 *
 *     npm run bench -- calibrate [MEGABYTES] [ROUNDS]
 *
 * The file (200 MB unless told) is written by the simulated policy. Python is the `python3` of the path; without one its row is left out.
 */
import { spawnSync } from "node:child_process"
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { simulateTranscripts } from "../src/eval/transcripts/SimulatedTranscript.ts"
import { machine, table } from "./Timing.ts"

const megabytes = Number(process.argv[3] ?? 200)
const rounds = Number(process.argv[4] ?? 2)
const program = fileURLToPath(new URL("../bin/decision-sampling.mjs", import.meta.url))
const peer = fileURLToPath(new URL("peers/calibrate.py", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "decision-sampling-bench-"))
const path = join(folder, "transcripts.jsonl")

/** Writes at least `bytes` of transcripts, 4 rollouts a query, and returns how many. */
const writeFile = (bytes: number): number => {
  const file = openSync(path, "w")
  let written = 0
  let rows = 0
  for (let seed = 0; written < bytes; seed++) {
    const policy = {
      pSample: 0.5,
      pStopGivenCorrect: 0.9,
      pResampleGivenWrong: 0.6,
      cap: 6,
      n: 2500,
      rolloutsPerQuery: 4,
      seed,
      level: `3x${4 + (seed % 3)}`
    }
    const text = simulateTranscripts(policy)
      .map(({ hitCap, ...row }) =>
        JSON.stringify({ ...row, prompt: `Set ${seed}. ${row.prompt}`, ...(hitCap === true ? { ending: "cap" } : {}) }) + "\n"
      )
      .join("")
    written += writeSync(file, text)
    rows += policy.n * policy.rolloutsPerQuery
  }
  closeSync(file)
  return rows
}

interface Run {
  readonly seconds: number
  readonly processor: number | undefined
  readonly peakMegabytes: number | undefined
  readonly counts: unknown
}

// Processor time and peak memory of a child as the kernel saw them, all threads together: /usr/bin/time where there is one.
const timed = (
  command: string,
  args: ReadonlyArray<string>
):
  | { readonly seconds: number; readonly processor: number | undefined; readonly peak: number | undefined; readonly stdout: string }
  | undefined => {
  const start = performance.now()
  const wrapped = spawnSync("/usr/bin/time", ["-f", "%U %S %M", command, ...args], { encoding: "utf8", maxBuffer: 1 << 28 })
  const { status, stderr, stdout } = wrapped.error === undefined
    ? wrapped
    : spawnSync(command, args, { encoding: "utf8", maxBuffer: 1 << 28 })
  if (status !== 0) return undefined
  const seconds = (performance.now() - start) / 1000
  if (wrapped.error !== undefined) return { seconds, processor: undefined, peak: undefined, stdout }
  const [user = 0, system = 0, kilobytes = 0] = stderr.trim().split("\n").at(-1)!.split(" ").map(Number)
  return { seconds, processor: user + system, peak: kilobytes / 1024, stdout }
}

const ours = (): Run | undefined => {
  const run = timed(process.execPath, [program, "calibrate", path, "--json"])
  if (run === undefined) return undefined
  const { overall } = JSON.parse(run.stdout) as { readonly overall: { readonly counts: unknown } }
  return { seconds: run.seconds, processor: run.processor, peakMegabytes: run.peak, counts: overall.counts }
}

const python = (): Run | undefined => {
  const run = timed("python3", [peer, path])
  if (run === undefined) return undefined
  const { counts, megabytes } = JSON.parse(run.stdout) as { readonly counts: unknown; readonly megabytes: number }
  return { seconds: run.seconds, processor: run.processor, peakMegabytes: run.peak ?? megabytes, counts }
}

try {
  const rows = writeFile(megabytes * 1e6)
  const size = statSync(path).size / 1e6
  console.log(`${machine()}, ${new Date().toISOString().slice(0, 10)}\n\n${rows} responses, ${size.toFixed(0)} MB\n`)
  const contenders = [{ name: "decision-sampling calibrate, 1,000 bootstrap rounds", run: ours }, {
    name: "plain Python, no bootstrap",
    run: python
  }]
  const runs = Array.from({ length: rounds }, () => contenders.map(({ run }) => run()))
  const lines = contenders.flatMap(({ name }, i) => {
    const done = runs.flatMap((round) => round[i] ?? [])
    if (done.length === 0) return []
    const seconds = Math.min(...done.map((run) => run.seconds))
    const peak = Math.max(...done.map(({ peakMegabytes }) => peakMegabytes ?? Number.NaN))
    const processor = Math.min(...done.map((run) => run.processor ?? Number.NaN))
    return [[
      name,
      seconds.toFixed(1),
      (size / seconds).toFixed(1),
      Number.isNaN(processor) ? "–" : processor.toFixed(1),
      Number.isNaN(peak) ? "–" : peak.toFixed(0),
      JSON.stringify(done[0]!.counts)
    ]]
  })
  console.log(table(["", "s, best", "MB/s", "s processor, best", "peak MB", "counts"], lines))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
