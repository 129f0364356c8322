/**
 * Commands that go on where they were after they were killed: each is killed with SIGKILL at random moments, started again until it gets to its end,
 * and what it leaves must be what it leaves when nobody kills it. `train` has more of it in scripts/kill-test.ts, which also measures memory.
 *
 * @module
 */
import { spawn } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { draws, type Seed } from "../../src/domain/Seed.ts"
import { startHub } from "./LocalHub.ts"
import { PRETRAINED } from "./PretrainedFiles.ts"
import { tinyConfiguration } from "./TinyConfiguration.ts"

const program = fileURLToPath(new URL("../../bin/decision-sampling.mjs", import.meta.url))

/** A command in a folder of its own: how it is started, the first time and again, and what of it is compared. */
export interface ResumableCommand {
  readonly name: string
  readonly args: (folder: string) => ReadonlyArray<string>
  /** In place of `args` when it is started again; the same unless told. */
  readonly again?: (folder: string) => ReadonlyArray<string>
  readonly env?: (folder: string) => Readonly<Record<string, string>>
  readonly left: (folder: string, printed: string) => unknown
  readonly close?: () => Promise<void>
}

/** A process's life: how long, whether it was killed, and what it printed. */
export interface Life {
  readonly ms: number
  readonly isKilled: boolean
  readonly stdout: string
}

/** Runs the program in a process of its own, killed after so many milliseconds unless it ends before. Rejects where it fails by itself. */
export const live = (env: Readonly<Record<string, string>>, args: ReadonlyArray<string>, killAfter: number): Promise<Life> =>
  new Promise((resolve, reject) => {
    const startedAt = performance.now()
    const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } })
    let [stdout, stderr] = ["", ""]
    child.stdout.on("data", (text: Buffer) => {
      stdout += text.toString()
    })
    child.stderr.on("data", (text: Buffer) => {
      stderr += text.toString()
    })
    const timer = killAfter === Infinity ? undefined : setTimeout(() => child.kill("SIGKILL"), killAfter)
    child.once("error", reject)
    child.once("close", (code, signal) => {
      clearTimeout(timer)
      if (signal === "SIGKILL" || code === 0) resolve({ ms: performance.now() - startedAt, isKilled: signal === "SIGKILL", stdout })
      else reject(new Error(`${args.join(" ")}: exit code ${code}: ${stderr}`))
    })
  })

/** How often a command was killed, and whether it left what it leaves when nobody kills it; how long that takes. */
export interface KilledRun {
  readonly kills: number
  readonly isSame: boolean
  readonly ms: number
}

/** Runs a command whole in one folder, and killed so often at random moments in another. */
export const runKilled = async (command: ResumableCommand, home: string, kills: number, seed: Seed): Promise<KilledRun> => {
  const folderOf = (name: string): string => {
    const folder = join(home, command.name.replaceAll(/\W+/g, "-"), name)
    mkdirSync(folder, { recursive: true })
    return folder
  }
  const { args, again = args, env = () => ({}), left } = command
  const whole = folderOf("whole")
  const { ms, stdout } = await live(env(whole), args(whole), Infinity)
  const expected = JSON.stringify(left(whole, stdout))
  const { uniform } = draws(seed)
  let killed = 0
  // One that gets to its end before all kills are spent is compared, and the next begins.
  for (let run = 0; killed < kills; run++) {
    const folder = folderOf(`killed-${run}`)
    for (let isFirst = true;; isFirst = false) {
      // From its first moments to its end.
      const life = await live(env(folder), (isFirst ? args : again)(folder), killed < kills ? uniform() * ms : Infinity)
      if (life.isKilled) {
        killed++
        continue
      }
      if (JSON.stringify(left(folder, life.stdout)) !== expected) return { kills: killed, isSame: false, ms }
      break
    }
  }
  return { kills: killed, isSame: true, ms }
}

const bytesIn = (folder: string): ReadonlyArray<readonly [string, string]> =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(join(folder, name)).isFile())
    .toSorted()
    .map((name) => [name, readFileSync(join(folder, name)).toString("base64")] as const)

const configuration = {
  ...tinyConfiguration(),
  steps: 20,
  checkpointEvery: 5,
  schedule: { peak: 0.003, warmup: 10, decay: "cosine", floor: 0.1, total: 20 },
  products: "relaxed",
  batchSize: 8,
  demonstrations: { kind: "corrections", slip: 0.2, rate: 0.5, wrong: 1 }
}

/** All of them, on files in a folder; `size` is how much there is to do, 1 for seconds. */
export const resumableCommands = async (home: string, size: number): Promise<ReadonlyArray<ResumableCommand>> => {
  const settings = join(home, "run.json")
  writeFileSync(settings, JSON.stringify({ ...configuration, steps: 20 * size }))
  const transcripts = join(home, "transcripts.jsonl")
  writeFileSync(
    transcripts,
    Array.from(
      { length: 6000 * size },
      (_, i) =>
        JSON.stringify({
          prompt: `How many, ${i % 4000}?`,
          response: `It is ${i % 7}. Wait, no. The answer is ${i % 5}.`,
          answer: "4",
          level: `l${i % 3}`
        })
    ).join("\n") + "\n"
  )
  const hub = await startHub("tiny/llama", join(PRETRAINED, "llama"))
  const copied = (folder: string): string => {
    const file = join(folder, "transcripts.jsonl")
    writeFileSync(file, readFileSync(transcripts))
    return file
  }
  return [
    {
      name: "train",
      args: (folder) => ["train", "sft", "--config", settings, "--out", join(folder, "run"), "--resume"],
      left: (folder) => bytesIn(join(folder, "run"))
    },
    {
      name: "eval",
      args: (
        folder
      ) => [
        "eval",
        "--simulate",
        "0.6,0.9,0.4",
        "--levels",
        "3x3",
        "--count",
        String(150 * size),
        "--rounds",
        "10",
        "--out",
        join(folder, "rollouts.jsonl"),
        "--resume"
      ],
      // Answers come in any order.
      left: (folder) => readFileSync(join(folder, "rollouts.jsonl"), "utf8").split("\n").toSorted()
    },
    {
      name: "calibrate --resume",
      args: (folder) => ["calibrate", copied(folder), "--rounds", "10", "--json", "--resume"],
      again: (folder) => ["calibrate", join(folder, "transcripts.jsonl"), "--rounds", "10", "--json", "--resume"],
      left: (folder, printed) => [printed.replaceAll(folder, ""), readdirSync(folder)]
    },
    {
      name: "calibrate --partial",
      args: (folder) => ["calibrate", transcripts, "--partial", join(folder, "a.part")],
      left: bytesIn
    },
    {
      name: "model pull",
      env: (folder) => ({ HF_ENDPOINT: hub.endpoint, HF_HUB_CACHE: join(folder, "cache"), HF_HUB_OFFLINE: "0" }),
      args: () => ["model", "pull", "tiny/llama"],
      left: (folder) => bytesIn(join(folder, "cache")).filter(([name]) => name.includes("snapshots")),
      close: hub.close
    }
  ]
}
