import { describe, expect, it } from "@effect/vitest"
import { NodeServices } from "@effect/platform-node"
import { Effect, FileSystem, Path, Result, Schema, Stream } from "effect"
import * as Jsonl from "../../src/domain/Jsonl.ts"
import { Transcript } from "../../src/domain/Transcript.ts"

const inFolder = <A, E, R>(body: (folder: string) => Effect.Effect<A, E, R>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      return yield* body(yield* files.makeTempDirectoryScoped())
    })
  ).pipe(Effect.provide(NodeServices.layer))

describe("Jsonl", () => {
  it.effect("what is written is read back, in a folder that did not exist", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const path = yield* Path.Path
        const file = path.join(folder, "deep", "rows.jsonl")
        const rows: ReadonlyArray<Transcript> = [
          { prompt: "p", response: "line one\nline two, “quoted” — ünïcode" },
          { prompt: "", response: "", answer: "7", level: "1x1", truncated: true }
        ]
        yield* Jsonl.write(file, Transcript, rows)
        const read = yield* Stream.runCollect(Jsonl.read(file, Transcript))
        expect(read.map(Result.getOrThrow)).toEqual(rows)
      })
    ))

  it.effect("a bad row is a value with its line and reason; the rows around it survive", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const path = yield* Path.Path
        const file = path.join(folder, "rows.jsonl")
        yield* files.writeFileString(
          file,
          "{\"prompt\":\"a\",\"response\":\"b\"}\n\n{\"prompt\":\"a\"}\nnot json\n{\"prompt\":\"c\",\"response\":\"d\"}"
        )
        const read = yield* Stream.runCollect(Jsonl.read(file, Transcript))
        const failures = read.filter(Result.isFailure).map((row) => row.failure)
        expect(read.filter(Result.isSuccess)).toHaveLength(2)
        expect(failures.map((failure) => failure.line)).toEqual([3, 4])
        expect(failures[0]!.message).toContain("rows.jsonl:3")
        expect(failures[0]!.message).toContain("response")
      })
    ))

  it.effect("a missing file is a typed error that names it", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(Stream.runDrain(Jsonl.read(`${folder}/absent.jsonl`, Schema.String)))
        expect(error._tag).toBe("FileError")
        expect(error.message).toContain("absent.jsonl")
      })
    ))
})
