/**
 * The program `decision-sampling`.
 *
 * @module
 */
// A single module of the platform, as in Program.ts.
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { program } from "./Program.ts"

NodeRuntime.runMain(await program(process.argv.slice(2)))
