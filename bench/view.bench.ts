/**
 * What it takes to look at very many rollouts: from the start of `decision-sampling view` to the first rows, until all are read, filters, searches, a page of rows and a
 * calibration of all, and the memory of the server.
 *
 *     npm run bench -- view [ROLLOUTS]
 *
 * A million unless told: simulated transcripts of four samples a prompt in one file, of which every 1,000th says "needle". Each question is asked over HTTP as the page asks it, five times; the median is
 * printed. The file goes when the program ends.
 */
import { spawn } from "node:child_process"
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs"
import { loadavg, tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { simulateTranscripts } from "../src/eval/transcripts/SimulatedTranscript.ts"
import type { Overview, RowsPage } from "../src/view/Api.ts"
import { machine, table } from "./Timing.ts"

const rollouts = Number(process.argv[3] ?? 1_000_000)
const folder = mkdtempSync(join(tmpdir(), "decision-sampling-bench-"))
const file = join(folder, "rollouts.jsonl")

const CHUNK = 20_000
const SAMPLES = 4

const write = (): void => {
  const out = openSync(file, "w")
  for (let from = 0; from < rollouts; from += CHUNK) {
    const rates = { pSample: 0.2 + 0.1 * ((from / CHUNK) % 7), pStopGivenCorrect: 0.9, pResampleGivenWrong: 0.6, cap: 6 }
    const rows = simulateTranscripts({
      ...rates,
      n: Math.min(CHUNK, rollouts - from) / SAMPLES,
      rolloutsPerQuery: SAMPLES,
      seed: from + 1,
      level: `3x${4 + (from / CHUNK) % 3}`
    })
    writeSync(
      out,
      rows.map((row, i) =>
        `${JSON.stringify({ ...row, id: `${from + i}`, ...((from + i) % 1000 === 0 ? { response: `needle ${row.response}` } : {}) })}\n`
      ).join("")
    )
  }
  closeSync(out)
}

/** MB of a process: now, and at the most so far. */
const memoryOf = (pid: number): readonly [now: number, most: number] => {
  const status = readFileSync(`/proc/${pid}/status`, "utf8")
  const of = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024
  return [of("VmRSS"), of("VmHWM")]
}

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

try {
  write()
  console.log(
    `${machine()}, ${new Date().toISOString().slice(0, 10)}: ${rollouts} rollouts, ${(statSync(file).size / 1e6).toFixed(0)} MB; load ${
      loadavg()[0]!.toFixed(1)
    }`
  )
  const start = performance.now()
  const program = fileURLToPath(new URL("../bin/decision-sampling.mjs", import.meta.url))
  const server = spawn(process.execPath, [program, "view", file, "--port", "0", "--rounds", "200"], {
    stdio: ["ignore", "pipe", "inherit"]
  })
  const rows: Array<ReadonlyArray<string>> = []
  const note = (what: string, ms: number, more = ""): void =>
    void rows.push([what, ms < 10_000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`, more])
  try {
    const address = await new Promise<string>((resolve, reject) => {
      server.stdout.on("data", (data) => {
        const [found] = /http:\S+/.exec(String(data)) ?? []
        if (found !== undefined) resolve(found)
      })
      server.on("exit", (code) => reject(new Error(`the server ended with ${code}`)))
    })
    note("the address is printed", performance.now() - start)
    const ask = async <A>(path: string): Promise<A> => (await fetch(`${address}api/${path}`)).json() as Promise<A>
    const until = async (isDone: (overview: Overview) => boolean): Promise<Overview> => {
      for (;;) {
        const overview = await ask<Overview>("overview")
        if (isDone(overview)) return overview
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
    const [set] = (await until(({ sets }) => (sets[0]?.rows ?? 0) > 0)).sets
    await ask(`rows?set=${set!.id}&count=100`)
    note("first rows", performance.now() - start)
    await until(({ sets }) => sets[0]!.state === "ready")
    note("all rollouts are read", performance.now() - start, `${memoryOf(server.pid!)[0].toFixed(0)} MB`)
    const questions = {
      "a page of 100 rows at the end": `rows?set=${set!.id}&from=${rollouts - 100}&count=100`,
      "filter by outcome": `rows?set=${set!.id}&outcome=Correct&count=100`,
      "filter by level and two events": `rows?set=${set!.id}&level=3x4&event=resample-wrong&event=wrong-to-right&count=100`,
      "the samples of one prompt": `rows?set=${set!.id}&promptOf=${rollouts / 2}&count=100`,
      "one rollout with its other samples": `row?set=${set!.id}&row=${rollouts - 1}`
    }
    for (const [what, path] of Object.entries(questions)) {
      const times: Array<number> = []
      let found = ""
      for (let k = 0; k < 5; k++) {
        // Another filter each time, so that no answer is remembered.
        const begin = performance.now()
        const page = await ask<Partial<RowsPage>>(path.startsWith("rows") ? `${path}&attempts=0-${20 + k}` : path)
        times.push(performance.now() - begin)
        found = page.total === undefined ? "" : `${page.total} rollouts`
      }
      note(what, median(times), found)
    }
    for (const text of ["needle", "The answer", "never said"]) {
      const begin = performance.now()
      let page: RowsPage
      do page = await ask<RowsPage>(`rows?set=${set!.id}&text=${encodeURIComponent(text)}&count=100`)
      while (!page.isComplete)
      note(`all rollouts that say "${text}"`, performance.now() - begin, `${page.total} rollouts`)
    }
    const begin = performance.now()
    await ask(`calibration?set=${set!.id}`)
    note("calibration of all, 200 rounds", performance.now() - begin)
    note(
      "overview",
      await (async () => {
        const at = performance.now()
        await ask("overview")
        return performance.now() - at
      })()
    )
    const [now, most] = memoryOf(server.pid!)
    console.log(table(["", "time", ""], rows))
    console.log(`memory of the server: ${now.toFixed(0)} MB at the end, ${most.toFixed(0)} MB at the most`)
  } finally {
    server.kill("SIGINT")
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
