/** Batches whose writing or reading is killed at any moment. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Cause, Effect, Exit, FileSystem } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { openBatch } from "../../src/engine/batch/BatchFolder.ts"
import { readBatch } from "../../src/engine/batch/ReadBatch.ts"
import { writeBatch } from "../../src/engine/batch/WriteBatch.ts"
import { dyingFiles, KILLED } from "../support/DyingFiles.ts"

let home = ""
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "decision-sampling-killed-"))
})
afterAll(() => {
  rmSync(home, { recursive: true, force: true })
})
const run = <A, E>(effect: Effect.Effect<A, E, NodeServices.NodeServices>) => Effect.runPromise(Effect.provide(effect, NodeServices.layer))

/** Runs with a file system that dies at the `at`-th change; whether it did. */
const isKilled = <A, E>(effect: Effect.Effect<A, E, NodeServices.NodeServices>, at: number) =>
  run(Effect.gen(function* () {
    const files = dyingFiles(yield* FileSystem.FileSystem, at)
    const exit = yield* Effect.exit(Effect.provideService(effect, FileSystem.FileSystem, files))
    const isDead = Exit.isFailure(exit) && Cause.pretty(exit.cause).includes(KILLED)
    if (!isDead && Exit.isFailure(exit)) throw new Error(Cause.pretty(exit.cause))
    return isDead
  }))
/** A killed process's lock is a dead one's; here the process lives on. */
const removeLocks = (folder: string): void => {
  for (const name of readdirSync(folder)) if (name.endsWith(".lock")) rmSync(join(folder, name))
}
const contentsOf = (folder: string) =>
  readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile()).map(({ name }) => [
    name,
    readFileSync(join(folder, name), "utf8")
  ])

const batchIn = (folder: string) =>
  writeBatch({
    folder,
    settings: { model: "small", api: "chat", maxTokens: 64, temperature: 0.7, logProbs: false },
    queries: [{ id: "a", level: "2x2", prompt: "11 * 12", answer: "132" }, { id: "b", level: "2x2", prompt: "13 * 14", answer: "182" }],
    generations: 3,
    seed: 7,
    limits: { requests: 4, bytes: 100_000 }
  })

// More changes than there are, should one never end.
const MOST = 60

describe("a batch", () => {
  it("killed at any change while it is written is there as a whole or not at all, and is written again to the same", async () => {
    const whole = join(home, "whole")
    await run(batchIn(whole))
    let moments = 0
    for (let at = 1; at < MOST; at++) {
      const place = mkdtempSync(join(home, "write-"))
      const folder = join(place, "batch")
      if (!(await isKilled(batchIn(folder), at))) break
      moments++
      removeLocks(place)
      if (existsSync(join(folder, "batch.json"))) {
        expect((await run(openBatch(folder))).queries).toHaveLength(2)
      } else {
        expect((await run(Effect.flip(openBatch(folder)))).message).toMatch(/no batch/)
        await run(batchIn(folder))
        expect(readdirSync(place)).toEqual(["batch"])
      }
      expect(contentsOf(folder)).toEqual(contentsOf(whole))
    }
    expect(moments).toBeGreaterThan(7)
    expect(moments).toBeLessThan(MOST - 1)
  })

  it("killed at any change while answers are read is read again to the same rows and next requests", async () => {
    const answers = (folder: string): string => {
      const lines = ["requests-00001.jsonl", "requests-00002.jsonl"].flatMap((name) =>
        readFileSync(join(folder, name), "utf8").trim().split("\n")
      )
      const out = join(folder, "..", "output.jsonl")
      const rows = lines.slice(1).map((line) => {
        const { custom_id } = JSON.parse(line) as { readonly custom_id: string }
        const message = { role: "assistant", content: "The answer is 1. é" }
        return JSON.stringify({
          custom_id,
          response: { status_code: 200, body: { choices: [{ message, finish_reason: "stop" }] } },
          error: null
        })
      })
      writeFileSync(out, rows.join("\n") + "\n")
      return out
    }
    const read = (folder: string, out: string) => readBatch({ folder, outputs: [out], file: join(folder, "rollouts.jsonl") })
    const madeIn = async (place: string) => {
      const folder = join(place, "batch")
      await run(batchIn(folder))
      return { folder, out: answers(folder) }
    }
    const expected = await madeIn(mkdtempSync(join(home, "whole-")))
    await run(read(expected.folder, expected.out))
    let moments = 0
    for (let at = 1; at < MOST; at++) {
      const { folder, out } = await madeIn(mkdtempSync(join(home, "read-")))
      if (!(await isKilled(read(folder, out), at))) break
      moments++
      removeLocks(folder)
      expect((await run(read(folder, out))).rows).toBe(5)
      expect(contentsOf(folder)).toEqual(contentsOf(expected.folder))
      expect(contentsOf(join(folder, "next"))).toEqual(contentsOf(join(expected.folder, "next")))
      expect(existsSync(join(folder, "next.writing"))).toBe(false)
    }
    expect(moments).toBeGreaterThan(7)
    expect(moments).toBeLessThan(MOST - 1)
  })
})
