import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { runProgram } from "../../support/WarmProgram.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "decision-sampling-view-command-"))
  writeFileSync(join(folder, "noise.jsonl"), "no JSON\n")
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe("view", () => {
  it("refuses ports that are none, and says by its exit code that what was named could not be read", () => {
    const port = runProgram(["view", "--port", "70000"], { cwd: folder })
    expect(port.status).toBe(1)
    expect(port.stderr).toMatch(/--port is 70000; expected 0/)
    const noise = runProgram(["view", "noise.jsonl", "--export", "site"], { cwd: folder })
    expect(noise.status).toBe(1)
    expect(noise.stderr).toMatch(/noise\.jsonl: none of its rollouts could be read/)
  })
})
