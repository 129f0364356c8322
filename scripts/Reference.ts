/** docs/reference.md as a function of the sources: every public name, where it is, and the first sentence of its docstring. */
import { existsSync, readFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))

/** Whether a name is there at run time, or only for the compiler. */
export type Kind = "value" | "type"

/** A name that a module exports. A namespace has members instead of a docstring of its own: its module's. */
export interface PublicName {
  readonly name: string
  readonly kind: Kind
  /** The docstring's text without its stars; "" without one. */
  readonly doc: string
  /** The file that declares it, from the repository's root. */
  readonly file: string
  readonly members?: ReadonlyArray<PublicName>
}

/** An entry point of the package. */
export interface EntryPoint {
  readonly specifier: string
  readonly doc: string
  readonly names: ReadonlyArray<PublicName>
}

const textOf = (comment: string): string =>
  comment
    .replace(/^\s*\/\*\*/, "")
    .replace(/\*\/\s*$/, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trimEnd())
    .join("\n")
    .replace(/\n*@module\s*$/, "")
    .trim()

const DOC = String.raw`(?:/\*\*(?:[^*]|\*(?!/))*\*/\n)?`
const DECLARATION = new RegExp(
  String.raw`^(${DOC})export (?:declare )?(?:abstract )?(?:async )?(const|class|function\*?|interface|type) (\w+)`,
  "gm"
)
const LIST = /^export (type )?\{([^}]*)\} from "(\.[^"]+)"/gm
const NAMESPACE = /^export \* as (\w+) from "(\.[^"]+)"/gm
const STAR = /^export \* from "(\.[^"]+)"/gm

/** The text of a module's first comment. */
export const moduleDoc = (source: string): string => textOf(/^(?:\/\/.*\n)*(\/\*\*(?:[^*]|\*(?!\/))*\*\/)/.exec(source)?.[1] ?? "")

/** One entry a name and kind: a value that shares its name with a type, or has overloads, is documented once. */
const merged = (names: ReadonlyArray<PublicName>): ReadonlyArray<PublicName> => {
  const byName = new Map<string, PublicName>()
  for (const each of names) {
    const known = byName.get(each.name)
    const kind = known?.kind === "value" || each.kind === "value" ? "value" : "type"
    byName.set(each.name, known === undefined ? each : { ...known, kind, doc: known.doc === "" ? each.doc : known.doc })
  }
  return [...byName.values()]
}

/** What a module exports, declared there or passed on. Throws where it passes on a name that is not declared. */
export const exportsOf = (
  file: string,
  read: (file: string) => string = (path) => readFileSync(join(root, path), "utf8")
): ReadonlyArray<PublicName> => {
  const source = read(file)
  const at = (specifier: string): string => join(dirname(file), specifier)
  const declared = [...source.matchAll(DECLARATION)].map(([, comment, keyword, name]): PublicName => ({
    name: name!,
    kind: keyword === "interface" || keyword === "type" ? "type" : "value",
    // A module's comment directly above its first declaration is the module's.
    doc: /@module\b/.test(comment!) ? "" : textOf(comment!),
    file
  }))
  const listed = [...source.matchAll(LIST)].flatMap(([, type, names, specifier]) => {
    const from = exportsOf(at(specifier!), read)
    return names!.split(",").map((part) => part.trim()).filter((part) => part !== "").map((part): PublicName => {
      const [, own, as] = /^(?:type )?(\w+)(?: as (\w+))?$/.exec(part) ?? []
      const found = from.find(({ name }) => name === own)
      if (found === undefined) throw new Error(`${file} exports ${part}, which ${at(specifier!)} does not declare`)
      return { ...found, name: as ?? found.name, kind: type === undefined && !part.startsWith("type ") ? found.kind : "type" }
    })
  })
  const namespaces = [...source.matchAll(NAMESPACE)].map(([, name, specifier]): PublicName => {
    const target = at(specifier!)
    return { name: name!, kind: "value", doc: moduleDoc(read(target)), file: target, members: exportsOf(target, read) }
  })
  const starred = [...source.matchAll(STAR)].flatMap(([, specifier]) => exportsOf(at(specifier!), read))
  return merged([...declared, ...listed, ...namespaces, ...starred])
}

