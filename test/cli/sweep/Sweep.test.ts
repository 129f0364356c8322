import { NodeServices } from "@effect/platform-node"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, FileSystem, Path, PlatformError, Result, Schema } from "effect"
import { hostname } from "node:os"
import { vi } from "vitest"
import { layerSilent, Progress, type ProgressService } from "../../../src/cli/Progress.ts"
import { arithmeticDigest } from "../../../src/cli/reproduce/Arithmetic.ts"
import * as Lease from "../../../src/cli/reproduce/Lease.ts"
import { Leases, makeLeases } from "../../../src/cli/reproduce/Lease.ts"
import { cachedValue } from "../../../src/cli/reproduce/StageCache.ts"
import { services } from "../../../src/cli/reproduce/Reproduce.ts"
import { quick, smollm2 } from "../../../src/cli/reproduce/Preset.ts"
import { parseSeeds, sweep, withVariants } from "../../../src/cli/sweep/Sweep.ts"
import { tinyPreset } from "../../support/TinyPreset.ts"
import type * as Report from "../../../src/eval/report/Report.ts"

// A seed's report is what `reproduce` draws, and its tests read; to draw it takes longer than to train these models.
vi.mock("../../../src/eval/report/Report.ts", async (importOriginal) => ({
  ...(await importOriginal<typeof Report>()),
  renderReport: () => Effect.succeed("not drawn")
}))

const inFolder = <A, E, R>(body: (folder: string) => Effect.Effect<A, E, R>) =>
  Effect.scoped(Effect.flatMap(FileSystem.FileSystem, (files) => Effect.flatMap(files.makeTempDirectoryScoped(), body))).pipe(
    Effect.provide(NodeServices.layer)
  )
const elsewhere = (more: object = {}): string => JSON.stringify({ host: "elsewhere, pid:[1]", process: 7, began: 1, beat: 3, ...more })

describe("seeds as text", () => {
  it.each([["1", [1]], ["1-3", [1, 2, 3]], ["7, 2-3,10", [7, 2, 3, 10]]])("%s", (text, seeds) => {
    expect(parseSeeds(text)).toEqual(seeds)
  })
  it.each(["", "1,,2", "3-1", "1-3,2", "-1", "1.5", "a", "0-99999999"])("refuses %j", (text) => {
    expect(() => parseSeeds(text)).toThrow(/--seeds is ".*"; expected whole numbers and ranges, each seed once/)
  })
})

describe("variants by name", () => {
  it("are added once, in the order asked for, and refused where the preset has no such start", () => {
    expect(withVariants(quick, ["single-turn", "nsr-echo", "nsr-echo"]).variants.map(({ id }) => id)).toEqual(["single-turn", "nsr-echo"])
    expect(withVariants(smollm2, ["single-turn"]).variants).toEqual(smollm2.variants)
    expect(() => withVariants(quick, ["nsr"])).toThrow(/--variants is "nsr"; expected names among .*nsr-echo/)
    // GRPO from an earlier base, which quick does not keep.
    expect(() => withVariants(quick, ["mobile-echo-1500"])).toThrow(/expected names among/)
  })
})

