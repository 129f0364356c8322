/**
 * `decision-sampling theory …`: the theory on the command line. JSON on standard output.
 *
 * @module
 */
import { Console, Effect, FileSystem, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { type AppendixC, appendixC } from "../../theory/illustration/AppendixC.ts"
import { FIGURE_1, simulateDynamics } from "../../theory/illustration/Dynamics.ts"
import { tryFile } from "../Destination.ts"
import { written } from "../report/WriteFigure.ts"
import { claimsCommand } from "./ClaimsCommand.ts"
import { evaluateFile } from "./EvaluateFile.ts"
import { jsonText } from "../JsonText.ts"

const json = Flag.Boolean("json").pipe(Flag.withDescription("Print JSON"), Flag.withDefault(false))

const printJson = (value: unknown) => Console.log(jsonText(value))

const number = (value: number): string => value.toFixed(4).padStart(9)

const appendixCTable = ({ claims, largestDifference, steps, update }: AppendixC): string =>
  [
    "step action                  r (printed)        future (printed)             Q (printed)  contribution (printed)",
    ...steps.map((row) =>
      [
        String(row.step).padEnd(4),
        row.action.padEnd(15),
        ...(["r", "future", "q", "contribution"] as const).map((column) =>
          `${number(row[column])} (${number(row.printed[column]).trim()})`.padStart(23)
        )
      ].join(" ")
    ),
    "",
    "parameter             reward (printed)            KL (printed)           net (printed)",
    ...update.map((row) =>
      [
        row.parameter.padEnd(18),
        ...(["reward", "kl", "net"] as const).map((column) => `${number(row[column])} (${number(row.printed[column]).trim()})`.padStart(22))
      ].join(" ")
    ),
    "",
    `largest difference from the printed values: ${largestDifference.toFixed(4)}`,
    ...claims.map(
      (claim) =>
        `${claim.holds ? "holds" : "fails"} on this trajectory (${claim.value.toFixed(2)}), ${
          claim.holdsInExpectation ? "holds" : "fails"
        } in expectation (${claim.inExpectation.toFixed(2)}): ${claim.statement}`
    )
  ].join("\n")

const appendixCCommand = Command.make(
  "appendix-c",
  { json },
  Effect.fn(function* ({ json: isJson }) {
    const result = appendixC()
    yield* isJson ? printJson(result) : Console.log(appendixCTable(result))
  })
).pipe(Command.withDescription("The numbers of appendix C, computed beside printed, and their expectation over all trajectories"))

const figure1Command = Command.make(
  "figure-1",
  {
    json,
    steps: Flag.Int("steps").pipe(Flag.withDescription("States recorded"), Flag.withDefault(FIGURE_1.steps)),
    refreshEvery: Flag.Int("refresh-every").pipe(
      Flag.withDescription("Steps between refreshes of the reference; 0 never"),
      Flag.withDefault(FIGURE_1.refreshEvery ?? 0)
    ),
    beta: Flag.Finite("beta").pipe(Flag.withDescription("KL coefficient"), Flag.withDefault(FIGURE_1.beta)),
    length: Flag.Int("length").pipe(Flag.withDescription("Tokens of an answer"), Flag.withDefault(FIGURE_1.answerLength))
  },
  Effect.fn(function* ({ beta, json: isJson, length, refreshEvery, steps }) {
    const run = simulateDynamics({ beta, steps, answerLength: length, refreshEvery: refreshEvery === 0 ? null : refreshEvery })
    if (isJson) return yield* printJson(run)
    yield* Console.log("step  accuracy       p       c       w  surrogate S:D   KL S:D")
    const ratio = (value: number | null): string => (value === null ? "–" : value.toFixed(2)).padStart(8)
    for (let step = 0; step < steps; step += Math.max(1, Math.floor(steps / 20))) {
      const rates = [run.rates.sampleCorrect, run.rates.stopGivenCorrect, run.rates.resampleGivenWrong].map((series) =>
        series[step]!.toFixed(3).padStart(7)
      )
      yield* Console.log(
        `${String(step).padStart(4)}  ${run.accuracy[step]!.toFixed(4).padStart(8)} ${rates.join(" ")}  ${
          ratio(run.attribution.surrogate[step]!).padStart(13)
        } ${ratio(run.attribution.kl[step]!)}`
      )
    }
  })
).pipe(Command.withDescription("The dynamics of figure 1 on the three-logit model"))

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
    if (Option.isSome(out)) yield* tryFile(out.value)
    const results = yield* evaluateFile(file)
    if (Option.isNone(out)) return yield* printJson(results)
    const files = yield* FileSystem.FileSystem
    yield* Effect.mapError(files.writeFileString(out.value, JSON.stringify(results, null, 2) + "\n"), written(out.value))
  })
).pipe(Command.withDescription("Exact results of processes (returns, values, gradients) and Q tables of trajectories, as JSON"))

/** The theory's commands. */
export const theoryCommand = Command.make("theory").pipe(
  Command.withDescription("The theory: exact evaluation, appendix C, figure 1, the claims ledger"),
  Command.withSubcommands([appendixCCommand, figure1Command, evaluateCommand, claimsCommand])
)
