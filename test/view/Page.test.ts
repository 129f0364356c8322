/** The page in a real browser, where there is one on this machine: PATH has chromium, chromium-browser or google-chrome. */
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Browser, chromium, type Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { simulateTranscripts } from "../../src/eval/transcripts/SimulatedTranscript.ts"
import { browser as program } from "../support/Chromium.ts"
import { makePage, type RunningView, startView } from "../support/ViewServer.ts"

if (program === undefined) console.warn("skipped: the page in a browser (no chromium, chromium-browser or google-chrome in PATH)")

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")
const lines = (rows: ReadonlyArray<unknown>): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("")
const evil = "<script>document.title = 'broken'</script><img src=x onerror=\"document.title='broken'\">"
const steered = `\u202Eback\u202C ${"long".repeat(200)}`
const reversed = "\u202Eevil\u202C"

describe.skipIf(program === undefined)("the page", () => {
  let folder = ""
  let files: Awaited<ReturnType<typeof makePage>>
  let view: RunningView
  let browser: Browser
  let page: Page
  const complaints: Array<string> = []
  const setNamed = async (name: string): Promise<string> => (await view.library.overview()).sets.find((set) => set.name.includes(name))!.id

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "decision-sampling-browser-"))
    const policy = {
      pSample: 0.5,
      pStopGivenCorrect: 0.8,
      pResampleGivenWrong: 0.6,
      cap: 4,
      n: 100,
      rolloutsPerQuery: 4,
      seed: 1,
      level: "2x1"
    }
    mkdirSync(join(folder, "run"))
    writeFileSync(
      join(folder, "run", "metrics.jsonl"),
      lines(
        Array.from(
          { length: 40 },
          (_, k) => ({ step: k + 1, reward: k / 40, p_sample: 0.5, entropy: 1 - k / 80, "loss/part/surrogate": -0.1 })
        )
      )
    )
    writeFileSync(join(folder, "other.jsonl"), lines(simulateTranscripts({ ...policy, seed: 3, pResampleGivenWrong: 0.9 })))
    writeFileSync(join(folder, "many.jsonl"), lines(simulateTranscripts(policy)))
    writeFileSync(
      join(folder, "evil.jsonl"),
      lines([
        {
          id: evil,
          prompt: `${evil} ${reversed}`,
          response: `${evil} ${reversed} The answer is 5. Wait, that is wrong. The answer is 6.`,
          answer: "6",
          level: evil
        },
        { id: "steered", prompt: "2*3", response: "The answer is 6.", answer: "6", level: steered },
        { id: "long", prompt: "2*3", response: `${"word ".repeat(1_000_000)} The answer is 6.`, answer: "6" },
        {
          id: "tokens",
          prompt: "2*3",
          response: "The answer is 6.",
          answer: "6",
          tokens: ["The answer", " is", " 6", "."],
          logprobs: [-0.1, -3.5, -0.01, -12]
        }
      ])
    )
    files = await makePage()
    view = await startView(files.folder, [
      join(folder, "many.jsonl"),
      join(folder, "other.jsonl"),
      join(folder, "evil.jsonl"),
      join(folder, "run")
    ])
    browser = await chromium.launch({ executablePath: program!, args: ["--no-sandbox", "--disable-gpu"] })
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text())
    })
    page.on("pageerror", ({ message }) => complaints.push(message))
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await view?.close()
    files?.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  const open = async (hash: string): Promise<void> => {
    await page.goto("about:blank")
    await page.goto(view.address + hash)
  }
  // Run by the debugger: the page's policy forbids it to the page itself.
  const faults = async (): Promise<ReadonlyArray<string>> => {
    await page.evaluate(axe)
    const { violations } = await page.evaluate("axe.run()") as {
      readonly violations: ReadonlyArray<{ readonly id: string; readonly nodes: ReadonlyArray<{ readonly html: string }> }>
    }
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.html.slice(0, 200)}`)
  }

  /** Opens every view and looks for faults. */
  const viewsWithoutFaults = async (): Promise<void> => {
    const [many, other] = [await setNamed("many"), await setNamed("other")]
    const views = {
      runs: "svg.chart",
      [`calibration?set=${many}`]: "svg.chart",
      [`compare?from=${many}&to=${other}`]: "table",
      "theory?page=accuracy": "svg.chart",
      "theory?page=length": "svg.chart",
      "theory?page=kl": "svg.chart",
      "theory?page=dynamics": "svg.chart",
      "theory?page=claims": "details, table"
    }
    for (const [hash, awaited] of Object.entries(views)) {
      await open(`#/${hash}`)
      await page.locator(awaited).first().waitFor()
      expect([hash, ...(await faults())]).toEqual([hash])
      expect([hash, await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")]).toEqual([hash, 0])
    }
  }

  it("lists rollouts, filters them by the address, and shows the chosen one", async () => {
    await open(`#/rollouts?set=${await setNamed("many")}&event=resample-wrong&event=wrong-to-right`)
    const { total } = await view.library.rows(await setNamed("many"), { events: ["resample-wrong", "wrong-to-right"] }, 0, 1)
    await page.getByText(`${total} of 400 rollouts`).waitFor()
    await page.locator(".panel u.marker").first().waitFor()
    expect(await page.locator(".panel mark.wrong").count()).toBeGreaterThan(0)
    expect(await page.locator(".panel mark.right").count()).toBeGreaterThan(0)
    expect(await faults()).toEqual([])
  })

  it("is moved through by the keyboard", async () => {
    await open(`#/rollouts?set=${await setNamed("many")}`)
    const list = page.getByRole("listbox", { name: "Rollouts" })
    await list.focus()
    await page.keyboard.press("End")
    await page.waitForURL(/at=399/)
    await page.getByRole("option", { selected: true }).and(page.locator("#row-399")).waitFor()
    await page.keyboard.press("k")
    await page.waitForURL(/at=398/)
    await page.keyboard.press("Enter")
    expect(await page.evaluate("document.activeElement.getAttribute('aria-label')")).toBe("The chosen rollout")
    await page.keyboard.press("/")
    expect(await page.evaluate("document.activeElement.type")).toBe("search")
  })

  it("shows a model's text as text, whatever is in it", async () => {
    const set = await setNamed("evil")
    await open(`#/rollouts?set=${set}`)
    await page.locator(".panel mark").first().waitFor()
    const text = await page.locator(".panel .response").innerText()
    expect(text).toContain(evil)
    expect(text).toContain("\\u202eevil\\u202c")
    expect(await page.title()).toBe("Rollouts · decision-sampling")
    expect(await page.locator("main img, main script").count()).toBe(0)
    expect(await faults()).toEqual([])
    await open(`#/rollouts?set=${set}&row=2`)
    await page.getByText("Characters 1 to 200000 of 5000017").waitFor()
    await page.getByRole("button", { name: "After" }).click()
    await page.getByText("Characters 200001 to 400000 of 5000017").waitFor()
    await open(`#/rollouts?set=${set}&row=3`)
    await page.locator(".shade-3", { hasText: "is" }).waitFor()
    expect(await page.locator(".shade-5").innerText()).toBe(".")
  })

  it("shows runs, a calibration whose numbers lead to their rollouts, a comparison and the theory, each without a fault", async () => {
    await viewsWithoutFaults()
    const many = await setNamed("many")
    await open(`#/calibration?set=${many}`)
    const link = page.locator("main table a[href*='event=resample-wrong']").first()
    const { total } = await view.library.rows(many, { events: ["resample-wrong"] }, 0, 1)
    await link.click()
    await page.getByText(`${total} of 400 rollouts`).waitFor()
  }, 60_000)

  it("follows a run that writes: its curves and its rollouts grow without a reload", async () => {
    const rollouts = (step: number) => {
      mkdirSync(join(folder, "run", "rollouts"), { recursive: true })
      const rows = simulateTranscripts({ pSample: 0.5, pStopGivenCorrect: 1, pResampleGivenWrong: 0.5, cap: 2, n: 10, seed: step })
      writeFileSync(join(folder, "run", "rollouts", `step-${step}.jsonl`), lines(rows))
    }
    await open("#/runs")
    await page.getByText("running, step 40").waitFor()
    appendFileSync(join(folder, "run", "metrics.jsonl"), lines([{ step: 41, reward: 0.5, p_sample: 0.75, entropy: 0.5 }]))
    rollouts(1)
    await page.getByText("running, step 41").waitFor()
    await page.getByText("run / rollouts (10)").or(page.getByText("all (not by step)")).first().waitFor()
    await open(`#/rollouts?set=${await setNamed("run / rollouts")}`)
    await page.getByText("10 of 10 rollouts").waitFor()
    rollouts(2)
    await page.getByText("20 of 20 rollouts").waitFor()
  }, 60_000)

  it("shows what would steer it in names of levels, too, and keeps long ones in their place", async () => {
    const evils = await setNamed("evil")
    for (
      const hash of [
        `rollouts?set=${evils}&level=${encodeURIComponent(steered)}`,
        `calibration?set=${evils}`,
        `compare?from=${evils}&to=${await setNamed("many")}`
      ]
    ) {
      await open(`#/${hash}`)
      await page.locator("main").getByText("\\u202eback").filter({ visible: true }).first().waitFor()
      expect(await page.locator("main").innerText()).not.toContain("\u202E")
      expect([hash, await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")]).toEqual([hash, 0])
    }
  })

  it("is open in more tabs than a browser opens connections, as those that nobody sees hold none", async () => {
    const context = await browser.newContext()
    // Of a page without a window every tab is in front: those behind say so themselves.
    await context.addInitScript(
      "Object.defineProperty(document, 'visibilityState', { get: () => globalThis.isSeen ? 'visible' : 'hidden' })"
    )
    try {
      for (let k = 0; k < 8; k++) {
        const tab = await context.newPage()
        await tab.goto(`${view.address}#/theory`)
        await tab.getByRole("navigation", { name: "Views" }).waitFor({ timeout: 10_000 })
      }
      const [first] = context.pages()
      const events = first!.waitForRequest(/api\/events/)
      await first!.evaluate("globalThis.isSeen = true; document.dispatchEvent(new Event('visibilitychange'))")
      await events
    } finally {
      await context.close()
    }
  }, 60_000)

  it("fits a narrow screen, dark, without a sideways scroll", async () => {
    await page.setViewportSize({ width: 390, height: 800 })
    await page.emulateMedia({ colorScheme: "dark" })
    await open(`#/rollouts?set=${await setNamed("many")}`)
    await page.locator(".panel .response").waitFor()
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(390)
    expect(await faults()).toEqual([])
    await viewsWithoutFaults()
  }, 60_000)

  it("complains about nothing", () => {
    expect(complaints).toEqual([])
  })
})