describe("a lease", () => {
  it.effect("is one holder's; let go, the next generation is free; work that is done leaves nothing", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        yield* Effect.scoped(Effect.gen(function* () {
          const lease = yield* Lease.take(folder, "stage")
          expect([lease.generation, yield* lease.isHeld]).toEqual([1, true])
          const refused = yield* Effect.flip(Lease.take(folder, "stage"))
          expect(refused.message).toBe(`stage stage is computed by process ${process.pid} on ${hostname()}`)
        }))
        expect(yield* files.readDirectory(folder)).toEqual(["stage.lease-1"])
        expect(yield* Lease.busyWith(folder, "stage")).toBeUndefined()
        yield* Effect.scoped(Effect.flatMap(Lease.take(folder, "stage"), (lease) => {
          expect(lease.generation).toBe(2)
          return lease.finish
        }))
        expect(yield* files.readDirectory(folder)).toEqual([])
      })
    ))

  it.live("of another machine is taken over when it no longer changes, and only then; whoever lost it is told", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const path = yield* Path.Path
        const file = path.join(folder, "stage.lease-4")
        yield* files.writeFileString(file, elsewhere())
        expect((yield* Effect.flip(Lease.take(folder, "stage"))).message).toBe("stage stage is computed by process 7 on elsewhere")
        yield* Effect.sleep(400)
        yield* files.writeFileString(file, elsewhere({ beat: 4 }))
        expect(Result.isFailure(yield* Effect.result(Lease.take(folder, "stage")))).toBe(true)
        yield* Effect.sleep(400)
        // 0.8 seconds after the first look, 0.4 after the last sign of life.
        expect(Result.isFailure(yield* Effect.result(Lease.take(folder, "stage")))).toBe(true)
        yield* Effect.sleep(300)
        const lease = yield* Lease.take(folder, "stage")
        expect(lease.generation).toBe(5)
        const lost = yield* Effect.forkChild(lease.lost)
        yield* files.writeFileString(path.join(folder, "stage.lease-6"), elsewhere())
        yield* Fiber.join(lost)
        expect(yield* lease.isHeld).toBe(false)
      })
    ).pipe(Effect.provideService(Leases, makeLeases({ onBusy: "fail", expiry: 0.6 }))))

  it.effect("that is cut off or strange is taken for one that has just begun; of a process of this machine that is gone it is free at once", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        for (const text of ["", "{\"host\"", "[1]"]) {
          yield* files.writeFileString(`${folder}/stage.lease-1`, text)
          expect((yield* Effect.flip(Lease.take(folder, "stage"))).message).toContain("a process that has just begun")
        }
        yield* files.remove(`${folder}/stage.lease-1`)
        const own = yield* Effect.scoped(Effect.andThen(Lease.take(folder, "stage"), files.readFileString(`${folder}/stage.lease-1`)))
        // No process has this number: it is above what systems give out.
        yield* files.writeFileString(`${folder}/stage.lease-2`, JSON.stringify({ ...JSON.parse(own), process: 2 ** 30 }))
        expect((yield* Effect.scoped(Lease.take(folder, "stage"))).generation).toBe(3)
      })
    ))
})

describe("a lease of a process that was away", () => {
  it.live("is lost, and left alone, where another process has begun anew with its number", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const file = `${folder}/stage.lease-1`
        const theirs = elsewhere()
        yield* Effect.scoped(Effect.gen(function* () {
          const lease = yield* Lease.take(folder, "stage")
          yield* files.writeFileString(file, theirs)
          yield* lease.lost
          expect(yield* lease.isHeld).toBe(false)
        }))
        expect(yield* files.readFileString(file)).toBe(theirs)
      })
    ).pipe(Effect.provideService(Leases, makeLeases({ onBusy: "fail", expiry: 0.3 }))))

  it.live("beats once a minute where it would be taken over after years", () =>
    inFolder((folder) =>
      Effect.scoped(Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        yield* Lease.take(folder, "stage")
        // Let go, this one is answered by the thread that beats: it runs.
        yield* Effect.scoped(Lease.take(folder, "other"))
        yield* Effect.sleep(100)
        expect(JSON.parse(yield* files.readFileString(`${folder}/stage.lease-1`))).toMatchObject({ beat: 0, expiry: 1e9 })
      }))
    ).pipe(Effect.provideService(Leases, makeLeases({ onBusy: "fail", expiry: 1e9 }))))
})

