import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Schema } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import { escapeHtml } from "../../../src/eval/report/Html.ts"
import { points, pointsInterval } from "../../../src/eval/report/Words.ts"
import { claimsOf } from "../../../src/eval/results/Summary.ts"
import { renderReport } from "../../../src/eval/report/Report.ts"
import { Results, withoutTimings } from "../../../src/eval/results/Results.ts"
import { browser, documentOf } from "../../support/Chromium.ts"
import { HOSTILE, syntheticResults } from "../../support/SyntheticResults.ts"

const results = syntheticResults({ n: 60, rounds: 40, label: HOSTILE })
let report = ""
beforeAll(async () => {
  report = await Effect.runPromise(renderReport(results))
})

describe("results.json", () => {
  it("decodes to the same results after a round trip through JSON", () => {
    const decoded = Schema.decodeUnknownSync(Results)(JSON.parse(JSON.stringify(results)))
    expect(Schema.encodeSync(Results)(decoded)).toEqual(decoded)
    expect(decoded.models).toEqual(results.models)
    expect(decoded.comparisons).toEqual(results.comparisons)
    expect(decoded.summary).toEqual(results.summary)
  })

  it("is the same for the same seed but for its timings", () => {
    expect(withoutTimings(syntheticResults({ n: 60, rounds: 40, label: HOSTILE }))).toEqual(withoutTimings(results))
    expect(withoutTimings(results)).not.toHaveProperty("timings")
  })

  it("refuses a model id that could not be an anchor", () => {
    const bad = { ...results, models: [{ ...results.models[0]!, id: `a"b` }] }
    expect(() => Schema.decodeUnknownSync(Results)(JSON.parse(JSON.stringify(bad)))).toThrow(/id/)
  })
})

