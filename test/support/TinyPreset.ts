/**
 * The whole main job with models too small to learn anything: every stage, every file, seconds instead of minutes.
 *
 * @module
 */
import { type Preset, quick } from "../../src/cli/reproduce/Preset.ts"

/** Every stage of `quick`, tiny. */
export const tinyPreset: Preset = {
  ...quick,
  name: "tiny",
  task: { ...quick.task, trainLevels: ["1x1", "2x1"], testLevels: ["1x1", "2x1", "3x1"], testPerLevel: 5, generations: 2 },
  model: { width: 8, layers: 1, heads: 2 },
  base: { ...quick.base, steps: 3, batchSize: 8 },
  sft: { ...quick.sft, steps: 3, batchSize: 8, attributionEvery: 2 },
  expert: { problems: 10, answers: 3 },
  grpo: { ...quick.grpo, steps: 2, queries: 4, miniBatchQueries: 2, groupSize: 4, attributionEvery: 1 },
  bootstrapRounds: 20
}

/** The same with a base and a supervised stage that take long enough to be killed in, and are saved often. */
export const slowPreset: Preset = {
  ...tinyPreset,
  name: "slow",
  base: { ...tinyPreset.base, steps: 60 },
  sft: { ...tinyPreset.sft, steps: 60, attributionEvery: 0 },
  checkpointEvery: 5
}