describe("a lease that looks free and is not", () => {
  const busy = (folder: string) => Effect.map(Lease.busyWith(folder, "stage"), (found) => found !== undefined)
  const ownText = (folder: string) =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const text = yield* Effect.scoped(Effect.andThen(Lease.take(folder, "mine"), files.readFileString(`${folder}/mine.lease-1`)))
      return JSON.parse(text) as Readonly<Record<"host" | "process" | "expiry", string | number>>
    })

  it.effect("is of a process of another machine that has this one's name: nobody here knows whether it runs", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const mine = yield* ownText(folder)
        const [name, boot, space] = String(mine.host).split(", ")
        const write = (...host: ReadonlyArray<string | undefined>) =>
          files.writeFileString(`${folder}/stage.lease-1`, JSON.stringify({ ...mine, host: host.join(", "), process: 2 ** 30 }))
        yield* write(name, boot, space)
        expect(yield* busy(folder)).toBe(false)
        yield* write(name, `${boot}0`, space)
        expect(yield* busy(folder)).toBe(true)
      })
    ))

  it.live("beats more seldom than its observer would: it says itself after how long it may be taken for lost", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        expect((yield* ownText(folder)).expiry).toBe(0.2)
        const look = (more: object) =>
          Effect.gen(function* () {
            yield* files.writeFileString(`${folder}/stage.lease-1`, elsewhere(more))
            for (let i = 0; i < 4; i++) {
              yield* busy(folder)
              yield* Effect.sleep(100)
            }
            return yield* busy(folder)
          })
        expect(yield* look({})).toBe(false)
        expect(yield* look({ expiry: 60 })).toBe(true)
      })
    ).pipe(Effect.provideService(Leases, makeLeases({ onBusy: "fail", expiry: 0.2 }))))

  it.effect("has not moved while its observer was stopped too: it gets the time to beat again", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const file = `${folder}/stage.lease-1`
        const { seen } = yield* Leases
        yield* files.writeFileString(file, elsewhere())
        expect(yield* busy(folder)).toBe(true)
        const stopped = (): void => {
          seen.set(file, { ...seen.get(file)!, at: performance.now() - 3_600_000 })
        }
        stopped()
        expect(yield* busy(folder)).toBe(true)
        stopped()
        expect(yield* busy(folder)).toBe(false)
      })
    ).pipe(Effect.provideService(Leases, makeLeases({ onBusy: "fail" }))))

  it.effect("could be created but not written: that is said at once, and nothing is left that others would wait for", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const full: FileSystem.FileSystem = {
          ...files,
          writeFileString: (file, _text, options) =>
            Effect.andThen(
              files.writeFileString(file, "", options),
              Effect.fail(
                PlatformError.systemError({
                  _tag: "Unknown",
                  module: "FileSystem",
                  method: "writeFile",
                  description: "ENOSPC: no space left on device"
                })
              )
            )
        }
        const error = yield* Effect.flip(Effect.scoped(Effect.provideService(Lease.take(folder, "stage"), FileSystem.FileSystem, full)))
        expect(error.message).toMatch(/stage\.lease-1: .*ENOSPC.* is there room on the disk\?/)
        expect(yield* files.readDirectory(folder)).toEqual([])
      })
    ))
})

describe("a value of the cache", () => {
  const value = (folder: string, work: (folder: string) => Effect.Effect<number, Error>, onCalled: () => void = () => {}) =>
    cachedValue(folder, "stage", Schema.Finite, (claimed) =>
      Effect.suspend(() => {
        onCalled()
        return claimed(work)
      }))

  it.effect("goes on with what is left of a run whose leases somebody has deleted, however they were numbered", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        for (const [generation, text] of [[1, "older"], [2, "newer"]] as const) {
          yield* files.makeDirectory(`${folder}/stage.run-${generation}`)
          yield* files.writeFileString(`${folder}/stage.run-${generation}/left`, text)
        }
        const found: Array<readonly [folder: string, text: string]> = []
        const work = (isDone: boolean) => (run: string) =>
          Effect.flatMap(Effect.orDie(files.readFileString(`${run}/left`)), (text) => {
            found.push([run.slice(folder.length + 1), text])
            return isDone ? Effect.succeed(7) : Effect.fail(new Error("cut off"))
          })
        expect((yield* Effect.flip(value(folder, work(false)))).message).toBe("cut off")
        expect(yield* value(folder, work(true))).toBe(7)
        expect(found).toEqual([["stage.run-1", "newer"], ["stage.run-2", "newer"]])
        expect(yield* files.readDirectory(folder)).toEqual(["stage.json"])
      })
    ))

  it.effect("that somebody else makes is not begun here: what makes it may have to load a model first", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        yield* files.writeFileString(`${folder}/stage.lease-1`, elsewhere())
        let called = 0
        const made = value(folder, () => Effect.succeed(7), () => {
          called++
        })
        expect((yield* Effect.flip(made)).message).toContain("process 7 on elsewhere")
        expect(called).toBe(0)
      })
    ).pipe(Effect.provideService(Leases, makeLeases({ onBusy: "fail" }))))
})

describe("a value that is waited for", () => {
  it.live("says who makes it, and goes on when that one lets it go", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const said: Array<string> = []
        const progress: ProgressService = {
          plan: () => Effect.void,
          skip: () => Effect.void,
          stage: (name) =>
            Effect.succeed({
              from: () => undefined,
              show: (_done, text) => void said.push(`${name}: ${text}`),
              done: () => Effect.void,
              end: Effect.sync(() => void said.push("end"))
            })
        }
        yield* files.writeFileString(`${folder}/stage.lease-1`, elsewhere())
        const value = cachedValue(folder, "stage", Schema.Finite, (claimed) => claimed(() => Effect.succeed(7)))
        const asked = yield* Effect.forkChild(Effect.provideService(value, Progress, progress))
        yield* Effect.sleep(100)
        yield* files.writeFileString(`${folder}/stage.lease-1`, elsewhere({ isReleased: true }))
        expect(yield* Fiber.join(asked)).toBe(7)
        expect(said).toEqual(["Others compute: stage (process 7 on elsewhere)", "end"])
      })
    ))
})

