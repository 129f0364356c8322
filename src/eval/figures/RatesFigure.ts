/**
 * A model's rates and accuracy over the levels, mean over seeds: the form of this paper's figures 2 (RL) and 3 (SFT).
 */
import type { AcrossSeeds, SeedsModel, Spread } from "../AcrossSeeds.ts"
import type { Figure } from "./Figure.ts"
import { levelPanel, type Series } from "./LevelLines.ts"
import { roleColors } from "./Theme.ts"

type Scope = SeedsModel["scopes"][number]

const series: ReadonlyArray<Series & { readonly read: (scope: Scope) => Spread }> = [
  { name: "p_S", color: roleColors.sampling, shape: "circle", read: ({ pSample }) => pSample },
  { name: "p_D|C", color: roleColors.stop, shape: "square", dash: [6, 3], read: ({ pStopGivenCorrect }) => pStopGivenCorrect },
  { name: "p_D|W", color: roleColors.resample, shape: "triangle-up", dash: [2, 3], read: ({ pResampleGivenWrong }) => pResampleGivenWrong },
  { name: "accuracy", color: roleColors.accuracy, shape: "diamond", dash: [8, 2, 2, 2], read: ({ accuracy }) => accuracy }
]

const percent = (value: number | null): string => (value === null ? "undefined" : `${Math.round(100 * value)} %`)

/** Draws p_S, p_D|C, p_D|W and accuracy by level, with the interval of the mean over seeds. */
export const ratesFigure = ({ seeds, task }: Pick<AcrossSeeds, "seeds" | "task">, model: SeedsModel): Figure => {
  const at = (level: string): Scope | undefined => model.scopes.find(({ scope }) => scope === level)
  return {
    id: `rates-${model.id}`,
    title: `${model.label}: rates by level (mean of ${seeds.length} seeds; bars: 95 % of the mean)`,
    alt: task.testLevels
      .map((level) => `Level ${level}: ${series.map(({ name, read }) => `${name} ${percent(at(level) === undefined ? null : read(at(level)!).mean)}`).join(", ")}.`)
      .join(" "),
    spec: levelPanel({
      levels: task.testLevels,
      trained: task.trainLevels.map((level) => task.testLevels.indexOf(level)).filter((position) => position >= 0),
      series,
      points: series.flatMap(({ name, read }) =>
        task.testLevels.map((level, k) => {
          const scope = at(level)
          const { interval, mean } = scope === undefined ? { interval: null, mean: null } : read(scope)
          return { series: name, level: k, value: mean, interval }
        })
      ),
      width: 490,
      height: 200
    })
  }
}
