import { PlatformError } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { problemOf, withoutSlash } from "../../src/domain/Files.ts"

describe("withoutSlash", () => {
  it.each([["a/b/", "a/b"], ["a//", "a"], ["/", "/"], ["a/b", "a/b"], ["C:\\\\x\\\\", "C:\\\\x"], ["", ""]])(
    "%j is %j",
    (name, expected) => {
      expect(withoutSlash(name)).toBe(expected)
    }
  )
  it("changes nothing twice, and nothing but the end", () => {
    const names = fc.array(fc.constantFrom("a", ".", "/", "\\", "é")).map((parts) => parts.join(""))
    fc.assert(fc.property(names, (name) => {
      const short = withoutSlash(name)
      expect(withoutSlash(short)).toBe(short)
      expect(name.startsWith(short)).toBe(true)
      expect(name.slice(short.length)).toMatch(/^[/\\]*$/)
    }))
  })
})

describe("problemOf", () => {
  const error = (_tag: "Unknown" | "NotFound", cause: Error) =>
    PlatformError.systemError({ _tag, module: "FileSystem", method: "writeAll", pathOrDescriptor: 3, cause })
  it("tells a full disk in the system's words, and what has a name by it", () => {
    const full = new Error("ENOSPC: no space left on device, write")
    expect(problemOf(error("Unknown", full))).toBe("ENOSPC: no space left on device, write")
    expect(problemOf(error("NotFound", new Error("ENOENT")))).toBe("NotFound: FileSystem.writeAll (3)")
    expect(problemOf(new Error("else"))).toBe("else")
  })
})
