/**
 * What this paper prints about its own models, as data, to stand beside ours. Nothing here is measured by this library.
 *
 * @module
 */
import type { Interval } from "../statistics/Interval.ts"

/** One row of table 1: accuracy by level in percent, with the printed 95 % intervals. */
export interface PaperTable1Row {
  readonly model: string
  readonly accuracy: ReadonlyArray<number>
  readonly interval: ReadonlyArray<Interval>
}

/**
 * Table 1 of arXiv 2601.01580: Qwen2.5-7B-Instruct on multi-digit multiplication, 100 problems a level, temperature 1.
 * The levels are the seven of the paper in order of difficulty; the first two were trained on. Its text lost their names.
 */
export const paperTable1: {
  readonly source: string
  readonly n: number
  readonly levels: ReadonlyArray<string>
  readonly trainLevels: ReadonlyArray<string>
  readonly rows: ReadonlyArray<PaperTable1Row>
} = {
  source: "arXiv 2601.01580, table 1",
  n: 100,
  levels: ["1", "2", "3", "4", "5", "6", "7"],
  trainLevels: ["1", "2"],
  rows: [
    {
      model: "Base",
      accuracy: [74, 34, 5, 1, 4, 3, 1],
      interval: [[65.4, 82.6], [24.7, 43.3], [0.7, 9.3], [-1, 3], [0.2, 7.8], [-0.3, 6.3], [-1, 3]]
    },
    {
      model: "SFT (no reflection)",
      accuracy: [75, 32, 6, 2, 1, 0, 1],
      interval: [[66.5, 83.5], [22.9, 41.1], [1.3, 10.7], [-0.7, 4.7], [-1, 3], [0, 0], [-1, 3]]
    },
    {
      model: "SFT (reflection)",
      accuracy: [96, 92, 94, 49, 4, 1, 0],
      interval: [[92.2, 99.8], [86.7, 97.3], [89.3, 98.7], [39.2, 58.8], [0.2, 7.8], [-1, 3], [0, 0]]
    },
    {
      model: "RL",
      accuracy: [98, 91, 92, 90, 72, 53, 34],
      interval: [[95.3, 100.7], [85.4, 96.6], [86.7, 97.3], [84.1, 95.9], [63.2, 80.8], [43.2, 62.8], [24.7, 43.3]]
    }
  ]
}

/** Table 2: p(F→T) after SFT by share of corrective data, from Kang et al. 2025 (arXiv 2510.08308) as this paper quotes it. */
export const paperTable2: ReadonlyArray<{ readonly ratio: number; readonly llama: number; readonly qwen: number }> = [
  { ratio: 1, llama: 0.053, qwen: 0.036 },
  { ratio: 0.5, llama: 0.058, qwen: 0.045 },
  { ratio: 0, llama: 0.05, qwen: 0.041 }
]

/** What the text of section 4.2 says of figures 2 and 3; the figures' numbers are not printed. */
export const paperFigures = {
  rl:
    "p_S falls from about 80 % to below 20 %; p_D|C stays near its ceiling; p_D|W holds 40–60 % far out of distribution; prediction tracks observation",
  sft: "p_D|C stays high; p_D|W falls to about 0 out of distribution"
} as const