describe("renderReport", () => {
  it("is the same bytes for the same results", async () => {
    expect((await Effect.runPromise(renderReport(results))) === report).toBe(true)
  })

  it("contains every section, a figure for each of its kinds, and every finding", () => {
    for (
      const id of ["summary", "accuracy", "calibration", "comparisons", "training", "attribution", "theory", "transcripts", "configuration"]
    ) {
      expect(report.includes(`<section id="${id}"`)).toBe(true)
    }
    // Changes, two of accuracy, one calibration a model, three stages of training, two runs with attribution and its noise, figure 1.
    expect(report.match(/<svg /g)?.length).toBe(3 + results.models.length + 3 + 2 * 2 + 1)
    for (const finding of results.summary) expect(report.includes(escapeHtml(finding.evidence))).toBe(true)
  })

  it("loads nothing and runs nothing: no script, no address outside, no event handler", () => {
    // Tags without their attributes' values: text, escaped or not, is not in there.
    const tags = (report.match(/<[^>]*>/g) ?? []).map((tag) => tag.replace(/"[^"]*"/g, `""`))
    expect(tags.length).toBeGreaterThan(1000)
    expect(tags.filter((tag) => /^<(?:script|iframe|object|embed|link|img|image|form|a[^>]* target)/i.test(tag))).toEqual([])
    expect(tags.filter((tag) => /\s(?:src|srcset|action|on\w+)=/i.test(tag))).toEqual([])
    const targets = [...report.matchAll(/\shref="([^"]*)"/g)].map((match) => match[1]!)
    expect(targets.filter((target) => !target.startsWith("#"))).toEqual([])
    expect(report.includes(`content="default-src 'none'; style-src 'unsafe-inline'"`)).toBe(true)
  })

  it("shows hostile text as text: the transcript is there, escaped", () => {
    expect(report.includes(escapeHtml(HOSTILE))).toBe(true)
    expect(report.includes(HOSTILE)).toBe(false)
    expect(report.includes("<script")).toBe(false)
  })

  it("has unique anchors, all links of the contents lead somewhere, and all tags close", () => {
    const ids = [...report.matchAll(/\bid="([^"]+)"/g)].map((match) => match[1]!)
    expect(new Set(ids).size).toBe(ids.length)
    for (const [, target] of report.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target)
    const unclosed = ["section", "table", "figure", "details", "div", "svg", "ul", "li", "p", "tr", "td", "th"].filter(
      (tag) => report.match(new RegExp(`<${tag}[\\s>]`, "g"))?.length !== report.match(new RegExp(`</${tag}>`, "g"))?.length
    )
    expect(unclosed).toEqual([])
  })

  it("survives a run that trained nothing: no models, no logs", async () => {
    const empty = { ...results, models: [], training: [], attribution: [], comparisons: [], summary: [] }
    expect(await Effect.runPromise(renderReport(empty))).toContain("This run logged no training metrics.")
  })
})

describe("the first screen", () => {
  const first = () => report.slice(report.indexOf(`<section id="summary"`), report.indexOf(`<section id="accuracy"`))

  it("has what each run changed before anything else, the words beside it, and a sentence for each claim of the paper", () => {
    const text = first()
    expect(report.indexOf("<svg ")).toBeGreaterThan(report.indexOf(`<section id="summary"`))
    expect(text.indexOf(`aria-label="What each run changed`)).toBeGreaterThan(0)
    expect(text.indexOf(`aria-label="What each run changed`)).toBeLessThan(text.indexOf(`class="terms"`))
    for (const term of ["p<sub>S</sub>", "p<sub>D|C</sub>", "p<sub>D|W</sub>", "accuracy", "echo", "expert"]) {
      expect(text).toContain(`<dt>${term}</dt>`)
    }
    const claims = claimsOf(results)
    const topics = new Set(claims.map(({ topic }) => topic))
    expect(text.match(/<li><details><summary><strong>/g)).toHaveLength(topics.size)
    for (const topic of topics) expect(text).toContain(`<strong>${escapeHtml(topic)}:</strong>`)
    expect(topics.size).toBeLessThan(claims.length)
  })

  it("says of each mark what it stands for, and what was used", () => {
    const { change } = results.comparisons.find(({ from, to }) => from === "sft-echo" && to === "rl-echo")!.trained!
    const { interval, value } = change.pResampleGivenWrong
    expect(first()).toContain(`p_D|W ${points(value)} points (${pointsInterval(interval)})</title>`)
    expect(report).toContain("60 problems on each of 5 levels, 1 response to each")
  })

  it("tells of the machine where it is known, and what the numerals are in decimal", async () => {
    const machine = {
      device: "wasm",
      products: "relaxed products: own kernels",
      processor: "Some <processor>",
      cores: 2,
      memory: 2 ** 33,
      workers: 2,
      platform: "linux x64",
      node: "24.0.0",
      fromCache: 3
    }
    const text = await Effect.runPromise(renderReport({ ...results, machine }))
    expect(text).toContain("Some &lt;processor&gt;, 2 cores, 8.0 GiB")
    expect(text).toContain("wasm, relaxed products: own kernels")
    expect(withoutTimings({ ...results, machine })).not.toHaveProperty("machine")
    expect(text).toContain("In base 5: 321 · 4 = 2334 is 86 · 4 = 344 in decimal.")
  })

  it("marks transcripts: what is right, what takes it back, what was decided", () => {
    const from = report.indexOf(`<section id="transcripts"`)
    const transcript = report.slice(report.indexOf(`<div class="transcript">`, from), report.indexOf(`</details>`, from))
    expect(transcript.match(/<mark class="candidate right"/g)).toHaveLength(2)
    expect(transcript).toMatch(/<u class="marker">Wait/)
    expect(transcript).toContain("RESAMPLE on a right answer")
    expect(transcript).toContain("STOP on a right answer, the same as before")
    expect(transcript).toContain("; in decimal 344")
  })
})

describe(browser === undefined ? "in a browser (SKIPPED: no Chromium on this machine)" : "in a browser", () => {
  it.skipIf(browser === undefined)("opens in headless Chromium; the hostile transcript stays text and changes nothing", () => {
    const folder = mkdtempSync(join(tmpdir(), "report-"))
    try {
      const file = join(folder, "report.html")
      writeFileSync(file, report)
      const dom = documentOf(file, folder)
      expect(/<title>(.*?)<\/title>/.exec(dom)?.[1]).toBe("Decision and sampling: report of a run")
      expect(/<script|<img/i.test(dom)).toBe(false)
      expect(dom.match(/<svg /g)?.length).toBe(report.match(/<svg /g)?.length)
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    }
  })
})
