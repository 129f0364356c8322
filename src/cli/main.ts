/**
 * The program `decision-sampling`.
 *
 * @module
 */
import { readFileSync } from "node:fs"
// Single modules of the platform: its index would load an HTTP stack that most commands never use.
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect } from "effect"
import { CliError, Command } from "effect/cli"
import * as Output from "./Output.ts"
import { calibrateCommand } from "./calibrate/CalibrateCommand.ts"
import { compareCommand } from "./calibrate/CompareCommand.ts"
import { attributeCommand } from "./attribute/AttributeCommand.ts"
import { dataCommand } from "./data/DataCommand.ts"
import { doctorCommand } from "./doctor/DoctorCommand.ts"
import { evalCommand } from "./eval/EvalCommand.ts"
import { installNativeCommand } from "./native/InstallNativeCommand.ts"
import { reportCommand } from "./report/ReportCommand.ts"
import { reproduceCommand } from "./reproduce/ReproduceCommand.ts"
import { scoreCommand } from "./score/ScoreCommand.ts"
import { seedsCommand } from "./seeds/SeedsCommand.ts"
import { theoryCommand } from "./theory/TheoryCommand.ts"
import { trainCommand } from "./train/TrainCommand.ts"

// Read, not imported: the built program lies in another folder of the same package.
const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { readonly version: string }

Command.make("decision-sampling").pipe(
  Command.withDescription(
    "The Two-Stage Decision-Sampling theory, executable: gradient attribution, trainers and calibration of self-reflection"
  ),
  Command.withSubcommands([
    reproduceCommand,
    calibrateCommand,
    compareCommand,
    theoryCommand,
    dataCommand,
    doctorCommand,
    installNativeCommand,
    trainCommand,
    evalCommand,
    attributeCommand,
    scoreCommand,
    reportCommand,
    seedsCommand
  ]),
  Command.run({ version }),
  // A failure that we foresaw is a sentence on standard error and exit code 1; only defects print a stack.
  Effect.catchDefect((defect) => (defect instanceof Output.OutputError ? Effect.fail(defect) : Effect.die(defect))),
  Effect.catchIf(
    (error) => !CliError.isCliError(error),
    (error) =>
      Effect.sync(() => {
        Output.printError(`decision-sampling: ${error.message}`)
        process.exitCode = 1
      })
  ),
  Effect.provide([Output.layer, NodeServices.layer]),
  NodeRuntime.runMain
)
