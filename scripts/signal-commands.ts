/**
 * Every command, sent SIGINT or SIGTERM at random moments from its start to its end (or its first twelve seconds), must be gone within two seconds:
 *
 *     node scripts/signal-commands.ts [signals of each] [seed]
 *
 * Prints a row a command: what it was given, how long it runs, how long the slowest answer took, and how it ended. A shell's code for the signal
 * (130, 143) says that the command ended itself, the signal's name that it was ended while it computed; 0 that it was done before the signal came. The exit code is 1 where an
 * answer took longer or the end was another. test/cli/Signals.test.ts holds the kinds of work to it.
 */
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { draws } from "../src/domain/Seed.ts"
import { ENDING_SIGNALS, type EndingSignal } from "../src/cli/EndingSignals.ts"
import { PRETRAINED } from "../test/support/PretrainedFiles.ts"
import { syntheticResults } from "../test/support/SyntheticResults.ts"
import { tinyConfiguration } from "../test/support/TinyConfiguration.ts"

const program = fileURLToPath(new URL("../bin/decision-sampling.mjs", import.meta.url))
const LONGEST_MS = 2000
const LIFE_MS = 12_000

const wanted = Number(process.argv[2] ?? 8)
const { uniform } = draws(Number(process.argv[3] ?? 1))
const home = mkdtempSync(join(tmpdir(), "signal-commands-"))

interface End {
  readonly end: number | NodeJS.Signals | null
  /** From its start to its end. */
  readonly life: number
  /** From the signal to its end. */
  readonly answer: number
  readonly stderr: string
}

const run = (args: ReadonlyArray<string>, signal?: EndingSignal, after = Infinity): Promise<End> =>
  new Promise((resolve, reject) => {
    const startedAt = performance.now()
    let sentAt = Infinity
    const child = spawn(process.execPath, [program, ...args], { cwd: home, stdio: ["ignore", "ignore", "pipe"] })
    let stderr = ""
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(-500)
    })
    const send = setTimeout(() => {
      sentAt = performance.now()
      child.kill(signal)
    }, Math.min(after, LIFE_MS))
    child.once("error", reject)
    child.once("close", (status, by) => {
      clearTimeout(send)
      const now = performance.now()
      resolve({ end: status ?? by, life: now - startedAt, answer: Math.max(0, now - sentAt), stderr })
    })
  })

const write = (name: string, text: string): string => {
  writeFileSync(join(home, name), text)
  return name
}
const lines = (count: number, row: (k: number) => object): string =>
  Array.from({ length: count }, (_, k) => JSON.stringify(row(k)) + "\n").join("")
const transcript = (k: number, add: number): object => ({
  id: String(k),
  prompt: `How many, ${k % 40_000}?`,
  response: `It is ${k % 7}. Wait, no. The answer is ${(k + add) % 5}. But let me check. It is ${k % 3}.`,
  answer: "4",
  level: `l${k % 3}`
})
const rows = write("rows.jsonl", lines(200_000, (k) => transcript(k, 0)))
const others = write("others.jsonl", lines(200_000, (k) => transcript(k, k % 2)))
const few = write("few.jsonl", lines(300, (k) => transcript(k, 0)))
const scored = write(
  "scored.jsonl",
  lines(100_000, (k) => {
    const tokens = [" 4", " is", " right", ".", " Wait", ",", " 5"]
    const of = (scale: number): ReadonlyArray<number> => tokens.map((_, i) => -scale * (1 + (i + k) % 3))
    return { id: String(k), prompt: "How many?", tokens, logprobs: of(0.1), ref_logprobs: of(0.2), score: k % 2 }
  })
)
const prompts = write("prompts.jsonl", lines(2000, (k) => ({ prompt: `Calculate ${k} * 7.`, answer: String(7 * k) })))
const results = [1, 2].map((seed) => write(`results-${seed}.json`, JSON.stringify({ ...syntheticResults({ n: 200, rounds: 200 }), seed })))
const config = write(
  "run.json",
  JSON.stringify({
    ...tinyConfiguration(),
    steps: 100_000,
    checkpointEvery: 5,
    schedule: { peak: 0.003, warmup: 10, decay: "cosine", floor: 0.1, total: 100_000 },
    queries: 4,
    maxTokens: 32
  })
)
const golden = fileURLToPath(new URL("../test/golden/process.json", import.meta.url))
const model = join(PRETRAINED, "llama")

