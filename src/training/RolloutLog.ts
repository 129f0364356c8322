/**
 * Rollouts of training as rows of JSON Lines files in the run's folder, one file for each step that is kept: what `calibrate --by step`
 * and `view` read.
 *
 * @module
 */
import { Effect, FileSystem, Path } from "effect"
import { unwritten } from "../domain/Files.ts"
import { Grammar } from "../domain/Grammar.ts"
import { RolloutRow } from "../domain/Group.ts"
import * as Jsonl from "../domain/Jsonl.ts"
import type { GradedGroup } from "../domain/Rollouts.ts"
import type { StepReport } from "./StepReport.ts"

/** Graded groups, where they come from, and, of each trajectory in their order, its advantage: `null` where it has none. */
export interface LoggedGroups {
  /** The beginning of every row's `uid`, which goes on with level, query and the member's number. */
  readonly source: string
  readonly step: number
  readonly groups: ReadonlyArray<GradedGroup>
  readonly advantages?: ReadonlyArray<number | null>
}

/** Rows of graded rollouts, in the order of groups and members. Reads the service Grammar; fails with TokenizerError as it does. */
export const rows = Effect.fn("RolloutLog.rows")(function* ({ advantages, groups, source, step }: LoggedGroups) {
  const grammar = yield* Grammar
  const members = groups.flatMap(({ members, query }) => members.map((member, g) => ({ ...member, query, g })))
  return yield* Effect.forEach(members, ({ g, outcome, query, reward, trajectory }, i) =>
    Effect.map(
      Effect.fromResult(grammar.render(trajectory)),
      (text): RolloutRow => ({
        uid: `${source}/${query.level}/${query.id}#${g}`,
        step,
        level: query.level,
        prompt: text.prompt,
        completion: text.response,
        ...(query.answer === undefined ? {} : { gts: query.answer }),
        score: reward,
        advantage: advantages?.[i] ?? null,
        truncated: outcome === "Truncated",
        tokens: trajectory.tokens,
        ...(text.pieces === undefined ? {} : { pieces: text.pieces }),
        promptLength: trajectory.promptLength,
        offset: trajectory.offset,
        logprobs: trajectory.logProbs,
        spans: trajectory.spans,
        ending: trajectory.ending
      })
    ))
})

/** The folder of a run that its rollouts are in. */
export const FOLDER = "rollouts"

const NAME = /^step-(\d+)\.jsonl$/

/** The file of a step; names sort as their steps do, up to a million. */
export const nameOf = (step: number): string => `step-${String(step).padStart(6, "0")}.jsonl`

/**
 * Writes a step's rollouts into the run's folder where its number is a multiple of `every`; 0: never. A file stands under its name once it is
 * whole. Reports without rollouts, of supervised trainers, leave none. Reads the services Grammar, FileSystem and Path; fails with FileError or
 * TokenizerError.
 */
export const write = (folder: string, every: number) =>
  Effect.fn("RolloutLog.write")(function* ({ sampled, state: { step } }: StepReport) {
    if (sampled === undefined || every === 0 || step % every !== 0) return
    const path = yield* Path.Path
    const written = yield* rows({ source: `step-${step}`, step, ...sampled })
    yield* Jsonl.write(path.join(folder, FOLDER, nameOf(step)), RolloutRow, written)
  })

/** Removes the rollouts of steps after `step`, which a run that goes on from there draws anew, and what a killed process left half-written. */
export const rewind = Effect.fn("RolloutLog.rewind")(function* (folder: string, step: number) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const own = path.join(folder, FOLDER)
  if (!(yield* Effect.mapError(files.exists(own), unwritten(own)))) return
  for (const name of yield* Effect.mapError(files.readDirectory(own), unwritten(own))) {
    const [, digits] = NAME.exec(name) ?? []
    const isLeft = name.endsWith(".partial") || (digits !== undefined && Number(digits) > step)
    const file = path.join(own, name)
    if (isLeft) yield* Effect.mapError(files.remove(file, { force: true }), unwritten(file))
  }
})
