/**
 * Writes docs/benchmarks/coverage.md: how often calibration's intervals hold what they should, on policies whose rates are
 * known: `node scripts/write-coverage.ts [SEEDS] [PROMPTS]`.
 */
import { writeFileSync } from "node:fs"
import { calibrate } from "../src/eval/calibration/Calibrate.ts"
import type { LevelCalibration } from "../src/eval/calibration/Calibration.ts"
import { contains } from "../src/eval/statistics/Interval.ts"
import { simulate, type SimulatedPolicy } from "../src/eval/calibration/Simulate.ts"

const seeds = Number(process.argv[2] ?? 300)
const prompts = Number(process.argv[3] ?? 150)
const rounds = 1000

const truth = { pSample: 0.55, pStopGivenCorrect: 0.8, pResampleGivenWrong: 0.6 } as const
type Truth = Readonly<Record<keyof typeof truth, number>>

interface Case {
  readonly name: string
  readonly truth: Truth
  readonly policy: Partial<SimulatedPolicy>
}

const cases: ReadonlyArray<Case> = [
  { name: "assumptions met", truth, policy: {} },
  { name: "met, 4 responses a prompt", truth, policy: { rolloutsPerQuery: 4 } },
  {
    name: "met, the cap binds (p_D\\|C 0.4, p_D\\|W 0.9)",
    truth: { ...truth, pStopGivenCorrect: 0.4, pResampleGivenWrong: 0.9 },
    policy: {}
  },
  { name: "later attempts worse (p_S 0.55, then 0.1)", truth, policy: { pSample: [0.55, 0.1] } },
  { name: "attempts echo the one before (0.7)", truth, policy: { echo: 0.7 } },
  { name: "prompts differ (p_S 0.95 or 0.15)", truth, policy: { spread: 0.4 } },
  { name: "prompts differ, 4 responses a prompt", truth, policy: { spread: 0.4, rolloutsPerQuery: 4 } }
]

const measure = ({ policy, truth: rates }: Case): ReadonlyArray<LevelCalibration> =>
  Array.from(
    { length: seeds },
    (_, seed) => calibrate(simulate({ ...rates, cap: 4, n: prompts, ...policy, seed }), { rounds, seed, cap: 4 }).levels[0]!
  )

const percent = (share: number): string => (100 * share).toFixed(1).replace(/^-0\.0$/, "0.0")

const shareOf = (runs: ReadonlyArray<LevelCalibration>, holds: (run: LevelCalibration) => boolean): string =>
  percent(runs.filter(holds).length / runs.length)

const row = (cells: ReadonlyArray<string>): string => `| ${cells.join(" | ")} |`
const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [row(head), row(head.map((_, k) => (k === 0 ? "---" : "---:"))), ...rows.map(row)].join("\n")

const names = ["pSample", "pStopGivenCorrect", "pResampleGivenWrong"] as const
const predictions = ["predicted", "predictedCapped", "predictedByAttempt"] as const
const measured = cases.map((each) => ({ ...each, runs: measure(each) }))

const document = `# Coverage of calibration's intervals

Written by \`node scripts/write-coverage.ts ${seeds} ${prompts}\`, which repeats every digit: ${seeds} seeds of each policy, ${prompts} prompts, at most 4 attempts, one
response a prompt unless told, ${rounds} bootstrap rounds. The policy is simulated, so its rates are known: p_S ${truth.pSample}, p_D|C ${truth.pStopGivenCorrect}, p_D|W ${truth.pResampleGivenWrong}
unless told. Nominal is 95 %; the coverage itself has a standard error of ${percent(Math.sqrt((0.95 * 0.05) / seeds))} points.

## Rates: how often the interval holds the true rate, %

${
  table(
    ["policy", "p_S Wilson", "bootstrap", "p_D\\|C Wilson", "bootstrap", "p_D\\|W Wilson", "bootstrap"],
    measured.map(({ name, runs, truth: rates }) => [
      name,
      ...names.flatMap((rate) =>
        (["wilson", "interval"] as const).map((kind) => shareOf(runs, (run) => contains(run[rate][kind]!, rates[rate])))
      )
    ])
  )
}

## Predictions: how often the gap's interval holds 0, %, and the mean gap in points

${
  table(
    ["policy", "uncapped", "gap", "capped", "gap", "by attempt", "gap", "capped, fit p ≤ 0.05"],
    measured.map(({ name, runs }) => [
      name,
      ...predictions.flatMap((form) => [
        shareOf(runs, (run) => contains(run[form].gap.interval!, 0)),
        percent(runs.reduce((sum, run) => sum + run[form].gap.value! / runs.length, 0))
      ]),
      shareOf(runs, (run) => run.predictedCapped.pValue! <= 0.05)
    ])
  )
}

## Reading

In the last two rows exactly every second prompt is hard, so p_S varies less from seed to seed than intervals for prompts drawn at random
allow, and they cover too often. Where the capped assumptions are met, its gap's interval holds 0 at about the nominal rate; a low share is the power to find with
${prompts} prompts that they are not. The uncapped formula assumes besides that the cap is out of reach. *By attempt* stays right in every row: it
needs only that a decision depends on nothing but whether the answer is right.
`

writeFileSync(new URL("../docs/benchmarks/coverage.md", import.meta.url), document)
