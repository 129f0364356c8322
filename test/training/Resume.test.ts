import { NodeServices } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, FileSystem, Layer, Stream } from "effect"
import { systemError } from "effect/PlatformError"
import type { RolloutRow } from "../../src/domain/Group.ts"
import * as RolloutLog from "../../src/training/RolloutLog.ts"
import * as Checkpoint from "../../src/training/Checkpoint.ts"
import type { StepReport } from "../../src/training/StepReport.ts"
import * as Run from "../../src/training/Run.ts"
import * as RunFolder from "../../src/training/RunFolder.ts"
import { runOptions, services } from "../support/TinyRun.ts"

const everything = Layer.merge(services, NodeServices.layer)

const temporary = Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped())

/** All files of a run's folder, as text of their bytes. */
const contents = Effect.fnUntraced(function* (folder: string) {
  const files = yield* FileSystem.FileSystem
  const names = (yield* files.readDirectory(folder)).toSorted()
  return yield* Effect.forEach(
    names,
    (name) => Effect.map(files.readFile(`${folder}/${name}`), (bytes) => [name, Buffer.from(bytes).toString("latin1")] as const)
  )
})

/** Runs as `overrides` say and returns the folder's contents. */
const trained = Effect.fnUntraced(function* (...[folder, overrides]: Parameters<typeof runOptions>) {
  yield* Run.run(yield* runOptions(folder, overrides))
  return yield* contents(folder)
})

describe("resuming", () => {
  it.effect("2 + 2 steps are 4 steps, bit for bit, through files: checkpoints, metrics and settings", () =>
    Effect.gen(function* () {
      const [whole, parts] = [yield* temporary, yield* temporary]
      const four = yield* trained(whole, { steps: 4 })
      expect(four.map(([name]) => name)).toEqual(["metrics.jsonl", "run.json", "step-00000002.checkpoint", "step-00000004.checkpoint"])
      yield* trained(parts, { steps: 2 })
      expect(yield* trained(parts, { steps: 4, isResumed: true })).toEqual(four)
    }).pipe(Effect.scoped, Effect.provide(everything)))

  it.effect("killed after any step, with a half-written row and checkpoint left behind, it ends as the run never killed", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const whole = yield* trained(yield* temporary)
      for (let died = 1; died < 8; died++) {
        const folder = yield* temporary
        const options = yield* runOptions(folder)
        // Stops between two steps, checkpoint or not, as a kill would.
        yield* Effect.exit(Run.run({ ...options, onStep: ({ state }) => (state.step === died ? Effect.die("killed") : Effect.void) }))
        yield* files.writeFileString(`${folder}/metrics.jsonl`, "{\"step\":99,\"los", { flag: "a" })
        yield* files.writeFileString(`${folder}/step-00000099.checkpoint.1.partial`, "half")
        expect(yield* trained(folder, { isResumed: true })).toEqual(whole)
      }
    }).pipe(Effect.scoped, Effect.provide(everything)))

  it.effect("rollouts of every second step stand in files of their own; those after the step that a run goes on from are drawn anew", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const logged = Effect.fnUntraced(function* (folder: string, steps: number, isResumed = false) {
        const options = yield* runOptions(folder, { steps, isResumed, checkpointEvery: 4 })
        yield* Run.run({ ...options, train: (start) => Stream.tap(options.train(start), RolloutLog.write(folder, 2)) })
        return yield* contents(`${folder}/rollouts`)
      })
      const whole = yield* logged(yield* temporary, 8)
      expect(whole.map(([name]) => name)).toEqual([2, 4, 6, 8].map(RolloutLog.nameOf))
      const rows = whole[0]![1].trim().split("\n").map((line) => JSON.parse(line) as RolloutRow)
      expect(rows).toHaveLength(32)
      // Means within a group of all tokens' advantages: deviations from the group's mean reward.
      for (let group = 0; group < 4; group++) {
        const members = rows.slice(group * 8, group * 8 + 8)
        const mean = members.reduce((sum, { score }) => sum + score, 0) / 8
        for (const { advantage, score } of members) expect(Math.sign(advantage!)).toBe(Math.sign(score - mean))
        // GRPO's: over the sample deviation plus 1e-6, the same at every token.
        const deviation = Math.sqrt(members.reduce((sum, { score }) => sum + (score - mean) ** 2, 0) / 7)
        for (const { advantage, score } of members) expect(advantage!).toBeCloseTo((score - mean) / (deviation + 1e-6), 9)
      }
      const parted = yield* temporary
      yield* logged(parted, 4)
      yield* files.writeFileString(`${parted}/rollouts/${RolloutLog.nameOf(7)}`, "of a step that is not taken again")
      yield* files.writeFileString(`${parted}/rollouts/${RolloutLog.nameOf(6)}.1-2.partial`, "half")
      expect(yield* logged(parted, 8, true)).toEqual(whole)
    }).pipe(Effect.scoped, Effect.provide(everything)))

  it.effect("metrics.jsonl has one row a step, with the gradient's parts where they were measured", () =>
    Effect.gen(function* () {
      const [, rows] = (yield* trained(yield* temporary))[0]!
      const parsed = rows.trim().split("\n").map((line) => JSON.parse(line) as Record<string, number>)
      expect(parsed.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
      expect(parsed.map((row) => "attribution/total/norm_sampling" in row)).toEqual([true, false, true, false, true, false, true, false])
      for (const part of ["total", "surrogate", "kl-k3"]) {
        const measured = parsed.filter(({ step }) => step! % 2 === 1).map((row) => row[`attribution/${part}/norm_decision`]!)
        expect(Math.max(...measured)).toBeGreaterThan(0)
      }
    }).pipe(Effect.scoped, Effect.provide(everything)))

  it.effect("a run that is complete is left as it is; one that is there is not overwritten", () =>
    Effect.gen(function* () {
      const folder = yield* temporary
      const whole = yield* trained(folder)
      expect(yield* trained(folder, { isResumed: true })).toEqual(whole)
      const error = yield* Effect.flip(Run.run(yield* runOptions(folder)))
      expect(error).toMatchObject({ _tag: "RunError", reason: "FolderInUse", step: 8 })
      expect(yield* contents(folder)).toEqual(whole)
    }).pipe(Effect.scoped, Effect.provide(everything)))
})

