import fc from "fast-check"
import { strToU8, type Zippable, zipSync } from "fflate"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { unzip } from "../../../src/cli/native/Unzip.ts"

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "unzip-"))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const archiveOf = (bytes: Uint8Array): string => {
  const file = join(folder, "archive.whl")
  writeFileSync(file, bytes)
  return file
}

describe("unzip", () => {
  it("writes what another program packed, stored or deflated, empty or not", async () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}(\/[a-z.]{1,6}[a-z])?$/), {
      minLength: 1,
      maxLength: 6,
      comparator: (a, b) => a.split("/")[0] === b.split("/")[0]
    })
    const contents = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.integer({ min: 0, max: 300_000 }).map((size) => new Uint8Array(size).fill(size % 251))
    )
    const level = fc.constantFrom<0 | 6>(0, 6)
    await fc.assert(
      fc.asyncProperty(
        names.chain((list) => fc.tuple(...list.map((name) => fc.tuple(fc.constant(name), contents, level)))),
        async (files) => {
          const archive = archiveOf(
            zipSync(Object.fromEntries(files.map(([name, bytes, by]) => [name, [bytes, { level: by }]])) as Zippable)
          )
          const target = mkdtempSync(join(folder, "out-"))
          const written = await unzip(archive, (name) => join(target, name))
          expect(written.toSorted()).toEqual(files.map(([name]) => join(target, name)).toSorted())
          for (const [name, bytes] of files) expect(readFileSync(join(target, name)).equals(bytes)).toBe(true)
        }
      ),
      { numRuns: 30 }
    )
  })

  it("writes only the entries that have a place, below new names", async () => {
    const archive = archiveOf(zipSync({ "a/one.so": strToU8("1"), "a/two.py": strToU8("2") }))
    expect(await unzip(archive, (name) => (name.endsWith(".so") ? join(folder, "lib", "first.so") : undefined))).toEqual([
      join(folder, "lib", "first.so")
    ])
    expect(existsSync(join(folder, "a"))).toBe(false)
  })

  const text = "the quick brown fox ".repeat(50)

  it("refuses a damaged entry, a cut archive, and what is none", async () => {
    const good = zipSync({ "a.txt": [strToU8(text), { level: 0 }] })
    const into = () => join(folder, "out.txt")
    const damaged = good.slice()
    damaged[60]! ^= 1
    await expect(unzip(archiveOf(damaged), into)).rejects.toThrow("a.txt is damaged")
    await expect(unzip(archiveOf(good.subarray(0, good.length - 30)), into)).rejects.toThrow("no zip archive, or not the whole of one")
    await expect(unzip(archiveOf(strToU8("<html>404</html>")), into)).rejects.toThrow("no zip archive")
  })

  it("refuses sizes beyond the archive's end before any memory is taken; Node itself ended at a read of 2 GiB and more", async () => {
    const whole = Buffer.from(zipSync({ a: strToU8("text") }))
    const end = whole.length - 22
    for (const [field, value] of [[12, 0xfffffff0], [12, 0x80000000], [16, 0xfffffff0]] as const) {
      const damaged = Buffer.from(whole)
      damaged.writeUInt32LE(value, end + field)
      await expect(unzip(archiveOf(damaged), () => join(folder, "a"))).rejects.toThrow("the archive ends too early")
    }
  })

  it("refuses an entry that leads out of the folder", async () => {
    const archive = archiveOf(zipSync({ "lib/../../evil.so": strToU8("1") }))
    await expect(unzip(archive, (name) => join(folder, "out", name))).rejects.toThrow("leads out of the archive's folder")
  })
})
