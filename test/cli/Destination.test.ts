import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { Effect, FileSystem } from "effect"
import { systemError } from "effect/PlatformError"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { tryFile, tryFolder, writeResult } from "../../src/cli/Destination.ts"
import { runProgram } from "../support/WarmProgram.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "destination-"))
  writeFileSync(join(folder, "file"), "kept")
  writeFileSync(join(folder, "rows.jsonl"), `${JSON.stringify({ prompt: "2*3", response: "The answer is 6.", answer: "6" })}\n`)
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const run = <A, E>(effect: Effect.Effect<A, E, NodeServices.NodeServices>): Promise<A> =>
  Effect.runPromise(Effect.provide(effect, NodeServices.layer))

describe("a destination", () => {
  it("is made where it is missing, left as it was otherwise, and nothing stays of the trial", async () => {
    await run(tryFolder(join(folder, "new", "deep")))
    expect(readdirSync(join(folder, "new", "deep"))).toEqual([])
    await run(tryFile(join(folder, "other", "out.json")))
    expect(readdirSync(join(folder, "other"))).toEqual([])
    await run(tryFile(join(folder, "file")))
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("kept")
    await run(tryFile("/dev/null"))
  })

  it("that takes no file is an error that names it: below a file, a folder in a file's place", async () => {
    const [below, inPlace] = [join(folder, "file", "x"), join(folder, "taken")]
    mkdirSync(inPlace)
    expect(await run(Effect.flip(tryFolder(below)))).toMatchObject({ _tag: "FileError", file: below })
    expect(await run(Effect.flip(tryFile(inPlace)))).toMatchObject({ _tag: "FileError", file: inPlace, problem: "it is a folder" })
    expect(await run(Effect.flip(tryFile(`${join(folder, "none")}/`)))).toMatchObject({ _tag: "FileError", problem: "it is a folder" })
  })

  it("that a link leads to where nothing is yet is made there; a link in a circle is refused", async () => {
    symlinkSync("later.txt", join(folder, "dangling"))
    await run(writeResult(join(folder, "dangling"), "text"))
    expect(lstatSync(join(folder, "dangling")).isSymbolicLink()).toBe(true)
    expect(readFileSync(join(folder, "later.txt"), "utf8")).toBe("text")
    symlinkSync("never.txt", join(folder, "unwritten"))
    const failing = Effect.provideServiceEffect(
      writeResult(join(folder, "unwritten"), "text"),
      FileSystem.FileSystem,
      Effect.map(
        FileSystem.FileSystem,
        (files) => ({ ...files, rename: () => Effect.fail(systemError({ _tag: "Unknown", module: "FileSystem", method: "rename" })) })
      )
    )
    expect((await run(Effect.flip(failing)))._tag).toBe("FileError")
    expect(existsSync(join(folder, "never.txt"))).toBe(false)
    symlinkSync("round", join(folder, "and"))
    symlinkSync("and", join(folder, "round"))
    expect(await run(Effect.flip(writeResult(join(folder, "round"), "text")))).toMatchObject({
      _tag: "FileError",
      problem: expect.stringMatching(/ELOOP|symbolic link/)
    })
  })

  it("is none of the files that are read, by its name or a link's", async () => {
    const input = join(folder, "input.html")
    writeFileSync(input, "rows")
    linkSync(input, join(folder, "hard.html"))
    symlinkSync("input.html", join(folder, "soft.html"))
    for (const name of ["input.html", "hard.html", "soft.html"]) {
      const error = await run(Effect.flip(tryFile(join(folder, name), [join(folder, "rows.jsonl"), input])))
      expect(error).toMatchObject({ _tag: "FileError", file: join(folder, name), problem: expect.stringContaining("would be lost") })
    }
    await run(tryFile(join(folder, "file"), [input, join(folder, "missing"), "-"]))
  })

  it.each([
    ["calibrate", "IN", "--page", "IN"],
    ["report", "IN", "--out", "IN"],
    ["seeds", "IN", "IN", "--out", "FOLDER"],
    ["theory", "evaluate", "IN", "--out", "IN"],
    ["attribute", "IN", "--model", "missing", "--figure", "IN"],
    ["calibrate", "IN", "--by", "step", "--figure", "IN"]
  ])("of %s %s %s %s is no input of it", (...words) => {
    const input = join(folder, "report.html")
    writeFileSync(input, readFileSync(join(folder, "rows.jsonl")))
    const { status, stderr } = runProgram(words.map((word) => (word === "IN" ? input : word === "FOLDER" ? folder : word)))
    expect(stderr).toContain("would be lost")
    expect(status).toBe(1)
    expect(readFileSync(input)).toEqual(readFileSync(join(folder, "rows.jsonl")))
  })

  it("holds what it held where writing fails half-way, and a link goes on leading to its file", async () => {
    const [result, link] = [join(folder, "result.html"), join(folder, "link.html")]
    writeFileSync(result, "old")
    symlinkSync("result.html", link)
    const full = Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const torn = FileSystem.FileSystem.of({
        ...files,
        // A disk with room for three bytes.
        writeFile: (file, bytes) => Effect.andThen(files.writeFile(file, bytes.subarray(0, 3)), Effect.die("full")),
        open: (file, options) =>
          Effect.map(files.open(file, options), (handle) => ({
            ...handle,
            sync: handle.sync,
            writeAll: (bytes: Uint8Array) => Effect.andThen(handle.writeAll(bytes.subarray(0, 3)), Effect.die("full"))
          }))
      })
      return yield* Effect.exit(Effect.provideService(writeResult(link, "new and long"), FileSystem.FileSystem, torn))
    })
    expect((await run(full))._tag).toBe("Failure")
    expect(readFileSync(result, "utf8")).toBe("old")
    await run(writeResult(link, "new and long"))
    expect(readFileSync(result, "utf8")).toBe("new and long")
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    await run(writeResult("/dev/null", "gone"))
  })

  it.each([
    ["data", "generate", "--levels", "3x3", "--count", "1000000000000000", "--out", "FOLDER/x.jsonl"],
    ["eval", "--simulate", "0.5,0.5,0.5", "--levels", "3x3", "--count", "1000000000", "--out", "FOLDER/x.jsonl"],
    ["calibrate", "FOLDER/rows.jsonl", "--cap", "1000000000"]
  ])("%s: a number beyond what is held is refused", (...words) => {
    const { status, stderr } = runProgram(words.map((word) => word.replace("FOLDER", folder)))
    expect(stderr).toMatch(/(?:--count|cap) is 10+; expected (?:a whole number of )?1 to 1000000/)
    expect(status).toBe(1)
  })

  // Each would compute first, or read what is not there.
  it.each([
    ["reproduce", "--preset", "quick", "--out", "FILE/x", "--cache", "CACHE"],
    ["reproduce", "--preset", "quick", "--out", "OUT", "--cache", "FILE/x"],
    ["calibrate", "missing.jsonl", "--partial", "FILE/x"],
    ["calibrate", "merge", "missing.part", "--partial", "FILE/x"],
    ["calibrate", "missing", "--by", "step", "--figure", "FILE/x.svg"],
    ["attribute", "missing.jsonl", "--model", "missing", "--figure", "FILE/x.svg"],
    ["score", "missing.jsonl", "--model", "missing", "--out", "FILE/x"],
    ["theory", "evaluate", "missing.json", "--out", "FILE/x"],
    ["view", "missing.jsonl", "--export", "FILE/x"],
    ["data", "generate", "--levels", "3x3", "--out", "FILE/x"]
  ])("of %s is tried before anything else", (...words) => {
    const at = (word: string): string =>
      word.replace("FILE", join(folder, "file")).replace("CACHE", join(folder, "cache")).replace("OUT", join(folder, "out"))
    const { status, stderr, stdout } = runProgram(words.map(at))
    expect(status).toBe(1)
    expect(stdout).toBe("")
    expect(stderr).toContain(`${join(folder, "file")}/x`)
    expect(stderr).toMatch(/ENOTDIR|not a directory|AlreadyExists/i)
    expect(readFileSync(join(folder, "file"), "utf8")).toBe("kept")
    expect(existsSync(join(folder, "cache", "lock"))).toBe(false)
  })
})
