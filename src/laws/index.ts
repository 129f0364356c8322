/**
 * Laws as vitest suites: what every policy, device and objective must keep, for those you write yourself. Needs vitest,
 * @effect/vitest and fast-check.
 *
 * @module
 */
export { deviceLaws } from "./device/DeviceLaws.ts"
export { objectiveLaws } from "./ObjectiveLaws.ts"
export type { ObjectiveLawOptions } from "./ObjectiveLaws.ts"
export { policyServiceLaws } from "./PolicyServiceLaws.ts"
export type { LawOptions } from "./PolicyServiceLaws.ts"
export * as TinyWords from "./TinyWords.ts"
