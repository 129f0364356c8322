/**
 * `decision-sampling data generate`: problems of a task as JSON Lines.
 *
 * @module
 */
import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { jsonText } from "../JsonText.ts"
import { ConfigError } from "../../domain/Errors.ts"
import * as Jsonl from "../../domain/Jsonl.ts"
import { Query } from "../../domain/Query.ts"
import { dataQueries } from "../../domain/Task.ts"
import { taskOf, type TaskSpec } from "../../tasks/TaskSpec.ts"
import { MOST } from "../../training/Bounds.ts"
import { tryFile, writeResult } from "../Destination.ts"
import { jsonFlag, withDefault } from "../Help.ts"

/** The tasks that problems can be drawn of. */
const TASKS = ["multiplication", "addition", "countdown"] as const

/** What to draw. `levels` is a list with commas; the radix is that of numerals, and of no use to countdown. */
export interface DataOptions {
  readonly task: (typeof TASKS)[number]
  readonly levels: string
  readonly count: number
  readonly seed: number
  readonly radix: number
}

const specOf = ({ levels: text, radix, task }: DataOptions): TaskSpec => {
  const [first = "", ...rest] = text.split(",").map((level) => level.trim())
  const levels = [first, ...rest] as const
  switch (task) {
    case "multiplication":
      return { _tag: "Multiplication", radix, levels }
    case "addition":
      return { _tag: "Addition", radix, levels }
    case "countdown":
      return { _tag: "Countdown", levels, largest: 9, operations: ["+", "-", "*"] }
  }
}

/** Draws `count` training problems, balanced over the levels (appendix E.2). */
export const generate = Effect.fnUntraced(function* (options: DataOptions) {
  const { count, seed } = options
  if (count < 1 || count > MOST) return yield* new ConfigError({ field: "--count", value: String(count), expected: `1 to ${MOST}` })
  const task = yield* taskOf(specOf(options))
  return dataQueries(task, seed, count)
})

const generateCommand = Command.make(
  "generate",
  {
    task: Flag.Literals("task", TASKS).pipe(Flag.withDescription("What is asked"), withDefault("multiplication" as const)),
    levels: Flag.String("levels").pipe(
      Flag.withDescription("Digit counts of the operands, e.g. 3x3,3x4; for countdown how many numbers there are, e.g. 3,4")
    ),
    count: Flag.Int("count").pipe(Flag.withDescription("Problems, balanced over the levels"), withDefault(20_000)),
    seed: Flag.Int("seed").pipe(Flag.withDescription("Seed"), withDefault(1)),
    radix: Flag.Int("radix").pipe(Flag.withDescription("Base of the numerals, 2 to 10"), withDefault(10)),
    out: Flag.String("out").pipe(Flag.withDescription("The JSON Lines file to write")),
    json: jsonFlag("where the problems are, and how many of each level, as JSON")
  },
  Effect.fn(function* ({ json, out, ...options }) {
    yield* tryFile(out)
    const rows = yield* generate(options)
    yield* writeResult(out, Jsonl.textOf(Query, rows))
    if (!json) return yield* Console.error(`${rows.length} problems in ${out}`)
    const levels = Object.fromEntries([...Map.groupBy(rows, ({ level }) => level)].map(([level, { length }]) => [level, length]))
    const { count: asked, seed, task } = options
    yield* Console.log(jsonText({ file: out, task, seed, asked, problems: rows.length, levels }))
  })
).pipe(
  Command.withDescription("Draw problems of a task: prompt, answer where there is one, level, one JSON object a line"),
  Command.withExamples([
    {
      command: "decision-sampling data generate --levels 3x3,3x4 --count 1000 --out problems.jsonl",
      description: "Products of numbers of three and four digits"
    }
  ])
)

/** The data commands. */
export const dataCommand = Command.make("data").pipe(Command.withDescription("Data sets"), Command.withSubcommands([generateCommand]))
