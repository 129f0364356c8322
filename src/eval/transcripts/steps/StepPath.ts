/**
 * The step of training that a file's path names, as trainers name their files: 200.jsonl, completions_00200.parquet, step_200/traces.jsonl.
 *
 * @module
 */

/** A path that names a step, and the path with "{step}" in the step's place: files with the same one are of one series. */
export interface StepPath {
  readonly step: number
  readonly series: string
}

/** What stands for the step in a series. */
export const STEP = "{step}"

const DIGITS = "(\\d{1,15})(?!\\d)"
// "step_200", "global_step_200", "steps-200" in any part of the path, the last of them.
const NAMED = new RegExp(`^(.*(?:^|[^a-z])steps?[_-]?)${DIGITS}(.*)$`, "is")
// A file, or else a folder, that is called by its number alone: "200.jsonl".
const ALONE = new RegExp(`^((?:.*/)?)${DIGITS}(\\.[^/]*)$`, "s")
const FOLDER = new RegExp(`^((?:.*/)?)${DIGITS}(/.*)$`, "s")
// The last number of a file's name: "completions_00200.parquet".
const LAST = new RegExp(`^((?:.*/)?[^/]*?(?:^|[^\\d/]))${DIGITS}([^/\\d]*)$`, "s")

/** Finds the step in a path; undefined where it names none. */
export const stepOfPath = (path: string): StepPath | undefined => {
  for (const pattern of [NAMED, ALONE, LAST, FOLDER]) {
    const [, before, digits, after] = pattern.exec(path) ?? []
    if (digits !== undefined) return { step: Number(digits), series: `${before}${STEP}${after}` }
  }
  return undefined
}

const escaped = (text: string): string => text.replace(/[\\^$.|?+()[\]{}]/g, "\\$&")

/** A pattern that finds the step in the paths of a series; `*` in it stands for anything within one part of a path. */
export const matcherOf = (series: string): (path: string) => number | undefined => {
  const parts = series.split(STEP).map((part) => part.split("*").map(escaped).join("[^/]*"))
  // A step that stands in two places is the same number.
  const pattern = new RegExp(`^${parts.map((part, k) => (k === 0 ? part : `${k === 1 ? "(\\d{1,15})" : "0*\\1"}${part}`)).join("")}$`, "s")
  return (path) => {
    const digits = pattern.exec(path)?.[1]
    return digits === undefined ? undefined : Number(digits)
  }
}
