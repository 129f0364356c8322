/**
 * `calibrate --by step` of a run: reading all of it, its intervals, its memory, and one look of `--follow` at which nothing is new.
 *
 *     npm run bench -- steps [STEPS] [PROMPTS] [ROLLOUTS]
 *
 * 1,000 steps of 128 prompts × 8 rollouts unless told, written as verl writes them by the simulated policy (some 700 MB in the folder for temporary files).
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { makeCalibrateThreads } from "../src/eval/transcripts/files/CalibrateThreads.ts"
import { DEFAULT_READER_SPEC, defaultReader } from "../src/eval/transcripts/Reader.ts"
import { makeStepsReader } from "../src/eval/transcripts/steps/ReadSteps.ts"
import { findStepFiles } from "../src/eval/transcripts/steps/StepFiles.ts"
import { makeStepRows, unitsOf } from "../src/eval/transcripts/steps/StepRows.ts"
import { writeVerlRun } from "../test/support/VerlRun.ts"
import { machine, table } from "./Timing.ts"

const [steps = 1000, prompts = 128, rollouts = 8] = process.argv.slice(3).map(Number)
const folder = mkdtempSync(join(tmpdir(), "decision-sampling-bench-"))
const LOOKS = 20
const ROWS = 20

try {
  writeVerlRun({
    folder,
    steps: Array.from({ length: steps }, (_, k) => k + 1),
    policy: (step) => ({ n: prompts, rolloutsPerQuery: rollouts, pResampleGivenWrong: 0.3 + (0.5 * step) / steps }),
    hasExtras: true
  })
  const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
  globalThis.gc?.()
  const heapBefore = process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers
  const threads = makeCalibrateThreads(DEFAULT_READER_SPEC, defaultReader)
  const reader = makeStepsReader({ threads, isStrict: false, isFollowed: true })
  const started = performance.now()
  await reader.read(findStepFiles([folder]).files)
  const reading = (performance.now() - started) / 1000
  globalThis.gc?.()
  const { arrayBuffers, heapUsed } = process.memoryUsage()

  const looks: Array<number> = []
  for (let k = 0; k < LOOKS; k++) {
    const from = performance.now()
    await reader.read(findStepFiles([folder]).files)
    looks.push(performance.now() - from)
  }
  const rowOf = makeStepRows({})
  const units = unitsOf(reader.steps(), {})
  const rows = units.slice(0, ROWS + 1).map((unit) => {
    const from = performance.now()
    rowOf(unit, units[0]!)
    return performance.now() - from
  }).slice(1)
  await threads.close()

  const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
  console.log(`${machine()}\n`)
  console.log(table(["", ""], [
    ["run", `${steps} steps × ${prompts * rollouts} rollouts, ${Math.round(bytes / 1e6)} MB`],
    [
      "reading all",
      `${reading.toFixed(1)} s, ${(bytes / 1e6 / reading).toFixed(0)} MB/s, ${
        Math.round((steps * prompts * rollouts) / reading).toLocaleString("en")
      } rollouts/s`
    ],
    [
      "kept in memory",
      `${((heapUsed + arrayBuffers - heapBefore) / 1e6).toFixed(1)} MB, ${
        ((heapUsed + arrayBuffers - heapBefore) / 1e3 / steps).toFixed(1)
      } kB a step`
    ],
    ["a look with nothing new", `median ${median(looks).toFixed(1)} ms, best ${Math.min(...looks).toFixed(1)} ms`],
    ["a row (1,000 rounds, against the first)", `median ${median(rows).toFixed(0)} ms, best ${Math.min(...rows).toFixed(0)} ms`]
  ]))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
