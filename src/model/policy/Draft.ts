/**
 * A trajectory that is being written. Drafts are local state of one `sample` call: they grow token by token, follow the
 * grammar's cursor, and draw from their own seed, so what they become does not depend on their neighbours.
 *
 * @module
 */
import { PolicyError } from "../../domain/Errors.ts"
import type { Cursor, Reading } from "../../domain/Grammar.ts"
import type { SampleRequest, SamplingParameters } from "../../domain/Sampler.ts"
import { draws, fold } from "../../domain/Seed.ts"
import type { Tokens } from "../../domain/Tokenizer.ts"
import type { Rollout } from "../../domain/Trajectory.ts"
import { Result } from "effect"
import { assertScored, assertTemperature } from "../loss/LossRequests.ts"
import { placePrompt, setOf, type Speech } from "./Choices.ts"
import { allowedLogProbs, chooseIndex, scoringTemperature } from "./TokenChoice.ts"

/** The tokens so far with their places; `cursor` is at the next one. */
export interface Draft {
  readonly prompt: Tokens
  readonly offset: number
  readonly uniform: () => number
  readonly tokens: Array<number>
  readonly logProbs: Array<number>
  readonly positions: Array<number>
  readonly segments: Array<number>
  readonly groups: Array<number>
  cursor: Cursor
}

/** Whether the grammar ended the draft or it has reached its limit. */
export const isFinished = ({ cursor, prompt, tokens }: Draft, maxTokens: number): boolean =>
  cursor.next._tag === "Ended" || tokens.length - prompt.length >= maxTokens

const append = ({ placement }: Speech, draft: Draft, token: number, logProb: number): void => {
  const { group, position, segment } = placement.at(draft.prompt, draft.offset, draft.cursor)
  draft.tokens.push(token)
  draft.logProbs.push(logProb)
  draft.positions.push(position)
  draft.segments.push(segment)
  draft.groups.push(group)
  draft.cursor = draft.cursor.advance(token)
}

/** Writes the tokens that the grammar forces here. */
const extendForced = (speech: Speech, draft: Draft, maxTokens: number): void => {
  while (!isFinished(draft, maxTokens)) {
    const { next } = draft.cursor
    if (next._tag !== "Forced") return
    append(speech, draft, next.token, 0)
  }
}

/** Opens a draft with its prompt, a shift of positions drawn from its seed, and the tokens that the grammar forces after the prompt. */
const openDraft = (speech: Speech, { prompt, seed }: SampleRequest, maxTokens: number, row: number): Draft => {
  const offset = draws(fold(seed, "offset")).integer(0, Math.max(0, speech.placement.largestOffset(prompt)))
  const places = placePrompt("sample", speech, prompt, offset, row)
  const draft: Draft = {
    prompt,
    offset,
    uniform: draws(fold(seed, "tokens")).uniform,
    tokens: [...prompt],
    logProbs: prompt.map(() => 0),
    positions: places.map(({ position }) => position),
    segments: places.map(({ segment }) => segment),
    groups: places.map(({ group }) => group),
    cursor: speech.grammar.open(prompt)
  }
  extendForced(speech, draft, maxTokens)
  return draft
}

/**
 * Writes the next token, drawn from the logits at `start` and following, or the forced one. The log-probability that is
 * kept is that of the distribution at the temperature, before top-k and top-p cut it. `sets` are the speech's `choiceSets`.
 */
export const extend = (
  speech: Speech,
  draft: Draft,
  sets: ReadonlyArray<Tokens>,
  logits: ArrayLike<number>,
  start: number,
  sampling: SamplingParameters
): void => {
  const { next } = draft.cursor
  if (next._tag === "Ended") return
  if (next._tag === "Forced") return append(speech, draft, next.token, 0)
  const allowed = sets[setOf(next, speech.grammar)]!
  const logProbs = allowedLogProbs(logits, start, allowed, scoringTemperature(sampling.temperature))
  const index = chooseIndex(logProbs, sampling, draft.uniform())
  append(speech, draft, allowed[index]!, logProbs[index]!)
}

/** Opens a draft for every request. Throws PolicyError for settings that make no sense and prompts that do not fit. */
export const openDrafts = (
  speech: Speech,
  requests: ReadonlyArray<SampleRequest>,
  sampling: SamplingParameters
): ReadonlyArray<Draft> => {
  const { maxTokens, temperature, topK, topP } = sampling
  assertTemperature("sample", temperature)
  if (!(topK >= 0 && topP > 0 && topP <= 1 && maxTokens >= 0)) {
    throw new PolicyError({
      operation: "sample",
      reason: "Settings",
      problem: `top-k ${topK}, top-p ${topP}, at most ${maxTokens} tokens`,
      advice: "Use a top-k of at least 0, a top-p above 0 and up to 1, and a limit of at least 0"
    })
  }
  return requests.map((request, row) => openDraft(speech, request, maxTokens, row))
}

/** Writes the next token that was drawn for the draft elsewhere, or the forced one. */
export const extendDrawn = (speech: Speech, draft: Draft, token: number, logProb: number): void => {
  const { next } = draft.cursor
  if (next._tag === "Ended") return
  if (next._tag === "Forced") return append(speech, draft, next.token, 0)
  append(speech, draft, token, logProb)
}

const readBack = ({ grammar }: Speech, tokens: Tokens, promptLength: number): Reading => {
  const reading = grammar.read({ tokens, promptLength })
  if (Result.isSuccess(reading)) return reading.success
  throw new PolicyError({
    operation: "sample",
    reason: "Request",
    problem: reading.failure.message,
    advice: "A grammar must be able to read what it lets a policy write"
  })
}

/** Closes drafts as rollouts. Throws PolicyError where a choice had no finite log-probability. */
export const finishDrafts = (speech: Speech, drafts: ReadonlyArray<Draft>): ReadonlyArray<Rollout> =>
  drafts.map(({ logProbs, offset, prompt, tokens }) => {
    assertScored("sample", logProbs)
    return { tokens, promptLength: prompt.length, offset, logProbs, ...readBack(speech, tokens, prompt.length) }
  })
