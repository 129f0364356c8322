/**
 * What there is to say about a model: its figures, and whether its words and its template can be used.
 *
 * @module
 */
import { Effect, Result } from "effect"
import type { LlamaConfig } from "../../model/architecture/LlamaConfig.ts"
import { memoryOf, type ModelMemory, type ModelUse } from "../../model/policy/PretrainedMemory.ts"
import { DEFAULT_TRAINING, memoryAsked, type PretrainedTraining } from "../../model/policy/PretrainedPolicy.ts"
import { hasChatTemplate, openChatTemplate } from "../../model/pretrained/ChatTemplate.ts"
import { describeModel, type ModelDescription, openModel } from "../../model/pretrained/PretrainedModel.ts"
import { openTokenizer } from "../../model/pretrained/TextTokenizer.ts"

/** A part that cannot be used, and why. */
export interface Unusable {
  readonly problem: string
}

/** What `model info` says. */
export interface ModelReport extends Omit<ModelDescription, "ends"> {
  /** Tokens that end a response; `text` is null where the tokenizer cannot be used. */
  readonly ends: ReadonlyArray<{ readonly id: number; readonly text: string | null }>
  readonly tokenizer: { readonly tokens: number; readonly special: number } | Unusable
  readonly chatTemplate: "yes" | "no" | Unusable
  /** Memory in this thread with the default settings: to score, to sample, to train an adapter, to train every weight. */
  readonly memory: Readonly<Record<"score" | "sample" | "adapter" | "whole", ModelMemory>>
}

const memoryUses = (config: LlamaConfig): ModelReport["memory"] => {
  const of = (use: ModelUse, trains: PretrainedTraining = DEFAULT_TRAINING) =>
    memoryOf(config, memoryAsked({ trains }, config.context, use))
  return { score: of("score"), sample: of("sample"), adapter: of("train"), whole: of("train", { _tag: "Whole" }) }
}

/**
 * Looks at a model that is named by a path or a repository in the cache. Reads no weights. Fails with ModelFileError where the model itself
 * cannot be used; words and template that cannot are part of the report.
 */
export const modelReport = Effect.fnUntraced(function* (name: string) {
  const model = yield* openModel(name)
  const { ends, ...description } = describeModel(model)
  const opened = yield* Effect.result(openTokenizer(model))
  const tokenizer = Result.isSuccess(opened) ? opened.success : undefined
  const template = tokenizer === undefined || !hasChatTemplate(model) ? undefined : yield* Effect.result(openChatTemplate(model, tokenizer))
  const textOf = (id: number): string | null =>
    tokenizer === undefined ? null : Result.match(tokenizer.pieces([id]), { onSuccess: ([piece]) => piece ?? null, onFailure: () => null })
  const chatTemplate = !hasChatTemplate(model)
    ? "no" as const
    : template === undefined
    ? { problem: "its tokens need the tokenizer" }
    : Result.isSuccess(template)
    ? "yes" as const
    : { problem: template.failure.message }
  return {
    ...description,
    ends: ends.map((id) => ({ id, text: textOf(id) })),
    tokenizer: Result.isSuccess(opened)
      ? { tokens: opened.success.vocabulary, special: opened.success.special.size }
      : { problem: opened.failure.message },
    chatTemplate,
    memory: memoryUses(model.config)
  } satisfies ModelReport
})
