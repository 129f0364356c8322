/**
 * Runs the program again and again in one process: for each message, which is a start of it, one with its exit code. See WarmProgram.
 *
 * @module
 */
import module from "node:module"
import type { Start } from "./WarmProgram.ts"

module.enableCompileCache()
const { ConfigProvider, Effect } = await import("effect")
const NodeRuntime = await import("@effect/platform-node/NodeRuntime")
const { defaultTeardown } = await import("effect/Runtime")
const { program } = await import("../../src/cli/Program.ts")

const environment = { ...process.env }
const run = async ({ args, cwd, env }: Start): Promise<void> => {
  process.exitCode = undefined
  process.chdir(cwd)
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name]
  Object.assign(process.env, environment, env)
  // The default one keeps the environment that it saw first.
  const configured = Effect.provideService(await program(args), ConfigProvider.ConfigProvider, ConfigProvider.fromEnv())
  NodeRuntime.runMain(configured, {
    teardown: (exit) => defaultTeardown(exit, (code) => process.send!(code === 0 ? (process.exitCode ?? 0) : code))
  })
}
process.on("message", (start) => void run(start as Start))
process.on("disconnect", () => process.exit())
