/**
 * Advantages of single tokens: from a value function, from rewards by token, and by turn.
 *
 * `Advantage` gives one number a trajectory, A = f(rewards of the group); here each token or each action (an answer, a decision) has its own.
 * Sources are with the parts (2016 to 2025; verl 0.9.1).
 *
 * @module
 */
export { type Actions, actionsOf, spreadOnTokens, sumByAction } from "./advantage/Actions.ts"
export { gae, type GaeOptions, type GaeResult, reinforcePlusPlus, terminalRewards, whiten } from "./advantage/Gae.ts"
export {
  optimalTokenBaseline,
  type OptimalTokenBaselineInput,
  type OptimalTokenBaselineOptions
} from "./advantage/OptimalTokenBaseline.ts"
export {
  actionReturns,
  actionStates,
  type GradedAttempt,
  processRewards,
  stateBaseline,
  turnAdvantages,
  type TurnCredit,
  turnCredit
} from "./advantage/TurnCredit.ts"
