/**
 * Our verdicts on mathematics beside Math-Verify's, on pairs of a reference and an answer with the right verdict by hand (`data/mathematics-pairs.jsonl`).
 *
 *     PYTHON=path/to/python npm run bench -- mathVerify
 *
 * PYTHON (default `python3`) must have `math-verify[antlr4_13_2]`; without it only our side is printed.
 */
import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { graderFor } from "../src/tasks/grading/Graders.ts"
import { table } from "./Timing.ts"

interface Pair {
  readonly kind: string
  readonly gold: string
  readonly answer: string
  readonly right: boolean
}

const path = fileURLToPath(new URL("data/mathematics-pairs.jsonl", import.meta.url))
const lines = readFileSync(path, "utf8")
const pairs = lines.trim().split("\n").map((line) => JSON.parse(line) as Pair)

const ours = ({ answer, gold }: Pair): boolean => {
  const graded = graderFor({ text: gold, prompt: "" })
  const value = graded?.grader.value(answer, 0, answer.length, "wrapped")
  return value !== undefined && graded?.reference.check(value.answer) === "Correct"
}

const peer = (): {
  readonly verdicts: ReadonlyArray<boolean>
  readonly lenient: ReadonlyArray<boolean>
  readonly summary: Readonly<Record<string, string | number>>
} | undefined => {
  const script = fileURLToPath(new URL("peers/math_verify_peer.py", import.meta.url))
  const run = spawnSync(process.env["PYTHON"] ?? "python3", [script], { input: lines, encoding: "utf8", maxBuffer: 1 << 26 })
  if (run.status !== 0) {
    console.log(`Math-Verify is left out: ${run.error?.message ?? run.stderr.trim().split("\n").at(-1)}`)
    return undefined
  }
  const answers = run.stdout.trim().split("\n").map((line) => JSON.parse(line) as Readonly<Record<string, string | number | boolean>>)
  const pairwise = answers.slice(0, -1)
  return {
    verdicts: pairwise.map(({ right }) => right === true),
    lenient: pairwise.map(({ lenient }) => lenient === true),
    summary: answers.at(-1) as Readonly<Record<string, string | number>>
  }
}

const verdicts = pairs.map(ours)
const ROUNDS = 20
/** Other digits each round: what has been read before is remembered. */
const varied = (pair: Pair, round: number): Pair => {
  const other = (text: string): string => text.replace(/\d/g, (digit) => String((Number(digit) + round) % 9 + 1))
  return { ...pair, gold: other(pair.gold), answer: other(pair.answer) }
}
/** Microseconds a pair, reference and answer new each time. */
const timed = (part: ReadonlyArray<Pair>): string => {
  const started = performance.now()
  for (let round = 0; round < ROUNDS; round++) for (const pair of part) ours(varied(pair, round))
  return (((performance.now() - started) * 1_000) / (ROUNDS * part.length)).toFixed(0)
}
const needsEngine = ({ answer, gold }: Pair): boolean => /\\(?:sum|prod|int|lim)/.test(gold + answer)
const [own, engine] = [timed(pairs.filter((pair) => !needsEngine(pair))), timed(pairs.filter(needsEngine))]
const theirs = peer()

const score = (found: ReadonlyArray<boolean>, of: ReadonlyArray<Pair>): string =>
  `${of.filter((pair) => found[pairs.indexOf(pair)] === pair.right).length} of ${of.length}`
const falsely = (found: ReadonlyArray<boolean>): number => pairs.filter((pair, i) => found[i] === true && !pair.right).length

console.log(
  `decision-sampling: ${own} µs a pair, ${engine} where the compute engine is asked; ${falsely(verdicts)} called right that are wrong`
)
if (theirs !== undefined) {
  const { milliseconds, python, sympy, version } = theirs.summary
  console.log(
    `Math-Verify ${version}, SymPy ${sympy}, Python ${python}: ${Number(milliseconds).toFixed(1)} ms a pair; ${
      falsely(theirs.verdicts)
    } called right that are wrong`
  )
}
const kinds = [...new Set(pairs.map(({ kind }) => kind))]
console.log(
  table(
    ["kind", "decision-sampling", "Math-Verify", "lenient"],
    [...kinds, "all"].map((kind) => {
      const part = kind === "all" ? pairs : pairs.filter((pair) => pair.kind === kind)
      return [
        kind,
        score(verdicts, part),
        ...(theirs === undefined ? ["", ""] : [score(theirs.verdicts, part), score(theirs.lenient, part)])
      ]
    })
  )
)
const word = (right: boolean | undefined): string => (right === undefined ? "" : right ? "right" : "wrong")
const differing = pairs.flatMap((pair, i) =>
  verdicts[i] !== pair.right || (theirs !== undefined && theirs.verdicts[i] !== pair.right)
    ? [[
      `\`${pair.gold}\``,
      `\`${pair.answer.replaceAll("|", "\\|")}\``,
      word(pair.right),
      word(verdicts[i]),
      word(theirs?.verdicts[i]),
      word(theirs?.lenient[i])
    ]]
    : []
)
console.log(table(["reference", "answer", "by hand", "decision-sampling", "Math-Verify", "lenient"], differing))
