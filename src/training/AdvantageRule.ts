/**
 * How a trainer turns the rewards of a step into advantages: one of the theory's estimators, one of the negative
 * reinforcement family, one that gives each token its own, or a function of one's own. Each rule that configurations can name is one entry of
 * {@link RULES}.
 *
 * @module
 */
import { Schema } from "effect"
import { ConfigError } from "../domain/Errors.ts"
import { attempts, type Trajectory } from "../domain/Trajectory.ts"
import * as Advantage from "../theory/Advantage.ts"
import * as NegativeReinforcement from "../theory/NegativeReinforcement.ts"
import { DECISION, NOT_OWNED } from "../theory/Partition.ts"
import { assertFinite, TheoryError } from "../theory/TheoryError.ts"
import * as TokenAdvantage from "../theory/TokenAdvantage.ts"
import { repeatOnTokens, tokensBySequence } from "../theory/TokenBatch.ts"
import { Probability } from "./Bounds.ts"

/** PSR, NSR or W-REINFORCE as an advantage; rewards must be 0 or 1 (Zhu et al., 2025). */
export interface NegativeReinforcementRule extends NegativeReinforcement.NegativeReinforcement {
  readonly _tag: "NegativeReinforcement"
}

/** REINFORCE++: whitened reward-to-go of every token, γ a token (Hu et al., 2025; verl's `reinforce_plus_plus`). */
export interface ReinforcePlusPlusRule {
  readonly _tag: "ReinforcePlusPlus"
  readonly gamma: number
}

/**
 * The rollouts of a step as a rule sees them: M trajectories of Q queries laid end to end in N tokens.
 *
 * `rewards` [M], punishments of length included; `penalties` [N] are a KL penalty's rewards of tokens, where it is placed before the advantage;
 * `greedy` [Q] the rewards of greedy rollouts, where the rule asks for them ({@link readsGreedy}); `components` [K][M] the rewards that `rewards` is
 * the sum of. `owner` [N] has every rollout's tokens, those that a mask leaves out of the loss too.
 */
export interface Rollouts {
  readonly rewards: Float64Array
  readonly groups: Int32Array
  readonly trajectories: ReadonlyArray<Trajectory>
  readonly offsets: Int32Array
  readonly owner: Uint8Array
  readonly penalties?: Float64Array
  readonly greedy?: Float64Array
  readonly components?: ReadonlyArray<Float64Array>
}

/**
 * A function of one's own: all rewards [M], less a KL penalty placed before the advantage, and the groups' offsets [Q+1] give an advantage each [M], or
 * one of every token [N]; the third argument is all there is to know of the rollouts.
 */
export type AdvantageFunction = (rewards: Float64Array, groups: Int32Array, rollouts: Rollouts) => Float64Array

/** Builds a rule of the negative reinforcement family; defaults as `NegativeReinforcement.make`. */
export const negativeReinforcement = (...settings: Parameters<typeof NegativeReinforcement.make>): NegativeReinforcementRule => ({
  _tag: "NegativeReinforcement",
  ...NegativeReinforcement.make(...settings)
})

/** Builds the rule of REINFORCE++; default γ = 1, as verl. */
export const reinforcePlusPlus = ({ gamma = 1 }: { readonly gamma?: number } = {}): ReinforcePlusPlusRule => ({
  _tag: "ReinforcePlusPlus",
  gamma
})

/** What there is to a rule: its tag, how a configuration writes it, what it makes of rollouts, and which it keeps. */
interface RuleKind<Choice, Rule extends { readonly _tag: string }> {
  readonly tag: Rule["_tag"]
  make(choice: Choice): Rule
  /** One number a rollout [M], or one a token [N]. */
  advantages(rule: Rule, rollouts: Rollouts): Float64Array
  /** Marks the rollouts that stay in the loss; left out: all. */
  kept?(rule: Rule, rewards: Float64Array): Uint8Array
  /** With whom a rollout is compared; left out: nobody. */
  comparison?(rule: Rule): Advantage.Comparison
}

const rule = <S extends Schema.Top, Rule extends { readonly _tag: string }>(choice: S, kind: RuleKind<S["Type"], Rule>) => ({
  choice,
  ...kind
})

const Size = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))

