import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { tryFile, tryFolder } from "../../src/cli/Destination.ts"
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
