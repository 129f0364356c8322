/**
 * Standard output and standard error, the one place: what was printed has arrived, or the program fails; and no text steers the terminal.
 *
 * @module
 */
import { writeSync } from "node:fs"
import { isatty } from "node:tty"
import { Console, Effect, Layer } from "effect"
import { CliOutput } from "effect/cli"
import { visible } from "../domain/Visible.ts"
import { helpFormatter } from "./Help.ts"
import { outputWidth } from "./Layout.ts"
import { ownStyles, withCodes } from "./Style.ts"

const OUT = 1
const ERROR = 2

/** What was printed could not be written: the disk is full, or the device refuses. */
export class OutputError extends Error {
  override readonly name = "OutputError"

  constructor(problem: string) {
    super(`standard output: ${problem}. Nothing that was printed can be relied on; is there room on the disk?`)
  }
}

const RETRY_MS = 5
const waiting = new Int32Array(new SharedArrayBuffer(4))

const codeOf = (cause: unknown): unknown => (cause instanceof Error && "code" in cause ? cause.code : undefined)

// At once and to the end: what is written later is lost without a word when the program ends. A pipe that is full is waited for; one that
// nobody reads any more (`… | head`) takes no more, and that is no failure.
const writeAll = (descriptor: number, text: string): void => {
  const bytes = Buffer.from(text)
  for (let written = 0; written < bytes.length;) {
    try {
      written += writeSync(descriptor, bytes, written)
    } catch (cause) {
      const code = codeOf(cause)
      if (code === "EPIPE") return
      if (code !== "EAGAIN") throw cause
      Atomics.wait(waiting, 0, 0, RETRY_MS)
    }
  }
}

const safe = (text: string, isTerminal: boolean): string => withCodes(text, isTerminal, visible)

/** Prints to standard error, for good or not: there is nowhere left to say that it failed. */
export const printError = (text: string): void => {
  try {
    writeAll(ERROR, `${safe(text, isatty(ERROR))}\n`)
  } catch {
    process.exitCode = 1
  }
}

/** Prints to standard output. Throws `OutputError` if that cannot be written. */
export const print = (text: string): void => {
  try {
    writeAll(OUT, `${safe(text, isatty(OUT))}\n`)
  } catch (cause) {
    throw new OutputError(cause instanceof Error ? cause.message : String(cause))
  }
}

const words = (parts: ReadonlyArray<unknown>): string => parts.map(String).join(" ")

const out = (...parts: ReadonlyArray<unknown>): void => print(words(parts))
const error = (...parts: ReadonlyArray<unknown>): void => printError(words(parts))

const output: Console.Console = Object.assign(Object.create(globalThis.console) as Console.Console, {
  log: out,
  info: out,
  debug: out,
  error,
  warn: error,
  trace: error
})

/** A command that was called wrongly: what is wrong in one line, then the help, all on standard error. Help that was asked for is output. */
const presenter: CliOutput.Presenter = {
  present: Effect.fnUntraced(function* (event) {
    const canColor = (process.env["NO_COLOR"] ?? "") === ""
    const formatter = (descriptor: number): CliOutput.Formatter => helpFormatter(outputWidth(), isatty(descriptor) && canColor)
    switch (event._tag) {
      case "Help":
        return yield* Console.log(ownStyles(formatter(OUT).formatHelpDoc(event.helpDoc)))
      case "Version":
        return yield* Console.log(ownStyles(formatter(OUT).formatVersion(event.name, event.version)))
      case "InvalidInvocation": {
        const problem = event.errors.map(({ message }) => message.replaceAll("\n", " ")).join("; ")
        yield* Console.error(`${event.commandPath.join(" ")}: ${problem}\n\n${ownStyles(formatter(ERROR).formatHelpDoc(event.helpDoc))}`)
      }
    }
  })
}

/** What commands print with, and how the program shows its help. */
export const layer: Layer.Layer<never> = Layer.mergeAll(Layer.succeed(Console.Console, output), CliOutput.layerPresenter(presenter))
