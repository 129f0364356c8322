/**
 * A model's rates and accuracy over the levels, mean over seeds: the form of this paper's figures 2 (RL) and 3 (SFT).
 *
 * @module
 */
import type { AcrossSeeds, SeedsModel, Spread } from "../results/AcrossSeeds.ts"
import { wholePercent } from "../report/Words.ts"
import type { Figure } from "./Figure.ts"
import { levelPanel, type Series } from "./LevelLines.ts"
import { rateSeries, roleColors } from "./Theme.ts"

type Scope = SeedsModel["scopes"][number]

const series: ReadonlyArray<Series & { readonly read: (scope: Scope) => Spread }> = [
  { ...rateSeries.pSample, read: ({ pSample }) => pSample },
  { ...rateSeries.pStopGivenCorrect, read: ({ pStopGivenCorrect }) => pStopGivenCorrect },
  { ...rateSeries.pResampleGivenWrong, read: ({ pResampleGivenWrong }) => pResampleGivenWrong },
  { name: "accuracy", color: roleColors.accuracy, shape: "diamond", dash: [8, 2, 2, 2], read: ({ accuracy }) => accuracy }
]

/** Draws p_S, p_D|C, p_D|W and accuracy by level, with the interval of the mean over seeds. */
export const ratesFigure = ({ seeds, task }: Pick<AcrossSeeds, "seeds" | "task">, model: SeedsModel): Figure => {
  const at = (level: string): Scope | undefined => model.scopes.find(({ scope }) => scope === level)
  return {
    id: `rates-${model.id}`,
    title: `${model.label}: rates by level (means of ${seeds.length} seeds, bars 95 %)`,
    alt: task.testLevels
      .map((level) => {
        const scope = at(level)
        return `Level ${level}: ${
          series.map(({ name, read }) => `${name} ${wholePercent(scope === undefined ? null : read(scope).mean)}`).join(", ")
        }.`
      })
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
