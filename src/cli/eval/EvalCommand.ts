/**
 * `decision-sampling eval`: a served model on multiplication problems, as a rollouts file and its calibration.
 *
 * @module
 */
import { Config, Console, Duration, Effect, Layer, Option, Redacted } from "effect"
import { Command, Flag } from "effect/cli"
import { ConfigError } from "../../domain/Errors.ts"
import type { Query } from "../../domain/Query.ts"
import { fold } from "../../domain/Seed.ts"
import { failing } from "../../domain/Throws.ts"
import * as Multiplication from "../../tasks/Multiplication.ts"
import * as OpenAi from "../../engine/OpenAi.ts"
import type { TextRollout } from "../../engine/RolloutFile.ts"
import { sampleTexts } from "../../engine/SampleTexts.ts"
import * as Simulated from "../../engine/Simulated.ts"
import type { Completions } from "../../engine/Completions.ts"
import { bootstrapOf, DEFAULT_ROUNDS } from "../../eval/statistics/Bootstrap.ts"
import { calibrateTallies, passAtKOfTallies } from "../../eval/transcripts/CalibrateTallies.ts"
import { gradeTranscript } from "../../eval/transcripts/Grade.ts"
import { makeTallies } from "../../eval/transcripts/Tallies.ts"
import { calibrationText } from "../calibrate/CalibrationText.ts"
import type { TranscriptCalibration } from "../../eval/transcripts/files/TranscriptCalibration.ts"
import { layer as progressLayer, Progress } from "../Progress.ts"

// Loaded on demand: no other command speaks HTTP.
const httpClient = Layer.unwrap(
  Effect.map(Effect.promise(() => import("@effect/platform-node/NodeHttpClient")), ({ layerNodeHttp }) => layerNodeHttp)
)

const RADIX = { radix: 10 }

/** Chooses `count` distinct problems of each level. */
const queriesOf = (levels: string, count: number, seed: number): Effect.Effect<ReadonlyArray<Query>, ConfigError> =>
  failing([ConfigError], () => {
    if (count < 1) throw new ConfigError({ field: "--count", value: String(count), expected: "at least 1" })
    return [...new Set(levels.split(",").map((level) => level.trim()))].flatMap((text) => {
      const level = Multiplication.parseLevel(text)
      const { problems } = Multiplication.testSet(RADIX, level, { count, isTrained: false, seed: fold(seed, "eval") })
      return problems.map((problem) => Multiplication.toQuery(RADIX, problem))
    })
  })

const endpointOf = (text: string): Effect.Effect<string, ConfigError> =>
  failing([ConfigError], () => {
    const url = URL.canParse(text) ? new URL(text) : undefined
    if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
      throw new ConfigError({ field: "--endpoint", value: JSON.stringify(text), expected: "an address such as http://localhost:8000/v1" })
    }
    return text
  })

interface Source {
  readonly layer: Layer.Layer<Completions>
  readonly name: string
}

interface SourceFlags {
  readonly endpoint: Option.Option<string>
  readonly model: Option.Option<string>
  readonly simulate: Option.Option<string>
  readonly api: "completions" | "chat"
  readonly maxTokens: number
  readonly temperature: number
  readonly logProbs: boolean
  readonly timeout: number
  readonly retries: number
  readonly keyEnv: string
  readonly cap: number
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
  const endpoint = yield* endpointOf(flags.endpoint.value)
  const key = yield* Config.option(Config.Redacted(flags.keyEnv)).pipe(
    Effect.mapError(() => new ConfigError({ field: "--key-env", value: flags.keyEnv, expected: "the name of an environment variable" }))
  )
  const settings: OpenAi.OpenAiSettings = {
    endpoint,
    model: flags.model.value,
    api: flags.api,
    key: Option.getOrUndefined(Option.filter(key, (value) => Redacted.value(value) !== "")),
    maxTokens: flags.maxTokens,
    temperature: flags.temperature,
    logProbs: flags.logProbs,
    timeout: Duration.seconds(flags.timeout),
    retries: flags.retries,
    firstWait: "500 millis",
    longestWait: "30 seconds"
  }
  return { layer: Layer.provide(OpenAi.layer(settings), httpClient), name: flags.model.value }
})

// The same way as `calibrate` goes from a file, so that both print the same of the same rows.
const calibrationOf = (
  rows: ReadonlyArray<TextRollout>,
  options: { readonly rounds: number; readonly seed: number }
): TranscriptCalibration => {
  const tallies = makeTallies()
  for (const row of rows) tallies.add(gradeTranscript({ ...row, hitCap: row.ending === "cap" }))
  const levels = tallies.levels()
  return { ...calibrateTallies(levels, options), passAtK: passAtKOfTallies(levels), badRowCount: 0, badRows: [] }
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
    levels: Flag.String("levels").pipe(Flag.withDescription("Digit counts of the operands, e.g. 3x3,3x4")),
    count: Flag.Int("count").pipe(Flag.withDescription("Problems a level"), Flag.withDefault(200)),
    generations: Flag.Int("generations").pipe(Flag.withDescription("Responses to each problem"), Flag.withDefault(1)),
    api: Flag.Literals("api", ["completions", "chat"]).pipe(
      Flag.withDescription("chat puts the prompt into the model's template"),
      Flag.withDefault("chat")
    ),
    concurrency: Flag.Int("concurrency").pipe(Flag.withDescription("Requests under way at a time"), Flag.withDefault(16)),
    maxTokens: Flag.Int("max-tokens").pipe(Flag.withDescription("Tokens allowed to a response"), Flag.withDefault(2048)),
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
  Effect.fn(function* ({ concurrency, count, generations, json, levels, out, resume, rounds, seed, ...flags }) {
    // Before a response is asked for, and paid.
    yield* failing([ConfigError], () => bootstrapOf({ rounds, seed }))
    const queries = yield* queriesOf(levels, count, seed)
    const { layer, name } = yield* sourceOf(flags)
    const file = Option.getOrElse(out, () => `runs/eval-${name.replace(/[^A-Za-z0-9._-]+/g, "-")}.jsonl`)
    const { resumed, rows } = yield* Effect.gen(function* () {
      const progress = yield* Progress
      const onRow = yield* progress.stage("sampling", queries.length * generations)
      const sampled = yield* sampleTexts({
        queries,
        generations,
        file,
        resume,
        concurrency,
        seed,
        onRow: (done) => onRow(done, "responses")
      })
      yield* progress.done(
        `${sampled.rows.length} responses in ${file}${sampled.resumed === 0 ? "" : `, ${sampled.resumed} of them from before`}`
      )
      return sampled
    }).pipe(Effect.provide([layer, progressLayer]))
    if (flags.logProbs && rows.every(({ logprobs }) => logprobs === undefined)) {
      yield* Console.error("--logprobs: no response came with log-probabilities; this server or policy does not offer them")
    }
    const calibration = calibrationOf(rows, { rounds, seed })
    yield* Console.log(json ? JSON.stringify({ file, resumed, model: name, ...calibration }, null, 2) : calibrationText(calibration))
  })
).pipe(Command.withDescription("Sample a served (or simulated) model on multiplication problems, and calibrate it"))