describe("arithmetic", () => {
  it.effect("has a digest that is the same twice, and another of plain multiply-add than of fused", () =>
    Effect.gen(function* () {
      const [simd, again, relaxed] = yield* Effect.forEach(["simd", "simd", "relaxed"] as const, arithmeticDigest)
      expect(again).toBe(simd)
      expect(relaxed).not.toBe(simd)
    }))
})

describe("a sweep", () => {
  it.live(
    "writes every seed's results and pools them; run again it computes nothing; another experiment, or other bits, are refused",
    () =>
      inFolder((folder) =>
        Effect.gen(function* () {
          const files = yield* FileSystem.FileSystem
          const options = { preset: tinyPreset, seeds: [1, 2], folder, workers: 1, expiry: 5 }
          const run = (more: Partial<typeof options>) =>
            sweep({ ...options, ...more }).pipe(Effect.provide([services({ preset: tinyPreset, workers: 1 }), layerSilent]))
          const { pooled, results } = yield* run({})
          expect(results).toEqual([`${folder}/tiny-1/results.json`, `${folder}/tiny-2/results.json`])
          expect(yield* files.readFileString(pooled!)).toContain("<html")
          const before = (yield* files.readDirectory(`${folder}/cache`)).toSorted()
          const { mtime } = yield* files.stat(pooled!)
          yield* run({})
          expect((yield* files.readDirectory(`${folder}/cache`)).toSorted()).toEqual(before)
          expect((yield* files.stat(pooled!)).mtime).toEqual(mtime)

          // Two that begin at once both find no sweep.json; one of them writes it.
          const changed = { ...tinyPreset, sft: { ...tinyPreset.sft, steps: 5 } }
          const text = yield* files.readFileString(`${folder}/sweep.json`)
          let looks = 0
          const late: FileSystem.FileSystem = {
            ...files,
            exists: (file) =>
              Effect.suspend(() => file.endsWith("sweep.json") && looks++ === 0 ? Effect.succeed(false) : files.exists(file))
          }
          const second = Effect.provideService(run({ preset: changed }), FileSystem.FileSystem, late)
          expect((yield* Effect.flip(second)).message).toContain("another preset.sft.steps")
          expect(yield* files.readFileString(`${folder}/sweep.json`)).toBe(text)
          const simd = { ...options, products: { kind: "simd", by: "own kernels" } } as const
          expect((yield* Effect.flip(run(simd))).message).toContain("the sweep was begun with --products relaxed")

          // What says that a seed is done is written last.
          yield* files.remove(results[0]!)
          const full: FileSystem.FileSystem = {
            ...files,
            rename: (from, to) =>
              to.endsWith("report.html")
                ? Effect.fail(
                  PlatformError.systemError({ _tag: "Unknown", module: "FileSystem", method: "rename", cause: new Error("ENOSPC") })
                )
                : files.rename(from, to)
          }
          expect((yield* Effect.flip(Effect.provideService(run({}), FileSystem.FileSystem, full))).message).toMatch(/report\.html: ENOSPC/)
          expect(yield* files.exists(results[0]!)).toBe(false)
          yield* run({})
          expect(yield* files.exists(results[0]!)).toBe(true)

          const refused = yield* Effect.flip(run({ preset: { ...tinyPreset, sft: { ...tinyPreset.sft, steps: 4 } } }))
          expect(refused.message).toContain("sweep.json: the sweep was begun with another preset.sft.steps")
          const manifest = JSON.parse(yield* files.readFileString(`${folder}/sweep.json`)) as object
          yield* files.writeFileString(`${folder}/sweep.json`, JSON.stringify({ ...manifest, arithmetic: "0" }))
          expect((yield* Effect.flip(run({}))).message).toMatch(/other last bits .* Begin it with --products simd/)
          yield* files.writeFileString(`${folder}/sweep.json`, "{")
          expect((yield* Effect.flip(run({}))).message).toContain("Join a sweep with the command and the version that began it")
        })
      ),
    240_000
  )
})
