import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const program = fileURLToPath(new URL("../../support/SweepProcess.ts", import.meta.url))
const undrawn = new URL("../../support/Undrawn.ts", import.meta.url).href
let root = ""
const children: Array<ChildProcess> = []
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "sweep-processes-"))
})
afterAll(() => {
  for (const child of children) child.kill("SIGKILL")
  rmSync(root, { recursive: true, force: true, maxRetries: 5 })
})

interface Started {
  readonly child: ChildProcess
  readonly lines: ReadonlyArray<string>
  /** When a line is printed; fails when the process ends before. */
  readonly said: (line: RegExp) => Promise<void>
  /** When the process has ended: its exit code or signal, and what it said on standard error. */
  readonly ended: Promise<readonly [number | string | null, string]>
}

const start = (folder: string, seeds: string, expiry: number): Started => {
  const child = spawn(process.execPath, [
    "--disable-warning=ExperimentalWarning",
    "--import",
    undrawn,
    program,
    folder,
    seeds,
    String(expiry)
  ])
  children.push(child)
  const lines: Array<string> = []
  const waiting: Array<() => void> = []
  let rest = ""
  let errors = ""
  let isOver = false
  const wake = (): void => {
    for (const each of waiting.splice(0)) each()
  }
  child.stdout.on("data", (text: Buffer) => {
    const parts = (rest + text.toString()).split("\n")
    rest = parts.pop() ?? ""
    lines.push(...parts)
    wake()
  })
  child.stderr.on("data", (text: Buffer) => {
    errors += text.toString()
  })
  const ended = new Promise<readonly [number | string | null, string]>((resolve) => {
    child.once("close", (code, signal) => {
      isOver = true
      wake()
      resolve([code ?? signal, errors])
    })
  })
  const said = async (line: RegExp): Promise<void> => {
    while (!lines.some((each) => line.test(each))) {
      if (isOver) throw new Error(`ended before it said ${line}: ${lines.join("; ")}; ${errors}`)
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
  }
  return { child, lines, said, ended }
}

const trained = ({ lines }: Started): ReadonlyArray<string> =>
  lines.filter((line) => line.startsWith("done ") && !line.endsWith("tested")).map((line) => line.slice("done ".length)).toSorted()
const STAGES = [
  "Base",
  "DFT (expert reflection)",
  "GRPO from echo",
  "GRPO from echo, π_D only",
  "GRPO from expert",
  "SFT (echo reflection)",
  "SFT (expert reflection)",
  "SFT (no reflection)"
]
const stagesOf = (...seeds: ReadonlyArray<number>) => seeds.flatMap((seed) => STAGES.map((name) => `Seed ${seed}: ${name}`)).toSorted()
const filesOf = (folder: string, seeds: ReadonlyArray<number>) =>
  seeds.map((seed) => readFileSync(join(folder, `slow-${seed}`, "results.json"), "utf8"))
/** What is left in the cache beside stages. */
const leftovers = (folder: string): ReadonlyArray<string> =>
  readdirSync(join(folder, "cache")).filter((name) => !/^[0-9a-f]{16}\.(json|checkpoint)$/.test(name))

describe("processes that share a sweep", () => {
  it("compute every stage once between them, survive a kill -9 and a stop, and come to the bytes of one process alone", async () => {
    const alone = start(join(root, "alone"), "1", 60)
    expect(await alone.ended).toEqual([0, ""])
    expect(trained(alone)).toEqual(stagesOf(1))
    const expected = filesOf(join(root, "alone"), [1])

    // Two at once: who comes to what depends on who is faster.
    const both = [start(join(root, "both"), "1-2", 60), start(join(root, "both"), "1-2", 60)]
    expect(await Promise.all(both.map(({ ended }) => ended))).toEqual([[0, ""], [0, ""]])
    expect(both.flatMap(trained).toSorted()).toEqual(stagesOf(1, 2))
    expect(both.every((each) => trained(each).length > 0)).toBe(true)
    expect(filesOf(join(root, "both"), [1])).toEqual(expected)
    expect(leftovers(join(root, "both"))).toEqual([])

    // Killed in the middle of a stage: the next process of this machine goes on with it at once, from its last checkpoint.
    const killedIn = join(root, "killed")
    const killed = start(killedIn, "1", 60)
    await killed.said(/^under way Seed 1: SFT \(echo/)
    killed.child.kill("SIGKILL")
    expect(await killed.ended).toEqual(["SIGKILL", ""])
    const heir = start(killedIn, "1", 60)
    expect(await heir.ended).toEqual([0, ""])
    const at = heir.lines.flatMap((line) => /^begun Seed 1: SFT \(echo reflection\) at (\d+)$/.exec(line)?.[1] ?? [])
    expect(at.map((step) => Number(step) > 15)).toEqual([true])
    expect(filesOf(killedIn, [1])).toEqual(expected)
    expect(leftovers(killedIn)).toEqual([])

    // Stopped in the middle of the base, it gives no sign of life, and loses it; awake again, it goes on with what is free.
    const stoppedIn = join(root, "stopped")
    const stopped = start(stoppedIn, "1", 1)
    await stopped.said(/^under way Seed 1: Base/)
    stopped.child.kill("SIGSTOP")
    const other = start(stoppedIn, "1", 1)
    await other.said(/^done Seed 1: Base/)
    stopped.child.kill("SIGCONT")
    expect(await Promise.all([stopped.ended, other.ended])).toEqual([[0, ""], [0, ""]])
    expect([...trained(stopped), ...trained(other)].toSorted()).toEqual(stagesOf(1))
    expect(filesOf(stoppedIn, [1])).toEqual(expected)
    expect(leftovers(stoppedIn)).toEqual([])
  }, 240_000)
})