/** R_i − β Σ k_t, where a KL penalty comes before the advantage. */
const penalised = (rollouts: Rollouts): Float64Array => {
  const { offsets, penalties, rewards } = rollouts
  if (penalties === undefined) return rewards
  return rewards.map((reward, i) => reward + penalties.subarray(offsets[i], offsets[i + 1]).reduce((sum, penalty) => sum + penalty, 0))
}

/** The rewards of tokens: each trajectory's at its last, and a KL penalty's where it comes before the advantage. */
const tokenRewards = (rollouts: Rollouts): Float64Array => {
  const terminal = TokenAdvantage.terminalRewards(rollouts, rollouts.rewards)
  return terminal.map((reward, token) => reward + (rollouts.penalties?.[token] ?? 0))
}

const ofEstimator = {
  advantages: (estimator: Advantage.Estimator, rollouts: Rollouts): Float64Array =>
    Advantage.advantages(estimator, penalised(rollouts), rollouts.groups, {
      lengths: tokensBySequence(rollouts).map(({ length }) => length),
      ...(rollouts.greedy === undefined ? {} : { greedy: rollouts.greedy }),
      ...(rollouts.components === undefined || rollouts.penalties !== undefined ? {} : { components: rollouts.components })
    }),
  comparison: (estimator: Advantage.Estimator) => Advantage.comparison(estimator)
}

/** Every answer with its verdict, by the place of its tokens in the batch. Throws `TheoryError` for one that nobody graded. */
const gradedAttempts = ({ offsets, trajectories }: Rollouts): ReadonlyArray<TokenAdvantage.GradedAttempt> =>
  trajectories.flatMap((trajectory, i) =>
    attempts(trajectory).map(({ decision, sample }) => {
      if (sample.correct === undefined) {
        const what = `trajectory ${i}'s verdict on the answer at token ${sample.start} (correct)`
        throw new TheoryError("AdvantageRule.advantages", { _tag: "MissingInput", what, neededBy: "credit by turn" })
      }
      const from = offsets[i]!
      return {
        answerEnd: from + sample.end - 1,
        correct: sample.correct,
        ...(decision === undefined ? {} : { decisionEnd: from + decision.end - 1, stops: decision.action === "STOP" })
      }
    })
  )

/** Who writes decisions, in a partition of any names. */
const decisionOwnerOf = ({ offsets, owner, trajectories }: Rollouts): number => {
  for (const [i, { spans }] of trajectories.entries()) {
    const decision = spans.find(({ kind }) => kind === "decision")
    const found = decision === undefined ? NOT_OWNED : owner[offsets[i]! + decision.end - 1]!
    if (found !== NOT_OWNED) return found
  }
  return DECISION
}

