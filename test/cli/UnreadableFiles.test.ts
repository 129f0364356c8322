/** Files that are there and cannot be looked at or read: a sentence that names the file and the system's reason, never a stack. */
import { spawnSync } from "node:child_process"
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
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
