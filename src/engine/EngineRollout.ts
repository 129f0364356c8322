/**
 * From an engine's token ids to rollouts: what may be asked of an engine, and what it answered, checked against the words of the model that is
 * trained. Ids go in and ids come out, so neither a chat template nor a tokenizer of the engine has a part in it.
 *
 * @module
 */
import { Result } from "effect"
import { PolicyError } from "../domain/Errors.ts"
import type { GrammarService } from "../domain/Grammar.ts"
import type { SamplingParameters } from "../domain/Sampler.ts"
import type { Tokens } from "../domain/Tokenizer.ts"
import type { Rollout } from "../domain/Trajectory.ts"

/** The words of the model that an engine samples for. */
export interface EngineWords {
  readonly grammar: GrammarService
  readonly vocabulary: number
}

/** An engine's answer: the tokens after the prompt, why they end, and their log-probabilities (nats), where it gives them. */
export interface EngineAnswer {
  readonly tokens: Tokens
  /** `stop`: the last token ends the text; `length`: it has as many tokens as were asked for. */
  readonly finish: "stop" | "length"
  readonly logProbs?: ReadonlyArray<number>
}

/** Makes the error of an engine's answer, or of its refusal. */
export const engineError = (where: string, problem: string, advice: string): PolicyError =>
  new PolicyError({ operation: "sample", reason: "Engine", problem: `${where}: ${problem}`, advice })

const unsupported = (problem: string, advice: string): PolicyError =>
  new PolicyError({ operation: "sample", reason: "Unsupported", problem, advice })

/**
 * Finds the tokens after which the grammar ends a text by itself. Throws PolicyError for a grammar that is none of free text: an engine draws from
 * all tokens.
 */
export const endTokens = ({ grammar, vocabulary }: EngineWords, prompt: Tokens): Tokens => {
  const start = grammar.open(prompt)
  if (start.next._tag !== "Free") {
    throw unsupported(
      `this grammar begins with a ${
        start.next._tag === "Ended" ? "text that has ended" : "choice among few tokens"
      }, and an engine draws from all`,
      "Sample by an engine for a pretrained model (\"_tag\": \"Pretrained\"), whose words are free text"
    )
  }
  const ends: Array<number> = []
  for (let token = 0; token < vocabulary; token++) {
    const { next } = start.advance(token)
    if (next._tag === "Ended" && next.ending === "stop") ends.push(token)
  }
  if (ends.length === 0) {
    throw unsupported(
      "no token ends a text of this grammar: an engine could not be told where to stop",
      "Sample by an engine for a pretrained model (\"_tag\": \"Pretrained\")"
    )
  }
  return ends
}

/** Counts the tokens that may follow a prompt: at most `maxTokens`, fewer where the grammar has less room. */
export const roomAfter = ({ grammar }: EngineWords, prompt: Tokens, ends: Tokens, maxTokens: number): number => {
  const isEnd = new Set(ends)
  let word = 0
  while (isEnd.has(word)) word++
  let cursor = grammar.open(prompt)
  let room = 0
  while (room < maxTokens && cursor.next._tag === "Free") {
    cursor = cursor.advance(word)
    room++
  }
  return room
}

/**
 * Refuses ways of drawing under which an engine's log-probabilities would not be those that `Policy.logProbs` computes: log-softmax of the
 * logits at the temperature, before top-k and top-p. `given` says what the engine's are of: the logits as they are (`raw`), or what
 * is drawn from (`processed`). Throws PolicyError.
 */
export const assertDrawing = (
  { maxTokens, temperature, topK, topP }: SamplingParameters,
  given: "raw" | "processed" | "none",
  advice: string
): void => {
  const refuse = (problem: string, advice: string): never => {
    throw new PolicyError({ operation: "sample", reason: "Settings", problem, advice })
  }
  if (!(temperature >= 0 && Number.isFinite(temperature) && topK >= 0 && topP > 0 && topP <= 1 && maxTokens >= 1)) {
    refuse(
      `temperature ${temperature}, top-k ${topK}, top-p ${topP}, at most ${maxTokens} tokens`,
      "Use a finite temperature of at least 0, a top-k of at least 0, a top-p above 0 and up to 1, and a limit of at least 1"
    )
  }
  if (given === "raw" && temperature !== 1 && temperature !== 0) {
    refuse(`at temperature ${temperature} the engine's log-probabilities are those of temperature 1, not of what it draws from`, advice)
  }
  if (given === "processed" && (topK !== 0 || topP !== 1)) {
    refuse(
      `with top-k ${topK} and top-p ${topP} the engine's log-probabilities are those of the cut distribution, which the policy is not`,
      "Sample from all tokens (top-k 0, top-p 1)"
    )
  }
}

