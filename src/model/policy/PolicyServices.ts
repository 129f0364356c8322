/**
 * The services of a policy together, and the words that it is built over.
 *
 * @module
 */
import { Context, Effect } from "effect"
import { Grammar } from "../../domain/Grammar.ts"
import { Policy, type PolicyService } from "../../domain/Policy.ts"
import { Sampler, type SamplerService } from "../../domain/Sampler.ts"
import { Tokenizer } from "../../domain/Tokenizer.ts"
import { Backprop, type BackpropService } from "../Backprop.ts"
import type { Speech } from "./Choices.ts"
import { Placement } from "./Placement.ts"

/** The services of a policy: it writes, scores and differentiates. */
export type PolicyServices = readonly [SamplerService, PolicyService, BackpropService]

/** The three services of a policy as one context. */
export const policyContext = ([sampler, policy, backprop]: PolicyServices): Context.Context<Sampler | Policy | Backprop> =>
  Context.make(Sampler, sampler).pipe(Context.add(Policy, policy), Context.add(Backprop, backprop))

/** The words at hand, as policies read them. */
export const speechAtHand: Effect.Effect<Speech, never, Grammar | Placement | Tokenizer> = Effect.gen(function* () {
  const [grammar, placement, { vocabulary }] = [yield* Grammar, yield* Placement, yield* Tokenizer]
  return { grammar, placement, vocabulary }
})
