/**
 * The Python grader (`decision_sampling_grading.py`) of the TypeScript that grades: bundled, compiled by Python.ts, with Runtime.py and tables of Unicode before it.
 *
 * @module
 */
import { readFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { parseAst } from "rolldown/parseAst"
import { pythonOf, type Syntax } from "./Python.ts"

const here = new URL("./", import.meta.url)

/** Where the compiled grader lies. */
export const GRADING = fileURLToPath(new URL("../../src/cli/export/python/decision_sampling_grading.py", import.meta.url))

// The compute engine is JavaScript: what only it reads has no verdict in Python.
const withoutEngine =
  "export const isMissing = () => true\nexport const isReadable = (latex) => false\nexport const areEqual = (a, b) => undefined\n"

const bundle = async (): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("Rule.ts", here))],
    absWorkingDir: fileURLToPath(new URL("../../", import.meta.url)),
    bundle: true,
    format: "esm",
    target: "esnext",
    charset: "utf8",
    platform: "node",
    legalComments: "none",
    write: false,
    plugins: [{
      name: "without-engine",
      setup: ({ onLoad }) => onLoad({ filter: /mathematics[/\\]Engine\.ts$/ }, () => ({ contents: withoutEngine, loader: "ts" }))
    }]
  })
  return outputFiles[0]!.text
}

// A walk from word to word copies the text into an array of codes.
const overrides = {
  bytesOf: "def bytesOf(*_):\n    return None",
  copied: "def copied(text):\n    return [*map(ord, text), 0]"
}

// Whole numbers of any length are divided in these files and functions, doubles elsewhere.
const BIG_FILES = ["src/tasks/grading/Rational.ts", "src/tasks/Expression.ts"]
const BIG_FUNCTIONS = ["var binomial =", "var floor ="]

const units = function* (): Generator<string> {
  for (let code = 0; code < 0x10000; code++) if (code < 0xd800 || code > 0xdfff) yield String.fromCharCode(code)
}

/** Ranges of the units with a property, in base 36, and an expression for the pairs that have it. */
const propertyOf = (name: string): readonly [string, string] => {
  const has = new RegExp(`^\\p{${name}}$`, "u")
  const ranges: Array<[number, number]> = []
  const extend = (list: Array<[number, number]>, code: number): void => {
    const last = list.at(-1)
    if (last?.[1] === code - 1) last[1] = code
    else list.push([code, code])
  }
  for (const unit of units()) if (has.test(unit)) extend(ranges, unit.charCodeAt(0))
  const lows = new Map<string, Array<number>>()
  for (let high = 0xd800; high < 0xdc00; high++) {
    const list: Array<[number, number]> = []
    for (let low = 0xdc00; low < 0xe000; low++) if (has.test(String.fromCharCode(high, low))) extend(list, low)
    if (list.length > 0) {
      const written = list.map(([a, b]) => (a === b ? escaped(a) : `${escaped(a)}-${escaped(b)}`)).join("")
      lows.set(written, [...lows.get(written) ?? [], high])
    }
  }
  const pairs = [...lows].map(([low, highs]) => `[${highs.map(escaped).join("")}][${low}]`).join("|")
  return [ranges.flat().map((code) => code.toString(36)).join(" "), pairs]
}

const escaped = (code: number): string => `\\u${code.toString(16).padStart(4, "0")}`

/** Groups of letters that are the same to an expression that ignores case. */
const groupsOf = (isUnicode: boolean): string => {
  const canonical = (unit: string): string => {
    const upper = unit.toUpperCase()
    return upper.length !== 1 || (unit >= "\u0080" && upper < "\u0080") ? unit : upper
  }
  const groups = new Map<string, Array<string>>()
  for (const unit of units()) {
    if (unit.toLowerCase() === unit && unit.toUpperCase() === unit) continue
    // Simple folding groups letters whose upper and lower cases meet; the engine says whether they do.
    const near = isUnicode ? unit.toUpperCase().toLowerCase() : canonical(unit)
    const key = near.length === 1 ? near : unit
    groups.set(key, [...groups.get(key) ?? [], unit])
  }
  const flag = isUnicode ? "iu" : "i"
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    const same = group.filter((unit) => new RegExp(`^${escaped(first!.charCodeAt(0))}$`, flag).test(unit))
    return same.length > 1 ? [same.join("")] : []
  }).join(" ")
}

const literal = (text: string): string =>
  JSON.stringify(text).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)

const tables = (source: string): string => {
  const names = [...new Set([...source.matchAll(/\\p\{([\w=]+)\}/gi)].map(([, name]) => name!))].toSorted()
  const properties = names.map((name) => {
    const [ranges, pairs] = propertyOf(name)
    return `    ${literal(name)}: (${literal(ranges)}, ${literal(pairs)}),`
  })
  return [
    `# Unicode ${process.versions.unicode}.`,
    `_FOLDED = ${literal(groupsOf(true))}`,
    `_UPPERED = ${literal(groupsOf(false))}`,
    "_PROPERTIES = {",
    ...properties,
    "}"
  ].join("\n")
}

/** The text of decision_sampling_grading.py. */
export const compileGrading = async (): Promise<string> => {
  const source = await bundle()
  const program = parseAst(source) as unknown as Syntax
  const sections = [...source.matchAll(/^\/\/ (src\/\S+)$/gm)].map(({ 1: name, index }) => ({ name: name!, index }))
  const sectionAt = (at: number): string => sections.findLast(({ index }) => index <= at)?.name ?? ""
  const isBig = (at: number): boolean => {
    if (BIG_FILES.includes(sectionAt(at))) return true
    const statement = program.body.find(({ end, start }: { start: number; end: number }) => start <= at && at < end) as Syntax | undefined
    return statement !== undefined && BIG_FUNCTIONS.some((head) => source.startsWith(head, statement.start))
  }
  const [head, runtime, tail] = await Promise.all(["Head.py", "Runtime.py", "Tail.py"].map((name) => readFile(new URL(name, here), "utf8")))
  return `${head!.trimEnd()}\n\n${runtime!.trimEnd()}\n\n\n${tables(source)}\n${
    pythonOf(program, source, { overrides, sectionAt, isBig })
  }\n\n\n${tail!.trimEnd()}\n`
}
