/**
 * What a TypeScript snippet of the documentation promises: `console.log(x) // => what it prints`.
 *
 * A value printed over several lines may be written on one. A text that ends in "…" promises only how the output begins.
 */
import { format } from "node:util"

/** Says what a checked `console.log` printed, against what its line promises. */
export interface Shown {
  readonly line: number
  readonly promised: string
  readonly printed: string
}

/** The name under which checked lines report; `SnippetRunner` defines it. */
export const REPORT = "reportSnippetLine"

const PROMISE = /^(.*)\/\/ => (.*)$/

const CALL = "console.log("

/**
 * Turns every `console.log(…) // => text` into a report of its line, its promise and its values; lines stay where they are.
 *
 * A call may span lines; the promise is at its end. Errors: a promise that belongs to no `console.log`.
 */
export const withReports = (source: string): string => {
  const lines = source.split("\n")
  lines.forEach((text, index) => {
    const match = PROMISE.exec(text)
    if (match === null) return
    lines[index] = match[1]!
    const start = lines.findLastIndex((line, at) => at <= index && line.includes(CALL))
    if (start < 0) throw new Error(`line ${index + 1}: "// => ${match[2]}" belongs to no console.log`)
    lines[start] = lines[start]!.replace(CALL, `${REPORT}(${index + 1}, ${JSON.stringify(match[2]!.trim())}, `)
  })
  return lines.join("\n")
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim()

/** Describes a checked line from the values that it prints. */
export const shown = (line: number, promised: string, values: ReadonlyArray<unknown>): Shown => ({
  line,
  promised: oneLine(promised),
  printed: oneLine(format(...values))
})

/** Decides whether a line printed what it promises. */
export const isKept = ({ printed, promised }: Shown): boolean =>
  promised.endsWith("…") ? printed.startsWith(promised.slice(0, -1)) : printed === promised