/** Every rule that a configuration can name. */
const RULES = [
  rule(
    Schema.Struct({
      _tag: Schema.Literal("GroupRelative"),
      scale: Schema.optionalKey(Schema.Literals(["group", "batch", "none"])),
      std: Schema.optionalKey(Schema.Literals(["sample", "population"])),
      epsilon: Schema.optionalKey(Size),
      single: Schema.optionalKey(Schema.Literals(["zero", "reward"]))
    }),
    { tag: "GroupRelative", make: Advantage.groupRelative, ...ofEstimator }
  ),
  rule(
    Schema.Struct({ _tag: Schema.Literal("LeaveOneOut"), single: Schema.optionalKey(Schema.Literals(["refuse", "zero", "reward"])) }),
    { tag: "LeaveOneOut", make: Advantage.rloo, ...ofEstimator }
  ),
  rule(Schema.Struct({ _tag: Schema.Literal("Reinforce"), baseline: Schema.optionalKey(Schema.Literals(["none", "mean"])) }), {
    tag: "Reinforce",
    make: Advantage.reinforce,
    ...ofEstimator
  }),
  rule(
    Schema.Struct({
      _tag: Schema.Literal("NegativeReinforcement"),
      kind: Schema.Literals(["psr", "nsr", "weighted"]),
      lambda: Schema.optionalKey(Size),
      dropOtherClass: Schema.optionalKey(Schema.Boolean)
    }),
    {
      tag: "NegativeReinforcement",
      make: (choice): NegativeReinforcementRule => negativeReinforcement(choice.kind, choice),
      advantages: (settings, rollouts) => NegativeReinforcement.advantages(settings, penalised(rollouts)),
      kept: (settings, rewards) => NegativeReinforcement.kept(settings, rewards)
    }
  ),
  rule(
    Schema.Struct({
      _tag: Schema.Literal("PassAtK"),
      scale: Schema.optionalKey(Schema.Literals(["group", "none"])),
      std: Schema.optionalKey(Schema.Literals(["sample", "population"])),
      epsilon: Schema.optionalKey(Size)
    }),
    { tag: "PassAtK", make: Advantage.passAtK, ...ofEstimator }
  ),
  rule(Schema.Struct({ _tag: Schema.Literal("Opo") }), { tag: "Opo", make: () => Advantage.opo(), ...ofEstimator }),
  rule(Schema.Struct({ _tag: Schema.Literal("ReMax") }), { tag: "ReMax", make: () => Advantage.reMax(), ...ofEstimator }),
  rule(Schema.Struct({ _tag: Schema.Literal("Gpg"), norm: Schema.optionalKey(Size.check(Schema.isGreaterThan(0))) }), {
    tag: "Gpg",
    make: Advantage.gpg,
    ...ofEstimator
  }),
  rule(Schema.Struct({ _tag: Schema.Literal("MaxRl"), epsilon: Schema.optionalKey(Size) }), {
    tag: "MaxRl",
    make: Advantage.maxRl,
    ...ofEstimator
  }),
  rule(Schema.Struct({ _tag: Schema.Literal("ReinforcePlusPlusBaseline") }), {
    tag: "ReinforcePlusPlusBaseline",
    make: () => Advantage.reinforcePlusPlusBaseline(),
    ...ofEstimator
  }),
  rule(
    Schema.Struct({
      _tag: Schema.Literal("Gdpo"),
      variant: Schema.optionalKey(Schema.Literals(["verl", "trl"])),
      epsilon: Schema.optionalKey(Size),
      weights: Schema.optionalKey(Schema.Array(Schema.Finite))
    }),
    { tag: "Gdpo", make: Advantage.gdpo, ...ofEstimator }
  ),
  rule(Schema.Struct({ _tag: Schema.Literal("ReinforcePlusPlus"), gamma: Schema.optionalKey(Probability) }), {
    tag: "ReinforcePlusPlus",
    make: reinforcePlusPlus,
    advantages: ({ gamma }, rollouts) => TokenAdvantage.reinforcePlusPlus(rollouts, tokenRewards(rollouts), { gamma }),
    comparison: () => "batch" as const
  }),
  rule(
    Schema.Struct({
      _tag: Schema.Literal("TurnLevel"),
      potential: Schema.optionalKey(Schema.Finite),
      decision: Schema.optionalKey(Schema.Finite),
      gamma: Schema.optionalKey(Probability),
      baseline: Schema.optionalKey(Schema.Literals(["state", "none"]))
    }),
    {
      tag: "TurnLevel",
      make: TokenAdvantage.turnCredit,
      advantages: (settings, rollouts) =>
        TokenAdvantage.turnAdvantages(
          settings,
          rollouts,
          { rewards: tokenRewards(rollouts), attempts: gradedAttempts(rollouts), groups: rollouts.groups },
          decisionOwnerOf(rollouts)
        )
    }
  )
] as const

type NamedRule = ReturnType<(typeof RULES)[number]["make"]>

/** What a trainer accepts as its advantage. */
export type AdvantageRule = NamedRule | AdvantageFunction

type ChoicesOf<Kinds extends ReadonlyArray<{ readonly choice: Schema.Top }>> = { readonly [I in keyof Kinds]: Kinds[I]["choice"] }

/** A rule as a configuration writes it. */
export const AdvantageChoice = Schema.Union(RULES.map(({ choice }) => choice) as unknown as ChoicesOf<typeof RULES>)
export type AdvantageChoice = typeof AdvantageChoice.Type

// An entry only ever sees choices and rules of its own tag.
const kindOf = (tag: string) => RULES.find((kind) => kind.tag === tag) as RuleKind<AdvantageChoice, NamedRule> | undefined

const known = (tag: string): RuleKind<AdvantageChoice, NamedRule> => {
  const kind = kindOf(tag)
  if (kind !== undefined) return kind
  throw new ConfigError({
    field: "advantage",
    value: `"${tag}"`,
    expected: `one of ${RULES.map((each) => each.tag).join(", ")}, or a function`
  })
}

