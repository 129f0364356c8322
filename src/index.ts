/**
 * The floors that load neither a tensor library nor a drawing library, as namespaces. The others have entry points of their own:
 * `decision-sampling/model`, `/training`, `/eval`, and `/laws` for tests.
 *
 * @module
 */
export * as Domain from "./domain/index.ts"
export * as Engine from "./engine/index.ts"
export * as Tasks from "./tasks/index.ts"
export * as Theory from "./theory/index.ts"
