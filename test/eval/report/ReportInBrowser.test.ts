/** The pages in a real browser, where there is one on this machine: no fault, no sideways scroll, nothing cut off on paper. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { Effect } from "effect"
import { type Browser, chromium, type Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { renderReport } from "../../../src/eval/report/Report.ts"
import { renderSeedsReport } from "../../../src/eval/report/SeedsReport.ts"
import { acrossSeeds } from "../../../src/eval/results/AcrossSeeds.ts"
import { browser as program } from "../../support/Chromium.ts"
import { HOSTILE, syntheticResults } from "../../support/SyntheticResults.ts"

if (program === undefined) console.warn("skipped: the report in a browser (no chromium, chromium-browser or google-chrome in PATH)")

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

// The width of A4 without its margins of 12 mm, at 96 pixels an inch.
const PAPER = Math.floor((210 - 24) / 25.4 * 96)

const OPEN = "document.querySelectorAll('details').forEach((each) => { each.open = true })"
const WIDER =
  `[...document.querySelectorAll('table, figure svg, pre')].filter((each) => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map((each) => each.outerHTML.slice(0, 120))`

describe.skipIf(program === undefined)("the report in a browser", () => {
  let folder = ""
  let browser: Browser
  let page: Page
  const files = { run: "", seeds: "" }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "decision-sampling-report-"))
    const results = syntheticResults({ n: 40, rounds: 20 })
    const hostile = { ...results, models: results.models.map((model, k) => (k === 0 ? { ...model, label: HOSTILE } : model)) }
    const pooled = acrossSeeds([results, { ...results, seed: 2 }])
    if (typeof pooled === "string") throw new Error(pooled)
    const pages = { run: await Effect.runPromise(renderReport(hostile)), seeds: await Effect.runPromise(renderSeedsReport(pooled)) }
    for (const name of ["run", "seeds"] as const) {
      files[name] = join(folder, `${name}.html`)
      writeFileSync(files[name], pages[name])
    }
    browser = await chromium.launch({
      executablePath: program!,
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    })
    page = await browser.newPage({ reducedMotion: "reduce" })
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  const open = async (name: keyof typeof files, width: number, height: number): Promise<void> => {
    await page.setViewportSize({ width, height })
    await page.goto(pathToFileURL(files[name]).href)
  }
  const faults = async (): Promise<ReadonlyArray<string>> => {
    // By the debugger: the page's policy forbids it to the page itself.
    await page.evaluate(axe)
    const { violations } = await page.evaluate("axe.run()") as {
      readonly violations: ReadonlyArray<{ readonly id: string; readonly nodes: ReadonlyArray<{ readonly html: string }> }>
    }
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.html.slice(0, 200)}`)
  }
  const sideways = () => page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

  it.each(["run", "seeds"] as const)("%s: the first screen has the figure, the words and the beginning of the findings", async (name) => {
    await page.emulateMedia({ colorScheme: "light" })
    await open(name, 1280, 800)
    for (const selector of [".first figure svg", ".terms"]) {
      const box = (await page.locator(selector).first().boundingBox())!
      expect(box.y + box.height).toBeLessThan(600)
    }
    expect((await page.locator(".sentences > li").first().boundingBox())!.y).toBeLessThan(700)
  })

  it.each(["run", "seeds"] as const)("%s: 1280 pixels are enough for every table and figure, folded or open", async (name) => {
    await open(name, 1280, 800)
    expect(await sideways()).toBe(0)
    await page.evaluate(OPEN)
    expect(await sideways()).toBe(0)
    expect(await page.evaluate(WIDER)).toEqual([])
    // Nor does anything scroll in its frame.
    expect(
      await page.evaluate(
        "[...document.querySelectorAll('.scroll')].filter((each) => each.scrollWidth > each.clientWidth).map((each) => each.ariaLabel)"
      )
    )
      .toEqual([])
  })

  it("has no fault in the light, everything open", async () => {
    await page.emulateMedia({ colorScheme: "light" })
    for (const name of ["run", "seeds"] as const) {
      await open(name, 1280, 800)
      await page.evaluate(OPEN)
      expect([name, ...(await faults())]).toEqual([name])
    }
  }, 60_000)

  it("fits a narrow screen, dark, without a sideways scroll or a fault", async () => {
    await page.emulateMedia({ colorScheme: "dark" })
    for (const name of ["run", "seeds"] as const) {
      await open(name, 390, 800)
      await page.evaluate(OPEN)
      expect(await sideways()).toBe(0)
      expect([name, ...(await faults())]).toEqual([name])
    }
  }, 60_000)

  it("is whole on A4 paper: nothing wider, everything open, dark ink", async () => {
    await page.emulateMedia({ media: "print", colorScheme: "dark" })
    for (const name of ["run", "seeds"] as const) {
      await open(name, PAPER, 1000)
      expect(await page.evaluate(WIDER)).toEqual([])
      // What is folded has a height all the same.
      const folded = page.locator("details:not([open]) table").first()
      expect((await folded.boundingBox())?.height).toBeGreaterThan(20)
      expect(await page.evaluate("getComputedStyle(document.body).color")).toBe("rgb(29, 35, 43)")
    }
    await page.emulateMedia({ media: "screen", colorScheme: "light" })
  })

  it("says a mark's value where the pointer is: in a title inside the mark", async () => {
    await open("run", 1280, 800)
    const marks = page.locator(".first svg path:has(> title)")
    expect(await marks.count()).toBeGreaterThan(20)
    const box = (await marks.last().boundingBox())!
    const under = await page.evaluate(
      `document.elementFromPoint(${box.x + box.width / 2}, ${box.y + box.height / 2})?.querySelector('title')?.textContent`
    )
    expect(under).toMatch(/^GRPO from expert, (?:trained|unseen) levels: accuracy [+−\d]/)
  })
})