describe("a folder that is removed while a run writes there", () => {
  it.effect("is an error, and what the run has learnt is kept", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const folder = `${yield* temporary}/run`
      const options = yield* runOptions(folder)
      const remove = Effect.orDie(files.remove(folder, { recursive: true }))
      const onStep = ({ state }: StepReport) => (state.step === 3 ? remove : Effect.void)
      const error = yield* Effect.flip(Run.run({ ...options, onStep }))
      expect(error).toMatchObject({ _tag: "RunError", reason: "FolderGone", step: 4 })
      expect((yield* Checkpoint.load(`${folder}/step-00000004.checkpoint`)).step).toBe(4)
      expect(error.message).toContain(`${folder}/step-00000004.checkpoint`)
    }).pipe(Effect.scoped, Effect.provide(everything)))
})

describe("what a run refuses", () => {
  it.effect("other settings: the field is named, and nothing is touched", () =>
    Effect.gen(function* () {
      const folder = yield* temporary
      const before = yield* trained(folder, { steps: 4 })
      const error = yield* Effect.flip(Run.run(yield* runOptions(folder, { isResumed: true, config: { kl: { _tag: "None" } } })))
      expect(error).toMatchObject({ _tag: "RunError", reason: "Mismatch", step: 4 })
      expect(error.message).toContain("another config.kl._tag")
      expect(yield* contents(folder)).toEqual(before)
    }).pipe(Effect.scoped, Effect.provide(everything)))

  it.effect("a checkpoint of another model or another seed", () =>
    Effect.gen(function* () {
      const folder = yield* temporary
      yield* trained(folder, { steps: 4 })
      const { start } = yield* runOptions(folder)
      const resume = Effect.fnUntraced(function* (other: typeof start) {
        return yield* Effect.flip(Run.run(yield* runOptions(folder, { isResumed: true, start: other })))
      })
      expect((yield* resume({ ...start, parameters: new Float32Array(5) })).message).toContain("14 parameters where the model has 5")
      expect((yield* resume({ ...start, seed: 7 })).message).toContain("seed 4, the run 7")
    }).pipe(Effect.scoped, Effect.provide(everything)))

  it.effect("a truncated and a damaged checkpoint; deleting it, as the error advises, goes on from the one before", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const whole = yield* trained(yield* temporary)
      for (
        const damage of [
          (bytes: Uint8Array) => bytes.slice(0, -9),
          (bytes: Uint8Array) => bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte))
        ]
      ) {
        const folder = yield* temporary
        yield* trained(folder, { steps: 6 })
        const newest = `${folder}/${RunFolder.checkpointName(6)}`
        yield* files.writeFile(newest, damage(yield* files.readFile(newest)))
        const error = yield* Effect.flip(Run.run(yield* runOptions(folder, { isResumed: true })))
        expect(error._tag).toBe("CheckpointError")
        expect(error.message).toContain(RunFolder.checkpointName(6))
        yield* files.remove(newest)
        expect(yield* trained(folder, { isResumed: true })).toEqual(whole)
      }
    }).pipe(Effect.scoped, Effect.provide(everything)))

  it.effect("a checkpoint of a run with other settings, or of another step", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const [mine, other] = [yield* temporary, yield* temporary]
      yield* trained(mine, { steps: 4 })
      yield* trained(other, { steps: 4, settings: { peak: 1 } })
      const name = `${mine}/${RunFolder.checkpointName(4)}`
      const own = yield* files.readFile(name)
      yield* files.writeFile(name, yield* files.readFile(`${other}/${RunFolder.checkpointName(4)}`))
      const error = yield* Effect.flip(Run.run(yield* runOptions(mine, { isResumed: true })))
      expect(error.message).toContain("it is of a run with other settings")
      yield* files.remove(name)
      yield* files.writeFile(`${mine}/${RunFolder.checkpointName(5)}`, own)
      const moved = yield* Effect.flip(Run.run(yield* runOptions(mine, { isResumed: true })))
      expect(moved).toMatchObject({ reason: "Mismatch", problem: "the checkpoint is of step 4, and called that of 5" })
    }).pipe(Effect.scoped, Effect.provide(everything)))

  it.effect("a metrics file with rows missing", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const folder = yield* temporary
      yield* trained(folder, { steps: 4 })
      const rows = (yield* files.readFileString(`${folder}/metrics.jsonl`)).split("\n")
      yield* files.writeFileString(`${folder}/metrics.jsonl`, [rows[0], rows[2], rows[3], ""].join("\n"))
      const error = yield* Effect.flip(Run.run(yield* runOptions(folder, { isResumed: true })))
      expect(error).toMatchObject({ reason: "MetricsIncomplete", step: 4 })
      expect(error.message).toContain("no row of step 2")
    }).pipe(Effect.scoped, Effect.provide(everything)))
})

