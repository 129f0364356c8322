import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"

const root = new URL("../../", import.meta.url)
const page = readFileSync(new URL("docs/limits.md", root), "utf8")
const stated = [...page.matchAll(/`([A-Z_]+ = [^`]+)`, \[src\]\(\.\.\/([^)]+)\)/g)].map(([, definition = "", file = ""]) => ({
  definition,
  file
}))

describe("docs/limits.md", () => {
  it("states limits", () => {
    expect(stated.length).toBeGreaterThan(20)
    expect(stated).toHaveLength(page.split("\n").filter((line) => line.startsWith("| ")).length - 2)
  })

  it.each(stated)("$definition of $file is the code's", ({ definition, file }) => {
    const source = readFileSync(new URL(file, root), "utf8")
    expect(source.split("\n").some((line) => line.replace(/^export /, "") === `const ${definition}`)).toBe(true)
  })
})
