/**
 * Q of 512 sequences of 8,192 tokens: one pass over flat arrays, the trajectory's own recursion, numpy, and a plain copy.
 *
 *   npm run bench -- recursion
 *
 * numpy runs if PYTHON (default python3) has it; it gets the same arrays and its results are compared.
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { draws } from "../src/domain/Seed.ts"
import * as BatchedRecursion from "../src/theory/BatchedRecursion.ts"
import * as KlPenalty from "../src/theory/KlPenalty.ts"
import { inTokenOrder } from "../src/theory/QTable.ts"
import { type ScoredAttempt, type ScoredTrajectory, toTokenBatch } from "../src/theory/ScoredTrajectory.ts"
import { type Contender, machine, table, timeInTurns } from "./Timing.ts"

const sequences = 512
const length = 8192
const gamma = 0.9
const beta = 1
const rounds = 15

// Answers of 200 to 1,800 tokens, each with its decision; the last answer of a sequence fills it up.
const { integer } = draws(1)
const logProbs = (count: number) => Array.from({ length: count }, () => -integer(1, 4000) / 1000)
const attempt = (tokens: number, decision: "STOP" | "RESAMPLE"): ScoredAttempt => ({
  tokenLogProbs: logProbs(tokens),
  referenceTokenLogProbs: logProbs(tokens),
  decision,
  decisionLogProb: -0.3,
  referenceDecisionLogProb: -0.5
})
const trajectories: ReadonlyArray<ScoredTrajectory> = Array.from({ length: sequences }, () => {
  const attempts: Array<ScoredAttempt> = []
  let left = length
  while (left > 2000) {
    const tokens = integer(200, 1800)
    attempts.push(attempt(tokens, "RESAMPLE"))
    left -= tokens + 1
  }
  return { attempts: [...attempts, attempt(left - 1, "STOP")] }
})
const batch = toTokenBatch(trajectories)
const tokens = batch.logProbs.length
const referenceLogProbs = batch.referenceLogProbs!
const terms = batch.logProbs.map((logProb, token) => -beta * (logProb - referenceLogProbs[token]!))
const advantages = Float64Array.from(trajectories, (_, index) => (index % 3) - 1)
const out = new Float64Array(tokens)

const contender = (name: string, compute: () => unknown): Contender => ({
  name,
  run: () => {
    compute()
    return Promise.resolve()
  }
})

const byTrajectory = (): void => {
  let at = 0
  for (const trajectory of trajectories) {
    const q = inTokenOrder(KlPenalty.qValues(trajectory, { beta, gamma }))
    out.set(q, at)
    at += q.length
  }
}

const contenders = [
  contender("copy of the terms", () => out.set(terms)),
  contender("Q of given terms, one pass", () => BatchedRecursion.qValues(terms, batch, { gamma, out })),
  contender("KL penalty, one pass", () => BatchedRecursion.klPenalty(beta, batch, { gamma, out })),
  contender("surrogate, one pass", () => BatchedRecursion.surrogate(advantages, batch, { gamma, out })),
  contender("DFT, one pass", () => BatchedRecursion.dft(1, batch, { gamma, out })),
  contender("SFT (an exponential a token), one pass", () => BatchedRecursion.sft(batch, { gamma, out })),
  contender("KL penalty, QTable a trajectory", byTrajectory)
]

const row = (
  name: string,
  time: { readonly best: number; readonly median: number; readonly repetitions: number }
): ReadonlyArray<string> => [
  name,
  time.median.toFixed(1),
  time.best.toFixed(1),
  ((time.best * 1e6) / tokens).toFixed(2),
  ((tokens * 16) / (time.best * 1e6)).toFixed(1),
  String(time.repetitions)
]

const exact = BatchedRecursion.qValues(terms, batch, { gamma }).slice()
byTrajectory()
const differing = out.findIndex((value, token) => value !== exact[token])
if (differing >= 0) throw new Error(`the two recursions differ at token ${differing}: ${out[differing]} and ${exact[differing]}`)

console.log(
  `${machine()}, ${new Date().toISOString().slice(0, 10)}: ${sequences} sequences of ${length} tokens, ${
    trajectories.reduce((sum, { attempts }) => sum + attempts.length, 0)
  } cycles`
)
const rows = (await timeInTurns(contenders, rounds, 3)).map((timing) => row(timing.name, timing))

interface PeerResults {
  readonly version: string
  readonly results: ReadonlyArray<
    {
      readonly name: string
      readonly best: number
      readonly median: number
      readonly repetitions: number
      readonly difference: number | null
    }
  >
}

const folder = mkdtempSync(join(tmpdir(), "decision-sampling-recursion-"))
try {
  writeFileSync(join(folder, "terms.f64"), terms)
  writeFileSync(join(folder, "q.f64"), exact)
  writeFileSync(join(folder, "owner.u8"), batch.owner)
  writeFileSync(join(folder, "shape.json"), JSON.stringify({ sequences, length, gamma }))
  const script = fileURLToPath(new URL("peers/recursion.py", import.meta.url))
  const peer = spawnSync(process.env["PYTHON"] ?? "python3", [script, folder, String(rounds)], { encoding: "utf8" })
  if (peer.status === 0) {
    const { results, version } = JSON.parse(peer.stdout) as PeerResults
    for (const result of results) {
      const name = result.difference === null ? result.name : `${result.name} (differs by ${result.difference.toExponential(0)})`
      rows.push(row(name.replace("numpy", `numpy ${version}`), result))
    }
  } else {
    console.error(
      `numpy left out: ${readFileSync(script, "utf8").split("\n")[0]} ${(peer.stderr ?? String(peer.error)).trim().split("\n").at(-1)}`
    )
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
console.log(`\n${table(["", "ms median", "ms best", "ns a token (best)", "GB/s at 16 bytes a token", "repetitions"], rows)}`)