describe("a full disk", () => {
  /** The file system at hand, where files named `full` take `room` bytes and then fail as a disk without room does. */
  const fullDisk = (full: RegExp, room: number) =>
    Layer.effect(
      FileSystem.FileSystem,
      Effect.map(FileSystem.FileSystem, (files) => {
        let left = room
        const open: typeof files.open = (file, options) =>
          Effect.map(files.open(file, options), (handle) => {
            if (!full.test(file)) return handle
            const writeAll: typeof handle.writeAll = (bytes) => {
              left -= bytes.length
              return left >= 0
                ? handle.writeAll(bytes)
                : Effect.andThen(
                  handle.writeAll(bytes.slice(0, Math.max(0, left + bytes.length))),
                  Effect.fail(
                    systemError({
                      _tag: "Unknown",
                      module: "FileSystem",
                      method: "write",
                      description: "ENOSPC: no space left on device, write",
                      pathOrDescriptor: file
                    })
                  )
                )
            }
            return new Proxy(handle, { get: (target, name) => (name === "writeAll" ? writeAll : Reflect.get(target, name)) })
          })
        return { ...files, open }
      })
    ).pipe(Layer.provideMerge(NodeServices.layer))

  it.effect.each(
    [
      ["a checkpoint", /checkpoint/, 900],
      ["the metrics", /metrics\.jsonl$/, 4000]
    ] as const
  )(
    "while %s is written: a typed error, the last good state kept, and with room again the same end",
    ([, full, room]) =>
      Effect.gen(function* () {
        const whole = yield* trained(yield* temporary)
        const folder = yield* temporary
        const error = yield* Effect.flip(Effect.provide(Effect.flatMap(runOptions(folder), Run.run), fullDisk(full, room)))
        expect(error._tag).toBe("FileError")
        expect(error.message).toContain("ENOSPC")
        const steps = yield* RunFolder.checkpointSteps(folder)
        expect(steps.length).toBeGreaterThan(0)
        expect(steps[0]).toBeLessThan(8)
        expect(yield* trained(folder, { isResumed: true })).toEqual(whole)
      }).pipe(Effect.scoped, Effect.provide(everything))
  )
})
