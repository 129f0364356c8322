/**
 * Accuracy over difficulty levels, one line for each model: the form of this paper's table 1 as a picture.
 *
 * @module
 */
import type { Interval } from "../statistics/Interval.ts"
import type { Figure } from "./Figure.ts"
import { levelPanel } from "./LevelLines.ts"
import { modelStyles } from "./ModelStyle.ts"

/** One model's line. */
export interface AccuracyLine {
  /** The model's id, which gives its colour; its label unless told. */
  readonly id?: string
  readonly label: string
  /** In the order of the figure's levels; null where the model was not evaluated. */
  readonly accuracy: ReadonlyArray<number | null>
  readonly interval: ReadonlyArray<Interval | null>
}

/** Draws accuracy by level for several models, with their intervals. */
export const accuracyFigure = (figure: {
  readonly id: string
  readonly title: string
  readonly levels: ReadonlyArray<string>
  readonly trainLevels: ReadonlyArray<string>
  readonly lines: ReadonlyArray<AccuracyLine>
  /** The ids of all models of the report; those of the lines unless told. */
  readonly ids?: ReadonlyArray<string>
}): Figure => {
  const idOf = ({ id, label }: AccuracyLine): string => id ?? label
  const styleOf = modelStyles(figure.ids ?? figure.lines.map(idOf))
  const { levels, lines, trainLevels } = figure
  return {
    id: figure.id,
    title: figure.title,
    alt: lines
      .map((line) => `${line.label}: ${levels.map((level, k) => `${level} ${percent(line.accuracy[k] ?? null)}`).join(", ")}.`)
      .join(" "),
    spec: levelPanel({
      levels,
      trained: trainLevels.map((level) => levels.indexOf(level)).filter((position) => position >= 0),
      series: lines.map((line) => ({ name: line.label, ...styleOf(idOf(line)) })),
      points: lines.flatMap((line) =>
        levels.map((_, k) => ({ series: line.label, level: k, value: line.accuracy[k] ?? null, interval: line.interval[k] ?? null }))
      ),
      width: 500,
      height: 280
    })
  }
}

const percent = (value: number | null): string => (value === null ? "not measured" : `${Math.round(100 * value)} %`)
