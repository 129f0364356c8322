/**
 * The program `decision-sampling`.
 *
 * @module
 */
import { program } from "./Program.ts"
import { runMain } from "./RunMain.ts"

runMain(await program(process.argv.slice(2)))
