/**
 * `decision-sampling theory …`: the theory on the command line. JSON on standard output.
 *
 * @module
 */
import { Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { UNDEFINED } from "../../eval/report/Words.ts"
import { type AppendixC, appendixC } from "../../theory/illustration/AppendixC.ts"
import { FIGURE_1, simulateDynamics } from "../../theory/illustration/Dynamics.ts"
import { tryFile, writeResult } from "../Destination.ts"
import { type Block, columns, layOut, outputWidth, table } from "../Layout.ts"
import { claimsCommand } from "./ClaimsCommand.ts"
import { evaluateFile } from "./EvaluateFile.ts"
import { jsonFlag, withDefault } from "../Help.ts"
import { jsonText } from "../JsonText.ts"

const json = jsonFlag()

const printJson = (value: unknown) => Console.log(jsonText(value))

const withPrinted = (value: number, printed: number): string => `${value.toFixed(4)} (${printed.toFixed(4)})`

const appendixCBlocks = ({ claims, largestDifference, steps, update }: AppendixC): ReadonlyArray<Block> => [
  columns([
    ["step, action", "r (printed)", "future (printed)", "Q (printed)", "contribution (printed)"],
    ...steps.map((row) => [
      `${row.step} ${row.action}`,
      ...(["r", "future", "q", "contribution"] as const).map((column) => withPrinted(row[column], row.printed[column]))
    ])
  ]),
  "",
  columns([
    ["parameter", "reward (printed)", "KL (printed)", "net (printed)"],
    ...update.map((row) => [
      row.parameter,
      ...(["reward", "kl", "net"] as const).map((column) => withPrinted(row[column], row.printed[column]))
    ])
  ]),
  "",
  `largest difference from the printed values: ${largestDifference.toFixed(4)}`,
  ...claims.map(
    (claim) =>
      `${claim.holds ? "holds" : "fails"} on this trajectory (${claim.value.toFixed(2)}), ${
        claim.holdsInExpectation ? "holds" : "fails"
      } in expectation (${claim.inExpectation.toFixed(2)}): ${claim.statement}`
  )
]

const appendixCCommand = Command.make(
  "appendix-c",
  { json },
  Effect.fn(function* ({ json: isJson }) {
    const result = appendixC()
    yield* isJson ? printJson(result) : Console.log(layOut(appendixCBlocks(result), outputWidth()))
  })
).pipe(
  Command.withDescription("The numbers of appendix C, computed beside printed, and their expectation over all trajectories"),
  Command.withExamples([
    { command: "decision-sampling theory appendix-c", description: "The paper's example, step by step" }
  ])
)

const figure1Command = Command.make(
  "figure-1",
  {
    json,
    steps: Flag.Int("steps").pipe(Flag.withDescription("States recorded"), withDefault(FIGURE_1.steps)),
    refreshEvery: Flag.Int("refresh-every").pipe(
      Flag.withDescription("Steps between refreshes of the reference; 0 never"),
      withDefault(FIGURE_1.refreshEvery ?? 0)
    ),
    beta: Flag.Finite("beta").pipe(Flag.withDescription("KL coefficient"), withDefault(FIGURE_1.beta)),
    length: Flag.Int("length").pipe(Flag.withDescription("Tokens of an answer"), withDefault(FIGURE_1.answerLength))
  },
  Effect.fn(function* ({ beta, json: isJson, length, refreshEvery, steps }) {
    const run = simulateDynamics({ beta, steps, answerLength: length, refreshEvery: refreshEvery === 0 ? null : refreshEvery })
    if (isJson) return yield* printJson(run)
    const ratio = (value: number | null): string => (value === null ? UNDEFINED : value.toFixed(2))
    const shown = Array.from({ length: steps }, (_, step) => step).filter((step) => step % Math.max(1, Math.floor(steps / 20)) === 0)
    const rows = shown.map((step) => [
      String(step),
      run.accuracy[step]!.toFixed(4),
      ...[run.rates.sampleCorrect, run.rates.stopGivenCorrect, run.rates.resampleGivenWrong].map((series) => series[step]!.toFixed(3)),
      ratio(run.attribution.surrogate[step]!),
      ratio(run.attribution.kl[step]!)
    ])
    yield* Console.log(table(columns([["step", "accuracy", "p", "c", "w", "surrogate S:D", "KL S:D"], ...rows]), outputWidth()))
  })
).pipe(
  Command.withDescription("The dynamics of figure 1 on the three-logit model"),
  Command.withExamples([
    { command: "decision-sampling theory figure-1 --beta 0.2 --json", description: "With another coefficient of KL, every step as JSON" }
  ])
)

const evaluateCommand = Command.make(
  "evaluate",
  {
    file: Argument.String("file").pipe(
      Argument.withDescription("JSON: one or many processes or trajectories, in the format of test/golden")
    ),
    out: Flag.String("out").pipe(Flag.withDescription("Write here instead of standard output"), Flag.optional),
    json
  },
  Effect.fn(function* ({ file, out }) {
    if (Option.isSome(out)) yield* tryFile(out.value, [file])
    const results = yield* evaluateFile(file)
    if (Option.isNone(out)) return yield* printJson(results)
    yield* writeResult(out.value, jsonText(results) + "\n")
  })
).pipe(
  Command.withDescription("Exact results of processes (returns, values, gradients) and Q tables of trajectories, as JSON"),
  Command.withExamples([
    { command: "decision-sampling theory evaluate process.json", description: "The format is in docs/guide/evaluate-a-process.md" }
  ])
)

/** The theory's commands. */
export const theoryCommand = Command.make("theory").pipe(
  Command.withDescription("The theory: exact evaluation, appendix C, figure 1, the claims ledger"),
  Command.withSubcommands([appendixCCommand, figure1Command, evaluateCommand, claimsCommand])
)
