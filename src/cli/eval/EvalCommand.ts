/**
 * `decision-sampling eval`: a served model on multiplication problems or prompts of one's own, as a rollouts file and its calibration.
 *
 * @module
 */
import { Config, Console, Duration, Effect, Layer, Option, Redacted } from "effect"
import { Command, Flag } from "effect/cli"
import { ConfigError, FileError } from "../../domain/Errors.ts"
import { fold } from "../../domain/Seed.ts"
import { failing } from "../../domain/Throws.ts"
import * as Multiplication from "../../tasks/Multiplication.ts"
import * as OpenAi from "../../engine/OpenAi.ts"
import { readPrompts } from "../../engine/Prompts.ts"
import type { TextRollout } from "../../engine/RolloutFile.ts"
import { type FailedRow, sampleTexts, type TextQuery } from "../../engine/SampleTexts.ts"
import { assertKey, endpointOf } from "../../engine/Secrets.ts"
import * as Simulated from "../../engine/Simulated.ts"
import type { Completions } from "../../engine/Completions.ts"
import { bootstrapOf, DEFAULT_ROUNDS } from "../../eval/statistics/Bootstrap.ts"
import { calibrateTallies, passAtKOfTallies } from "../../eval/transcripts/CalibrateTallies.ts"
import { gradeTranscript } from "../../eval/transcripts/Grade.ts"
import { defaultMarkers } from "../../tasks/reading/Markers.ts"
import { makeTallies } from "../../eval/transcripts/Tallies.ts"
import { calibrationText } from "../calibrate/CalibrationText.ts"
import type { TranscriptCalibration } from "../../eval/transcripts/files/TranscriptCalibration.ts"
import { layer as progressLayer, Progress } from "../Progress.ts"

// Loaded on demand: no other command speaks HTTP.
const httpClient = Layer.unwrap(
  Effect.map(Effect.promise(() => import("@effect/platform-node/NodeHttpClient")), ({ layerNodeHttp }) => layerNodeHttp)
)

const RADIX = { radix: 10 }

/** Problems of each level unless told. */
const DEFAULT_COUNT = 200

const SHOWN_FAILURES = 5

/** Chooses `count` distinct problems of each level. */
const multiplications = (levels: string, count: number, seed: number): Effect.Effect<ReadonlyArray<TextQuery>, ConfigError> =>
  failing([ConfigError], () =>
    [...new Set(levels.split(",").map((level) => level.trim()))].flatMap((text) => {
      const level = Multiplication.parseLevel(text)
      const { problems } = Multiplication.testSet(RADIX, level, { count, isTrained: false, seed: fold(seed, "eval") })
      return problems.map((problem) => Multiplication.toQuery(RADIX, problem))
    }))

interface QueryFlags {
  readonly levels: Option.Option<string>
  readonly prompts: Option.Option<string>
  readonly count: Option.Option<number>
  readonly seed: number
  readonly api: "completions" | "chat"
}