/** Which rollouts a rule compares a rollout with; undefined where it looks at none, and for a function of one's own. */
const comparedWith = (rule: AdvantageRule): "its group" | "all of the step" | undefined => {
  const comparison = typeof rule === "function" ? "nothing" : (known(rule._tag).comparison?.(rule) ?? "nothing")
  return comparison === "nothing" ? undefined : comparison === "group" ? "its group" : "all of the step"
}

/** Says whether a rule reads the reward of a greedy rollout of every query (ReMax). */
export const readsGreedy = (rule: AdvantageRule): boolean => typeof rule !== "function" && rule._tag === "ReMax"

/**
 * Builds the rule of generalised advantage estimation from a value function of one's own: `values` gives V of every token's state [N], before the token.
 * There is no critic here to train one; whitened over the step's tokens unless told (verl, TRL's PPO). A configuration cannot name it.
 */
export const gae = (
  values: (rollouts: Rollouts) => Float64Array,
  { isWhitened = true, ...options }: TokenAdvantage.GaeOptions & { readonly isWhitened?: boolean } = {}
): AdvantageFunction =>
  function generalisedAdvantages (_rewards, _groups, rollouts) {
    const { advantages } = TokenAdvantage.gae(rollouts, tokenRewards(rollouts), values(rollouts), {
      decisionOwner: decisionOwnerOf(rollouts),
      ...options
    })
    return isWhitened ? TokenAdvantage.whiten(advantages, rollouts.owner) : advantages
  }

/**
 * Refuses groups in which a rollout has nobody to be compared with: its advantage would be 0 whatever its reward, and nothing would be learnt
 * without a word. Throws `ConfigError`.
 */
export const assertCompared = (
  rule: AdvantageRule,
  { groupSize, queries }: { readonly groupSize: number; readonly queries: number }
): void => {
  const others = comparedWith(rule)
  const alone = others === "its group" ? groupSize < 2 : others === "all of the step" && groupSize * queries < 2
  if (!alone) return
  throw new ConfigError({
    field: "groupSize",
    value: String(groupSize),
    expected:
      `at least 2: the advantage compares a rollout with ${
        others === "its group" ? "the others of its group" : "the others of the step"
      }, and is 0 for one alone; `
      + "or an advantage that compares nothing, {\"_tag\": \"Reinforce\"}"
  })
}

/** Builds the rule that a configuration names. */
export const fromChoice = (choice: AdvantageChoice): AdvantageRule => known(choice._tag).make(choice)

// Else a missing number would be found as a loss that is none, far from the function that gave it.
const checked = (own: AdvantageFunction, rollouts: Rollouts): Float64Array => {
  const where = `advantage function${own.name === "" ? "" : ` ${own.name}`}`
  const given: ArrayLike<number> = own(penalised(rollouts), rollouts.groups, rollouts) ?? []
  const [expected, tokens] = [rollouts.rewards.length, rollouts.owner.length]
  if (given.length !== expected && given.length !== tokens) {
    throw new TheoryError(where, { _tag: "ShapeMismatch", what: "what it gives", expected, actual: given.length })
  }
  assertFinite(where, "what it gives", given)
  return Float64Array.from(given)
}

/**
 * Computes the advantage of every token; a rule's one number a rollout stands on all of the rollout's tokens. Shapes: → [N]. Errors: those of the rule; a
 * function's must be as many finite numbers as there are rewards, or tokens.
 */
export const advantages = (rule: AdvantageRule, rollouts: Rollouts): Float64Array => {
  const values = typeof rule === "function" ? checked(rule, rollouts) : known(rule._tag).advantages(rule, rollouts)
  return values.length === rollouts.rewards.length ? repeatOnTokens(values, rollouts.offsets) : values
}

/** Marks the rollouts that stay in the loss, denominators included: all, unless the rule drops a class. Shapes: [M] → [M] of 0 and 1. */
export const kept = (rule: AdvantageRule, rewards: Float64Array): Uint8Array =>
  (typeof rule === "function" ? undefined : known(rule._tag).kept?.(rule, rewards)) ?? new Uint8Array(rewards.length).fill(1)
