/**
 * How many problems and responses an evaluation really had: a level with few problems has fewer than a preset asks for.
 *
 * @module
 */
import type { LevelCalibration } from "../calibration/Calibration.ts"
import { count } from "../calibration/FindingWords.ts"
import type { ModelResult, Results } from "./Results.ts"

/** The problems of a level, and the responses of each model to all of them. */
export interface UsedLevel {
  readonly level: string
  readonly problems: number
  readonly responses: number
}

/** What was used of each level, and how many responses each problem had; null where it is not known. */
export interface Used {
  readonly generations: number | null
  readonly levels: ReadonlyArray<UsedLevel>
}

const responsesOf = ({ outcomes }: LevelCalibration): number => Object.values(outcomes).reduce((sum, count) => sum + count, 0)

/**
 * Counts from the calibrations. A calibration knows responses, and problems of which one counted; where all of a problem's responses were cut off, the
 * responses and the number for each tell how many problems there were.
 */
export const usedOf = (models: ReadonlyArray<Pick<ModelResult, "calibration">>, testLevels: ReadonlyArray<string>): Used => {
  const all = models.flatMap(({ calibration }) => calibration.levels)
  const ratios = all.flatMap((level) => (level.queries > 0 ? [responsesOf(level) / level.queries] : []))
  const least = Math.round(ratios.reduce((a, b) => Math.min(a, b), Infinity))
  const generations = Number.isFinite(least) && least > 0 ? least : null
  return {
    generations,
    levels: testLevels.flatMap((level) => {
      const found = all.filter((other) => other.level === level)
      if (found.length === 0) return []
      const responses = found.reduce((most, one) => Math.max(most, responsesOf(one)), 0)
      const problems = found.reduce((most, { queries }) => Math.max(most, queries), 0)
      return [{ level, responses, problems: Math.max(problems, generations === null ? 0 : Math.floor(responses / generations)) }]
    })
  }
}

const levelsWords = ({ levels }: Used): string => {
  const sizes = levels.map(({ problems }) => problems)
  const common =
    [...new Set(sizes)].toSorted((a, b) => sizes.filter((size) => size === b).length - sizes.filter((size) => size === a).length)[0]
  if (common === undefined) return "no problem"
  const others = levels.filter(({ problems }) => problems !== common)
  return others.length === 0
    ? `${count(common, "problem")} on each of ${count(levels.length, "level")}`
    : `${others.map(({ level, problems }) => `${count(problems, "problem")} on ${level}`).join(", ")} and ${
      count(common, "problem")
    } on each other level`
}

/** What was used, in words: "47 problems on 3x1 and 100 problems on each other level, 4 responses to each". `asked` is what the preset asked for. */
export const usedWords = (used: Used, asked: Results["task"]["testPerLevel"]): string =>
  `${levelsWords(used)}${
    used.levels.some(({ problems }) => problems < asked) ? ` (all there are, where fewer than ${asked.toLocaleString("en")})` : ""
  }${used.generations === null ? "" : `, ${count(used.generations, "response")} to each`}`
