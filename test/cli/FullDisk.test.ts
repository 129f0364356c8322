/**
 * Every command that writes, on a disk without room: it says so, fails, and what can be resumed is. The disk is a small one of memory where this user may
 * mount one (root), else a limit on the size of files stands for it.
 */
import { execFileSync, spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { syntheticResults } from "../support/SyntheticResults.ts"
import { tinyConfiguration } from "../support/TinyConfiguration.ts"

const program = fileURLToPath(new URL("../../bin/decision-sampling.mjs", import.meta.url))

const mount = (...args: ReadonlyArray<string>): boolean => spawnSync("mount", args, { stdio: "ignore" }).status === 0

let home = ""
let disk = ""
let isMounted = false

/** Gives the disk so much room, in kilobytes; its files are lost. */
const freshDisk = (kilobytes: number): void => {
  if (!isMounted) {
    rmSync(disk, { recursive: true, force: true })
    mkdirSync(disk)
    return
  }
  execFileSync("umount", [disk])
  if (!mount("-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", disk)) throw new Error("what could be mounted once cannot be now")
}
const run = (kilobytes: number | undefined, ...args: ReadonlyArray<string>) => {
  const command = [process.execPath, program, ...args]
  const limited = isMounted || kilobytes === undefined ? command : ["bash", "-c", `ulimit -f ${kilobytes}; exec "$0" "$@"`, ...command]
  const { status, stderr, stdout } = spawnSync(limited[0]!, limited.slice(1), { encoding: "utf8", cwd: home })
  return { status, stderr, stdout }
}

const written = (name: string, content: unknown): string => {
  const file = join(home, name)
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content))
  return file
}
const configuration = {
  ...tinyConfiguration(),
  steps: 8,
  checkpointEvery: 2,
  task: { _tag: "Multiplication", radix: 2, levels: ["1x1"] },
  schedule: { peak: 0.003, warmup: 1, decay: "cosine", floor: 0.1, total: 8 },
  products: "relaxed",
  batchSize: 4,
  demonstrations: { kind: "none", slip: 0.2 }
}
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "full-disk-"))
  disk = join(home, "disk")
  mkdirSync(disk)
  isMounted = mount("-t", "tmpfs", "-o", "size=4k", "tmpfs", disk)
  if (!isMounted) console.warn("no file system can be mounted here: a limit on the size of files stands for a full disk")
  written("run.json", configuration)
  written("results.json", syntheticResults({ n: 10, rounds: 10 }))
  written("results-2.json", { ...syntheticResults({ n: 10, rounds: 10 }), seed: 2 })
  written(
    "transcripts.jsonl",
    Array.from({ length: 2000 }, (_, i) => JSON.stringify({ prompt: `How many, ${i}?`, response: `It is ${i}.`, answer: "4" })).join("\n")
  )
  written(
    "theory.json",
    (JSON.parse(readFileSync(new URL("../golden/process.json", import.meta.url), "utf8")) as ReadonlyArray<unknown>).slice(0, 3)
  )
})
afterAll(() => {
  if (isMounted) execFileSync("umount", [disk])
  rmSync(home, { recursive: true, force: true })
})

const SAYS_SO = /no space left|ENOSPC|EFBIG|file too large|room on the disk/i

describe.skipIf(process.platform === "win32")("a full disk", () => {
  it.each<readonly [what: string, args: (disk: string) => ReadonlyArray<string>]>([
    ["train", (at) => ["train", "sft", "--config", "run.json", "--out", join(at, "run")]],
    ["data generate", (at) => ["data", "generate", "--levels", "3x3", "--count", "500", "--out", join(at, "problems.jsonl")]],
    [
      "eval",
      (
        at
      ) => ["eval", "--simulate", "0.6,0.9,0.4", "--levels", "3x3", "--count", "200", "--rounds", "10", "--out", join(at, "rollouts.jsonl")]
    ],
    ["eval batch write", (at) => ["eval", "batch", "write", join(at, "batch"), "--model", "m", "--levels", "3x3", "--count", "200"]],
    ["calibrate --partial", (at) => ["calibrate", "transcripts.jsonl", "--partial", join(at, "a.part")]],
    ["theory evaluate --out", (at) => ["theory", "evaluate", "theory.json", "--out", join(at, "out.json")]],
    ["report", (at) => ["report", "results.json", "--out", join(at, "report.html")]],
    ["seeds", (at) => ["seeds", "results.json", "results-2.json", "--out", join(at, "pooled")]],
    ["export", (at) => ["export", "verl", "--out", join(at, "exported")]],
    ["view --export", (at) => ["view", "transcripts.jsonl", "--export", join(at, "page")]]
  ])("%s says so, and fails", (name, args) => {
    freshDisk(8)
    const { status, stderr } = run(8, ...args(disk))
    expect(stderr).toMatch(SAYS_SO)
    expect(stderr).not.toMatch(/^\s+at .*:\d+/m)
    expect(status).toBe(1)
    // What cannot be gone on with is no hindrance to doing it again.
    const left = args(disk).at(-1)!
    if (name.includes("export")) expect(existsSync(left) ? readdirSync(left) : []).toEqual([])
  }, 60_000)

  it("train and eval go on where they were when there is room again, to what they give with room from the start", () => {
    freshDisk(64)
    const trained = ["train", "sft", "--config", "run.json", "--out"]
    const sampled = ["eval", "--simulate", "0.6,0.9,0.4", "--levels", "3x3", "--count", "200", "--rounds", "10", "--out"]
    for (const [args, name] of [[trained, "run"], [sampled, "rollouts.jsonl"]] as const) {
      freshDisk(64)
      const failed = run(24, ...args, join(disk, name))
      expect([failed.status, SAYS_SO.test(failed.stderr)]).toEqual([1, true])
      if (isMounted) execFileSync("mount", ["-o", "remount,size=8m", disk])
      const resumed = run(undefined, ...args, join(disk, name), "--resume")
      expect([resumed.status, resumed.stderr.includes("decision-sampling:")]).toEqual([0, false])
      const whole = join(home, `whole-${name}`)
      if (!existsSync(whole)) expect(run(undefined, ...args, whole).status).toBe(0)
      const left = (path: string): unknown =>
        name === "run"
          ? readdirSync(path).toSorted().map((each) => readFileSync(join(path, each)).toString("base64"))
          : readFileSync(path, "utf8").split("\n").toSorted()
      expect(JSON.stringify(left(join(disk, name))) === JSON.stringify(left(whole))).toBe(true)
    }
  }, 120_000)
})
