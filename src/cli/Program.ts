/**
 * What a line of arguments means to the program `decision-sampling`: the command that it names, with its output and its exit code.
 *
 * @module
 */
import { readFileSync } from "node:fs"
// A single module of the platform: its index would load an HTTP stack that most commands never use.
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Cause, Effect } from "effect"
import { CliError, Command } from "effect/cli"
import { NotFiniteError } from "./JsonText.ts"
import * as Output from "./Output.ts"

// Read, not imported: the built program lies in another folder of the same package.
const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { readonly version: string }

// The commands in the order of the help. A start that names one loads that one alone: the others' modules take longer than most of the work.
const COMMANDS = {
  reproduce: async () => (await import("./reproduce/ReproduceCommand.ts")).reproduceCommand,
  calibrate: async () => (await import("./calibrate/CalibrateCommand.ts")).calibrateCommand,
  compare: async () => (await import("./calibrate/CompareCommand.ts")).compareCommand,
  theory: async () => (await import("./theory/TheoryCommand.ts")).theoryCommand,
  data: async () => (await import("./data/DataCommand.ts")).dataCommand,
  doctor: async () => (await import("./doctor/DoctorCommand.ts")).doctorCommand,
  "install-native": async () => (await import("./native/InstallNativeCommand.ts")).installNativeCommand,
  model: async () => (await import("./model/ModelCommand.ts")).modelCommand,
  train: async () => (await import("./train/TrainCommand.ts")).trainCommand,
  eval: async () => (await import("./eval/EvalCommand.ts")).evalCommand,
  attribute: async () => (await import("./attribute/AttributeCommand.ts")).attributeCommand,
  score: async () => (await import("./score/ScoreCommand.ts")).scoreCommand,
  export: async () => (await import("./export/ExportCommand.ts")).exportCommand,
  report: async () => (await import("./report/ReportCommand.ts")).reportCommand,
  seeds: async () => (await import("./seeds/SeedsCommand.ts")).seedsCommand,
  sweep: async () => (await import("./sweep/SweepCommand.ts")).sweepCommand,
  view: async () => (await import("./view/ViewCommand.ts")).viewCommand
}

const isCommand = (name: string | undefined): name is keyof typeof COMMANDS => name !== undefined && Object.hasOwn(COMMANDS, name)

/**
 * The program under some arguments, as `process.argv.slice(2)` gives them. A failure that we foresaw is a sentence on standard error and
 * exit code 1; arguments that are none fail with effect's `CliError`, after the help; only defects print a stack.
 */
export const program = async (args: ReadonlyArray<string>): Promise<Effect.Effect<void, CliError.CliError>> => {
  const [named] = args
  const all = Object.keys(COMMANDS).filter(isCommand)
  const commands = await Promise.all((isCommand(named) ? [named] : all).map((name) => COMMANDS[name]()))
  const command = Command.make("decision-sampling").pipe(
    Command.withDescription(
      "The Two-Stage Decision-Sampling theory, executable: gradient attribution, trainers and calibration of self-reflection"
    ),
    Command.withSubcommands(commands)
  )
  return Command.runWith(command, { version })(args).pipe(
    Effect.catchDefect((
      defect
    ) => (defect instanceof Output.OutputError || defect instanceof NotFiniteError ? Effect.fail(defect) : Effect.die(defect))),
    Effect.catch((error) =>
      CliError.isCliError(error)
        ? Effect.fail(error)
        : Effect.sync(() => {
          Output.printError(`decision-sampling: ${error.message}`)
          process.exitCode = 1
        })
    ),
    // Here, where it is printed as all else is: what a mistake says may be words of others.
    Effect.catchCause((cause) =>
      Cause.hasDies(cause)
        ? Effect.sync(() => {
          Output.printError(Cause.pretty(cause))
          process.exitCode = 1
        })
        : Effect.failCause(cause)
    ),
    Effect.provide([Output.layer, NodeServices.layer])
  )
}
