/**
 * The verifier latent in a base model: how well its verdict tokens OK and BAD tell its own right answers from its own wrong ones.
 * No trained model writes a verdict; STOP and RESAMPLE can only learn from what the verdicts show that the network knows.
 *
 * @module
 */
import { Effect } from "effect"
import { type Parameters, Policy } from "../../domain/Policy.ts"
import type { GradedGroup } from "../../domain/Rollouts.ts"
import { attempts, type Trajectory } from "../../domain/Trajectory.ts"
import type { VerifierLevel } from "../../eval/results/Results.ts"
import { arithmeticTokens } from "../../model/grammar/ArithmeticGrammar.ts"

/** A rollout up to the `end` of an attempt, with the verdict OK in the place of its decision. */
const approved = (
  { offset, promptLength, tokens }: Trajectory,
  end: number,
  ok: number
): Pick<Trajectory, "tokens" | "promptLength" | "offset"> => ({
  tokens: [...tokens.slice(0, end), ok],
  promptLength,
  offset
})

const mean = (
  values: ReadonlyArray<number>
): number | null => (values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length)

/**
 * Measures P(OK | right) and P(BAD | wrong), the mean probability of the verdict at temperature 1 over first attempts, level by level.
 * Rollouts without a complete first attempt are left out.
 */
export const verifierByLevel = Effect.fn("Verifier.byLevel")(
  function* (parameters: Parameters, groups: ReadonlyArray<GradedGroup>, radix: number) {
    const policy = yield* Policy
    const { ok } = arithmeticTokens(radix)
    const judged = groups.flatMap(({ members, query: { level } }) =>
      members.flatMap(({ trajectory }) => {
        const [first] = attempts(trajectory)
        return first?.sample.answer === undefined
          ? []
          : [{ level, isRight: first.sample.correct === true, trajectory: approved(trajectory, first.sample.end, ok) }]
      })
    )
    const logProbs = yield* policy.logProbs(parameters, judged.map(({ trajectory }) => trajectory), 1)
    const accepted = judged.map(({ isRight, level }, i) => ({ level, isRight, probability: Math.exp(logProbs[i]!.at(-1)!) }))
    return [...Map.groupBy(accepted, ({ level }) => level)].map(([level, verdicts]): VerifierLevel => {
      const [right, wrong] = [verdicts.filter(({ isRight }) => isRight), verdicts.filter(({ isRight }) => !isRight)]
      return {
        level,
        right: right.length,
        acceptsRight: mean(right.map(({ probability }) => probability)),
        wrong: wrong.length,
        rejectsWrong: mean(wrong.map(({ probability }) => 1 - probability))
      }
    })
  }
)