/** The entry points that package.json names, read from their sources. */
export const entryPoints = (): ReadonlyArray<EntryPoint> => {
  const { exports, name } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly name: string
    readonly exports: Readonly<Record<string, string | { readonly default: string }>>
  }
  return Object.entries(exports).flatMap(([path, target]) => {
    if (typeof target === "string") return []
    const file = target.default.replace("./dist/", "src/").replace(/\.js$/, ".ts")
    if (!existsSync(join(root, file))) throw new Error(`package.json exports ${path} from ${target.default}, but there is no ${file}`)
    return [{ specifier: join(name, path), doc: moduleDoc(readFileSync(join(root, file), "utf8")), names: exportsOf(file) }]
  })
}

const ABBREVIATION = /(?:\b(?:e\.g|i\.e|et al|eq|vs|cf)|\b[A-Z])\.$/

/** The first sentence of a docstring, on one line. */
export const firstSentence = (doc: string): string => {
  const [paragraph] = doc.split(/\n\s*\n/)
  const text = paragraph!.replaceAll(/\{@link (\w+)\}/g, "`$1`").replaceAll(/\s+/g, " ")
  for (const { index } of text.matchAll(/[.:](?= |$)/g)) {
    const sentence = text.slice(0, index + 1)
    // A colon ends a sentence only where nothing follows it but the next paragraph.
    if ((sentence.endsWith(":") && sentence.length < text.length) || ABBREVIATION.test(sentence)) continue
    return sentence
  }
  return text
}

const cell = (text: string): string => text.replaceAll("|", "\\|")

const row = ({ doc, file, kind, name }: PublicName): string => {
  const shown = kind === "type" ? `*\`${name}\`*` : `\`${name}\``
  return `| [${shown}](../${file}) | ${cell(firstSentence(doc))} |`
}

const table = (names: ReadonlyArray<PublicName>): ReadonlyArray<string> =>
  names.length === 0 ? [] : ["| name | what it is |", "| --- | --- |", ...names.map(row), ""]

const byName = (a: PublicName, b: PublicName): number => a.name.localeCompare(b.name, "en")

const namespace = ({ doc, file, members, name }: PublicName): ReadonlyArray<string> => [
  `### ${name}`,
  "",
  `[\`${relative("src", file)}\`](../${file}): ${firstSentence(doc)}`,
  "",
  ...table([...members!].toSorted(byName))
]

/** A namespace of the root is an entry point of its own. */
const isEntryPoint = ({ file }: PublicName): boolean => file.endsWith("/index.ts")

const section = ({ doc, names, specifier }: EntryPoint): ReadonlyArray<string> => {
  const spaces = names.filter((each) => each.members !== undefined)
  return [
    `## ${specifier}`,
    "",
    doc.replaceAll(/\s+/g, " "),
    "",
    ...spaces.filter(isEntryPoint).map((each) => `- \`${each.name}\`: the names of \`decision-sampling/${each.name.toLowerCase()}\``),
    ...(spaces.some(isEntryPoint) ? [""] : []),
    ...table(names.filter((each) => each.members === undefined).toSorted(byName)),
    ...spaces.filter((each) => !isEntryPoint(each)).toSorted(byName).flatMap(namespace)
  ]
}

/** Writes the reference as Markdown: a section an entry point, a table of its names, and a table a namespace. */
export const referenceDocument = (points: ReadonlyArray<EntryPoint>): string =>
  [
    "# Reference",
    "",
    "Every public name with the first sentence of its docstring; the rest stands at the name's source. Names in *italics* are types. Generated from the",
    "sources by `npm run docs:reference`; a test fails when this page is stale, or when a public name has no docstring. Signatures: `npm run docs:api`.",
    "",
    ...points.flatMap(section)
  ].join("\n")
