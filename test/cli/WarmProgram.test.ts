/** The program in a process that stays, as tests use it, says what a process of its own says. */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { runProgram } from "../support/WarmProgram.ts"

const program = fileURLToPath(new URL("../../bin/decision-sampling.mjs", import.meta.url))

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "warm-program-"))
  writeFileSync(join(folder, "rows.jsonl"), `{"prompt":"2 * 3","response":"It is 6. The answer is 6.","answer":"6"}\n`)
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe("runProgram", () => {
  it.each<readonly [status: number, args: () => ReadonlyArray<string>]>([
    [0, () => ["calibrate", join(folder, "rows.jsonl")]],
    [1, () => ["calibrate", join(folder, "none.jsonl")]],
    [1, () => ["calibrate", "--no-such-flag"]],
    [1, () => ["nothing"]],
    [0, () => ["--version"]]
  ])("ends with %i as a process of its own does, and prints the same", (expected, args) => {
    const { status, stderr, stdout } = spawnSync(process.execPath, [program, ...args()], { encoding: "utf8" })
    expect(runProgram(args())).toEqual({ status, stderr, stdout })
    expect(status).toBe(expected)
  })
})
