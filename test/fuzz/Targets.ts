/**
 * Everything that reads something from outside, by name: what `npm test` tries for seconds, `npm run fuzz` for hours, and the corpus again.
 *
 * @module
 */
import { models } from "./targets/Models.ts"
import { results } from "./targets/Results.ts"
import { settings } from "./targets/Settings.ts"
import { transcripts } from "./targets/Transcripts.ts"
import { wire } from "./targets/Wire.ts"
import type { Target } from "./Target.ts"

/** All targets. */
export const TARGETS: ReadonlyArray<Target> = [...transcripts, ...settings, ...results, ...models, ...wire]
