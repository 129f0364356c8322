/**
 * Stationary processes of up to 2,000 answers: the whole of `solveProcess`, its linear part alone, a plain loop, and numpy.
 *
 *   npm run bench -- process
 *
 * The linear part is V of the return in all n + 1 contexts and the visitation from the query. The plain loop is Gaussian
 * elimination with partial pivoting on arrays of arrays; numpy (if PYTHON, default python3, has it) calls LAPACK twice.
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { draws } from "../src/domain/Seed.ts"
import type { PrefixLogits, Process, ProcessPolicy } from "../src/theory/process/Process.ts"
import { contextChain, contextValues, solveProcess, visitationFromQuery } from "../src/theory/process/ProcessSolve.ts"
import { processTables, returnTerms } from "../src/theory/process/ProcessTables.ts"
import { machine, table, timeInTurns, type Timing } from "./Timing.ts"

const SIZES = [500, 1000, 2000]
const FANOUT = 50
const ROUNDS = 3
const GAMMA = 0.9

const stream = draws(1)
const logits = (count: number): Array<number> => Array.from({ length: count }, () => stream.uniform() * 2 - 1)

/** Answers of two tokens, at most FANOUT after each first one. */
const randomProcess = (answers: number): Process => {
  const firsts = Math.ceil(answers / FANOUT)
  const prefixes = (): PrefixLogits =>
    Object.fromEntries([
      ["", logits(firsts)],
      ...Array.from({ length: firsts }, (_, first) => [String(first), logits(Math.min(FANOUT, answers - first * FANOUT))] as const)
    ])
  const policy = (): ProcessPolicy => ({ sampling: Array.from({ length: answers + 1 }, prefixes), decision: logits(answers) })
  return {
    gamma: GAMMA,
    beta: 0.1,
    maxCycles: 4,
    answers: Array.from({ length: answers }, (_, k) => ({ tokens: [Math.floor(k / FANOUT), k % FANOUT], correct: k % 3 === 0 })),
    policy: policy(),
    reference: policy()
  }
}

/** x with M·x = b, by Gaussian elimination with partial pivoting, the way a textbook writes it. */
const plainSolve = (matrix: ReadonlyArray<ReadonlyArray<number>>, rightSide: ReadonlyArray<number>): Array<number> => {
  const m = matrix.map((row, i) => [...row, rightSide[i]!])
  const n = m.length
  for (let k = 0; k < n; k++) {
    let pivot = k
    for (let i = k + 1; i < n; i++) if (Math.abs(m[i]![k]!) > Math.abs(m[pivot]![k]!)) pivot = i
    const swapped = m[k]!
    m[k] = m[pivot]!
    m[pivot] = swapped
    for (let i = k + 1; i < n; i++) {
      const share = m[i]![k]! / m[k]![k]!
      for (let j = k; j <= n; j++) m[i]![j]! -= share * m[k]![j]!
    }
  }
  const x = Array.from({ length: n }, () => 0)
  for (let i = n - 1; i >= 0; i--) {
    let sum = m[i]![n]!
    for (let j = i + 1; j < n; j++) sum -= m[i]![j]! * x[j]!
    x[i] = sum / m[i]![i]!
  }
  return x
}

const row = (size: number, name: string, timing: Pick<Timing, "best" | "median" | "repetitions">): ReadonlyArray<string> => [
  String(size),
  name,
  (timing.median / 1000).toFixed(2),
  (timing.best / 1000).toFixed(2),
  String(timing.repetitions)
]

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!) / Math.max(1, Math.abs(value))))

const numpyTimes = (
  matrix: ReadonlyArray<ReadonlyArray<number>>,
  rightSide: ReadonlyArray<number>,
  expected: ReadonlyArray<number>
): ReadonlyArray<string> | string => {
  const folder = mkdtempSync(join(tmpdir(), "decision-sampling-process-"))
  try {
    writeFileSync(join(folder, "matrix.f64"), Float64Array.from(matrix.flat()))
    writeFileSync(join(folder, "right.f64"), Float64Array.from(rightSide))
    writeFileSync(join(folder, "values.f64"), Float64Array.from(expected))
    const script = fileURLToPath(new URL("peers/process.py", import.meta.url))
    const peer = spawnSync(process.env["PYTHON"] ?? "python3", [script, folder, String(ROUNDS)], { encoding: "utf8" })
    if (peer.status !== 0) return `numpy left out: ${(peer.stderr ?? String(peer.error)).trim().split("\n").at(-1)}`
    const { best, difference, median, version } = JSON.parse(peer.stdout) as {
      version: string
      best: number
      median: number
      difference: number
    }
    return row(matrix.length - 1, `numpy ${version}, linear part (differs by ${difference.toExponential(0)})`, {
      best,
      median,
      repetitions: ROUNDS
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

console.log(`${machine()}, ${new Date().toISOString().slice(0, 10)}`)
const rows: Array<ReadonlyArray<string>> = []
for (const size of SIZES) {
  const given = randomProcess(size)
  const tables = processTables(given)
  const terms = returnTerms(tables)
  const matrix = tables.sampling.map((probabilities, context) =>
    [0, ...probabilities.map((probability, answer) => probability * GAMMA * tables.resample[answer]!)].map((value, other) =>
      (other === context ? 1 : 0) - value
    )
  )
  const oneCycle = contextValues(tables, terms, {
    states: size + 1,
    solve: (b) => Float64Array.from(b),
    visits: (c) => Float64Array.from(c)
  })
  const start = matrix.map((_, context) => (context === 0 ? 1 : 0))
  const linear = () => {
    const chain = contextChain(tables, GAMMA)
    return { values: contextValues(tables, terms, chain), visits: visitationFromQuery(chain) }
  }
  const contenders = [
    { name: "solveProcess: values, Q tables, visitation, gradients, with and without γ", run: () => Promise.resolve(solveProcess(given)) },
    { name: "linear part: one reduction", run: () => Promise.resolve(linear()) },
    ...(size > 1000
      ? []
      : [{
        name: "linear part, plain loop",
        run: () =>
          Promise.resolve([plainSolve(matrix, oneCycle), plainSolve(matrix.map((_, i) => matrix.map((other) => other[i]!)), start)])
      }])
  ]
  const { values } = linear()
  if (size <= 1000 && largestDifference(values, plainSolve(matrix, oneCycle)) > 1e-9) throw new Error("the plain loop disagrees")
  for (const timing of await timeInTurns(contenders, ROUNDS, 1)) rows.push(row(size, timing.name, timing))
  const peer = numpyTimes(matrix, oneCycle, values)
  if (typeof peer === "string") console.error(peer)
  else rows.push(peer)
}
console.log(`\n${table(["answers", "", "s median", "s best", "repetitions"], rows)}`)
