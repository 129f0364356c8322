import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Deferred, Effect, Exit, Fiber, FileSystem } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Lock from "../../src/domain/Lock.ts"

let folder = ""
let files = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "decision-sampling-lock-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})
const newFile = () => join(folder, `${files++}.lock`)
const run = <A, E>(effect: Effect.Effect<A, E, NodeServices.NodeServices>) => Effect.runPromise(Effect.provide(effect, NodeServices.layer))

const DEAD = JSON.stringify({ process: 2 ** 30, began: 1 })
const LIVE = JSON.stringify({ process: process.pid, began: performance.timeOrigin })

/** A process whose first reading of a file gives `first` of what is there. */
const readingFirst = (first: (text: string) => Effect.Effect<string>) =>
  Effect.map(FileSystem.FileSystem, (files): FileSystem.FileSystem => {
    let reads = 0
    return {
      ...files,
      readFileString: (file, encoding) =>
        Effect.flatMap(files.readFileString(file, encoding), (text) => reads++ === 0 ? first(text) : Effect.succeed(text))
    }
  })

describe("a lock", () => {
  it("of a dead process is taken over by one alone of two that found it, however slow the other is", async () => {
    const file = newFile()
    writeFileSync(file, DEAD)
    const outcome = await run(Effect.gen(function* () {
      const isHeld = yield* Deferred.make<void>()
      const isRead = yield* Deferred.make<void>()
      const slow = yield* readingFirst((text) =>
        Effect.as(Effect.andThen(Deferred.succeed(isRead, undefined), Deferred.await(isHeld)), text)
      )
      const late = yield* Effect.forkChild(
        Effect.exit(Effect.scoped(Effect.provideService(Lock.hold(file, () => "busy"), FileSystem.FileSystem, slow)))
      )
      yield* Deferred.await(isRead)
      return yield* Effect.scoped(Effect.gen(function* () {
        yield* Lock.hold(file, () => "busy")
        yield* Deferred.succeed(isHeld, undefined)
        return yield* Fiber.join(late)
      }))
    }))
    expect(outcome).toEqual(Exit.fail("busy"))
    expect([existsSync(file), existsSync(`${file}.taking`)]).toEqual([false, false])
  })

  it("that was made a moment ago, and is not written yet, is not taken for a dead one's", async () => {
    const file = newFile()
    writeFileSync(file, LIVE)
    const asked = Effect.gen(function* () {
      const files = yield* readingFirst(() => Effect.succeed(""))
      return yield* Effect.provideService(Effect.exit(Effect.scoped(Lock.hold(file, () => "busy"))), FileSystem.FileSystem, files)
    })
    expect(await run(asked)).toEqual(Exit.fail("busy"))
    expect(readFileSync(file, "utf8")).toBe(LIVE)
  })

  it("whose holder was killed before it was written, or while it was taken over, is free after a while", async () => {
    const [empty, guarded] = [newFile(), newFile()]
    writeFileSync(empty, "{\"pro")
    writeFileSync(guarded, DEAD)
    writeFileSync(`${guarded}.taking`, "")
    const taken = await Promise.all([empty, guarded].map((file) => run(Effect.scoped(Effect.as(Lock.hold(file, () => "busy"), true)))))
    expect(taken).toEqual([true, true])
    expect([empty, guarded, `${guarded}.taking`].map((file) => existsSync(file))).toEqual([false, false, false])
  })

  it("that somebody else has by now is left to them", async () => {
    const file = newFile()
    const theirs = JSON.stringify({ process: 1, began: 2 })
    await run(Effect.scoped(Effect.gen(function* () {
      yield* Lock.hold(file, () => "busy")
      yield* (yield* FileSystem.FileSystem).writeFileString(file, theirs)
    })))
    expect(readFileSync(file, "utf8")).toBe(theirs)
  })

  it("of a folder lies beside it, with a slash at the name's end too", async () => {
    const name = join(folder, "some")
    await run(Effect.scoped(Effect.gen(function* () {
      yield* Lock.holdFile(`${name}/`, { doing: "writes", otherwise: "wait" })
      expect([existsSync(`${name}.lock`), existsSync(name)]).toEqual([true, false])
    })))
  })
})