// Either levels or a file: what is asked. The first `count` of a file, of each level so many.
const queriesOf = Effect.fnUntraced(function* ({ api, count, levels, prompts, seed }: QueryFlags) {
  const given = Option.getOrUndefined(count)
  if (given !== undefined && given < 1) return yield* new ConfigError({ field: "--count", value: String(given), expected: "at least 1" })
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

interface Source {
  readonly layer: Layer.Layer<Completions, ConfigError>
  readonly name: string
}

interface SourceFlags {
  readonly endpoint: Option.Option<string>
  readonly model: Option.Option<string>
  readonly simulate: Option.Option<string>
  readonly api: "completions" | "chat"
  readonly maxTokens: number
  readonly maxCompletionTokens: Option.Option<number>
  readonly system: Option.Option<string>
  readonly temperature: number
  readonly logProbs: boolean
  readonly timeout: number
  readonly retries: number
  readonly keyEnv: string
  readonly cap: number
}

/** Waits from this on are said, but not every one of many requests'. */
const LONG_WAIT_MS = 5_000
const SAID_EVERY_MS = 15_000

const sayingWaits = () => {
  let saidAt = -Infinity
  return (milliseconds: number, problem: string): Effect.Effect<void> =>
    Effect.suspend(() => {
      const now = performance.now()
      if (milliseconds < LONG_WAIT_MS || now - saidAt < SAID_EVERY_MS) return Effect.void
      saidAt = now
      return Console.error(`waiting ${Math.round(milliseconds / 1000)} s: ${problem}`)
    })
}

// What the library would say when the first request is made, said of the flag before.
const checkSettings = (
  { api, endpoint, keyEnv, maxTokens, retries, system, temperature, timeout }: Omit<SourceFlags, "endpoint"> & {
    readonly endpoint: string
  },
  key: string
): void => {
  endpointOf(endpoint, "--endpoint")
  assertKey(key, `the environment variable ${keyEnv}`)
  const refuse = (field: string, value: unknown, expected: string): never => {
    throw new ConfigError({ field, value: String(value), expected })
  }
  if (maxTokens < 1) refuse("--max-tokens", maxTokens, "at least 1")
  if (temperature < 0) refuse("--temperature", temperature, "0 or more")
  if (timeout <= 0) refuse("--timeout", timeout, "more than 0 seconds")
  if (retries < 0) refuse("--retries", retries, "0 or more")
  if (Option.isSome(system) && api === "completions") refuse("--system", "given", "--api chat: the completions API has no system message")
}

// Either a simulated policy or a server with a model: one of the two, said completely.
const sourceOf = Effect.fnUntraced(function* (flags: SourceFlags): Effect.fn.Return<Source, ConfigError> {
  if (Option.isSome(flags.simulate)) {
    const rates = yield* failing([ConfigError], () => Simulated.parseRates(Option.getOrElse(flags.simulate, () => ""), flags.cap))
    return { layer: Simulated.layer(rates), name: "simulated" }
  }
  if (Option.isNone(flags.endpoint) || Option.isNone(flags.model)) {
    return yield* new ConfigError({
      field: "the policy",
      value: "missing",
      expected: "--endpoint URL and --model NAME, or --simulate p_S,p_D|C,p_D|W"
    })
  }
  const endpoint = flags.endpoint.value
  const key = yield* Config.option(Config.Redacted(flags.keyEnv)).pipe(
    Effect.mapError(() => new ConfigError({ field: "--key-env", value: flags.keyEnv, expected: "the name of an environment variable" }))
  )
  const maxTokens = Option.getOrElse(flags.maxCompletionTokens, () => flags.maxTokens)
  yield* failing(
    [ConfigError],
    () => checkSettings({ ...flags, endpoint, maxTokens }, Option.match(key, { onNone: () => "", onSome: Redacted.value }))
  )
  const settings: OpenAi.OpenAiSettings = {
    endpoint,
    model: flags.model.value,
    api: flags.api,
    key: Option.getOrUndefined(Option.filter(key, (value) => Redacted.value(value) !== "")),
    maxTokens,
    ...(Option.isSome(flags.maxCompletionTokens) ? { limitField: "max_completion_tokens" } : {}),
    ...(Option.isSome(flags.system) ? { system: flags.system.value } : {}),
    temperature: flags.temperature,
    logProbs: flags.logProbs,
    timeout: Duration.seconds(flags.timeout),
    retries: flags.retries,
    firstWait: "500 millis",
    longestWait: "30 seconds",
    onWait: sayingWaits()
  }
  return { layer: Layer.provide(OpenAi.layer(settings), httpClient), name: flags.model.value }
})

// Without what the prompt's row brought along.
const transcriptOf = ({ answer, id, level, prompt, response, truncated }: TextRollout) => ({
  id,
  level,
  prompt,
  response,
  truncated,
  ...(answer === undefined ? {} : { answer })
})

// The same way as `calibrate` goes from a file, so that both print the same of the same rows.
const calibrationOf = (
  { failed, file, rows }: { readonly failed: ReadonlyArray<FailedRow>; readonly file: string; readonly rows: ReadonlyArray<TextRollout> },
  options: { readonly rounds: number; readonly seed: number }
): TranscriptCalibration => {
  const tallies = makeTallies()
  const badRows = failed.map(({ number, reason }) => ({ file, line: number, reason }))
  for (const row of rows) tallies.add(gradeTranscript({ ...transcriptOf(row), hitCap: row.ending === "cap" }, defaultMarkers))
  const levels = tallies.levels()
  return { ...calibrateTallies(levels, options), passAtK: passAtKOfTallies(levels), badRowCount: badRows.length, badRows }
}

/** Samples, writes the rollouts file, and prints the calibration. */
export const evalCommand = Command.make(
  "eval",
  {
    endpoint: Flag.String("endpoint").pipe(
      Flag.withDescription("Address of an OpenAI-compatible server, e.g. http://localhost:8000/v1"),
      Flag.optional
    ),
    model: Flag.String("model").pipe(Flag.withDescription("The model's name at the server"), Flag.optional),
    simulate: Flag.String("simulate").pipe(
      Flag.withDescription("No server: a policy with rates p_S,p_D|C,p_D|W such as 0.6,0.9,0.4 (by attempt: 0.6:0.5,0.9,0.4)"),
      Flag.optional
    ),
    cap: Flag.Int("cap").pipe(
      Flag.withDescription("Attempts allowed to the simulated policy"),
      Flag.withDefault(Simulated.DEFAULT_CAP)
    ),
    levels: Flag.String("levels").pipe(
      Flag.withDescription("Multiplication problems: digit counts of the operands, e.g. 3x3,3x4"),
      Flag.optional
    ),
    prompts: Flag.String("prompts").pipe(
      Flag.withDescription(
        "A file of other problems: JSON Lines of prompt, question, problem or messages, and answer, level and id where known"
      ),
      Flag.optional
    ),
    count: Flag.Int("count").pipe(
      Flag.withDescription(`Problems a level (${DEFAULT_COUNT} unless told); of a prompts file the first so many (all unless told)`),
      Flag.optional
    ),
    system: Flag.String("system").pipe(Flag.withDescription("A system message before every prompt"), Flag.optional),
    generations: Flag.Int("generations").pipe(Flag.withDescription("Responses to each problem"), Flag.withDefault(1)),
    api: Flag.Literals("api", ["completions", "chat"]).pipe(
      Flag.withDescription("chat puts the prompt into the model's template"),
      Flag.withDefault("chat")
    ),
    concurrency: Flag.Int("concurrency").pipe(Flag.withDescription("Requests under way at a time"), Flag.withDefault(16)),
    maxTokens: Flag.Int("max-tokens").pipe(Flag.withDescription("Tokens allowed to a response"), Flag.withDefault(2048)),
    maxCompletionTokens: Flag.Int("max-completion-tokens").pipe(
      Flag.withDescription("The same under its newer name; found out by itself where the server refuses the older"),
      Flag.optional
    ),
    temperature: Flag.Finite("temperature").pipe(Flag.withDescription("Sampling temperature"), Flag.withDefault(1)),
    logProbs: Flag.Boolean("logprobs").pipe(Flag.withDescription("Ask for the log-probability of every token"), Flag.withDefault(false)),
    timeout: Flag.Finite("timeout").pipe(Flag.withDescription("Seconds allowed to a request"), Flag.withDefault(600)),
    retries: Flag.Int("retries").pipe(
      Flag.withDescription("Repetitions of a request that failed for a passing reason"),
      Flag.withDefault(6)
    ),
    keyEnv: Flag.String("key-env").pipe(
      Flag.withDescription("Environment variable that holds the server's key, if it wants one"),
      Flag.withDefault("DECISION_SAMPLING_API_KEY")
    ),
    seed: Flag.Int("seed").pipe(Flag.withDescription("Seed of problems, sampling and bootstrap"), Flag.withDefault(1)),
    rounds: Flag.Int("rounds").pipe(Flag.withDescription("Rounds of the bootstrap"), Flag.withDefault(DEFAULT_ROUNDS)),
    out: Flag.String("out").pipe(Flag.withDescription("The rollouts file; runs/eval-MODEL.jsonl by default"), Flag.optional),
    resume: Flag.Boolean("resume").pipe(
      Flag.withDescription("Keep the file's rows and ask only for what is missing"),
      Flag.withDefault(false)
    ),
    json: Flag.Boolean("json").pipe(Flag.withDescription("Print the calibration as JSON"), Flag.withDefault(false))
  },
  Effect.fn(function* ({ concurrency, count, generations, json, levels, out, prompts, resume, rounds, seed, ...flags }) {
    // Before a response is asked for, and paid.
    yield* failing([ConfigError], () => bootstrapOf({ rounds, seed }))
    const queries = yield* queriesOf({ levels, prompts, count, seed, api: flags.api })
    const { layer, name } = yield* sourceOf(flags)
    const file = Option.getOrElse(out, () => `runs/eval-${name.replace(/[^A-Za-z0-9._-]+/g, "-")}.jsonl`)
    const { failed, resumed, rows } = yield* Effect.gen(function* () {
      const progress = yield* Progress
      const onRow = yield* progress.stage("sampling", queries.length * generations)
      const sampled = yield* sampleTexts({
        queries,
        generations,
        file,
        resume,
        concurrency,
        seed,
        onRow: (done, _, lost) => onRow(done, lost === 0 ? "responses" : `responses, ${lost} of them could not be had`)
      })
      yield* progress.done(
        `${sampled.rows.length} responses in ${file}${sampled.resumed === 0 ? "" : `, ${sampled.resumed} of them from before`}`
      )
      return sampled
    }).pipe(Effect.provide([layer, progressLayer]))
    if (failed.length > 0) {
      yield* Console.error(`${failed.length} of ${rows.length + failed.length} responses could not be had (--resume asks for them again):`)
      for (const { reason } of failed.slice(0, SHOWN_FAILURES)) yield* Console.error(`  ${reason}`)
      if (failed.length > SHOWN_FAILURES) yield* Console.error(`  … ${failed.length - SHOWN_FAILURES} more`)
    }
    if (rows.length === 0) {
      return yield* new FileError({
        file,
        problem: "no response could be had",
        advice: "The reasons are above; correct the request or the server, and run it again"
      })
    }
    if (flags.logProbs && rows.every(({ logprobs }) => logprobs === undefined)) {
      yield* Console.error("--logprobs: no response came with log-probabilities; this server or policy does not offer them")
    }
    const calibration = calibrationOf({ rows, failed, file }, { rounds, seed })
    yield* Console.log(json ? JSON.stringify({ file, resumed, model: name, ...calibration }, null, 2) : calibrationText(calibration))
  })
).pipe(Command.withDescription("Sample a served (or simulated) model on multiplication problems or a file of prompts, and calibrate it"))
