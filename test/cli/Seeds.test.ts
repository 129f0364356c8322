import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Schema } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { AcrossSeeds } from "../../src/eval/results/AcrossSeeds.ts"
import { escapeHtml } from "../../src/eval/report/Html.ts"
import type { Results } from "../../src/eval/results/Results.ts"
import { HOSTILE, syntheticResults } from "../support/SyntheticResults.ts"
import { runProgram } from "../support/WarmProgram.ts"

const run = (...args: ReadonlyArray<string>) => runProgram(["seeds", ...args])

const one = syntheticResults({ n: 30, rounds: 10, label: HOSTILE })
let folder = ""
const write = (name: string, value: unknown): string => {
  const file = join(folder, name)
  writeFileSync(file, JSON.stringify(value))
  return file
}
const under = (seed: number, more: Partial<Results> = {}): string =>
  write(`results-${seed}-${Object.keys(more).join()}.json`, { ...one, seed, ...more })

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "seeds-command-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

describe("decision-sampling seeds", () => {
  it("writes seeds.json, one page with labels as text, and figures", () => {
    const out = join(folder, "out")
    const { status, stderr, stdout } = run(under(1), under(2), "--out", out)
    expect(stderr).not.toContain("decision-sampling:")
    expect([status, stdout.trim()]).toEqual([0, join(out, "report.html")])
    const report = Schema.decodeUnknownSync(Schema.fromJsonString(AcrossSeeds))(readFileSync(join(out, "seeds.json"), "utf8"))
    expect(report.seeds).toEqual([1, 2])
    const page = readFileSync(join(out, "report.html"), "utf8")
    expect(page).toContain(escapeHtml(HOSTILE))
    expect(page).not.toContain("<script>")
    for (const name of ["accuracy", "changes-trained", "changes-unseen", "rates-rl-echo"]) {
      expect(existsSync(join(out, "figures", `${name}.svg`)) && existsSync(join(out, "figures", `${name}.png`))).toBe(true)
    }
  })

  it("--json is one document: what was pooled, and the paths", () => {
    const out = join(folder, "json")
    const { status, stdout } = run(under(1), under(2), "--out", out, "--json")
    expect(status).toBe(0)
    const { figures, pooled, report, results } = JSON.parse(stdout) as Readonly<Record<string, unknown>>
    expect([report, results]).toEqual([join(out, "report.html"), join(out, "seeds.json")])
    expect(pooled).toEqual(JSON.parse(readFileSync(results as string, "utf8")))
    expect(figures).toContain(join(out, "figures", "accuracy.png"))
    expect((figures as ReadonlyArray<string>).filter((file) => !existsSync(file))).toEqual([])
  })

  it.each([
    [
      "one seed twice",
      () => [under(1), under(1)],
      /seeds repeat: 1, 1\. Pass results\.json of reproduce, the same preset under different seeds/
    ],
    ["two presets", () => [under(1), under(2, { preset: "other" })], /presets differ: synthetic, other/],
    [
      "a file that is no run",
      () => [under(1), write("calibration.json", one.models[0]!.calibration)],
      /calibration\.json: not the results of a run/
    ],
    ["a missing file", () => [under(1), join(folder, "nowhere.json")], /nowhere\.json/]
  ])("refuses %s and writes nothing", (_, files, message) => {
    const out = join(folder, "refused")
    const { status, stderr } = run(...files(), "--out", out)
    expect(status).toBe(1)
    expect(stderr).toMatch(message)
    expect(existsSync(out)).toBe(false)
  })
})
