/**
 * The rows of a calibration or a comparison, each with the levels that it is of.
 *
 * @module
 */

/** A row of a table by level. */
export interface LevelRow<Level> {
  readonly name: string
  readonly row: Level
  /** The levels that it pools; undefined for all. */
  readonly levels: ReadonlyArray<string> | undefined
}

/** Levels in order, then trained and unseen ones pooled where it is known which are which, then all pooled. Of one level the pooled row says nothing more. */
export const levelRows = <Level extends { readonly level: string }>({ levels, overall, trained, unseen }: {
  readonly levels: ReadonlyArray<Level>
  readonly overall: Level
  readonly trained?: Level
  readonly unseen?: Level
}, trainLevels: ReadonlyArray<string> = []): ReadonlyArray<LevelRow<Level>> => {
  const isTrained = ({ level }: Level): boolean => trainLevels.includes(level)
  const names = (some: ReadonlyArray<Level>): ReadonlyArray<string> => some.map(({ level }) => level)
  return [
    ...levels.map((row) => ({ name: row.level, row, levels: [row.level] })),
    ...(trained === undefined ? [] : [{ name: trained.level, row: trained, levels: names(levels.filter(isTrained)) }]),
    ...(unseen === undefined ? [] : [{ name: unseen.level, row: unseen, levels: names(levels.filter((level) => !isTrained(level))) }]),
    ...(levels.length === 1 ? [] : [{ name: overall.level, row: overall, levels: undefined }])
  ]
}
