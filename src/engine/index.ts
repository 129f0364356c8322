/**
 * Who writes text: servers and stand-ins that complete prompts, and the files their answers go to.
 *
 * @module
 */
export { Completions, CompletionsError } from "./Completions.ts"
export type { Completion, CompletionRequest, CompletionsService } from "./Completions.ts"
export * as OpenAi from "./OpenAi.ts"
export { TextRollout } from "./RolloutFile.ts"
export { sampleTexts } from "./SampleTexts.ts"
export type { SampleTextsOptions } from "./SampleTexts.ts"
export * as Simulated from "./Simulated.ts"
