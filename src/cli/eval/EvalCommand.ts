/**
 * `decision-sampling eval`: a model, served or by its files, on multiplication problems or prompts of one's own, as a rollouts file and its calibration.
 *
 * @module
 */
import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { jsonText } from "../JsonText.ts"
import { ConfigError, FileError } from "../../domain/Errors.ts"
import { failing } from "../../domain/Throws.ts"
import { sampleTexts } from "../../engine/SampleTexts.ts"
import * as Simulated from "../../engine/Simulated.ts"
import { bootstrapOf, DEFAULT_ROUNDS } from "../../eval/statistics/Bootstrap.ts"
import type { BadRow } from "../../eval/transcripts/ReadBlock.ts"
import type { TranscriptCalibration } from "../../eval/transcripts/files/TranscriptCalibration.ts"
import { calibrateFilesWith } from "../../eval/transcripts/files/CalibrateFiles.ts"
import { computedFlags } from "../ComputedFlags.ts"
import { adapterFlag } from "../AdapterFlag.ts"
import { ANSWER_KINDS } from "../../tasks/grading/Graders.ts"
import { calibrationText } from "../calibrate/CalibrationText.ts"
import { namingFlags } from "../calibrate/Options.ts"
import { outputWidth } from "../Layout.ts"
import { layer as progressLayer, Progress } from "../Progress.ts"
import { queriesOf } from "./Queries.ts"
import { queryFlags, samplingFlags } from "./RequestFlags.ts"
import { type Source, sourceOf } from "./Source.ts"
import { batchCommand } from "./BatchCommand.ts"
import { jsonFlag, withDefault } from "../Help.ts"

const SHOWN_FAILURES = 5

const withLost = (calibration: TranscriptCalibration, lost: ReadonlyArray<BadRow>): TranscriptCalibration => ({
  ...calibration,
  badRowCount: calibration.badRowCount + lost.length,
  badRows: [...lost, ...calibration.badRows]
})

