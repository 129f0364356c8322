import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"

const training = fileURLToPath(new URL("../support/ShortTraining.ts", import.meta.url))

/** How often V8 collects whole heaps while a model is trained on two threads. */
const collections = (...how: ReadonlyArray<string>): number => {
  const { status, stdout } = spawnSync(process.execPath, ["--trace-gc", training, "60", ...how], { encoding: "utf8" })
  expect(status).toBe(0)
  return stdout.split("Mark-Compact").length - 1
}

describe("collecting seldom", () => {
  it("makes V8 collect the heaps of all threads less than two thirds as often", () => {
    const [often, seldom] = [collections(), collections("seldom")]
    expect(often).toBeGreaterThan(10)
    expect(seldom).toBeLessThan((2 / 3) * often)
  }, 240_000)
})
