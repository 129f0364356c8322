/**
 * A run's rollouts as verl 0.9.1 writes them: a file of JSON Lines for each step, in the order of `_write_generations` (input, output, gts, score, step, and the
 * reward's extra fields), prompts through Qwen's chat template with its marks left out.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { SimulatedPolicy } from "../../src/eval/calibration/Simulate.ts"
import { simulateTranscripts } from "../../src/eval/transcripts/SimulatedTranscript.ts"

/** How a run goes. */
export interface VerlRun {
  readonly folder: string
  readonly steps: ReadonlyArray<number>
  /** The rates at each step; prompts and rollouts a prompt as in a simulated policy. */
  readonly policy: (step: number) => Partial<SimulatedPolicy>
  /** All steps have the prompts of one: a validation dump. */
  readonly isValidation?: boolean
  /** The reward's extra fields hold `truncated` and `level`. */
  readonly hasExtras?: boolean
}

const lastNumber = (response: string): string | undefined => response.replaceAll(/[,\u2009 ](?=\d{3})/g, "").match(/\d+/g)?.at(-1)

/** The rows of one step. */
export const verlRows = (
  { hasExtras = false, isValidation = false, policy }: Omit<VerlRun, "folder" | "steps">,
  step: number
): ReadonlyArray<object> =>
  simulateTranscripts({
    pSample: 0.5,
    pStopGivenCorrect: 0.9,
    pResampleGivenWrong: 0.4,
    cap: 6,
    n: 32,
    rolloutsPerQuery: 4,
    level: "3x3",
    seed: isValidation ? 0 : step,
    ...policy(step)
  }).map(({ answer, hitCap, level, prompt, response }, k) => ({
    input: `system\nYou are a careful calculator.\nuser\n${isValidation ? "" : `Set ${step}. `}${prompt}\nassistant\n`,
    output: response,
    gts: answer,
    score: lastNumber(response) === answer ? 1 : 0,
    step,
    ...(hasExtras ? { level, truncated: hitCap === true, acc: 0 } : {}),
    uid: `${Math.floor(k / 4)}_${k % 4}_0`
  }))

/** The text of one step's file. */
export const verlText = (run: Omit<VerlRun, "folder" | "steps">, step: number): string =>
  verlRows(run, step).map((row) => JSON.stringify(row) + "\n").join("")

/** Writes a run. */
export const writeVerlRun = (run: VerlRun): string => {
  mkdirSync(run.folder, { recursive: true })
  for (const step of run.steps) writeFileSync(join(run.folder, `${step}.jsonl`), verlText(run, step))
  return run.folder
}

/** The run that the guide shows: deciding improves, sampling hardly. */
export const guideRun: Omit<VerlRun, "folder"> = {
  steps: [1, 2, 3, 4, 5, 6, 7, 8],
  policy: (step) => ({ n: 48, rolloutsPerQuery: 4, pSample: 0.5 + 0.005 * step, pResampleGivenWrong: 0.2 + 0.08 * step }),
  hasExtras: true
}