let folders = 0
const fresh = (): string => `out-${folders++}`

const commands: ReadonlyArray<readonly [name: string, args: () => ReadonlyArray<string>]> = [
  ["calibrate", () => ["calibrate", rows]],
  ["calibrate --page", () => ["calibrate", rows, "--page", `${fresh()}.html`]],
  ["calibrate --partial", () => ["calibrate", rows, "--partial", `${fresh()}.part`]],
  ["calibrate --explain", () => ["calibrate", rows, "--explain", "1000"]],
  ["compare", () => ["compare", rows, others]],
  ["attribute", () => ["attribute", scored]],
  ["attribute --model", () => ["attribute", few, "--model", model]],
  ["score", () => ["score", few, "--model", model, "--out", `${fresh()}.jsonl`]],
  ["eval --simulate", () => ["eval", "--simulate", "0.6,0.9,0.4", "--levels", "3x3", "--count", "20000", "--out", `${fresh()}.jsonl`]],
  ["eval --model", () => ["eval", "--model", model, "--prompts", prompts, "--max-tokens", "64", "--out", `${fresh()}.jsonl`]],
  ["data generate", () => ["data", "generate", "--levels", "4x4", "--count", "1000000", "--out", `${fresh()}.jsonl`]],
  ["export verl", () => ["export", "verl", "--preset", "paper", "--out", fresh()]],
  ["report", () => ["report", results[0]!, "--out", `${fresh()}.html`, "--figures", fresh()]],
  ["seeds", () => ["seeds", ...results, "--out", fresh()]],
  ["train grpo", () => ["train", "grpo", "--config", config, "--out", fresh()]],
  ["reproduce", () => ["reproduce", "--preset", "quick", "--out", fresh(), "--cache", fresh()]],
  ["sweep", () => ["sweep", "--preset", "quick", "--seeds", "1-2", "--dir", fresh()]],
  ["theory evaluate", () => ["theory", "evaluate", golden]],
  ["theory claims", () => ["theory", "claims"]],
  ["model info", () => ["model", "info", model]],
  ["doctor", () => ["doctor"]],
  ["view", () => ["view", rows, "--port", "0"]],
  ["view --export", () => ["view", rows, "--export", fresh()]]
]

const isRight = (end: End["end"], signal: EndingSignal): boolean => end === signal || end === (signal === "SIGINT" ? 130 : 143)

console.log(
  "| command | runs for | signals | slowest answer | ended itself | ended by the signal | done before |\n| --- | --: | --: | --: | --: | --: | --: |"
)
for (const [name, args] of commands) {
  const whole = await run(args(), "SIGTERM")
  const isShort = whole.answer === 0
  if (isShort && whole.end !== 0) throw new Error(`${name} ended with ${whole.end}: ${whole.stderr}`)
  const ends: Array<End> = []
  for (let k = 0; k < wanted; k++) {
    const signal = ENDING_SIGNALS[k % ENDING_SIGNALS.length]!
    const found = await run(args(), signal, uniform() * Math.min(whole.life, LIFE_MS))
    ends.push(found)
    if (found.answer > LONGEST_MS || (found.end !== 0 && !isRight(found.end, signal))) {
      process.exitCode = 1
      console.error(`${name}: ${signal} was answered after ${found.answer.toFixed(0)} ms with ${String(found.end)}: ${found.stderr}`)
    }
  }
  const count = (is: (end: End["end"]) => boolean): number => ends.filter(({ end }) => is(end)).length
  console.log(
    `| ${name} | ${isShort ? `${(whole.life / 1000).toFixed(1)} s` : "longer"} | ${wanted} | ${
      Math.max(...ends.map(({ answer }) => answer)).toFixed(0)
    } ms | ${count((end) => end === 130 || end === 143)} | ${count((end) => typeof end === "string")} | ${count((end) => end === 0)} |`
  )
}
rmSync(home, { recursive: true, force: true })
