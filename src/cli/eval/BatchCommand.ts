/**
 * `decision-sampling eval batch write | read`: what `eval` asks a server, as files for engines that answer them in one go, and back.
 *
 * @module
 */
import { join } from "node:path"
import { Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { ConfigError } from "../../domain/Errors.ts"
import { failing } from "../../domain/Throws.ts"
import { OPENAI_LIMITS } from "../../engine/batch/BatchFolder.ts"
import { type FoundLines, NEXT_CHOICES, readBatch, type ReadBatchResult } from "../../engine/batch/ReadBatch.ts"
import { RAY_FILE } from "../../engine/batch/RayScript.ts"
import { writeBatch } from "../../engine/batch/WriteBatch.ts"
import { namingFlagsOf } from "../NamingFlags.ts"
import * as Progress from "../Progress.ts"
import { queriesOf } from "./Queries.ts"
import { queryFlags, samplingFlags } from "./RequestFlags.ts"
import { checkSampling } from "./Source.ts"
import { jsonFlag, withDefault } from "../Help.ts"
import { jsonText } from "../JsonText.ts"

const limitFlags = {
  maxRequests: Flag.Int("max-requests").pipe(
    Flag.withDescription("Requests allowed to a file; OpenAI takes 50,000"),
    withDefault(OPENAI_LIMITS.requests)
  ),
  maxBytes: Flag.Int("max-bytes").pipe(
    Flag.withDescription("Bytes allowed to a file; OpenAI takes 200 MB"),
    withDefault(OPENAI_LIMITS.bytes)
  ),
  json: jsonFlag()
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1)

const namingFlags = namingFlagsOf({
  generations: "--generations",
  "limits.requests": "--max-requests",
  "limits.bytes": "--max-bytes"
})

const writeCommand = Command.make(
  "write",
  {
    folder: Argument.String("folder").pipe(Argument.withDescription("Where the batch goes: a folder that is not there yet, or is empty")),
    model: Flag.String("model").pipe(Flag.withDescription("The model's name at the engine, as in vllm run-batch --served-model-name")),
    ...queryFlags,
    ...samplingFlags,
    ray: Flag.Boolean("ray").pipe(
      Flag.withDescription(`Write ${RAY_FILE} beside the requests, which answers them with Ray Data`),
      Flag.withDefault(false)
    ),
    ...limitFlags
  },
  Effect.fn(function* ({ count, folder, generations, json, levels, maxBytes, maxRequests, model, prompts, ray, seed, system, ...flags }) {
    const maxTokens = Option.getOrElse(flags.maxCompletionTokens, () => flags.maxTokens)
    yield* failing([ConfigError], () => checkSampling({ maxTokens, temperature: flags.temperature }))
    const queries = yield* queriesOf({ levels, prompts, count, seed, api: "chat" })
    const written = yield* writeBatch({
      folder,
      queries,
      generations,
      seed,
      ray,
      limits: { requests: maxRequests, bytes: maxBytes },
      settings: {
        model,
        api: "chat",
        maxTokens,
        temperature: flags.temperature,
        logProbs: flags.logProbs,
        ...(Option.isSome(flags.maxCompletionTokens) ? { limitField: "max_completion_tokens" as const } : {}),
        ...(Option.isSome(system) ? { system: system.value } : {})
      }
    }).pipe(Effect.mapError(namingFlags))
    const { bytes, files, requests } = written
    yield* Console.log(
      json
        ? jsonText(written)
        : [
          `${requests} requests for ${written.queries} prompts in ${files.length} file${files.length === 1 ? "" : "s"} of ${folder}, ${
            megabytes(bytes)
          } MB.`,
          `Answer each file, e.g. vllm run-batch -i ${
            join(folder, files[0]!.file)
          } -o OUTPUT.jsonl --model PATH --served-model-name ${model}`,
          `Then: decision-sampling eval batch read ${folder} OUTPUT.jsonl…`
        ].join("\n")
    )
  })
).pipe(
  Command.withDescription(
    "Write requests of the chat API as files for vLLM's run-batch, OpenAI's Batch API or Ray Data, one line a response"
  ),
  Command.withExamples([
    {
      command: "decision-sampling eval batch write --model NAME --levels 3x3,3x4 --count 2000 batch",
      description: "Requests for vLLM's run-batch"
    }
  ])
)

const listed = (what: string, { count, first }: FoundLines): ReadonlyArray<string> =>
  count === 0 ? [] : [
    `${count} ${what}:`,
    ...first.map(({ file, line, reason }) => `  ${file}:${line}: ${reason}`),
    ...(count > first.length ? [`  … ${count - first.length} more`] : [])
  ]

const readText = ({ added, before, file, requests, rows, unanswered }: ReadBatchResult): string =>
  `${file}: ${added} responses added${before === 0 ? "" : ` to ${before}`}, ${rows} of ${requests}` +
  (rows === requests ? ". All are there." : unanswered === 0 ? "." : `; no file answers ${unanswered}.`)

const readCommand = Command.make(
  "read",
  {
    folder: Argument.String("folder").pipe(Argument.withDescription("The folder that eval batch write made")),
    outputs: Argument.String("output").pipe(
      Argument.withDescription("Output and error files of the engine, in any order; what was read before adds nothing"),
      Argument.variadic({ min: 1 })
    ),
    out: Flag.String("out").pipe(
      Flag.withDescription("The rollouts file, which may have rows of this batch; rollouts.jsonl in the folder unless told"),
      Flag.optional
    ),
    next: Flag.Literals("next", NEXT_CHOICES).pipe(
      Flag.withDescription(
        "Which requests without a response become the next files, in next/ of the folder: all, or those alone that failed"
      ),
      withDefault("missing" as const)
    ),
    ...limitFlags
  },
  Effect.fn(function* ({ folder, json, maxBytes, maxRequests, next, out, outputs }) {
    const { end, show } = yield* (yield* Progress.Progress).stage("reading answers", 0)
    const result = yield* readBatch({
      folder,
      outputs,
      file: Option.getOrElse(out, () => join(folder, "rollouts.jsonl")),
      next,
      limits: { requests: maxRequests, bytes: maxBytes },
      onLines: (lines) => show(lines, "lines")
    }).pipe(Effect.mapError(namingFlags), Effect.ensuring(end))
    for (
      const line of [
        ...listed("requests failed", result.failed),
        ...listed("lines cannot be read", result.unreadable),
        ...listed("lines are of another batch", result.unknown),
        ...listed("lines answer what had an answer already", result.repeated)
      ]
    ) yield* Console.error(line)
    if (json) return yield* Console.log(jsonText(result))
    yield* Console.log(readText(result))
    if (result.next.length > 0) yield* Console.log(`Next requests: ${result.next.map(({ file }) => join(folder, file)).join(", ")}`)
  })
).pipe(
  Command.withDescription("Read what an engine answered into a rollouts file, joined by custom_id, nothing twice"),
  Command.withExamples([
    {
      command: "decision-sampling eval batch read batch out-1.jsonl out-2.jsonl",
      description: "Answers as rollouts, and what is still missing"
    }
  ]),
  Command.provide(Progress.layer)
)

/** The commands. */
export const batchCommand = Command.make("batch").pipe(
  Command.withDescription("What eval asks a server, as files that an engine answers in one go, and back"),
  Command.withSubcommands([writeCommand, readCommand])
)
