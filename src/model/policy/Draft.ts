/**
 * A trajectory that is being written. Drafts are local state of one `sample` call: they grow token by token, follow the
 * grammar's cursor, and draw from their own seed, so what they become does not depend on their neighbours.
 *
 * @module
 */
import { PolicyError } from "../../domain/Errors.ts"
import type { SampleRequest, SamplingParameters } from "../../domain/Policy.ts"
import { draws } from "../../domain/Seed.ts"
import type { Cursor, TokenizerService } from "../../domain/Tokenizer.ts"
import type { Rollout } from "../../domain/Trajectory.ts"
import { assertScored, assertTemperature } from "../loss/LossRequests.ts"
import { assertPlaced } from "./TokenGrid.ts"
import { allowedLogProbs, chooseIndex, scoringTemperature } from "./TokenChoice.ts"

/** The tokens so far with their slots; `cursor` is at the next one. */
export interface Draft {
  readonly promptLength: number
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
export const isFinished = ({ cursor, promptLength, tokens }: Draft, maxTokens: number): boolean =>
  typeof cursor.slot === "string" || tokens.length - promptLength >= maxTokens

const append = (draft: Draft, token: number, logProb: number): void => {
  const { slot } = draft.cursor
  if (typeof slot === "string") return
  draft.tokens.push(token)
  draft.logProbs.push(logProb)
  draft.positions.push(slot.position)
  draft.segments.push(slot.segment)
  draft.groups.push(slot.group)
  draft.cursor = draft.cursor.advance(token)
}

/** Opens a draft with its prompt and the tokens that the grammar forces after it. */
const openDraft = (tokenizer: TokenizerService, { offset, prompt, seed }: SampleRequest, maxTokens: number, row: number): Draft => {
  const layout = tokenizer.layout({ tokens: prompt, promptLength: prompt.length, offset })
  assertPlaced("sample", tokenizer, prompt, layout, row)
  const draft: Draft = {
    promptLength: prompt.length,
    offset,
    uniform: draws(seed).uniform,
    tokens: [...prompt],
    logProbs: prompt.map(() => 0),
    positions: [...layout.positions],
    segments: [...layout.segments],
    groups: [...layout.groups],
    cursor: tokenizer.open(prompt, offset)
  }
  while (!isFinished(draft, maxTokens) && isForced(draft)) extendForced(draft)
  return draft
}

const isForced = ({ cursor }: Draft): boolean => typeof cursor.slot !== "string" && cursor.slot.allowed < 0

const extendForced = (draft: Draft): void => {
  const { slot } = draft.cursor
  if (typeof slot !== "string") append(draft, slot.token, 0)
}

/**
 * Writes the next token: the forced one, or one drawn from the logits at `start` and following. The log-probability that is
 * kept is that of the distribution at the temperature, before top-k and top-p cut it.
 */
export const extend = (
  draft: Draft,
  allowedSets: TokenizerService["allowedSets"],
  logits: ArrayLike<number>,
  start: number,
  sampling: SamplingParameters
): void => {
  const { slot } = draft.cursor
  if (typeof slot === "string") return
  if (slot.allowed < 0) return extendForced(draft)
  const allowed = allowedSets[slot.allowed]
  const logProbs = allowedLogProbs(logits, start, allowed, scoringTemperature(sampling.temperature))
  const index = chooseIndex(logProbs, sampling, draft.uniform())
  append(draft, allowed[index], logProbs[index])
}

/** Opens a draft for every request. Throws PolicyError for settings that make no sense and prompts that do not fit. */
export const openDrafts = (
  tokenizer: TokenizerService,
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
  return requests.map((request, row) => openDraft(tokenizer, request, maxTokens, row))
}

/** Closes drafts as rollouts. Throws PolicyError where a choice had no finite log-probability. */
export const finishDrafts = (tokenizer: TokenizerService, drafts: ReadonlyArray<Draft>): ReadonlyArray<Rollout> =>
  drafts.map(({ logProbs, offset, promptLength, tokens }) => {
    assertScored("sample", logProbs)
    return { tokens, promptLength, offset, logProbs, ...tokenizer.spans({ tokens, promptLength }) }
  })
