/**
 * Flags of what is asked and how responses are sampled, which `eval` and its batches share.
 *
 * @module
 */
import { Flag } from "effect/cli"
import { DEFAULT_COUNT } from "./Queries.ts"
import { withDefault } from "../Help.ts"

/** What is asked, and how often. */
export const queryFlags = {
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
  generations: Flag.Int("generations").pipe(Flag.withDescription("Responses to each problem"), withDefault(1)),
  seed: Flag.Int("seed").pipe(Flag.withDescription("Seed of problems and sampling"), withDefault(1))
}

/** How responses are sampled. */
export const samplingFlags = {
  maxTokens: Flag.Int("max-tokens").pipe(Flag.withDescription("Tokens allowed to a response"), withDefault(2048)),
  maxCompletionTokens: Flag.Int("max-completion-tokens").pipe(
    Flag.withDescription("The same under its newer name; found out by itself where the server refuses the older"),
    Flag.optional
  ),
  temperature: Flag.Finite("temperature").pipe(Flag.withDescription("Sampling temperature"), withDefault(1)),
  logProbs: Flag.Boolean("logprobs").pipe(Flag.withDescription("Ask for the log-probability of every token"), Flag.withDefault(false))
}
