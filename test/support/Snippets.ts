/**
 * The TypeScript snippets of Markdown pages: found, written to files, run and type-checked.
 */
import { execFile, fork } from "node:child_process"
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { isKept } from "./SnippetChecks.ts"
import type { SnippetOutcome } from "./SnippetRunner.ts"

/** The repository's root. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url))

/** A snippet that runs longer is stopped. */
const SNIPPET_LIMIT_MS = 120_000

/** A fence ```ts of a page; `line` is the page's line of its first line of code. */
export interface Snippet {
  readonly page: string
  readonly line: number
  readonly source: string
}

/** Finds the ```ts fences of a page, also those indented in a list. */
export const snippetsOf = (page: string, markdown: string): ReadonlyArray<Snippet> =>
  [...markdown.matchAll(/^([ \t]*)```ts[ \t]*\n([\s\S]*?)^\1```[ \t]*$/gm)].map(([, indent, code], index, all) => ({
    page,
    line: markdown.slice(0, all[index]!.index).split("\n").length + 1,
    source: code!
      .split("\n")
      .map((text) => (text.startsWith(indent!) ? text.slice(indent!.length) : text))
      .join("\n")
  }))

/** Writes snippets to files of a fresh folder in the packages' cache, where imports of packages resolve. */
export const writeSnippets = (folder: string, snippets: ReadonlyArray<Snippet>): ReadonlyArray<string> => {
  const target = join(ROOT, "node_modules", ".cache", "decision-sampling-snippets", folder)
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  return snippets.map(({ line, page, source }) => {
    const file = join(target, `${page.replaceAll(/[^\w.-]/g, "_")}-${line}.mts`)
    writeFileSync(file, source)
    return file
  })
}

const runInProcess = (files: ReadonlyArray<string>): Promise<ReadonlyArray<SnippetOutcome>> =>
  new Promise((resolve, reject) => {
    const outcomes: Array<SnippetOutcome> = []
    const runner = fileURLToPath(new URL("SnippetRunner.ts", import.meta.url))
    const child = fork(runner, [...files], {
      cwd: ROOT,
      execArgv: ["--no-warnings"],
      stdio: ["ignore", "ignore", "inherit", "ipc"]
    })
    const limit = setTimeout(() => child.kill("SIGKILL"), SNIPPET_LIMIT_MS)
    child.on("message", (outcome) => {
      outcomes.push(outcome as SnippetOutcome)
      limit.refresh()
    })
    child.on("error", reject)
    child.on("exit", () => {
      clearTimeout(limit)
      resolve(outcomes)
    })
  })

/**
 * Runs snippet files in order, in a process that loads the library once. One that ends the process, or is stopped, is missing from the result; those
 * after it run in a fresh one.
 */
export const runSnippets = async (files: ReadonlyArray<string>): Promise<ReadonlyArray<SnippetOutcome>> => {
  const outcomes = await runInProcess(files)
  const rest = files.slice(outcomes.length + 1)
  return rest.length === 0 ? outcomes : [...outcomes, ...(await runSnippets(rest))]
}

/** Says in words what is wrong with a snippet, a line a problem; an empty list when it ran and kept its promises. */
export const problemsOf = ({ line, page }: Snippet, outcome: SnippetOutcome | undefined): ReadonlyArray<string> => {
  if (outcome === undefined) return [`${page}:${line}: did not finish`]
  const broken = outcome.shown
    .filter((each) => !isKept(each))
    .map((each) => `${page}:${line + each.line - 1}: printed ${each.printed}, the page says ${each.promised}`)
  return outcome.error === null ? broken : [...broken, `${page}:${line}: ${outcome.error}`]
}

/** Type-checks snippet files of one folder with the repository's settings; gives the compiler's messages, "" without any. */
export const typeErrorsOf = async (files: ReadonlyArray<string>): Promise<string> => {
  if (files.length === 0) return ""
  const config = join(files[0]!, "..", "tsconfig.json")
  // Pages index without `!`: most readers compile with `strict` alone.
  const compilerOptions = { noUnusedLocals: false, noUncheckedIndexedAccess: false, noEmit: true }
  writeFileSync(config, JSON.stringify({ extends: join(ROOT, "tsconfig.json"), compilerOptions, files, include: [] }))
  const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc")
  return promisify(execFile)(process.execPath, [compiler, "-p", config], { cwd: ROOT }).then(
    () => "",
    (failure: { readonly stdout?: string }) => failure.stdout ?? String(failure)
  )
}

/** Reads a page of the repository. */
export const readPage = (page: string): string => readFileSync(join(ROOT, page), "utf8")
