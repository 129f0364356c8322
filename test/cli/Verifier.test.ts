import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { verifierByLevel } from "../../src/cli/reproduce/Verifier.ts"
import { Policy, type PolicyService } from "../../src/domain/Policy.ts"
import type { GradedGroup } from "../../src/domain/Rollouts.ts"
import { arithmeticTokens } from "../../src/model/grammar/ArithmeticGrammar.ts"

const { equals, ok, operator, stop } = arithmeticTokens(5)
const asked: Array<ReadonlyArray<number>> = []

// P(OK) is 0.9 after the answer 2, 0.2 after any other.
const policy: PolicyService = {
  parameterCount: 0,
  initialize: () => Effect.succeed(new Float32Array()),
  logProbs: (_, trajectories) =>
    Effect.sync(() =>
      trajectories.map(({ tokens }) => {
        asked.push(tokens)
        return Float64Array.from(tokens, (_token, i) => (i < tokens.length - 1 ? 0 : Math.log(tokens[i - 1] === 2 ? 0.9 : 0.2)))
      })
    )
}

const rollout = (answer: number, isRight: boolean) => ({
  trajectory: {
    tokens: [2, operator, 1, equals, answer, stop],
    promptLength: 3,
    offset: 0,
    ending: "stop" as const,
    logProbs: [],
    spans: [
      { kind: "sample" as const, start: 4, end: 5, answer: String(answer), correct: isRight },
      { kind: "decision" as const, start: 5, end: 6, action: "STOP" as const }
    ]
  },
  outcome: isRight ? ("Correct" as const) : ("Wrong" as const),
  reward: isRight ? 1 : 0
})
const query = { id: "2*1", level: "1x1", prompt: "", answer: "2" }

describe("the latent verifier", () => {
  it.effect("is P(OK) over right and 1 − P(OK) over wrong first answers, asked right after the answer", () =>
    Effect.gen(function* () {
      const groups: ReadonlyArray<GradedGroup> = [
        { query, members: [rollout(2, true), rollout(2, true), rollout(3, false), rollout(4, false)] },
        { query: { ...query, level: "2x1" }, members: [rollout(2, true)] }
      ]
      const levels = yield* verifierByLevel(new Float32Array(), groups, 5)
      expect(levels.map(({ level, right, wrong }) => [level, right, wrong])).toEqual([["1x1", 2, 2], ["2x1", 1, 0]])
      expect(levels[0]!.acceptsRight).toBeCloseTo(0.9, 12)
      expect(levels[0]!.rejectsWrong).toBeCloseTo(0.8, 12)
      expect(levels[1]!.rejectsWrong).toBe(null)
      expect(asked[0]).toEqual([2, operator, 1, equals, 2, ok])
    }).pipe(Effect.provideService(Policy, policy)))
})
