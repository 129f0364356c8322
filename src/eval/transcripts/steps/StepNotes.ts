/**
 * What there is to say of a run's files and steps, in sentences: what is missing, in two places, not told, left out.
 *
 * @module
 */
import { count, share } from "../../calibration/FindingWords.ts"
import { countedNotes } from "../files/CalibrateFiles.ts"
import { addReadings, NO_READING, type ReadingTally } from "../ReadingTally.ts"
import type { LevelTally } from "../Tallies.ts"
import type { FoundFiles } from "./StepFiles.ts"
import { nameOfRow, type StepUnit } from "./StepRows.ts"
import type { ReadFile, StepRead, StepsReader } from "./ReadSteps.ts"

const LISTED = 5

const listed = (items: ReadonlyArray<string | number>): string =>
  items.slice(0, LISTED).join(", ") + (items.length > LISTED ? `, … (${items.length})` : "")

/** What was counted beside rollouts, of all files. */
export const readingOf = (files: ReadonlyArray<ReadFile>): ReadingTally =>
  files.reduce((sum, { part }) => addReadings(sum, part.reading), NO_READING)

// The distance between neighbouring steps that most of them have, and the steps that it leaves out.
const missing = (steps: ReadonlyArray<StepRead>): ReadonlyArray<string> => {
  const gaps = steps.slice(1).map(({ step }, k) => step - steps[k]!.step)
  const counts = Map.groupBy(gaps, (gap) => gap)
  const [usual, members] = [...counts].sort(([, a], [, b]) => b.length - a.length)[0] ?? [0, []]
  if (steps.length < 4 || members.length * 2 < gaps.length) return []
  const lacking = gaps.flatMap((gap, k) =>
    gap % usual === 0 ? Array.from({ length: Math.min(1000, gap / usual - 1) }, (_, i) => steps[k]!.step + (i + 1) * usual) : []
  )
  return lacking.length === 0
    ? []
    : [
      `Of steps ${steps[0]!.step} to ${steps.at(-1)!.step}, every ${usual === 1 ? "one" : `${usual}`}, these are missing: ${
        listed(lacking)
      }.`
    ]
}

const twice = (steps: ReadonlyArray<StepRead>): ReadonlyArray<string> => {
  const several = steps.filter(({ files }) => files.length > 1)
  return several.length === 0 ? [] : [
    `${count(several.length, "step")} ${several.length === 1 ? "is" : "are"} in several files, which are pooled: ${
      listed(several.map(({ step }) => step))
    } (step ${several[0]!.step} in ${listed(several[0]!.files)}).`
  ]
}

