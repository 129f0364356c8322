/**
 * The README of an exported experiment: how to run it, how to read it back, and where each value is from.
 *
 * @module
 */
import type { Base } from "./Experiment.ts"
import { type Setting, settingsTable } from "./Settings.ts"

const INTRODUCTION =
  `The first column is the tool's own name. **the paper**: The Two-Stage Decision-Sampling Hypothesis, appendix E, by section. **default**: the tool has it
so and the paper does not say otherwise. **your configuration**: the field of your file. **ours**: our choice, with the reason. Both learning rates, the levels,
schedules, warm-up, clip bounds and precision are blank in or absent from the paper's text that we have: those values are not the paper's.`

const NOT_RUN = "These settings were checked against the tool's own classes without a GPU; a training run at this size was not made by us."

/** Sections that all READMEs have, around the tool's own. */
export const readme = (
  title: string,
  base: Base,
  sections: ReadonlyArray<readonly [heading: string, text: string]>,
  tables: ReadonlyArray<readonly [heading: string, tool: string, settings: ReadonlyArray<Setting>]>
): string =>
  [
    `# ${title}`,
    `Written by \`decision-sampling export\` (experiment: ${base.name}). ${NOT_RUN}`,
    ...sections.flatMap(([heading, text]) => [`## ${heading}`, text]),
    "## Where each value is from",
    INTRODUCTION,
    ...tables.flatMap(([heading, tool, settings]) => [...(tables.length > 1 ? [`### ${heading}`] : []), settingsTable(tool, settings)])
  ].join("\n\n") + "\n"

/** How graded rollouts are read back. */
export const readBack = (rollouts: string): string =>
  `\`\`\`sh
npx decision-sampling calibrate ${rollouts}
\`\`\`

prints p_S, p_D|C and p_D|W with intervals (docs/guide/calibrate-your-model.md). reward.py grades by the rule that calibrate grades by: it is compiled from it.
python3 reward.py FILE.jsonl shows what rows of prompt, response and answer are worth.`
