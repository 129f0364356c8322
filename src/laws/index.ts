/**
 * Laws as vitest suites: what every policy and every device must keep, for those you write yourself. Needs vitest and @effect/vitest.
 *
 * @module
 */
export { deviceLaws } from "./device/DeviceLaws.ts"
export { policyServiceLaws } from "./PolicyServiceLaws.ts"
export type { LawOptions } from "./PolicyServiceLaws.ts"
export * as TinyWords from "./TinyWords.ts"
