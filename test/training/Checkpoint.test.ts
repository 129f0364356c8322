import { describe, expect, it } from "@effect/vitest"
import { NodeServices } from "@effect/platform-node"
import { Effect, FileSystem } from "effect"
import { createHash } from "node:crypto"
import * as Checkpoint from "../../src/training/Checkpoint.ts"
import type { TrainState } from "../../src/training/TrainState.ts"

const state: TrainState = {
  step: 7,
  seed: 42,
  parameters: Float32Array.of(1.5, -2.25, 3e-8, 0),
  optimizer: { first: Float32Array.of(0.1, 0.2, 0.3, -0), second: Float32Array.of(1, 2, 3, 4), updates: 5 }
}

describe("checkpoints", () => {
  it.effect("a state comes back bit for bit", () =>
    Effect.gen(function* () {
      const read = yield* Checkpoint.decode(Checkpoint.encode(state), "memory")
      expect(read).toEqual(state)
      expect(Object.is(read.optimizer.first[3], -0)).toBe(true)
    }))

  it("is one line of JSON and little-endian float32, digested as OpenSSL's SHA-256 does", () => {
    const { optimizer: { first, second }, parameters } = state
    const body = Buffer.concat([parameters, first, second].map(({ buffer }) => new Uint8Array(buffer as ArrayBuffer)))
    const fields = "{\"format\":\"decision-sampling checkpoint 2\",\"step\":7,\"seed\":42,\"updates\":5,\"parameters\":4"
    const digest = createHash("sha256").update(fields).update(body).digest("hex")
    const header = `${fields},"digest":"${digest}"}\n`
    expect(Buffer.from(Checkpoint.encode(state)).equals(Buffer.concat([Buffer.from(header), body]))).toBe(true)
  })

  it.effect("says which run it is of, and is refused where another asks; one that does not say is taken", () =>
    Effect.gen(function* () {
      const bytes = Checkpoint.encode(state, "00112233aabbccdd")
      expect(yield* Checkpoint.decode(bytes, "memory", "00112233aabbccdd")).toEqual(state)
      expect(yield* Checkpoint.decode(bytes, "memory")).toEqual(state)
      expect(yield* Checkpoint.decode(Checkpoint.encode(state), "memory", "00112233aabbccdd")).toEqual(state)
      const error = yield* Effect.flip(Checkpoint.decode(bytes, "memory", "0000000000000000"))
      expect(error.message).toContain("it is of a run with other settings")
    }))

  it.effect("steps are counts: what else a header says, its digest made anew, is refused", () =>
    Effect.gen(function* () {
      for (const step of [-5, 1.5, 1e15]) {
        const error = yield* Effect.flip(Checkpoint.decode(Checkpoint.encode({ ...state, step }), "memory"))
        expect(error.message).toContain("its header is not that of a decision-sampling checkpoint 2")
        expect(error.message).not.toContain("Delete")
      }
    }))

  it.effect("a checkpoint of format 1, whose digest is of the numbers alone, is still read", () =>
    Effect.gen(function* () {
      const { optimizer: { first, second }, parameters } = state
      const body = Buffer.concat([parameters, first, second].map(({ buffer }) => new Uint8Array(buffer as ArrayBuffer)))
      const digest = createHash("sha256").update(body).digest("hex")
      const header = `{"format":"decision-sampling checkpoint 1","step":7,"seed":42,"updates":5,"parameters":4,"digest":"${digest}"}\n`
      expect(yield* Checkpoint.decode(Buffer.concat([Buffer.from(header), body]), "memory")).toEqual(state)
    }))

  it.effect("every truncation and every flipped byte is noticed, never trained on, and so is another number of updates", () =>
    Effect.gen(function* () {
      const bytes = Checkpoint.encode(state)
      for (let length = 0; length < bytes.length; length++) {
        const error = yield* Effect.flip(Checkpoint.decode(bytes.slice(0, length), "cut"))
        expect(error._tag).toBe("CheckpointError")
      }
      const body = bytes.indexOf(10) + 1
      for (let i = 0; i < bytes.length; i++) {
        const damaged = Uint8Array.from(bytes)
        damaged[i]! ^= 1
        const error = yield* Effect.flip(Checkpoint.decode(damaged, "flipped"))
        if (i >= body) expect(error.message).toContain("do not match their digest")
      }
      const text = new TextDecoder("latin1").decode(bytes)
      const edited = Uint8Array.from(Buffer.from(text.replace("\"updates\":5", "\"updates\":6"), "latin1"))
      expect((yield* Effect.flip(Checkpoint.decode(edited, "edited"))).message).toContain("do not match their digest")
    }))

  it.effect("saving replaces the old file in one move and leaves nothing else in the folder", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const folder = yield* files.makeTempDirectoryScoped()
        const file = `${folder}/deep/state.checkpoint`
        yield* Checkpoint.save(file, { ...state, step: 1 })
        yield* Checkpoint.save(file, state)
        expect((yield* Checkpoint.load(file)).step).toBe(7)
        expect(yield* files.readDirectory(`${folder}/deep`)).toEqual(["state.checkpoint"])
      })
    ).pipe(Effect.provide(NodeServices.layer)))

  it.effect("a file that cannot be written is an error with advice, and the partial file is gone", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const folder = yield* files.makeTempDirectoryScoped()
        yield* files.makeDirectory(`${folder}/state.checkpoint`)
        const error = yield* Effect.flip(Checkpoint.save(`${folder}/state.checkpoint`, state))
        expect(error._tag).toBe("FileError")
        expect(error.message).toContain("room on the disk")
        expect(yield* files.readDirectory(folder)).toEqual(["state.checkpoint"])
      })
    ).pipe(Effect.provide(NodeServices.layer)))
})
