/**
 * `decision-sampling score`: adds a language model's exact log-probabilities to anybody's rollouts.
 *
 * @module
 */
import { Console, Effect, FileSystem, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { jsonText } from "../JsonText.ts"
import { FileError } from "../../domain/Errors.ts"
import { problemOf } from "../../domain/Files.ts"
import { Grammar } from "../../domain/Grammar.ts"
import { Policy } from "../../domain/Policy.ts"
import { Tokenizer } from "../../domain/Tokenizer.ts"
import * as ModelLayer from "../../model/ModelLayer.ts"
import { tryFile } from "../Destination.ts"
import { adapterField, adapterFlag } from "../AdapterFlag.ts"
import { computedFlags, computedOf } from "../ComputedFlags.ts"
import { sizesOf, subjectOf } from "../TrainedRun.ts"
import { type ModelRow, noRow, readModelRows } from "../attribute/ModelRows.ts"
import { jsonFlag, withDefault } from "../Help.ts"

/** The field that each kind of log-probabilities is written to: those that `attribute` reads. */
const FIELDS = { logprobs: "logprobs", referenceLogprobs: "ref_logprobs", oldLogprobs: "old_logprobs" } as const

/** Rows that are scored and written at a time: a file of any length takes bounded memory. */
const AT_ONCE = 64

const written = (row: ModelRow, field: string, logProbs: Float64Array): string => {
  const { fields, promptLength, spans, tokens } = row
  const values = Array.from(logProbs, (value, t) => (t < promptLength ? null : value))
  return JSON.stringify({
    ...fields,
    tokens,
    promptLength,
    spans,
    ...(row.score === undefined ? {} : { score: row.score }),
    [field]: values
  })
}

/** Scores every row that can be read, and writes it with its fields, its token ids and spans, and the log-probabilities in nats. */
export const scoreCommand = Command.make(
  "score",
  {
    file: Argument.String("file").pipe(
      Argument.withDescription("Rollouts: transcripts of any format that calibrate reads, or rows of token ids with promptLength and spans")
    ),
    model: Flag.String("model").pipe(
      Flag.withDescription(
        "A pretrained language model: a folder, a GGUF file, or owner/name; of a checkpoint the base model, where it has moved"
      ),
      Flag.optional
    ),
    checkpoint: Flag.String("checkpoint").pipe(
      Flag.withDescription("A run's folder or a checkpoint of `train`: its model with its parameters"),
      Flag.optional
    ),
    adapter: adapterFlag,
    as: Flag.Literals("as", ["logprobs", "referenceLogprobs", "oldLogprobs"]).pipe(
      Flag.withDescription("Which log-probabilities these are: the policy's, the reference's, or those of the policy that sampled"),
      withDefault("logprobs" as const)
    ),
    out: Flag.String("out").pipe(Flag.withDescription("The file to write, JSON Lines")),
    positions: Flag.Int("positions").pipe(
      Flag.withDescription("The most tokens of a prompt and its response; 1,024, or the model's context if that is less"),
      Flag.optional
    ),
    ...computedFlags(),
    json: jsonFlag("what was written as JSON")
  },
  Effect.fn(function* ({ adapter, as, checkpoint, device, file, json, model, out, positions, products, workers }) {
    const files = yield* FileSystem.FileSystem
    const failed = (cause: Error) =>
      new FileError({ file: out, problem: problemOf(cause), advice: "Is there such a folder, and may it be written to?" })
    yield* tryFile(out)
    if (yield* files.exists(out).pipe(Effect.mapError(failed))) {
      return yield* new FileError({ file: out, problem: "it is there already", advice: "Give another --out, or remove it" })
    }
    const asked = Option.getOrUndefined(positions)
    const { file: trainedIn, parameters: trained, spec } = yield* subjectOf({
      model: Option.getOrUndefined(model),
      checkpoint: Option.getOrUndefined(checkpoint),
      ...adapterField(adapter),
      positions: asked
    })
    const computed = yield* computedOf({ device, products, workers })
    const scored = Effect.gen(function* () {
      const [policy, grammar, tokenizer] = [yield* Policy, yield* Grammar, yield* Tokenizer]
      const sizes = yield* sizesOf({ model: spec.path, positions: spec.positions })
      const { badRows, rows } = yield* readModelRows(file, { grammar, tokenizer, ...sizes })
      if (rows.length === 0) return yield* noRow(file, badRows)
      const parameters = trained ?? (yield* policy.initialize(1))
      const partial = `${out}.partial`
      yield* files.writeFileString(partial, "").pipe(Effect.mapError(failed))
      for (let from = 0; from < rows.length; from += AT_ONCE) {
        const some = rows.slice(from, from + AT_ONCE)
        const logProbs = yield* policy.logProbs(parameters, some, 1)
        const text = some.map((row, i) => `${written(row, FIELDS[as], logProbs[i]!)}\n`).join("")
        yield* files.writeFileString(partial, text, { flag: "a" }).pipe(Effect.mapError(failed))
      }
      yield* files.rename(partial, out).pipe(Effect.mapError(failed))
      const bad = badRows.length === 0
        ? ""
        : `; ${badRows.length} could not be used, the first in line ${badRows[0]!.line}: ${badRows[0]!.reason}`
      const scoredBy = trainedIn ?? spec.path
      if (json) {
        return yield* Console.log(jsonText({ file: out, rows: rows.length, field: FIELDS[as], model: scoredBy, badRows }))
      }
      yield* Console.log(`${out}: ${rows.length} rows with ${FIELDS[as]} of ${scoredBy}${bad}`)
    })
    yield* Effect.provide(scored, ModelLayer.layer(spec, computed))
  })
).pipe(
  Command.withDescription("Add a language model's exact log-probabilities to rollouts, for `attribute`"),
  Command.withExamples([
    {
      command: "decision-sampling score --model HuggingFaceTB/SmolLM2-135M-Instruct --out scored.jsonl rollouts.jsonl",
      description: "Log-probabilities of every token, beside each rollout"
    }
  ])
)
