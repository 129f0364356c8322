/**
 * Who writes text: servers and stand-ins that complete prompts, the files their answers go to, and engines that sample rollouts for a trainer.
 *
 * @module
 */
export { Completions, CompletionsError } from "./Completions.ts"
export type { ChatMessage, Completion, CompletionRequest, CompletionsService } from "./Completions.ts"
export * as ModelReader from "./ModelReader.ts"
export { publishToVllm, versionOf } from "./AdapterPublisher.ts"
export type { AdapterPlace, AdapterPublisher, AdapterWriter } from "./AdapterPublisher.ts"
export * as LlamaCppSampler from "./LlamaCppSampler.ts"
export * as OpenAi from "./OpenAi.ts"
export * as OpenAiSampler from "./OpenAiSampler.ts"
export { patientPost } from "./PatientPost.ts"
export type { PatienceSettings, PatientPost } from "./PatientPost.ts"
export { TextRollout } from "./RolloutFile.ts"
export { sampleTexts } from "./SampleTexts.ts"
export { readPrompts } from "./Prompts.ts"
export type { FailedRow, SampleTextsOptions, TextQuery } from "./SampleTexts.ts"
export * as Simulated from "./Simulated.ts"
export { BatchManifest, OPENAI_LIMITS, openBatch } from "./batch/BatchFolder.ts"
export type { Batch, BatchLimits, BatchSettings } from "./batch/BatchFolder.ts"
export { NEXT_CHOICES, readBatch } from "./batch/ReadBatch.ts"
export type { FoundLines, NextChoice, ReadBatchOptions, ReadBatchResult } from "./batch/ReadBatch.ts"
export { writeBatch } from "./batch/WriteBatch.ts"
export type { WriteBatchOptions, WrittenBatch } from "./batch/WriteBatch.ts"
