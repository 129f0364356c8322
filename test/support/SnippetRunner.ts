/**
 * Runs snippets, one module after the other, in a process of their own: `fork(SnippetRunner, files)`.
 *
 * `decision-sampling/…` means this checkout's sources. For every file a message says what its checked lines printed and how it
 * failed, if it did.
 */
import { readFileSync, realpathSync } from "node:fs"
import { registerHooks, stripTypeScriptTypes } from "node:module"
import { fileURLToPath, pathToFileURL } from "node:url"
import { REPORT, type Shown, shown, withReports } from "./SnippetChecks.ts"

/** What became of one snippet. */
export interface SnippetOutcome {
  readonly file: string
  readonly shown: ReadonlyArray<Shown>
  readonly error: string | null
}

const files = process.argv.slice(2)
// Node resolves links, so a linked folder of packages has the place that it links to.
const urls = new Set(files.map((file) => pathToFileURL(realpathSync(file)).href))

registerHooks({
  resolve: (specifier, context, next) => {
    const area = /^decision-sampling(?:\/(\w+))?$/.exec(specifier)
    return next(
      area === null
        ? specifier
        : new URL(area[1] === undefined ? "../../src/index.ts" : `../../src/${area[1]}/index.ts`, import.meta.url).href,
      context
    )
  },
  load: (url, context, next) =>
    urls.has(url)
      ? { format: "module", shortCircuit: true, source: stripTypeScriptTypes(withReports(readFileSync(fileURLToPath(url), "utf8"))) }
      : next(url, context)
})

for (const file of files) {
  const lines: Array<Shown> = []
  const report = (line: number, promised: string, ...values: ReadonlyArray<unknown>) => lines.push(shown(line, promised, values))
  Object.assign(globalThis, { [REPORT]: report })
  let error: string | null = null
  try {
    await import(pathToFileURL(file).href)
  } catch (cause) {
    error = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
  }
  const outcome: SnippetOutcome = { file, shown: lines, error }
  process.send!(outcome)
}
process.disconnect()