const sameCounts = (a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean =>
  a.size === b.size && [...a].every(([pattern, times]) => b.get(pattern) === times)

// Whether two steps have the very prompts, and each prompt the very attempts. What is cheap to compare comes first.
const sameRollouts = (a: StepRead, b: StepRead): boolean => {
  if (a.rows !== b.rows || a.told !== b.told || a.levels.length !== b.levels.length) return false
  const byName = new Map(b.levels.map((level) => [level.level, level]))
  const pairs = a.levels.map((level) => [level, byName.get(level.level)] as const)
  if (!pairs.every(([before, after]) => after !== undefined && sameCounts(before.patterns, after.patterns))) return false
  return pairs.every(([before, after]) => {
    const others = after!.sorted()[Symbol.iterator]()
    for (const [hash, signature] of before.sorted()) {
      const { value } = others.next() as IteratorResult<readonly [number, string], undefined>
      if (value?.[0] !== hash || value[1] !== signature) return false
    }
    return others.next().done === true
  })
}

// A single prompt or two may be answered alike by chance.
const FEWEST_ALIKE = 16

const again = (steps: ReadonlyArray<StepRead>): ReadonlyArray<string> => {
  const alike = steps.filter((step, k) => k > 0 && step.rows >= FEWEST_ALIKE && sameRollouts(steps[k - 1]!, step))
  return alike.length === 0 ? [] : [
    `${alike.length === 1 ? "Step" : "Steps"} ${listed(alike.map(({ step }) => step))} ${
      alike.length === 1 ? "has" : "have"
    } the very prompts and attempts of the step before: are the same rollouts written again? TRL does so at every log of a step (logging_steps below its updates). Each then counts as a step of its own.`
  ]
}

const overfull = (steps: ReadonlyArray<StepRead>): ReadonlyArray<string> => {
  const usual = steps.map(({ rows }) => rows).sort((a, b) => a - b)[Math.floor((steps.length - 1) / 2)] ?? 0
  const several = steps.filter(({ files, rows }) => files.length === 1 && rows > usual && rows % usual === 0)
  return steps.length < 3 || usual === 0 || several.length === 0 ? [] : [
    `${several.length === 1 ? "Step" : "Steps"} ${listed(several.map(({ step }) => step))} ${several.length === 1 ? "has" : "have"} ${
      several[0]!.rows
    } rows, where most have ${usual}: did a resumed run write it again? All of them count.`
  ]
}

const elsewhere = (files: ReadonlyArray<ReadFile>): ReadonlyArray<string> => {
  const others = files.filter(({ part }) => part.elsewhere > 0)
  const rows = others.reduce((sum, { part }) => sum + part.elsewhere, 0)
  return rows === 0 ? [] : [
    `${count(rows, "row")} of ${count(others.length, "file")} say${rows === 1 ? "s" : ""} another step than the file's name, and count${
      rows === 1 ? "s" : ""
    } for the one that they say: ${listed(others.map(({ file }) => file.file))}.`
  ]
}

const untold = (units: ReadonlyArray<StepUnit>): ReadonlyArray<string> => {
  const rowsOf = ({ members }: StepUnit) => members.reduce((sum, { rows }) => sum + rows, 0)
  const without = units.filter((unit) => rowsOf(unit) > 0 && unit.members.every(({ told }) => told === 0))
  if (without.length === 0) return []
  const which = without.length === units.length
    ? "No step's rows say"
    : `The rows of ${listed(without.map((unit) => nameOfRow(unit)))} do not say`
  return [
    `${which} which responses were cut off (no "truncated", "finish_reason" or the like), so one that was counts as if it had stopped there: with many of them accuracy and p_D|W come out too low, and p_D|C too high. verl's dumps say it where the reward returns such a field.`
  ]
}

const unread = (files: ReadonlyArray<ReadFile>): ReadonlyArray<string> => {
  const bad = files.filter(({ problem }) => problem !== undefined)
  return bad.length === 0 ? [] : [
    `${count(bad.length, "file")} could not be read and ${bad.length === 1 ? "is" : "are"} left out: ${bad[0]!.problem!.message}${
      bad.length > 1 ? ` (and ${listed(bad.slice(1).map(({ file }) => file.file))})` : ""
    }`
  ]
}

const waiting = (files: ReadonlyArray<ReadFile>): ReadonlyArray<string> => {
  const half = files.filter(({ waits }) => waits)
  return half.length === 0 ? [] : [`A last line that is not whole waits in ${listed(half.map(({ file }) => file.file))}.`]
}

const changed = ({ gone, rewritten }: { readonly rewritten: number; readonly gone: number }): ReadonlyArray<string> => [
  ...(rewritten === 0 ? [] : [
    `${count(rewritten, "file")} ${rewritten === 1 ? "was" : "were"} written anew while the run was followed; what ${
      rewritten === 1 ? "it holds" : "they hold"
    } now counts.`
  ]),
  ...(gone === 0 ? [] : [`${count(gone, "file")} went while the run was followed, and ${gone === 1 ? "counts" : "count"} no more.`])
]

// The shares of levels in a set of rollouts.
const mixOf = ({ members }: StepUnit): ReadonlyMap<string, number> => {
  const rows = new Map<string, number>()
  const add = ({ level, patterns }: LevelTally) =>
    rows.set(level, [...patterns.values()].reduce((sum, times) => sum + times, rows.get(level) ?? 0))
  for (const { levels } of members) for (const level of levels) add(level)
  const all = [...rows.values()].reduce((sum, each) => sum + each, 0)
  return new Map([...rows].map(([level, each]) => [level, each / Math.max(1, all)]))
}

// By so much of all rollouts the mix of levels may differ without a word.
const SAME_MIX = 0.05

const mixed = (units: ReadonlyArray<StepUnit>): ReadonlyArray<string> => {
  const [first, last] = [units[0], units.at(-1)]
  if (first === undefined || last === undefined || first === last) return []
  const [before, after] = [mixOf(first), mixOf(last)]
  const names = new Set([...before.keys(), ...after.keys()])
  const moved = [...names].reduce((sum, name) => sum + Math.abs((after.get(name) ?? 0) - (before.get(name) ?? 0)), 0) / 2
  if (names.size < 2 || moved <= SAME_MIX) return []
  const [most] = [...names].sort((a, b) =>
    Math.abs((after.get(b) ?? 0) - (before.get(b) ?? 0)) - Math.abs((after.get(a) ?? 0) - (before.get(a) ?? 0))
  )
  return [
    `The mix of levels is another at the end: "${most}" is ${share(before.get(most!) ?? 0, 1)} of ${nameOfRow(first)} and ${
      share(after.get(most!) ?? 0, 1)
    } of ${nameOfRow(last)}. Pooled numbers move with it; --json has each level.`
  ]
}

const fileNotes = (files: ReadonlyArray<ReadFile>): ReadonlyArray<string> =>
  [...Map.groupBy(files.flatMap(({ file, part }) => part.notes.map((note) => ({ ...note, file: file.file }))), ({ kind }) => kind)].map(
    ([, notes]) => {
      const rows = notes.reduce((sum, note) => sum + note.count, 0)
      return `${count(rows, "row")} of ${count(notes.length, "file")}, the first in ${notes[0]!.file}:${notes[0]!.line}: ${notes[0]!.text}.`
    }
  )

/** All there is to say beside the numbers. */
export const stepNotes = (
  reader: StepsReader,
  steps: ReadonlyArray<StepRead>,
  units: ReadonlyArray<StepUnit>,
  leftOut: FoundFiles["leftOut"]
): ReadonlyArray<string> => {
  const files = reader.files()
  const badRows = files.reduce((sum, { part }) => sum + part.badRowCount, 0)
  const unplaced = reader.unplaced()
  return [
    ...untold(units),
    ...mixed(units),
    ...missing(steps),
    ...twice(steps),
    ...again(steps),
    ...overfull(steps),
    ...elsewhere(files),
    ...(unplaced === 0
      ? []
      : [`${count(unplaced, "row")} of files without a step in their name say none, and ${unplaced === 1 ? "is" : "are"} left out.`]),
    ...unread(files),
    ...(badRows === 0 ? [] : [`${count(badRows, "row")} could not be used.`]),
    ...waiting(files),
    ...changed(reader.changes()),
    ...fileNotes(files),
    ...countedNotes(readingOf(files)),
    ...(leftOut.count === 0
      ? []
      : [
        `Left out are ${count(leftOut.count, "other file")} of the folder: ${listed(leftOut.names)}${
          leftOut.count > leftOut.names.length ? ", …" : ""
        }.`
      ])
  ]
}
