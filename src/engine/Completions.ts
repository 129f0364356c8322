/**
 * A policy that is only reachable as text: a prompt goes in, a response comes out.
 *
 * `domain/Policy` is token-based: its parameters are tensors in this process, it samples token ids under our grammar, and whoever
 * calls it can train it. A model behind a server has none of that: its tokens are its own, its weights are out of reach, and one
 * response may fail where another succeeds. So it is a service of its own, and the bridge to the theory is the transcript.
 *
 * @module
 */
import { Context, type Effect, Schema } from "effect"
import type { Seed } from "../domain/Seed.ts"
import type { ChatMessage } from "../tasks/PromptRow.ts"

export type { ChatMessage } from "../tasks/PromptRow.ts"

/** What a text policy is asked for; `id` names the row in errors, `seed` makes the draw repeatable where the policy can. */
export interface CompletionRequest {
  readonly id: string
  readonly prompt: string
  /** The chat in the prompt's place, where it is more than one message of a user. */
  readonly messages?: ReadonlyArray<ChatMessage>
  readonly seed: Seed
}

/** A response as text. `truncated`: the token limit cut it off. `hitCap`: its last RESAMPLE was in the last allowed attempt. */
export interface Completion {
  readonly response: string
  readonly truncated: boolean
  readonly hitCap?: boolean
  /** Text and log-probability (nats) of every token of the response, where the policy offers them. */
  readonly tokens?: ReadonlyArray<string>
  readonly logprobs?: ReadonlyArray<number>
}

/**
 * A response that could not be had, after everything that is worth trying again was tried again. `Refused`: the server refuses everybody, or all
 * such requests (key, address, model); `BadRequest`: it refuses this one; `Unreadable`: what it answered is no answer; `Unavailable`: it did not
 * answer. The second and third are of one row, and say nothing of the next.
 */
export class CompletionsError extends Schema.TaggedError<CompletionsError>()("CompletionsError", {
  /** Where: the address or the simulated policy, and the row. */
  where: Schema.String,
  reason: Schema.Literals(["Refused", "Unavailable", "Unreadable", "BadRequest"]),
  problem: Schema.String,
  advice: Schema.String
}) {
  override get message(): string {
    return `${this.where}: ${this.problem}. ${this.advice}`
  }
}

/** A policy reachable as text. Layers: `OpenAi.layer` (a server), `Simulated.layer` (three rates). */
export interface CompletionsService {
  /** What rows say of who wrote them. */
  readonly name: string
  /** With which settings: rows of other settings are of another policy. */
  readonly settings?: Readonly<Record<string, string | number>>
  readonly complete: (request: CompletionRequest) => Effect.Effect<Completion, CompletionsError>
}

/** The service tag. */
export class Completions extends Context.Service<Completions, CompletionsService>()("decision-sampling/engine/Completions") {}