/** Samples, writes the rollouts file, and prints the calibration. */
export const evalCommand = Command.make(
  "eval",
  {
    endpoint: Flag.String("endpoint").pipe(
      Flag.withDescription("Address of an OpenAI-compatible server, e.g. http://localhost:8000/v1"),
      Flag.optional
    ),
    model: Flag.String("model").pipe(
      Flag.withDescription("The model's name at the server; without --endpoint its files: a folder, a GGUF file, or owner/name"),
      Flag.optional
    ),
    adapter: adapterFlag,
    checkpoint: Flag.String("checkpoint").pipe(
      Flag.withDescription(
        "A run's folder or a checkpoint of `train`: its model with its parameters; --model says where its files lie if they moved"
      ),
      Flag.optional
    ),
    ...computedFlags("By files"),
    simulate: Flag.String("simulate").pipe(
      Flag.withDescription("No server: a policy with rates p_S,p_D|C,p_D|W such as 0.6,0.9,0.4 (by attempt: 0.6:0.5,0.9,0.4)"),
      Flag.optional
    ),
    cap: Flag.Int("cap").pipe(
      Flag.withDescription("Attempts allowed to the simulated policy"),
      withDefault(Simulated.DEFAULT_CAP)
    ),
    ...queryFlags,
    api: Flag.Literals("api", ["completions", "chat"]).pipe(
      Flag.withDescription("chat puts the prompt into the model's template"),
      withDefault("chat")
    ),
    concurrency: Flag.Int("concurrency").pipe(
      Flag.withDescription("Requests under way at a time: 16 to a server, 128 prompts side by side by files, unless told"),
      Flag.optional
    ),
    ...samplingFlags,
    timeout: Flag.Finite("timeout").pipe(Flag.withDescription("Seconds allowed to a request"), withDefault(600)),
    retries: Flag.Int("retries").pipe(
      Flag.withDescription("Repetitions of a request that failed for a passing reason"),
      withDefault(6)
    ),
    keyEnv: Flag.String("key-env").pipe(
      Flag.withDescription("Environment variable that holds the server's key, if it wants one"),
      withDefault("DECISION_SAMPLING_API_KEY")
    ),
    rounds: Flag.Int("rounds").pipe(Flag.withDescription("Rounds of the bootstrap"), withDefault(DEFAULT_ROUNDS)),
    out: Flag.String("out").pipe(Flag.withDescription("The rollouts file; runs/eval-MODEL.jsonl by default"), Flag.optional),
    resume: Flag.Boolean("resume").pipe(
      Flag.withDescription("Keep the file's rows and ask only for what is missing"),
      Flag.withDefault(false)
    ),
    answers: Flag.Literals("answers", ANSWER_KINDS).pipe(
      Flag.withDescription("Kind of answers; what each reference shows unless told"),
      withDefault("auto" as const)
    ),
    json: jsonFlag("the calibration as JSON")
  },
  Effect.fn(function* ({ answers, concurrency, count, generations, json, levels, out, prompts, resume, rounds, seed, ...flags }) {
    // Before a response is asked for, and paid.
    yield* failing([ConfigError], () => bootstrapOf({ rounds }))
    const queries = yield* queriesOf({ levels, prompts, count, seed, api: flags.api })
    const source: Source = yield* sourceOf(flags)
    const { concurrency: usual, layer, markers, name } = source
    const file = Option.getOrElse(out, () => `runs/eval-${name.replace(/[^A-Za-z0-9._-]+/g, "-")}.jsonl`)
    const { failed, resumed, rows } = yield* Effect.gen(function* () {
      const progress = yield* Progress
      const stage = yield* progress.stage("sampling", queries.length * generations)
      const sampled = yield* sampleTexts({
        queries,
        generations,
        file,
        resume,
        concurrency: Option.getOrElse(concurrency, () => usual),
        seed,
        onResumed: (there) => stage.from(there),
        onRow: (done, _, lost) => stage.show(done, lost === 0 ? "responses" : `responses, ${lost} of them could not be had`)
      })
      yield* stage.done(
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
    const without = rows.filter(({ logprobs }) => logprobs === undefined).length
    if (flags.logProbs && without === rows.length) {
      yield* Console.error("--logprobs: no response came with log-probabilities; this server or policy does not offer them")
    } else if (without > 0 && (flags.logProbs || without < rows.length)) {
      yield* Console.error(
        `--logprobs: ${without} of ${rows.length} responses have no log-probabilities; rows of before are kept as they were sampled`
      )
    }
    if (markers !== undefined) {
      yield* Console.error(
        `markers: read with those that the run was trained with (${
          markers.map((phrase) => JSON.stringify(phrase)).join(", ")
        }); \`calibrate\` reads the ` +
          "file with the usual ones, and adds those of --markers FILE"
      )
    }
    const lost = failed.map(({ number, reason }) => ({ file, line: number, reason }))
    // From the file, as `calibrate` reads it, so that both print the same of the same rows.
    yield* calibrateFilesWith(file, { answers, rounds, ...(markers === undefined ? {} : { markers }) }, (calibration) =>
      Console.log(
        json
          ? jsonText({ file, resumed, model: name, ...withLost(calibration, lost) })
          : calibrationText(withLost(calibration, lost), outputWidth())
      )).pipe(Effect.mapError(namingFlags))
  })
).pipe(
  Command.withDescription(
    "Sample a model (served, by its files, or simulated) on multiplication problems or a file of prompts, and calibrate it"
  ),
  Command.withExamples([
    {
      command: "decision-sampling eval --endpoint http://localhost:8000/v1 --model NAME --levels 3x3,3x4 --count 200",
      description: "A served model on products"
    },
    {
      command: "decision-sampling eval --checkpoint runs/lm-grpo --prompts problems.jsonl",
      description: "What a run trained, on problems of your own"
    },
    {
      command: "decision-sampling eval --simulate 0.6,0.9,0.4 --levels 3x3 --out samples.jsonl",
      description: "Transcripts of a policy that is known"
    }
  ]),
  Command.withSubcommands([batchCommand])
)
