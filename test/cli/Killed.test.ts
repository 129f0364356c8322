/** Commands that are killed and started again. scripts/kill-commands.ts kills more often, and for longer. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type ResumableCommand, resumableCommands, runKilled } from "../support/KilledCommands.ts"

const NAMES = ["train", "eval", "calibrate --resume", "calibrate --partial", "model pull"]

let home = ""
let commands: ReadonlyArray<ResumableCommand> = []
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "killed-"))
  commands = await resumableCommands(home, 1)
})
afterAll(async () => {
  for (const { close } of commands) await close?.()
  rmSync(home, { recursive: true, force: true })
})

describe.skipIf(process.platform === "win32")("killed and started again, a command leaves what it leaves when nobody kills it", () => {
  it("has all of them", () => {
    expect(commands.map(({ name }) => name)).toEqual(NAMES)
  })

  it.each(NAMES)("%s", async (name) => {
    const run = await runKilled(commands.find((each) => each.name === name)!, home, 2, 20_261_127)
    expect({ kills: run.kills, isSame: run.isSame }).toEqual({ kills: 2, isSame: true })
  }, 120_000)
})
