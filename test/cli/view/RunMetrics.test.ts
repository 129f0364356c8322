import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { rememberedByFile } from "../../../src/cli/view/Remembered.ts"
import { readMetrics, readSettings } from "../../../src/cli/view/RunMetrics.ts"
import { seriesOf, valueAt } from "../../../src/view/runs/RunCurves.ts"
import type { RunInfo } from "../../../src/view/Api.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "decision-sampling-metrics-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const read = (name: string, text: string) => {
  const metrics = join(folder, name)
  writeFileSync(metrics, text)
  return { run: name, ...readMetrics({ id: name, name, path: folder, metrics, settings: undefined, by: "train" }) }
}

describe("a run's metrics", () => {
  it("may have any name, and are drawn of the runs alone that have them", () => {
    const odd = read(
      "odd.jsonl",
      "{\"step\": 1, \"__proto__\": 5, \"constructor\": 1}\n{\"step\": 2, \"__proto__\": 6, \"constructor\": 2}\n"
    )
    const plain = read("plain.jsonl", "{\"step\": 1, \"reward\": 1}\n")
    expect(Object.entries(odd.series)).toEqual([["__proto__", [5, 6]], ["constructor", [1, 2]]])
    const runs = [odd, plain].map((metrics, place) => ({ run: { name: metrics.run, by: "train" } as RunInfo, place, metrics }))
    for (const metric of ["__proto__", "constructor"]) {
      const curves = { id: metric, title: metric, unit: "", curves: [{ metric, label: metric }] }
      expect(seriesOf(curves, runs, { axis: "steps", weight: 0 }).map(({ name }) => name)).toEqual(["odd.jsonl"])
      expect(valueAt(plain, metric, 1)).toBeUndefined()
    }
  })

  it("that are too large to be drawn are as those that are infinite", () => {
    expect(read("large.jsonl", "{\"step\": 1, \"a\": 1e308}\n{\"step\": 2, \"a\": -1e308}\n{\"step\": 3, \"a\": 1e30}\n").series).toEqual({
      a: [null, null, 1e30]
    })
  })
})

describe("a run's settings", () => {
  it("are read when they come, and again when they change; a field may have any name", () => {
    const file = join(folder, "run.json")
    const remembered = rememberedByFile((path: string | undefined) => path, readSettings)
    expect(remembered(undefined)).toEqual({})
    writeFileSync(file, "{\"a\": {\"b\": 1}, \"__proto__\": \"x\"}")
    expect(Object.entries(remembered(file))).toEqual([["a.b", "1"], ["__proto__", "x"]])
    expect(remembered(file)).toBe(remembered(file))
    writeFileSync(file, "{\"a\": 22}")
    expect(remembered(file)).toEqual({ a: "22" })
  })
})
