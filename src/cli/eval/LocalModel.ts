/**
 * A pretrained model's files as whom `eval` asks: sampled in this process, many prompts side by side.
 *
 * @module
 */
import { Deferred, Effect, Layer, Queue, Result } from "effect"
import { Grammar } from "../../domain/Grammar.ts"
import { type Parameters, Policy } from "../../domain/Policy.ts"
import { Sampler, type SampleRequest, type SamplingParameters } from "../../domain/Sampler.ts"
import { Tokenizer } from "../../domain/Tokenizer.ts"
import type { Rollout } from "../../domain/Trajectory.ts"
import { type Completion, type CompletionRequest, Completions, CompletionsError } from "../../engine/Completions.ts"

/** How a local model answers. */
export interface LocalSettings {
  readonly name: string
  /** What its rows say of how they were sampled. */
  readonly settings: Readonly<Record<string, string | number>>
  readonly sampling: SamplingParameters
  readonly logProbs: boolean
  /** The most prompts that are sampled side by side. */
  readonly together: number
  /** Left out: the published model. */
  readonly parameters?: Parameters
}

interface Asked {
  readonly request: SampleRequest
  readonly answer: Deferred.Deferred<Rollout, CompletionsError>
}

/**
 * The service of a local model. Requests that come at once are sampled together; what a prompt gets depends on its seed alone, and not on what
 * is sampled beside it.
 */
export const layer = ({ logProbs, name, parameters: trained, sampling, settings, together }: LocalSettings) =>
  Layer.effect(
    Completions,
    Effect.gen(function* () {
      const [grammar, policy, sampler, tokenizer] = [yield* Grammar, yield* Policy, yield* Sampler, yield* Tokenizer]
      const parameters = trained ?? (yield* policy.initialize(1))
      const waiting = yield* Queue.unbounded<Asked>()
      const refuse = (id: string, reason: CompletionsError["reason"], problem: string, advice: string) =>
        new CompletionsError({ where: `${name}, ${id}`, reason, problem, advice })

      const answerSome = Effect.gen(function* () {
        const first = yield* Queue.take(waiting)
        // Whoever asks at once is asked in the same turn of the scheduler.
        yield* Effect.yieldNow
        const asked = [first, ...(yield* Queue.clear(waiting))]
        for (let from = 0; from < asked.length; from += together) {
          const some = asked.slice(from, from + together)
          const sampled = yield* Effect.result(sampler.sample(parameters, some.map(({ request }) => request), sampling))
          yield* Effect.forEach(some, ({ answer }, i) =>
            Result.isSuccess(sampled)
              ? Deferred.succeed(answer, sampled.success[i]!)
              : Deferred.fail(
                answer,
                refuse("all prompts", "Refused", sampled.failure.message, "Are there enough memory and the right checkpoint?")
              ), {
            discard: true
          })
        }
      })
      yield* Effect.forkScoped(Effect.forever(answerSome))

      const completion = (rollout: Rollout): Effect.Effect<Completion, CompletionsError> =>
        Effect.mapError(
          Effect.fromResult(Result.gen(function* () {
            const { promptLength, tokens } = rollout
            const { response } = yield* grammar.render(rollout)
            return {
              response,
              truncated: rollout.ending === "truncated",
              ...(logProbs
                ? {
                  tokens: (yield* tokenizer.pieces(tokens)).slice(promptLength),
                  logprobs: rollout.logProbs.slice(promptLength)
                }
                : {})
            }
          })),
          ({ message }) => refuse("its tokens", "Unreadable", message, "Is the tokenizer that of the model?")
        )

      return {
        name,
        settings,
        complete: Effect.fnUntraced(function* ({ id, messages, prompt, seed }: CompletionRequest) {
          const [only] = messages ?? []
          if (messages !== undefined && (messages.length > 1 || only?.role !== "user")) {
            return yield* refuse(
              id,
              "BadRequest",
              "the prompt is a chat",
              "Give one message of a user and --system, or ask a server by --endpoint"
            )
          }
          const tokens = yield* Effect.mapError(
            Effect.fromResult(grammar.prompt({ prompt })),
            ({ problem }) => refuse(id, "BadRequest", problem, "Shorten the prompt, or the room that --max-tokens keeps")
          )
          const answer = yield* Deferred.make<Rollout, CompletionsError>()
          yield* Queue.offer(waiting, { request: { prompt: tokens, seed }, answer })
          return yield* Effect.flatMap(Deferred.await(answer), completion)
        })
      }
    })
  )
