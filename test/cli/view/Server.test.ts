import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { get } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { refusal } from "../../../src/cli/view/Server.ts"
import { calibrateFiles, compareFiles } from "../../../src/eval/transcripts/files/CalibrateFiles.ts"
import { simulateTranscripts } from "../../../src/eval/transcripts/SimulatedTranscript.ts"
import type { Overview, Problem, RowDetail, RowsPage } from "../../../src/view/Api.ts"
import { type RunningView, startView } from "../../support/ViewServer.ts"

let folder = ""
let page = ""
let view: RunningView

const policy = { pSample: 0.5, pStopGivenCorrect: 0.8, pResampleGivenWrong: 0.6, cap: 4, n: 60, rolloutsPerQuery: 3, seed: 1 }
const lines = (rows: ReadonlyArray<unknown>): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("")
const evil = "<script>document.title = 'broken'</script><img src=x onerror=\"document.title='broken'\"> \u202Ereversed\u202C \u0000"

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "decision-sampling-view-test-"))
  page = join(folder, "page")
  mkdirSync(page)
  for (const [name, text] of [["index.html", "<!doctype html>"], ["app.js", "0"], ["notes.txt", "no file of the page"]] as const) {
    writeFileSync(join(page, name), text)
  }
  const run = join(folder, "run")
  mkdirSync(join(run, "metrics"), { recursive: true })
  mkdirSync(join(run, "rollouts"))
  writeFileSync(join(run, "rollouts", "one.jsonl"), lines(simulateTranscripts({ ...policy, level: "2x1" })))
  writeFileSync(
    join(run, "rollouts", "two.jsonl"),
    lines(simulateTranscripts({ ...policy, pResampleGivenWrong: 0.9, seed: 2, level: "2x1" }))
  )
  writeFileSync(
    join(run, "metrics", "one.jsonl"),
    lines([{ step: 1, reward: 0.5 }, { step: 2, reward: 0.6, kl: 0.1 }]) + "{\"step\": 3, \"rew"
  )
  writeFileSync(
    join(folder, "evil.jsonl"),
    lines([{ id: evil, prompt: evil, response: `${evil} The answer is 6.`, answer: "6", level: evil }, {
      id: "long",
      prompt: "2*3",
      response: `${"x".repeat(5_000_000)} The answer is 6.`,
      answer: "6"
    }])
  )
  writeFileSync(
    join(folder, "verl.jsonl"),
    lines([{ step: 1, data: { "critic/score/mean": 0.25 } }, { step: 2, data: { "critic/score/mean": 0.5 } }])
  )
  view = await startView(page, [run, join(folder, "evil.jsonl"), join(folder, "verl.jsonl"), join(folder, "nowhere")])
})
afterAll(async () => {
  await view.close()
  rmSync(folder, { recursive: true, force: true })
})

