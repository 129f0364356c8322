import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { exportView } from "../../../src/cli/view/Export.ts"
import { simulateTranscripts } from "../../../src/eval/transcripts/SimulatedTranscript.ts"
import type { Api, Filter } from "../../../src/view/Api.ts"
import { ApiError } from "../../../src/view/HttpApi.ts"
import { staticApi } from "../../../src/view/StaticApi.ts"
import { type RunningView, startView } from "../../support/ViewServer.ts"

let folder = ""
let page = ""
let view: RunningView
let exported: Api
const statistics = { rounds: 40, seed: 0 }
const lines = (rows: ReadonlyArray<unknown>): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("")
const policy = { pSample: 0.5, pStopGivenCorrect: 0.8, pResampleGivenWrong: 0.6, cap: 4, n: 220, rolloutsPerQuery: 3, seed: 1 }

const exporting = (name: string, onRow: (done: number) => void = () => undefined) =>
  Effect.provide(exportView(view.library, page, join(folder, name), statistics, onRow), NodeServices.layer)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "decision-sampling-export-"))
  page = join(folder, "page")
  mkdirSync(page)
  writeFileSync(join(page, "index.html"), "<!doctype html><title>page</title>")
  writeFileSync(join(page, "app.js"), "0")
  mkdirSync(join(folder, "run"))
  for (const [name, seed] of [["one", 1], ["two", 2]] as const) {
    const rows = [
      ...simulateTranscripts({ ...policy, seed, level: "2x1" }),
      ...simulateTranscripts({ ...policy, n: 10, seed: seed + 5, level: "3x1" })
    ]
    writeFileSync(join(folder, `${name}.jsonl`), `${lines(rows)}not JSON\n`)
  }
  writeFileSync(join(folder, "run", "metrics.jsonl"), lines([{ step: 1, reward: 0.5 }, { step: 2, reward: 0.6 }]))
  writeFileSync(
    join(folder, "long.jsonl"),
    lines([{ id: "long", prompt: `${"p".repeat(299_987)}end of prompt`, response: `${"x".repeat(450_000)}The answer is 6.`, answer: "6" }])
  )
  view = await startView(page, ["one.jsonl", "two.jsonl", "long.jsonl", "run"].map((name) => join(folder, name)), statistics)
  await Effect.runPromise(exporting("site"))
  const read = (url: string): Promise<Response> => {
    try {
      return Promise.resolve(new Response(new Uint8Array(readFileSync(join(folder, "site", url)))))
    } catch {
      return Promise.resolve(new Response(null, { status: 404 }))
    }
  }
  exported = staticApi("data", read)
})
afterAll(async () => {
  await view.close()
  rmSync(folder, { recursive: true, force: true })
})

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
const filters: ReadonlyArray<Filter> = [
  {},
  { levels: ["3x1"] },
  { events: ["wrong-to-right"], outcomes: ["Correct"] },
  { attempts: [2, 3], text: "Wait" },
  { promptOf: 4 },
  { text: "nothing like that" }
]

describe("an exported page", () => {
  it("has every answer that the server gives", async () => {
    const { runs, sets } = await view.library.overview()
    expect((await exported.overview()).sets).toEqual(asJson(sets))
    const [one, two] = sets.map(({ id }) => id)
    for (const filter of filters) {
      for (const from of [0, 640]) {
        const expected = await view.library.rows(one!, filter, from, 30)
        expect(await exported.rows(one!, filter, from, 30)).toEqual(asJson({ ...expected, edition: 0 }))
      }
    }
    for (const row of [0, 49, 50, 669]) expect(await exported.row(one!, row)).toEqual(asJson(await view.library.row(one!, row)))
    for (const filter of filters.slice(0, 4)) {
      expect(asJson(await exported.calibration(one!, filter))).toEqual(asJson(await view.library.calibration(one!, filter)))
    }
    expect(asJson(await exported.compare(one!, two!))).toEqual(asJson(await view.library.compare(one!, two!)))
    expect(await exported.metrics(runs[0]!.id)).toEqual(asJson(await view.library.metrics(runs[0]!.id)))
  })

  it("has all of a text that is longer than what is sent at once", async () => {
    const { sets } = await exported.overview()
    const long = sets.find(({ name }) => name === "long.jsonl")!.id
    for (const from of [0, 200_000, 400_000]) {
      const { others: _, ...expected } = await view.library.row(long, 0, from)
      expect(await exported.row(long, 0, from)).toEqual(asJson({ ...expected, others: [] }))
    }
    expect(await exported.row(long, 0)).toMatchObject({ length: 450_016, promptLength: 300_000 })
    for (const text of ["The answer is 6.", "end of prompt"]) expect((await exported.rows(long, { text }, 0, 1)).total).toBe(1)
  })

  it("can be interrupted, and is no page then", async () => {
    const stopping = new AbortController()
    const target = join(folder, "interrupted")
    const begun = exporting("interrupted", (done) => {
      if (done >= 50) stopping.abort()
    })
    await expect(Effect.runPromise(begun, { signal: stopping.signal })).rejects.toThrow(/interrupt/i)
    await vi.waitFor(() => expect(existsSync(target)).toBe(false))
  })

  it("says which file is missing, and that nothing is like a filter", async () => {
    await expect(exported.metrics("none")).rejects.toThrow(/none-metrics\.json is not among the exported files/)
    await expect(exported.calibration((await exported.overview()).sets[0]!.id, { levels: ["none"] })).rejects.toBeInstanceOf(ApiError)
  })

  it("is written into an empty folder alone, its page last and told of its data", async () => {
    expect(readFileSync(join(folder, "site", "index.html"), "utf8")).toContain("<meta name=\"data\" content=\"data\">")
    const again = exporting("site")
    expect((await Effect.runPromise(Effect.flip(again))).message).toMatch(/site: the folder is not empty/)
    const inFile = exporting("one.jsonl")
    expect((await Effect.runPromise(Effect.flip(inFile))).message).toMatch(/one\.jsonl/)
  })
})
