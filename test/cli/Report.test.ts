import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { Result } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startAttribution } from "../../src/eval/attribute/Accumulate.ts"
import { readAttributionRow } from "../../src/eval/attribute/AttributionInput.ts"
import { calibrate } from "../../src/eval/calibration/Calibrate.ts"
import { compare } from "../../src/eval/calibration/Compare.ts"
import { escapeHtml } from "../../src/eval/report/Html.ts"
import { simulate } from "../../src/eval/calibration/Simulate.ts"
import { browser, documentOf } from "../support/Chromium.ts"
import { HOSTILE, syntheticResults } from "../support/SyntheticResults.ts"
import { runProgram } from "../support/WarmProgram.ts"

const run = (...args: ReadonlyArray<string>) => runProgram(["report", ...args])

const NAME = "<script>alert(1)<"
const FIGURES = [
  "accuracy",
  "attribution-3",
  "calibration-file-1",
  "comparison-2",
  "overview",
  "pass-at-k-file-1",
  "reflection-file-1",
  "shift-file-1"
]
let folder = ""
let calibration = ""
let attribution = ""
let comparison = ""
let out = ""

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "report-command-"))
  const write = (name: string, value: unknown): string => {
    const file = join(folder, name)
    writeFileSync(file, JSON.stringify(value))
    return file
  }
  const rollouts = simulate({ pSample: 0.6, pStopGivenCorrect: 0.9, pResampleGivenWrong: 0.4, cap: 6, n: 80, seed: 1, level: HOSTILE })
  const other = simulate({ pSample: 0.6, pStopGivenCorrect: 0.95, pResampleGivenWrong: 0.7, cap: 6, n: 80, seed: 2, level: "unseen" })
  calibration = write(`${NAME}.json`, {
    ...calibrate([...rollouts, ...other], { rounds: 20, trainLevels: [HOSTILE] }),
    passAtK: [{ k: 1, passAtK: 0.6, passAllK: 0.6 }, { k: 2, passAtK: 0.8, passAllK: 0.4 }],
    badRowCount: 3,
    badRows: [{ file: NAME, line: 7, reason: HOSTILE }]
  })
  const mended = other.map((rollout) => ({ ...rollout, level: HOSTILE }))
  comparison = write("comparison.json", compare({ id: NAME, rollouts }, { id: HOSTILE, rollouts: mended }, { rounds: 20 }))
  const accumulator = startAttribution({ gamma: 1, beta: 1, constant: 1 })
  const row = readAttributionRow(
    JSON.stringify({
      logprobs: [-1, -1, -0.5],
      spans: [{ kind: "sample", start: 0, end: 2 }, { kind: "decision", start: 2, end: 3, action: "STOP" }]
    }),
    "row"
  )
  if (Result.isSuccess(row)) accumulator.add(row.success)
  accumulator.refuse(2, HOSTILE)
  attribution = write("rollouts.json", accumulator.report())
  out = join(folder, "pages", "report.html")
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

