/**
 * `decision-sampling model`: pretrained language models, looked at and fetched.
 *
 * @module
 */
import { Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { EXPORT_FORMS } from "./ExportForms.ts"
import { outputWidth } from "../Layout.ts"
import { layer as progressLayer } from "../Progress.ts"
import { jsonFlag } from "../Help.ts"
import { jsonText } from "../JsonText.ts"

const json = jsonFlag()

const infoCommand = Command.make(
  "info",
  {
    model: Argument.String("model").pipe(
      Argument.withDescription("A model's folder, a .gguf file, or a repository owner/name (or owner/name/file.gguf) that was pulled")
    ),
    json
  },
  Effect.fn(function* ({ json, model }) {
    const { modelReport } = yield* Effect.promise(() => import("./ModelReport.ts"))
    const { modelText } = yield* Effect.promise(() => import("./ModelText.ts"))
    const report = yield* modelReport(model)
    yield* Console.log(json ? jsonText(report) : modelText(report, outputWidth()))
  })
).pipe(
  Command.withDescription(
    "What a model is: family, sizes, how its weights are stored, memory that it takes, tokenizer, chat template. Reads no weights, but checks that all are there"
  ),
  Command.withExamples([
    {
      command: "decision-sampling model info HuggingFaceTB/SmolLM2-135M-Instruct",
      description: "A model that was pulled; a folder or a GGUF file as well"
    }
  ])
)

const pullCommand = Command.make(
  "pull",
  {
    repository: Argument.String("repository").pipe(
      Argument.withDescription("owner/name on the hub, as HuggingFaceTB/SmolLM2-135M-Instruct")
    ),
    revision: Flag.String("revision").pipe(Flag.withDescription("A branch, a tag or a commit; main without it"), Flag.optional),
    file: Flag.String("file").pipe(Flag.withDescription("One file of it, such as one of several GGUF files"), Flag.optional),
    json
  },
  Effect.fn(function* ({ file, json, repository, revision }) {
    const { pull } = yield* Effect.promise(() => import("./Pull.ts"))
    const pulled = yield* pull({
      repository,
      ...(Option.isSome(revision) ? { revision: revision.value } : {}),
      ...(Option.isSome(file) ? { file: file.value } : {})
    }).pipe(Effect.provide(progressLayer))
    yield* Console.log(json ? jsonText(pulled) : pulled.path)
  })
).pipe(
  Command.withDescription(
    "Fetch a model's configuration, tokenizer and safetensors, or one GGUF file, into the cache that Hugging Face's programs share (HF_HOME). Checks digests; goes on with what was cut off"
  ),
  Command.withExamples([
    { command: "decision-sampling model pull HuggingFaceTB/SmolLM2-135M-Instruct", description: "Prints where it lies" }
  ])
)

const exportCommand = Command.make(
  "export",
  {
    from: Argument.String("from").pipe(
      Argument.withDescription(
        "The folder of a run of `train`, one of its checkpoints, or (with --model) an adapter's folder as peft writes it"
      )
    ),
    as: Flag.Literals("as", EXPORT_FORMS).pipe(
      Flag.withDescription(
        "peft: an adapter's folder for peft, vLLM and others; gguf: an adapter for llama.cpp; merged: a whole model as a folder that transformers opens"
      )
    ),
    out: Flag.String("out").pipe(Flag.withDescription("The folder to write, new or empty")),
    model: Flag.String("model").pipe(
      Flag.withDescription("Where the model's files lie, if it is not where the run says; the model of an adapter's folder"),
      Flag.optional
    ),
    base: Flag.String("base").pipe(
      Flag.withDescription(
        "What the peft folder calls its base model, such as HuggingFaceTB/SmolLM2-135M-Instruct; as the run called it without"
      ),
      Flag.optional
    ),
    json
  },
  Effect.fn(function* ({ as, base, from, json, model, out }) {
    const { exportModel } = yield* Effect.promise(() => import("./Export.ts"))
    const exported = yield* exportModel({
      from,
      as,
      out,
      ...(Option.isSome(model) ? { model: model.value } : {}),
      ...(Option.isSome(base) ? { base: base.value } : {})
    })
    yield* Console.log(json ? jsonText(exported) : exported.path)
  })
).pipe(
  Command.withDescription(
    "Write what training made of a pretrained model: as an adapter for peft or llama.cpp, or merged into a whole model"
  ),
  Command.withExamples([
    { command: "decision-sampling model export runs/lm-grpo --as peft --out adapter", description: "What a run trained, for peft or vLLM" }
  ])
)

/** Looks at pretrained models, fetches them, and writes what training made of them. */
export const modelCommand = Command.make("model").pipe(
  Command.withDescription("Pretrained language models: what one is, fetching one, and taking a trained one away"),
  Command.withSubcommands([infoCommand, pullCommand, exportCommand])
)
