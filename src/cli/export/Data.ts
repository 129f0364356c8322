/**
 * The data of an experiment as files of other tools: prompts with their answers, and demonstrations as chats.
 *
 * Demonstrations are made by the functions that our own trainers train on, and are read as calibration reads them before they are written.
 *
 * @module
 */
import { Effect, Result, Stream } from "effect"
import { ConfigError, TokenizerError } from "../../domain/Errors.ts"
import type { Query } from "../../domain/Query.ts"
import { fold } from "../../domain/Seed.ts"
import type { TaskService } from "../../domain/Task.ts"
import { failing } from "../../domain/Throws.ts"
import type { TokenizerService } from "../../domain/Tokenizer.ts"
import { readTranscripts } from "../../eval/transcripts/files/ReadTranscripts.ts"
import { makeText } from "../../model/grammar/TextGrammar.ts"
import type { Words } from "../../model/grammar/Words.ts"
import {
  type Demonstration,
  type OwnAnswers,
  withCorrections,
  withEcho,
  withExpert,
  withoutReflection
} from "../../training/Demonstrations.ts"
import { firstAnswer } from "../../training/OwnAnswers.ts"
import type { Base, Supervised } from "./Experiment.ts"

/** A message of a chat. */
export interface Message {
  readonly role: "system" | "user" | "assistant"
  readonly content: string
}

/** Demonstrations without reflection, with echoed reflection, with wrong attempts on purpose that are corrected, with a checker's decisions after a model's own attempts. */
export type DemonstrationKind = "none" | "echo" | "corrections" | "expert"

const END = 0x10000

/** Every UTF-16 unit a token: what is written is a text, whatever tokenizer the model that learns it has. */
const units: TokenizerService = {
  vocabulary: END + 1,
  encode: (text) => Result.succeed(Array.from({ length: text.length }, (_, k) => text.charCodeAt(k))),
  pieces: (tokens) => Result.succeed(tokens.map((token) => (token === END ? "" : String.fromCharCode(token))))
}

const POSITIONS = 1 << 20

const wordsOf = ({ announcement, resample }: Base["words"]): Words =>
  makeText({
    tokenizer: units,
    endTokens: [END],
    positions: POSITIONS,
    ...(announcement === undefined ? {} : { announcement }),
    ...(resample === undefined ? {} : { resample })
  })

/** The chat that a query opens. */
export const promptOf = ({ system }: Pick<Base, "system">, prompt: string): ReadonlyArray<Message> => [
  ...(system === undefined ? [] : [{ role: "system", content: system } as const]),
  { role: "user", content: prompt }
]

/** The test problems, level by level: those that `reproduce` tests on with the same seed. */
export const testQueries = (task: TaskService, { levels, problems }: Base["test"]["value"], seed: number): ReadonlyArray<Query> =>
  (levels.length === 0 ? task.levels : levels).flatMap((level) => task.test(level, { count: problems, seed }).queries)

/** What was read of a file of attempts. */
export interface Attempts {
  readonly pool: ReadonlyArray<OwnAnswers>
  /** Responses of problems of the test set, which are left out, and such without an answer or a reference. */
  readonly ofTest: number
  readonly unanswered: number
}

/**
 * Reads a model's own first answers from its rollouts, in any of the formats that calibrate reads. Fails with ConfigError for a file from which
 * nothing can be taken.
 */
export const readAttempts = Effect.fn("Data.readAttempts")(function* (file: string, base: Base, tested: ReadonlySet<string>) {
  const { grammar } = wordsOf(base.words)
  const byPrompt = new Map<string, { readonly query: Query; readonly answers: Array<OwnAnswers["answers"][number]> }>()
  let [ofTest, unanswered] = [0, 0]
  yield* Stream.runForEach(readTranscripts(file), (found) =>
    Effect.gen(function* () {
      if (found._tag !== "Row") return
      const { answer, level = "all", prompt, response, truncated } = found.row
      // verl's dumps have the chat's roles around the question.
      const asked = /(?:^|\n)user\n([\s\S]*?)\n?assistant\n?$/.exec(prompt)?.[1]?.trim() ?? prompt
      if (tested.has(asked)) {
        ofTest++
        return
      }
      const query = { id: asked, level, prompt: asked, ...(answer === undefined ? {} : { answer }) }
      const head = yield* Effect.fromResult(grammar.prompt(query))
      const tokens = [...head, ...(yield* Effect.fromResult(units.encode(response))), ...(truncated === true ? [] : [END])]
      const written = { tokens, promptLength: head.length }
      const reading = yield* Effect.fromResult(grammar.read(written))
      const first = yield* Effect.fromResult(firstAnswer(grammar, { ...written, ...reading, offset: 0 }))
      if (first === undefined || answer === undefined) {
        unanswered++
        return
      }
      const known = byPrompt.get(asked) ?? { query, answers: [] }
      byPrompt.set(asked, known)
      known.answers.push(first)
    }))
  const attempts: Attempts = { pool: [...byPrompt.values()], ofTest, unanswered }
  if (attempts.pool.length > 0) return attempts
  return yield* new ConfigError({
    field: "--attempts",
    value: file,
    expected:
      `rollouts with a reference answer and an answer of the model's own to problems that are not tested (${ofTest} are of test problems, ${unanswered} have none)`
  })
})

/** A maker of demonstrations of a kind. `expert` needs the pool of a model's own answers. Throws ConfigError for settings that make no sense. */
export const demonstrationOf = (
  kind: DemonstrationKind,
  task: TaskService,
  { corrections, maxAttempts, resampleRate, slip, words }: Supervised,
  pool: ReadonlyArray<OwnAnswers>
): (seed: number, index: number) => readonly [prompt: string, response: string] => {
  const made = wordsOf(words)
  const config = { task, words: made, maxAttempts, slip: kind === "none" ? slip.none : slip.reflection }
  const demonstration: Demonstration = kind === "none"
    ? withoutReflection(config)
    : kind === "echo"
    ? withEcho(config, resampleRate)
    : kind === "corrections"
    ? withCorrections(config, corrections)
    : withExpert(config, pool)
  return (seed, index) => {
    const { prompt, response } = Result.getOrThrow(made.grammar.render(demonstration(seed, index)))
    return [prompt, response]
  }
}

/** `count` demonstrations of a kind as chats. Fails with ConfigError or TokenizerError where none can be made. */
export const demonstrations = Effect.fn("Data.demonstrations")(function* (
  kind: DemonstrationKind,
  task: TaskService,
  experiment: Supervised,
  pool: ReadonlyArray<OwnAnswers>
) {
  return yield* failing([ConfigError, TokenizerError], () => {
    const make = demonstrationOf(kind, task, experiment, pool)
    return Array.from({ length: experiment.examples.value }, (_, i) => {
      const [prompt, response] = make(fold(experiment.seed, "demonstrations"), i)
      return { messages: [...promptOf(experiment, prompt), { role: "assistant", content: response } as const] }
    })
  })
})
