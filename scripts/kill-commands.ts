/**
 * Every command that can be resumed, killed with SIGKILL at random moments and started again, must leave what it leaves when nobody kills it:
 *
 *     node scripts/kill-commands.ts [kills of each] [seed]
 *
 * The exit code is 1 if any differs. test/cli/Killed.test.ts does the same with two kills. See kill-test.ts for training, reproduce and sweep in
 * test/cli/sweep/SweepProcesses.test.ts, and batches at every change of a file in test/engine/BatchKilled.test.ts.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { resumableCommands, runKilled } from "../test/support/KilledCommands.ts"

const kills = Number(process.argv[2] ?? 20)
const seed = Number(process.argv[3] ?? 1)
const home = mkdtempSync(join(tmpdir(), "kill-commands-"))
const commands = await resumableCommands(home, 4)
for (const command of commands) {
  const run = await runKilled(command, home, kills, seed)
  console.log(`${command.name}: ${(run.ms / 1000).toFixed(1)} s whole, ${run.kills} kills; ${run.isSame ? "the same" : "DIFFERENT"}`)
  if (!run.isSame) process.exitCode = 1
}
for (const { close } of commands) await close?.()
rmSync(home, { recursive: true, force: true })