describe("decision-sampling report", () => {
  it("writes one page for a calibration, a comparison and an attribution, with hostile names and levels as text, and figures as SVG and PNG", () => {
    const figures = join(folder, "figures")
    const { status, stderr, stdout } = run(calibration, comparison, attribution, "--out", out, "--figures", figures)
    expect(stderr).not.toContain("decision-sampling:")
    expect(status).toBe(0)
    expect(stdout.split("\n")[0]).toBe(out)
    const page = readFileSync(out, "utf8")
    for (const id of ["summary", "calibration", "comparison-2", "attribution-3"]) expect(page).toContain(`<section id="${id}"`)
    expect(page.match(/<svg /g)).toHaveLength(FIGURES.length)
    for (
      const part of [
        "first answers + reflection = observed",
        "pass^k",
        "unseen − trained",
        "3 rows could not be read",
        `<code>${escapeHtml(NAME)}:7</code>`,
        `${escapeHtml(NAME)} → ${escapeHtml(HOSTILE)}`
      ]
    ) {
      expect(page).toContain(part)
    }
    expect(page).toContain(escapeHtml(NAME))
    expect(page).toContain(escapeHtml(HOSTILE))
    expect(page).not.toContain("<script")
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`)
    const names = readdirSync(figures).toSorted()
    expect(names).toEqual(FIGURES.flatMap((name) => [`${name}.png`, `${name}.svg`]))
    const [png, svg] = ["attribution-3.png", "attribution-3.svg"].map((name) => readFileSync(join(figures, name)))
    // The signature of the PNG format.
    expect([...png!.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
    expect(svg!.toString("utf8")).toMatch(/^<svg role="img" aria-label="Who gets the weight/)
  })

  it.skipIf(browser === undefined)("the page opens in headless Chromium, and the hostile text changes nothing", () => {
    const dom = documentOf(out, folder)
    expect(/<title>(.*?)<\/title>/.exec(dom)?.[1]).toBe("Decision and sampling: report of rollouts")
    expect(/<script|<img/i.test(dom)).toBe(false)
    expect(dom.match(/<svg /g)).toHaveLength(FIGURES.length)
  })

  it("gives results of the main job their own report, byte for byte the same twice", () => {
    const file = join(folder, "results.json")
    writeFileSync(file, JSON.stringify(syntheticResults({ n: 20, rounds: 10, label: HOSTILE })))
    const pages = ["one.html", "two.html"].map((name) => {
      expect(run(file, "--out", join(folder, name)).status).toBe(0)
      return readFileSync(join(folder, name), "utf8")
    })
    expect(pages[0] === pages[1]).toBe(true)
    expect(pages[0]).toContain(`<section id="theory"`)
  })

  it("tells of the machine that stands beside results.json, and leaves out one that is none", () => {
    const own = join(folder, "run")
    mkdirSync(own)
    const file = join(own, "results.json")
    const { machine: _none, timings: _unknown, ...results } = syntheticResults({ n: 20, rounds: 10 })
    writeFileSync(file, JSON.stringify(results))
    const pageOf = () => {
      const { status, stderr } = run(file, "--out", join(own, "report.html"))
      expect(status).toBe(0)
      return { page: readFileSync(join(own, "report.html"), "utf8"), stderr }
    }
    expect(pageOf().page).not.toContain("<th scope=\"row\">processor</th>")
    const machine = {
      device: "wasm",
      products: "p",
      processor: "The Processor",
      cores: 2,
      memory: 1,
      workers: 2,
      platform: "linux x64",
      node: "24"
    }
    writeFileSync(join(own, "machine.json"), JSON.stringify(machine))
    writeFileSync(join(own, "timings.json"), JSON.stringify({ base: 12.5 }))
    const { page, stderr } = pageOf()
    expect(page).toContain("The Processor, 2 cores")
    expect(page).toContain("12.5")
    expect(stderr).not.toContain("left out")
    writeFileSync(join(own, "machine.json"), JSON.stringify({ device: 3 }))
    const bad = pageOf()
    expect(bad.page).not.toContain("The Processor")
    expect(bad.stderr).toMatch(/machine\.json is not what reproduce writes, and is left out/)
  })

  it("--json is one document: the paths that were written", () => {
    const file = join(folder, "summary.json")
    writeFileSync(file, JSON.stringify(syntheticResults({ n: 20, rounds: 10, label: HOSTILE }).models[0]!.calibration))
    const [page, figures] = [join(folder, "summary.html"), join(folder, "drawn")]
    const { status, stdout } = run(file, "--out", page, "--figures", figures, "--json")
    expect(status).toBe(0)
    const written = JSON.parse(stdout) as { readonly report: string; readonly figures: ReadonlyArray<string> }
    expect(written.report).toBe(page)
    expect(written.figures.map((each) => basename(each)).toSorted()).toEqual(readdirSync(figures).toSorted())
  })

  it("says what is wrong with a file that is none of these", () => {
    const file = join(folder, "other.json")
    for (
      const [content, message] of [
        [`{"hello": 1}`, /other\.json: neither results nor a calibration, a comparison or an attribution\. Pass results\.json/],
        ["{", /other\.json: .*JSON/],
        [`{"from": "a", "to": "b", "levels": 3}`, /other\.json: 3 things are wrong:\n  cap is missing; expected a number\n  levels is 3;/],
        [
          `{"levels": 3}`,
          /other\.json: 5 things are wrong:\n  cap is missing; expected a number\n.*\n  levels is 3; .*\n.*\n.*\nPass results\.json/
        ]
      ] as const
    ) {
      writeFileSync(file, content)
      const { status, stderr } = run(file, "--out", join(folder, "none.html"))
      expect(status).toBe(1)
      expect(stderr).toMatch(message)
      expect(existsSync(join(folder, "none.html"))).toBe(false)
    }
  })
})
