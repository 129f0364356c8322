/** Files that are there and cannot be looked at or read: a sentence that names the file and the system's reason, never a stack. */
import { spawnSync } from "node:child_process"
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { runProgram } from "../support/WarmProgram.ts"

const READERS = [["calibrate"], ["compare"], ["attribute"]] as const

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "unreadable-"))
  symlinkSync("second", join(folder, "first"))
  symlinkSync("first", join(folder, "second"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const twice = (command: string, file: string) => (command === "compare" ? [command, file, file] : [command, file])

describe("a file that cannot be looked at", () => {
  it.each(READERS)("%s tells a link that leads in a circle", (command) => {
    const file = join(folder, "first")
    const { status, stderr } = runProgram(twice(command, file))
    expect(stderr).toMatch(/^decision-sampling: .*first: ELOOP: [^\n]*\. Does the file exist, and may it be read\?\n$/)
    expect(status).toBe(1)
  })

  it.each(READERS)("%s tells a name that no system takes", (command) => {
    const { status, stderr } = runProgram(twice(command, join(folder, "n".repeat(5000))))
    expect(stderr).toMatch(/: ENAMETOOLONG: [^\n]*\. Does the file exist, and may it be read\?\n$/)
    expect(status).toBe(1)
  })

  it("given twice, under whatever name, is refused: its rows would count twice", () => {
    const rows = join(folder, "rows.jsonl")
    writeFileSync(rows, `${JSON.stringify({ prompt: "2*3", response: "The answer is 6.", answer: "6" })}\n`)
    symlinkSync("rows.jsonl", join(folder, "link.jsonl"))
    for (const [other, problem] of [[rows, "it is given twice"], [join(folder, "link.jsonl"), `it is ${rows} too`]] as const) {
      const { status, stderr } = runProgram(["calibrate", rows, other, "--rounds", "10"])
      expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringContaining(`${problem}, and its rows would count twice`) })
    }
    writeFileSync(join(folder, "copy.jsonl"), readFileSync(rows))
    expect(runProgram(["calibrate", rows, join(folder, "copy.jsonl"), "--rounds", "10"]).status).toBe(0)
  })

  it("view --export of what holds nothing says so, and fails; an empty file has no end before its beginning", () => {
    const empty = join(folder, "empty.jsonl")
    writeFileSync(empty, "")
    const out = join(folder, "site")
    const nothing = runProgram(["view", join(folder, "none.jsonl"), "--export", out])
    expect(nothing).toMatchObject({ status: 1, stderr: expect.stringContaining("there is nothing to show in what was named") })
    expect(nothing.stderr).toContain("none.jsonl is left out: no such file or folder")
    expect(runProgram(["view", empty, "--export", out]).stderr).not.toContain("out of range")
  }, 60_000)

  it("report tries all that it will write before it writes the first", () => {
    const calibration = join(folder, "calibration.json")
    const { stdout } = runProgram(["calibrate", join(folder, "rows.jsonl"), "--rounds", "10", "--json"])
    writeFileSync(calibration, stdout)
    const page = join(folder, "page.html")
    expect(runProgram(["report", calibration, "--out", page, "--figures", join(folder, "rows.jsonl")]).status).toBe(1)
    expect(existsSync(page)).toBe(false)
    writeFileSync(calibration, stdout.replace(/"accuracy": 1\b/, "\"accuracy\": -1e308"))
    expect(runProgram(["report", calibration, "--out", page]).stderr).toContain(
      "observed.accuracy is -1e+308; expected a value between"
    )
    // Of a difference it would be right.
    writeFileSync(calibration, stdout.replace(/"accuracy": 1\b/, "\"accuracy\": -0.5"))
    expect(runProgram(["report", calibration, "--out", page]).stderr).toContain("observed.accuracy is -0.5; expected a value between")
  }, 60_000)

  // Only root may become somebody else.
  it.skipIf(process.getuid?.() !== 0)("a folder without permission", () => {
    const here = mkdtempSync(join(folder, "closed-"))
    try {
      writeFileSync(join(here, "rows.jsonl"), "{}\n")
      chmodSync(here, 0o700)
      const sizeOf = fileURLToPath(new URL("../../src/eval/transcripts/files/Blocks.ts", import.meta.url))
      const script = `
        const { sizeOf } = await import(${JSON.stringify(sizeOf)})
        process.setuid(65534)
        try { sizeOf(${JSON.stringify(join(here, "rows.jsonl"))}) } catch (error) { console.log(error._tag, error.problem) }`
      const { stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" })
      expect(stdout).toMatch(/^FileError EACCES: permission denied/)
    } finally {
      rmSync(here, { recursive: true })
    }
  })
})
