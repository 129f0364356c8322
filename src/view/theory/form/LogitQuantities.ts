/**
 * The six logits that two pages let choose: a policy's and its reference's. Appendix C's restored ones are the first.
 *
 * @module
 */
import { RESTORED } from "../../../theory/illustration/AppendixC.ts"
import type { ThreeLogits } from "../../../theory/illustration/ThreeLogit.ts"

const logit = <const Name extends string>(name: Name, label: string, initial: number) =>
  ({ name, label, least: -6, most: 6, step: 0.1, initial }) as const

const { policy, reference } = RESTORED.model

/** Logits of the policy (s, c, w) and of its reference (rs, rc, rw). */
export const LOGIT_QUANTITIES = [
  logit("s", "θ_S, sampling a right answer", policy.sampleCorrect),
  logit("c", "θ_C, STOP at a right answer", policy.stopGivenCorrect),
  logit("w", "θ_W, RESAMPLE at a wrong answer", policy.resampleGivenWrong),
  logit("rs", "reference θ_S", reference.sampleCorrect),
  logit("rc", "reference θ_C", reference.stopGivenCorrect),
  logit("rw", "reference θ_W", reference.resampleGivenWrong)
] as const

/** Their names: the policy's and the reference's. */
export const POLICY_LOGITS = ["s", "c", "w"] as const
/** The reference's names. */
export const REFERENCE_LOGITS = ["rs", "rc", "rw"] as const

/** A policy and its reference out of a form's numbers. */
export const modelOf = (
  numbers: Readonly<Record<(typeof POLICY_LOGITS)[number] | (typeof REFERENCE_LOGITS)[number], number>>
): { readonly policy: ThreeLogits; readonly reference: ThreeLogits } => ({
  policy: { sampleCorrect: numbers.s, stopGivenCorrect: numbers.c, resampleGivenWrong: numbers.w },
  reference: { sampleCorrect: numbers.rs, stopGivenCorrect: numbers.rc, resampleGivenWrong: numbers.rw }
})
