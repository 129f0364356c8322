/** docs/reference.md names every public name, and every public name says what it is. */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { entryPoints, exportsOf, firstSentence, type PublicName, referenceDocument } from "../../scripts/Reference.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const points = entryPoints()

const valuesOf = (names: ReadonlyArray<PublicName>): ReadonlyArray<string> =>
  names.filter(({ kind }) => kind === "value").map(({ name }) => name).toSorted()

const undocumented = (where: string, names: ReadonlyArray<PublicName>): ReadonlyArray<string> =>
  names.flatMap(({ doc, file, members, name }) => [
    ...(firstSentence(doc).length < 3 ? [`${where}: ${name} (${file})`] : []),
    ...undocumented(`${where}.${name}`, members ?? [])
  ])

describe("docs/reference.md", () => {
  it("is what the sources say: run `npm run docs:reference` when it is not", () => {
    expect(readFileSync(`${root}/docs/reference.md`, "utf8")).toBe(referenceDocument(points))
  })

  it("has every entry point of the package", () => {
    expect(points.map(({ specifier }) => specifier)).toEqual([
      "decision-sampling",
      ...["domain", "theory", "tasks", "engine", "model", "training", "eval", "laws"].map((area) => `decision-sampling/${area}`)
    ])
  })
})

describe("The public names", () => {
  it.each(points)(
    "of $specifier are those that the module has at run time, namespaces included",
    async ({ names, specifier }) => {
      const module = (await import(specifier)) as Readonly<Record<string, Readonly<Record<string, unknown>>>>
      expect(valuesOf(names)).toEqual(Object.keys(module).toSorted())
      for (const { members, name } of names) {
        if (members !== undefined) expect([name, valuesOf(members)]).toEqual([name, Object.keys(module[name]!).toSorted()])
      }
    }
  )

  it("all have a docstring, and so has every entry point", () => {
    expect(points.flatMap(({ names, specifier }) => undocumented(specifier, names))).toEqual([])
    expect(points.filter(({ doc }) => doc === "").map(({ specifier }) => specifier)).toEqual([])
  })
})

describe("The reader of sources", () => {
  const files: Readonly<Record<string, string>> = {
    "index.ts": [
      "/** All. @module */",
      "export { bare, renamed as named } from \"./A.ts\"",
      "export type { Shape } from \"./A.ts\"",
      "export * as Space from \"./A.ts\"",
      "export * from \"./B.ts\"",
      ""
    ].join("\n"),
    "A.ts": [
      "/**",
      " * The module.",
      " *",
      " * @module",
      " */",
      "export const bare = 1",
      "/** First, e.g. this. Second. */",
      "export const renamed = 2",
      "/** A shape. */",
      "export interface Shape {}",
      "const hidden = 3",
      ""
    ].join("\n"),
    "B.ts": "/** Both a schema and its type. */\nexport const Both = 1\nexport type Both = number\n"
  }
  const found = exportsOf("index.ts", (file) => files[file]!)

  it("follows lists, renamings, namespaces and stars, and sees a missing docstring", () => {
    expect(found.map(({ doc, kind, name }) => [name, kind, doc])).toEqual([
      ["bare", "value", ""],
      ["named", "value", "First, e.g. this. Second."],
      ["Shape", "type", "A shape."],
      ["Space", "value", "The module."],
      ["Both", "value", "Both a schema and its type."]
    ])
    expect(undocumented("index", found)).toEqual(["index: bare (A.ts)", "index.Space: bare (A.ts)"])
    expect(() => exportsOf("index.ts", (file) => (file === "index.ts" ? "export { gone } from \"./A.ts\"\n" : files[file]!))).toThrow(
      "gone"
    )
  })

  it("takes first sentences as readers do: not at abbreviations, nor at colons within", () => {
    expect(firstSentence("First, e.g. this. Second.")).toBe("First, e.g. this.")
    expect(firstSentence("Two kinds: one\nand another. More.")).toBe("Two kinds: one and another.")
    expect(firstSentence("Computes this:\n\n    x = y")).toBe("Computes this:")
    expect(firstSentence("No full stop")).toBe("No full stop")
  })
})
