import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Option } from "effect"
import { Command, type Param } from "effect/cli"
import { describe, expect, it } from "vitest"
import { TERMINAL_WIDTH, widthOf } from "../../src/cli/Layout.ts"
import { commandFor } from "../../src/cli/Program.ts"
import { ABOUT, GROUP_RELATIVE_NAMES, SUPERVISED_NAMES } from "../../src/training/Presets.ts"
import { runProgram } from "../support/WarmProgram.ts"

type AnyParam = Param.Param<"flag", unknown> & { readonly _tag: string; readonly param?: AnyParam }

// What a command is made of, which effect/cli does not tell in its types.
interface Inside {
  readonly config: { readonly flags: ReadonlyArray<AnyParam>; readonly orderedParams: ReadonlyArray<unknown> }
}

const inside = (command: Command.Command.Any): Inside["config"] => (command as unknown as Inside).config

interface Node {
  readonly path: ReadonlyArray<string>
  readonly command: Command.Command.Any
}

const walk = (command: Command.Command.Any, above: ReadonlyArray<string>): ReadonlyArray<Node> => {
  const path = [...above, command.name]
  return [{ path, command }, ...command.subcommands.flatMap(({ commands }) => commands.flatMap((each) => walk(each, path)))]
}

const root = await commandFor([])
// What only holds others (theory, data, model, eval batch) does nothing itself.
const nodes = walk(root, []).filter(({ command }) => command.subcommands.length === 0 || inside(command).orderedParams.length > 0)
const paths = nodes.map((node) => [node.path.slice(1).join(" "), node] as const)

const examplesOf = ({ command }: Node) => command.examples ?? []

/** The one flag or argument at the bottom, and whether a value stands for it where it is not given. */
const looked = (param: AnyParam): { readonly single: Param.Single<"flag", unknown>; readonly hasDefault: boolean } => {
  let [inner, hasDefault] = [param, false]
  while (inner._tag !== "Single") {
    // A default is what an optional value is mapped to.
    if (inner._tag === "Map" && inner.param!._tag === "Optional") hasDefault = true
    inner = inner.param!
  }
  return { single: inner as unknown as Param.Single<"flag", unknown>, hasDefault }
}

describe("every command", () => {
  it("is found", () => {
    expect(paths.map(([name]) => name)).toEqual(
      expect.arrayContaining(["train", "calibrate", "calibrate merge", "data generate", "eval batch read", "theory claims", "view"])
    )
    expect(paths.length).toBeGreaterThanOrEqual(24)
  })

  it.each(paths)("%s has --json", (_, { command }) => {
    const names = inside(command).flags.map((flag) => looked(flag).single.name)
    expect(names).toContain("json")
  })

  it.each(paths)("%s says the default of every flag that has one; a switch is off unless it is given", (_, { command }) => {
    for (const flag of inside(command).flags) {
      const { hasDefault, single } = looked(flag)
      if (!hasDefault || single.primitiveType._tag === "Boolean") continue
      expect(Option.getOrElse(single.description, () => "")).toMatch(/\(default: .+\)$/)
    }
  })

  it.each(paths)("%s has an example, and each is a command line that it takes", async (name, node) => {
    const examples = examplesOf(node)
    expect(examples.length).toBeGreaterThan(0)
    let taken = 0
    const silent = Command.withHandler(
      node.command as Command.Command<string, unknown, unknown, unknown, never>,
      () => Effect.sync(() => void taken++)
    )
    for (const { command, description } of examples) {
      expect(description).toBeTruthy()
      expect(command.startsWith(`decision-sampling ${name} `) || command === `decision-sampling ${name}`).toBe(true)
      const args = command.split(" ").slice(node.path.length)
      await Effect.runPromise(
        Command.runWith(silent, { version: "" })(args).pipe(Effect.provide(NodeServices.layer)) as Effect.Effect<void>
      )
    }
    expect(taken).toBe(examples.length)
  })

  it.each(
    paths.flatMap(([name, { path }]) => ["80", "120"].map((columns) => [name, columns, path] as const))
  )("%s --help fits %s columns", (_, columns, path) => {
    const { stdout } = runProgram([...path.slice(1), "--help"], { env: { COLUMNS: columns } })
    // Command lines are to be copied, and stay whole; so does how a command is used.
    const lines = stdout.split("\n").filter((line) => !line.startsWith("  decision-sampling "))
    expect(lines.filter((line) => widthOf(line) > Number(columns))).toEqual([])
    expect(stdout).toContain("EXAMPLES")
  })
})

describe("train --help", () => {
  it("names every trainer in a line of its own, and what it is", () => {
    const { stdout } = runProgram(["train", "--help"])
    expect(ABOUT.map(([name]) => name)).toEqual([...SUPERVISED_NAMES, ...GROUP_RELATIVE_NAMES])
    for (const [name, about] of ABOUT) {
      expect(stdout.split("\n").map((line) => line.trim().split(/ {2,}/))).toContainEqual([name, about])
      expect(widthOf(about)).toBeLessThan(TERMINAL_WIDTH - 30)
    }
  })
})
