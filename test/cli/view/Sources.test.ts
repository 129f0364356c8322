import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { execFileSync } from "node:child_process"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { sourcesFinder } from "../../../src/cli/view/Sources.ts"

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "decision-sampling-sources-"))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const put = (...names: ReadonlyArray<string>): void => {
  for (const name of names) {
    const path = join(folder, "runs", name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, "{\"step\": 1}\n")
  }
}
const found = () => {
  const { leftOut, runs, sets } = sourcesFinder([join(folder, "runs")])()
  return { runs: runs.map(({ name }) => name), sets: sets.map(({ name, run }) => [name, runs.find(({ id }) => id === run)?.name]), leftOut }
}

describe("a folder of runs", () => {
  it("is its runs, though one alone has rollouts", () => {
    put("sft/metrics.jsonl", "grpo/metrics.jsonl", "grpo/rollouts/step-000005.jsonl", "grpo/rollouts/step-000010.jsonl")
    expect(found()).toEqual({ runs: ["grpo", "sft"], sets: [["grpo / rollouts", "grpo"]], leftOut: [] })
  })

  it("is its runs, though they are called by numbers", () => {
    put("1/metrics.jsonl", "2/metrics.jsonl", "3/metrics.jsonl")
    expect(found()).toEqual({ runs: ["1", "2", "3"], sets: [], leftOut: [] })
  })

  it("has the rollouts of a run without metrics, wherever they lie", () => {
    put("prime/rollouts/step_1/traces.jsonl", "prime/rollouts/step_2/traces.jsonl")
    expect(found().sets).toEqual([["prime / rollouts", undefined]])
    put("deep/a/b/c/d/1.jsonl", "deep/a/b/c/d/2.jsonl")
    expect(found().sets).toEqual([["a / b", undefined], ["prime / rollouts", undefined]])
  })

  it("is one set where steps lie in itself", () => {
    put("1.jsonl", "2.jsonl")
    expect(found().sets).toEqual([["runs", undefined]])
  })

  it("is gone through once, whatever links lead back into it", () => {
    put("one/metrics.jsonl")
    symlinkSync(".", join(folder, "runs", "self"))
    expect(found().runs).toEqual(["one"])
  })

  it.skipIf(process.platform === "win32")("has pipes that nobody waits for", () => {
    put("x/metrics/a.jsonl", "x/rollouts/a.jsonl", "steps/1.jsonl")
    for (const name of ["x/metrics/pipe.jsonl", "x/rollouts/pipe.jsonl", "steps/2.jsonl"]) {
      execFileSync("mkfifo", [join(folder, "runs", name)])
    }
    expect(found()).toEqual({ runs: ["x / a"], sets: [["runs / steps", undefined], ["x / a", "x / a"]], leftOut: [] })
  })
})
