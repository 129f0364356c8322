/**
 * `decision-sampling data generate`: multiplication problems as JSON Lines.
 *
 * @module
 */
import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { ConfigError } from "../../domain/Errors.ts"
import * as Jsonl from "../../domain/Jsonl.ts"
import { Query } from "../../domain/Query.ts"
import { fold } from "../../domain/Seed.ts"
import { failing } from "../../domain/Throws.ts"
import * as Multiplication from "../../tasks/Multiplication.ts"

/** Draws `count` training problems, balanced over the levels (appendix E.2). */
export const generate = (
  options: { readonly levels: string; readonly count: number; readonly seed: number; readonly radix: number }
): Effect.Effect<ReadonlyArray<Query>, ConfigError> =>
  failing([ConfigError], () => {
    if (options.count < 1) throw new ConfigError({ field: "--count", value: String(options.count), expected: "at least 1" })
    const task = { radix: options.radix }
    const levels = options.levels.split(",").map((level) => Multiplication.validateLevel(task, Multiplication.parseLevel(level)))
    return Array.from(
      { length: options.count },
      (_, i) =>
        Multiplication.toQuery(
          task,
          Multiplication.trainProblem(task, Multiplication.levelInTurn(levels, i), fold(options.seed, "data", i))
        )
    )
  })

const generateCommand = Command.make(
  "generate",
  {
    levels: Flag.String("levels").pipe(Flag.withDescription("Digit counts of the operands, e.g. 3x3,3x4")),
    count: Flag.Int("count").pipe(Flag.withDescription("Problems, balanced over the levels"), Flag.withDefault(20_000)),
    seed: Flag.Int("seed").pipe(Flag.withDescription("Seed"), Flag.withDefault(1)),
    radix: Flag.Int("radix").pipe(Flag.withDescription("Base of the numerals, 2 to 10"), Flag.withDefault(10)),
    out: Flag.String("out").pipe(Flag.withDescription("The JSON Lines file to write"))
  },
  Effect.fn(function* ({ out, ...options }) {
    const rows = yield* generate(options)
    yield* Jsonl.write(out, Query, rows)
    yield* Console.error(`${rows.length} problems in ${out}`)
  })
).pipe(Command.withDescription("Draw multiplication problems: prompt, answer, level, one JSON object a line"))

/** The data commands. */
export const dataCommand = Command.make("data").pipe(Command.withDescription("Data sets"), Command.withSubcommands([generateCommand]))
