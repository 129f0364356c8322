/**
 * How a trainer turns the rewards of a step into advantages: one of the theory's estimators, one of the negative
 * reinforcement family, or a function of one's own. Each rule that configurations can name is one entry of {@link RULES}.
 *
 * @module
 */
import { Schema } from "effect"
import { ConfigError } from "../domain/Errors.ts"
import * as Advantage from "../theory/Advantage.ts"
import * as NegativeReinforcement from "../theory/NegativeReinforcement.ts"
import { assertFinite, assertLength } from "../theory/TheoryError.ts"

/** PSR, NSR or W-REINFORCE as an advantage; rewards must be 0 or 1 (Zhu et al., 2025). */
export interface NegativeReinforcementRule extends NegativeReinforcement.NegativeReinforcement {
  readonly _tag: "NegativeReinforcement"
}

/** A function of one's own: all rewards [M] and the groups' offsets [Q+1] give an advantage each [M]. */
export type AdvantageFunction = (rewards: Float64Array, groups: Int32Array) => Float64Array

/** Builds a rule of the negative reinforcement family; defaults as `NegativeReinforcement.make`. */
export const negativeReinforcement = (...settings: Parameters<typeof NegativeReinforcement.make>): NegativeReinforcementRule => ({
  _tag: "NegativeReinforcement",
  ...NegativeReinforcement.make(...settings)
})

/** What there is to a rule: its tag, how a configuration writes it, what it makes of rewards, and which rollouts it keeps. */
interface RuleKind<Choice, Rule extends { readonly _tag: string }> {
  readonly tag: Rule["_tag"]
  make(choice: Choice): Rule
  advantages(rule: Rule, rewards: Float64Array, groups: Int32Array): Float64Array
  /** Marks the rollouts that stay in the loss; left out: all. */
  kept?(rule: Rule, rewards: Float64Array): Uint8Array
}

const rule = <S extends Schema.Top, Rule extends { readonly _tag: string }>(choice: S, kind: RuleKind<S["Type"], Rule>) => ({
  choice,
  ...kind
})

const Size = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))

/** Every rule that a configuration can name. */
const RULES = [
  rule(
    Schema.Struct({
      _tag: Schema.Literal("GroupRelative"),
      scale: Schema.optionalKey(Schema.Literals(["group", "batch", "none"])),
      std: Schema.optionalKey(Schema.Literals(["sample", "population"])),
      epsilon: Schema.optionalKey(Size)
    }),
    {
      tag: "GroupRelative",
      make: Advantage.groupRelative,
      advantages: Advantage.advantages
    }
  ),
  rule(Schema.Struct({ _tag: Schema.Literal("LeaveOneOut") }), {
    tag: "LeaveOneOut",
    make: Advantage.rloo,
    advantages: Advantage.advantages
  }),
  rule(Schema.Struct({ _tag: Schema.Literal("Reinforce"), baseline: Schema.optionalKey(Schema.Literals(["none", "mean"])) }), {
    tag: "Reinforce",
    make: Advantage.reinforce,
    advantages: Advantage.advantages
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
      advantages: (settings, rewards) => NegativeReinforcement.advantages(settings, rewards),
      kept: (settings, rewards) => NegativeReinforcement.kept(settings, rewards)
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
  if (typeof rule === "function" || rule._tag === "NegativeReinforcement") return undefined
  if (rule._tag === "Reinforce") return rule.baseline === "mean" ? "all of the step" : undefined
  return "its group"
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
const checked = (own: AdvantageFunction, rewards: Float64Array, groups: Int32Array): Float64Array => {
  const where = `advantage function${own.name === "" ? "" : ` ${own.name}`}`
  const given: ArrayLike<number> = own(rewards, groups) ?? []
  assertLength(where, "what it gives", rewards.length, given.length)
  assertFinite(where, "what it gives", given)
  return Float64Array.from(given)
}

/**
 * Computes the advantage of every rollout. Shapes: rewards [M], groups [Q+1] → [M]. Errors: those of the rule; a function's must be as
 * many finite numbers as there are rewards.
 */
export const advantages = (rule: AdvantageRule, rewards: Float64Array, groups: Int32Array): Float64Array =>
  typeof rule === "function" ? checked(rule, rewards, groups) : known(rule._tag).advantages(rule, rewards, groups)

/** Marks the rollouts that stay in the loss, denominators included: all, unless the rule drops a class. Shapes: [M] → [M] of 0 and 1. */
export const kept = (rule: AdvantageRule, rewards: Float64Array): Uint8Array =>
  (typeof rule === "function" ? undefined : known(rule._tag).kept?.(rule, rewards)) ?? new Uint8Array(rewards.length).fill(1)