const NOTHING_GIVEN =
  "Ask for no log-probabilities (\"logProbs\": \"none\"); the trainer then computes them itself (\"oldLogProbs\": \"policy\")"

// Rounding of a softmax may exceed 0 by a little.
const LARGEST_LOG_PROB = 1e-3

// vLLM writes −9999 for −∞; nothing that was drawn has it.
const LEAST_LOG_PROB = -9000

const assertTokens = (
  where: string,
  { vocabulary }: EngineWords,
  prompt: Tokens,
  { finish, tokens }: EngineAnswer,
  ends: Tokens,
  asked: number
) => {
  const refuse = (problem: string, advice: string): never => {
    throw engineError(where, problem, advice)
  }
  const wrong = tokens.findIndex((token) => !(Number.isInteger(token) && token >= 0 && token < vocabulary))
  if (wrong >= 0) {
    refuse(
      `token ${wrong} of the answer is ${tokens[wrong]}, and the model that is trained has the tokens 0 to ${vocabulary - 1}`,
      "The engine must serve the very model that is trained (its files, or a conversion of them)"
    )
  }
  if (tokens.length === 0) refuse("the answer has no token", "Does the engine serve the model that is trained?")
  if (tokens.length > asked) refuse(`the answer has ${tokens.length} tokens, ${asked} were asked for`, "Does a proxy change requests?")
  const early = tokens.findIndex((token, t) => t < tokens.length - 1 && ends.includes(token))
  if (early >= 0) {
    refuse(
      `token ${early} of the answer, ${tokens[early]}, ends a text, and ${tokens.length - 1 - early} more follow`,
      "Let the engine stop at the tokens that it is told (no ignore_eos, no min_tokens)"
    )
  }
  const last = tokens.at(-1)!
  if (finish === "stop" && !ends.includes(last)) {
    refuse(
      `the engine stopped after ${tokens.length} tokens at token ${last}, which ends no text of the model that is trained (${
        ends.join(", ")
      } do)`,
      "Does the engine serve another model, or does its generation configuration name other tokens or texts to stop at?"
    )
  }
  if (finish === "length" && tokens.length < asked && !ends.includes(last)) {
    refuse(
      `the engine cut the answer off after ${tokens.length} tokens, and ${asked} were asked for after ${prompt.length} of the prompt`,
      "Give the engine a longer context (vLLM: --max-model-len), or train with a smaller maxTokens or fewer positions"
    )
  }
}

/**
 * Reads an engine's answer as a rollout. `expectsLogProbs`: each token must have a log-probability; else they are NaN. Throws PolicyError
 * (`Engine`) for tokens that the trained model does not have, a text that ends where it does not end or goes on after its end, one that is cut off
 * before the limit, and log-probabilities that are missing, too many, positive or not finite.
 */
export const toRollout = (
  where: string,
  words: EngineWords,
  { ends, maxTokens, prompt }: { readonly prompt: Tokens; readonly ends: Tokens; readonly maxTokens: number },
  answer: EngineAnswer,
  expectsLogProbs: boolean,
  version?: string
): Rollout => {
  assertTokens(where, words, prompt, answer, ends, maxTokens)
  const given = expectsLogProbs ? answer.logProbs : answer.tokens.map(() => NaN)
  if (given === undefined) throw engineError(where, "the answer has no log-probabilities", NOTHING_GIVEN)
  if (given.length !== answer.tokens.length) {
    throw engineError(where, `the answer has ${given.length} log-probabilities for ${answer.tokens.length} tokens`, NOTHING_GIVEN)
  }
  const wrong = expectsLogProbs ? given.findIndex((value) => !(value > LEAST_LOG_PROB && value <= LARGEST_LOG_PROB)) : -1
  if (wrong >= 0) {
    throw engineError(
      where,
      `the log-probability of token ${wrong} of the answer, ${answer.tokens[wrong]}, is ${given[wrong]}`,
      "A token that was drawn has a finite log-probability of at most 0 nats; does the engine compute NaN?"
    )
  }
  const tokens = [...prompt, ...answer.tokens]
  const reading = words.grammar.read({ tokens, promptLength: prompt.length })
  if (Result.isFailure(reading)) {
    throw engineError(where, reading.failure.message, "A grammar must be able to read what it lets an engine write")
  }
  return {
    tokens,
    promptLength: prompt.length,
    offset: 0,
    logProbs: [...prompt.map(() => 0), ...given.map((value) => Math.min(value, 0))],
    ...reading.success,
    ...(version === undefined ? {} : { version })
  }
}
