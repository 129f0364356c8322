/**
 * The names under which tools write responses, how they ended and how they were judged: what readers of transcripts look for, and what a prompts file must
 * not be mistaken to have.
 *
 * @module
 */

/** The fields of a sample that is an object without a role: a server's choice, a tool's record. */
export const RESPONSE_FIELDS = [
  "response",
  "completion",
  "output",
  "generation",
  "prediction",
  "model_output",
  "model_outputs",
  "model_response",
  "generated_text",
  "output_text",
  "generated_solution",
  "response_text",
  "text"
] as const

/** The fields with several responses of one row. */
export const MANY_FIELDS = [
  "responses",
  "generations",
  "completions",
  "samples",
  "outputs",
  "resps",
  "predictions",
  "model_outputs",
  "candidates"
] as const

/** Fields that are true of a response that was cut off. */
export const TRUNCATION_FLAGS = ["truncated", "is_truncated", "response_truncated", "was_truncated", "overlong"] as const

/** Fields with the reason why a response ended. */
export const FINISH_REASONS = [
  "finish_reason",
  "finish_reasons",
  "finishReason",
  "stop_reason",
  "stop_condition",
  "done_reason",
  "status",
  "incomplete_details"
] as const

/** Fields that count the tokens that were cut off. */
export const TRUNCATION_COUNTS = ["truncated_tokens_count"] as const

/** Fields that say how a response ended. */
export const ENDING_FIELDS: ReadonlyArray<string> = [...TRUNCATION_FLAGS, ...FINISH_REASONS, ...TRUNCATION_COUNTS]

/** Fields that say whether a response is right. */
export const VERDICT_FIELDS = [
  "score",
  "reward",
  "acc",
  "accuracy",
  "exact_match",
  "correct",
  "is_correct",
  "accuracy_reward",
  "correctness",
  "correctness_math_verify",
  "symbolic_correct",
  "scores",
  "metric",
  "metrics"
] as const
