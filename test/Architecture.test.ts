import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"

const root = fileURLToPath(new URL("..", import.meta.url))

const sourcesBelow = (folder: string): Array<string> =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === "assembly" ? [] : sourcesBelow(path)
    return /\.tsx?$/.test(entry.name) ? [path] : []
  })

const sources = sourcesBelow(join(root, "src"))

interface Import {
  readonly specifier: string
  readonly isTypeOnly: boolean
}

const importsOf = (file: string): Array<Import> =>
  [...readFileSync(file, "utf8").matchAll(/^(?:import|export)\s+(type\s+)?(?:[^"'`;]*?\sfrom\s+)?"([^"]+)"/gm)].map((
    [, type, specifier = ""]
  ) => ({
    isTypeOnly: type !== undefined,
    specifier
  }))

const areaOf = (file: string): string => {
  const [area, ...rest] = relative(join(root, "src"), file).split("/")
  return rest.length === 0 ? "." : area!
}

// What each area may import from, besides itself.
const arrows: Readonly<Record<string, ReadonlyArray<string>>> = {
  domain: [],
  theory: ["domain"],
  tasks: ["domain"],
  engine: ["domain", "tasks"],
  model: ["domain", "theory", "tasks"],
  training: ["domain", "theory", "tasks", "model"],
  eval: ["domain", "theory", "tasks", "engine"],
  laws: ["domain", "theory", "tasks", "engine", "model", "training"],
  ".": ["domain", "theory", "tasks", "engine"],
  view: ["domain", "theory", "eval"],
  cli: ["domain", "theory", "tasks", "engine", "model", "training", "eval", "view"]
}

describe("architecture", () => {
  it("finds the sources of every area", () => {
    for (const area of Object.keys(arrows)) expect(sources.filter((file) => areaOf(file) === area).length).toBeGreaterThan(0)
  })

  it("imports point one way: domain ← theory ← model ← training; domain ← tasks ← engine; eval reads all but model and training; laws test what is below them; cli composes", () => {
    const wrong = sources.flatMap((file) =>
      importsOf(file).flatMap(({ specifier }) => {
        if (!specifier.startsWith(".")) return []
        const target = areaOf(resolve(dirname(file), specifier))
        const area = areaOf(file)
        return target === area || arrows[area]!.includes(target) ? [] : [`${relative(root, file)} imports ${specifier}`]
      })
    )
    expect(wrong).toEqual([])
  })

  it("theory imports no package and no I/O, and from the domain only what runs without Effect", () => {
    const hasEffect = (file: string, seen = new Set<string>()): boolean => {
      if (seen.has(file)) return false
      seen.add(file)
      return importsOf(file).some(({ isTypeOnly, specifier }) =>
        isTypeOnly ? false : specifier.startsWith(".") ? hasEffect(resolve(dirname(file), specifier), seen) : true
      )
    }
    expect(sources.filter((file) => areaOf(file) === "theory" && hasEffect(file)).map((file) => relative(root, file))).toEqual([])
  })

  it("only model loads a tensor library, and the laws that test it", () => {
    const wrong = sources
      .filter((file) => !["model", "laws"].includes(areaOf(file)))
      .filter((file) => importsOf(file).some(({ specifier }) => specifier.startsWith("@tensorflow")))
    expect(wrong.map((file) => relative(root, file))).toEqual([])
  })

  it("no file names another machine's folders or leaves a note to do it later", () => {
    const wrong = sources.filter((file) => /\bTODO\b|\bFIXME\b|\bXXX\b/.test(readFileSync(file, "utf8")))
    expect(wrong.map((file) => relative(root, file))).toEqual([])
  })
})

// A public name of the theory is a claim: its docstring carries the equation or the source.
describe("documentation", () => {
  const exported = (file: string): Array<{ readonly name: string; readonly doc: string | undefined }> =>
    [
      ...readFileSync(file, "utf8").matchAll(
        /((?:\/\*\*(?:[^*]|\*(?!\/))*\*\/\n)?)export (?:declare )?(?:const|function|class|interface|type) (\w+)/g
      )
    ].map(
      ([, doc, name = ""]) => ({ name, doc: doc === "" ? undefined : doc })
    )

  it("every exported function, class and value has a docstring", () => {
    const missing = sources.flatMap((file) => {
      const entries = exported(file)
      // An overload or a type that shares its name with a documented value needs no second one.
      const documented = new Set(entries.filter(({ doc }) => doc !== undefined).map(({ name }) => name))
      return entries.filter(({ name }) => !documented.has(name)).map(({ name }) => `${relative(root, file)}: ${name}`)
    })
    expect(missing).toEqual([])
  })

  it("every module begins with what it is for, in a docstring of its own", () => {
    const header = /^\/\*\*\n \* (?=\S{1,}\s+\S+\s+\S+)(?:[^*]|\*(?!\/))* @module\n \*\/\n/
    expect(sources.filter((file) => !header.test(readFileSync(file, "utf8"))).map((file) => relative(root, file))).toEqual([])
  })

  it("every module of the theory gives its source or its equation", () => {
    const bare = sources
      .filter((file) => areaOf(file) === "theory" && !/(index|TheoryError|ProcessValidation)\.ts$/.test(file))
      .filter((file) =>
        !/\b(?:19|20)\d\d\b|paper|=|Σ/.test(readFileSync(file, "utf8").match(/\/\*\*(?:[^*]|\*(?!\/))*\*\//g)?.join("\n") ?? "")
      )
    expect(bare.map((file) => relative(root, file))).toEqual([])
  })
})
