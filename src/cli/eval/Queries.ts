/**
 * What `eval` asks: multiplication problems of some levels, or a file of prompts.
 *
 * @module
 */
import { Effect, Option } from "effect"
import { ConfigError } from "../../domain/Errors.ts"
import { fold } from "../../domain/Seed.ts"
import { failing } from "../../domain/Throws.ts"
import { readPrompts } from "../../engine/Prompts.ts"
import type { TextQuery } from "../../engine/SampleTexts.ts"
import * as Multiplication from "../../tasks/Multiplication.ts"
import { MOST } from "../../training/Bounds.ts"

const RADIX = { radix: 10 }

/** Problems of each level unless told. */
export const DEFAULT_COUNT = 200

/** Chooses `count` distinct problems of each level. */
const multiplications = (levels: string, count: number, seed: number): Effect.Effect<ReadonlyArray<TextQuery>, ConfigError> =>
  failing([ConfigError], () =>
    [...new Set(levels.split(",").map((level) => level.trim()))].flatMap((text) => {
      const level = Multiplication.parseLevel(text)
      const { problems } = Multiplication.testSet(RADIX, level, { count, isTrained: false, seed: fold(seed, "eval") })
      return problems.map((problem) => Multiplication.toQuery(RADIX, problem))
    }))

/** What the flags say of what is asked. */
export interface QueryFlags {
  readonly levels: Option.Option<string>
  readonly prompts: Option.Option<string>
  readonly count: Option.Option<number>
  readonly seed: number
  readonly api: "completions" | "chat"
}

/** Either levels or a file: what is asked. The first `count` of a file, of each level so many. */
export const queriesOf = Effect.fnUntraced(function* ({ api, count, levels, prompts, seed }: QueryFlags) {
  const given = Option.getOrUndefined(count)
  if (given !== undefined && (given < 1 || given > MOST)) {
    return yield* new ConfigError({ field: "--count", value: String(given), expected: `1 to ${MOST}` })
  }
  if (Option.isSome(levels) === Option.isSome(prompts)) {
    return yield* new ConfigError({
      field: "what is asked",
      value: Option.isSome(levels) ? "given twice" : "missing",
      expected: "--levels 3x3,3x4 (multiplication), or --prompts FILE"
    })
  }
  if (Option.isSome(levels)) return yield* multiplications(levels.value, given ?? DEFAULT_COUNT, seed)
  const queries = (yield* readPrompts(Option.getOrThrow(prompts))).slice(0, given)
  const chat = api === "completions" ? queries.find(({ messages }) => messages !== undefined) : undefined
  return chat === undefined ? queries : yield* new ConfigError({
    field: "--api",
    value: "completions",
    expected: `chat: the prompt ${JSON.stringify(chat.id)} is a list of messages`
  })
})
