/**
 * Who writes text: servers and stand-ins that complete prompts, and the files their answers go to.
 *
 * @module
 */
export { Completions, CompletionsError } from "./Completions.ts"
export type { ChatMessage, Completion, CompletionRequest, CompletionsService } from "./Completions.ts"
export * as ModelReader from "./ModelReader.ts"
export * as OpenAi from "./OpenAi.ts"
export { TextRollout } from "./RolloutFile.ts"
export { sampleTexts } from "./SampleTexts.ts"
export { readPrompts } from "./Prompts.ts"
export type { FailedRow, SampleTextsOptions, TextQuery } from "./SampleTexts.ts"
export * as Simulated from "./Simulated.ts"