const ask = async <A>(path: string): Promise<A> => (await fetch(`${view.address}api/${path}`)).json() as Promise<A>
const setNamed = async (name: string): Promise<string> => {
  const { sets } = await ask<Overview>("overview")
  return sets.find((set) => set.name.includes(name))!.id
}
const overview = () => ask<Overview>("overview")
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe("the server's answers", () => {
  it("say what there is: sets with their runs, metrics up to the last whole line, what was named and is not there", async () => {
    const { leftOut, runs, sets } = await overview()
    expect(sets.map(({ name, rows, state }) => [name, rows, state])).toEqual([["run / one", 180, "ready"], ["run / two", 180, "ready"], [
      "evil.jsonl",
      2,
      "ready"
    ]])
    expect(runs.slice(0, 1)).toMatchObject([{ name: "run / one", metrics: ["reward", "kl"], points: 2, lastStep: 2, sets: [sets[0]!.id] }])
    expect(await ask(`metrics?run=${runs[0]!.id}`)).toMatchObject({
      steps: [1, 2],
      series: { reward: [0.5, 0.6], kl: [null, 0.1] },
      every: 1
    })
    expect(runs[1]).toMatchObject({ name: "verl.jsonl", by: "verl", metrics: ["critic/score/mean"], points: 2 })
    expect(leftOut).toEqual([{ path: join(folder, "nowhere"), reason: "no such file or folder" }])
  })

  it("calibrate a set to what `calibrate --json` prints, and compare two as `compare` does", async () => {
    const files = ["one", "two"].map((name) => join(folder, "run", "rollouts", `${name}.jsonl`))
    const [one, two] = [await setNamed("one"), await setNamed("two")]
    const expected = await Effect.runPromise(Effect.scoped(calibrateFiles(files[0]!, { rounds: 40 })))
    expect(await ask(`calibration?set=${one}`)).toEqual(asJson(expected))
    const compared = await ask<{ readonly comparison: { readonly overall: unknown } }>(`compare?from=${one}&to=${two}`)
    const comparison = await Effect.runPromise(Effect.scoped(compareFiles(files[0]!, files[1]!, { rounds: 40 })))
    expect(compared.comparison.overall).toEqual(asJson(comparison.overall))
  })

  it("count of each event as many rollouts as the calibration has, where it counts rollouts", async () => {
    const set = await setNamed("one")
    const total = async (query: string) => (await ask<RowsPage>(`rows?set=${set}&${query}&count=1`)).total
    const { levels } = await ask<{ readonly levels: ReadonlyArray<{ readonly outcomes: Readonly<Record<string, number>> }> }>(
      `calibration?set=${set}`
    )
    for (const outcome of ["Correct", "Wrong"]) expect(await total(`outcome=${outcome}`)).toBe(levels[0]!.outcomes[outcome])
    expect(await total("event=first-right") + await total("event=first-wrong")).toBe(180)
    expect(await total("text=nothing+like+that")).toBe(0)
    expect(await total("level=none")).toBe(0)
  })

  it("give a rollout with its text, whole or in windows, and its other samples", async () => {
    const set = await setNamed("one")
    const detail = await ask<RowDetail>(`row?set=${set}&row=4`)
    expect(detail.samples).toBe(3)
    expect(detail.others.map(({ row }) => row)).toEqual([3, 5])
    expect(detail.segments.map(({ text }) => text).join("").length).toBe(detail.length)
    const long = await ask<RowDetail>(`row?set=${await setNamed("evil")}&row=1&from=4900000`)
    expect(long.length).toBe(5_000_017)
    expect(long.segments.map(({ text }) => text).join("")).toMatch(/^x+ The answer is 6\.$/)
    expect((await ask<RowDetail>(`row?set=${await setNamed("evil")}&row=1`)).segments.reduce((sum, { text }) => sum + text.length, 0)).toBe(
      200_000
    )
  })

  it("say in words what a question lacks", async () => {
    const set = await setNamed("one")
    const problem = async (path: string) => {
      const response = await fetch(`${view.address}api/${path}`)
      return [response.status, (await response.json() as Problem).problem]
    }
    expect(await problem("rows?set=none")).toEqual([404, "none: no set of rollouts has this id"])
    expect(await problem(`rows?set=${set}&attempts=2`)).toEqual([400, "attempts is \"2\", expected FIRST-LAST"])
    expect(await problem(`row?set=${set}&row=180`)).toEqual([400, "row is 180"])
    expect(await problem(`row?set=${set}&row=-1`)).toEqual([400, "row is \"-1\", expected a whole number"])
    expect(await problem("row")).toEqual([400, "set is missing"])
    expect(await problem(`calibration?set=${set}&level=none`)).toEqual([404, "run / one: no rollout is like that"])
    expect(await problem("constructor")).toEqual([404, "there is nothing at this address"])
  })

  it("follow what is written: rows, metrics, and tell the page", async () => {
    const editions: Array<number> = []
    const response = await fetch(`${view.address}api/events`)
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    const listening = (async () => {
      for (;;) {
        const { done, value } = await reader.read()
        if (done) return
        editions.push(...[...value.matchAll(/data: (\d+)/g)].map(([, edition]) => Number(edition)))
      }
    })()
    const before = (await overview()).edition
    appendFileSync(join(folder, "run", "metrics", "one.jsonl"), "ard\": 0.7}\n")
    appendFileSync(
      join(folder, "run", "rollouts", "one.jsonl"),
      lines([{ id: "new", prompt: "2*3", response: "The answer is 6.", answer: "6", level: "9x9" }])
    )
    await view.library.settled()
    const { edition, runs, sets } = await overview()
    expect(edition).toBeGreaterThan(before)
    expect(sets[0]).toMatchObject({ rows: 181, levels: [{ level: "2x1", rows: 180 }, { level: "9x9", rows: 1 }] })
    expect(runs[0]).toMatchObject({ points: 3, isRunning: true })
    await expect.poll(() => editions.at(-1)).toBe(edition)
    await reader.cancel()
    await listening
  })
})

/** The status of a request with headers that `fetch` would not send. */
const statusWith = (headers: Readonly<Record<string, string>>, path = "/", method = "GET"): Promise<number> =>
  new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port: view.port, path, headers, method }, (response) => {
      response.resume()
      resolve(response.statusCode!)
    }).on("error", reject)
  })

describe("the server is safe", () => {
  it("answers who names this host and comes from nowhere else", async () => {
    expect(await statusWith({})).toBe(200)
    expect(await statusWith({ host: `localhost:${view.port}` })).toBe(200)
    expect(await statusWith({ host: "rebound.example" })).toBe(403)
    expect(await statusWith({ host: `127.0.0.1:${view.port}.example` })).toBe(403)
    expect(await statusWith({ origin: "https://example.com" })).toBe(403)
    expect(await statusWith({ origin: "null" })).toBe(403)
    expect(await statusWith({ "sec-fetch-site": "cross-site" }, "/api/overview")).toBe(403)
    expect(await statusWith({ origin: view.address.slice(0, -1), "sec-fetch-site": "same-origin" })).toBe(200)
    expect(refusal({ host: "localhost:1", origin: "http://localhost:2" }, 1)).toMatch(/another site/)
    expect(refusal({ host: "127.0.0.1" }, 80)).toBeUndefined()
    expect(refusal({ host: "127.0.0.1" }, 81)).toMatch(/none of this program's/)
    expect(refusal({}, 1)).toMatch(/the host "" is none/)
  })

  it("has nothing to write, no path but its own files, and a policy without inline script", async () => {
    for (const method of ["POST", "PUT", "DELETE", "PATCH"]) expect(await statusWith({}, "/api/overview", method)).toBe(405)
    for (
      const path of [
        "/../package.json",
        "/%2e%2e/package.json",
        "//",
        "//etc/passwd",
        "/notes.txt",
        "/page/index.html",
        "/api/../notes.txt"
      ]
    ) {
      expect(await statusWith({}, path)).toBe(404)
    }
    const { headers } = await fetch(view.address)
    expect(headers.get("content-security-policy")).toMatch(/default-src 'none'; script-src 'self'; style-src 'self'/)
    expect(headers.get("content-security-policy")).not.toMatch(/unsafe/)
    expect(headers.get("x-content-type-options")).toBe("nosniff")
  })
})
