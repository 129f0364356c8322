/**
 * A trajectory that is being written. Drafts are local state of one `sample` call: they grow token by token, follow the
 * grammar's cursor, and draw from their own seed, so what they become does not depend on their neighbours.
 *
 * @module
 */
import type { SampleRequest, SamplingParameters } from "../../domain/Policy.ts"
import { draws } from "../../domain/Seed.ts"
import type { Cursor, TokenizerService } from "../../domain/Tokenizer.ts"
import type { Rollout } from "../../domain/Trajectory.ts"
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

/** Opens a draft with its prompt and the tokens that the grammar forces after it. Throws PolicyError for a prompt that does not fit. */
export const openDraft = (tokenizer: TokenizerService, { offset, prompt, seed }: SampleRequest, maxTokens: number, row: number): Draft => {
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

/** Whether the grammar says what the next token is. */
export const isForced = ({ cursor }: Draft): boolean => typeof cursor.slot !== "string" && cursor.slot.allowed < 0

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

/** Closes a draft as a rollout. */
export const finish = (tokenizer: TokenizerService, { logProbs, offset, promptLength, tokens }: Draft): Rollout => ({
  tokens,
  promptLength,
  offset,
  logProbs,
  ...tokenizer.spans({ tokens, promptLength })
})
