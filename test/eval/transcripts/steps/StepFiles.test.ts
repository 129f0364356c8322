import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { findStepFiles } from "../../../../src/eval/transcripts/steps/StepFiles.ts"
import { matcherOf, STEP, stepOfPath } from "../../../../src/eval/transcripts/steps/StepPath.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "decision-sampling-step-files-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})
const put = (...names: ReadonlyArray<string>): void => {
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), "{}\n")
  }
}
const found = (...inputs: ReadonlyArray<string>) => {
  const { files, leftOut } = findStepFiles(inputs.map((input) => join(folder, input)))
  return { files: files.map(({ file, step }) => [file.slice(folder.length + 1), step]), leftOut: leftOut.count }
}

describe("stepOfPath", () => {
  it.each<[string, number | undefined, string?]>([
    ["200.jsonl", 200, "{step}.jsonl"],
    ["0200.jsonl.gz", 200, "{step}.jsonl.gz"],
    ["completions_00200.parquet", 200, "completions_{step}.parquet"],
    ["step_3/train/all/traces.jsonl", 3, "step_{step}/train/all/traces.jsonl"],
    ["step_12/train_rollouts.jsonl", 12, "step_{step}/train_rollouts.jsonl"],
    ["global_step_40/rank0.jsonl", 40, "global_step_{step}/rank0.jsonl"],
    ["rollout_eval_7.jsonl", 7, "rollout_eval_{step}.jsonl"],
    ["12/rollouts.jsonl", 12, "{step}/rollouts.jsonl"],
    ["rollouts.jsonl", undefined],
    ["timestep.jsonl", undefined]
  ])("%s is of step %s", (path, step, series) => {
    expect(stepOfPath(path)).toEqual(step === undefined ? undefined : { step, series })
  })

  it("the series of a path finds the path's step again", () => {
    const name = fc.stringMatching(/^[a-z_.*+()[\]^$ -]{0,8}$/)
    fc.assert(fc.property(name, fc.nat(999_999), name, (before, step, after) => {
      const path = `${before}-step_${step}/${after}x.jsonl`
      const { series, step: read } = stepOfPath(path)!
      expect(read).toBe(step)
      // A name may hold a star itself, which stands for more.
      if (!path.includes("*")) expect(matcherOf(series)(path)).toBe(step)
      expect(matcherOf(`${STEP}.jsonl`)(`${step}.jsonl`)).toBe(step)
    }))
  })
})

describe("findStepFiles", () => {
  it("takes the rollouts of a folder in the order of steps, and leaves other files out", () => {
    put("verl/10.jsonl", "verl/9.jsonl", "verl/100.jsonl", "verl/train.log", "verl/config.json", "verl/.11.jsonl.swp", "verl/notes.jsonl")
    expect(found("verl")).toEqual({
      files: [["verl/9.jsonl", 9], ["verl/10.jsonl", 10], ["verl/100.jsonl", 100]],
      leftOut: 3
    })
  })

  it("several series in a folder are refused with their names, which are inputs", () => {
    put("prime/step_1/train/all/traces.jsonl", "prime/step_2/train/all/traces.jsonl", "prime/step_2/eval/all/traces.jsonl")
    expect(() => found("prime")).toThrow(
      /2 series of step files; expected one of them by its name, or several that belong together: '.*step_\{step\}\/train\/all\/traces\.jsonl' \(2 files\)/
    )
    expect(found("prime/step_{step}/train/all/traces.jsonl").files).toEqual([
      ["prime/step_1/train/all/traces.jsonl", 1],
      ["prime/step_2/train/all/traces.jsonl", 2]
    ])
    expect(found("prime/step_{step}/*/all/traces.jsonl").files.map(([, step]) => step)).toEqual([1, 2, 2])
    expect(found("prime/step_1/train/all/traces.jsonl").files.map(([, step]) => step)).toEqual([1])
  })

  it("a run of two kinds of files is read by naming both; a link to a folder that it lies in is no further series", () => {
    put("packed/1.jsonl.gz", "packed/2.jsonl")
    expect(() => found("packed")).toThrow(/2 series/)
    expect(found("packed/{step}.jsonl.gz", "packed/{step}.jsonl").files.map(([, step]) => step)).toEqual([1, 2])
    put("linked/a/1.jsonl")
    symlinkSync(join(folder, "linked"), join(folder, "linked", "a", "up"), "dir")
    symlinkSync(".", join(folder, "linked", "here"), "dir")
    expect(found("linked").files).toEqual([["linked/a/1.jsonl", 1]])
    // A link to a folder elsewhere is one.
    put("elsewhere/2.jsonl")
    mkdirSync(join(folder, "links"))
    symlinkSync(join(folder, "elsewhere"), join(folder, "links", "b"), "dir")
    expect(found("links").files).toEqual([["links/b/2.jsonl", 2]])
  })

  it("without a file that is named by a step takes all, whose rows must say theirs; nothing is no failure, but a missing folder is", () => {
    put("own/rollouts.jsonl")
    expect(found("own").files).toEqual([["own/rollouts.jsonl", undefined]])
    mkdirSync(join(folder, "empty"))
    expect(found("empty").files).toEqual([])
    expect(() => found("missing")).toThrow(/no such file or folder/)
    expect(findStepFiles([join(folder, "missing")], true).files).toEqual([])
    expect(() => findStepFiles([join(folder, "nowhere", "missing")], true)).toThrow(/no such file or folder/)
  })
})
