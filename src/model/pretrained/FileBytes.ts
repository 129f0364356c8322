/**
 * Bytes of files at a place, without the rest of the file; what the system refuses is a ModelFileError. Throws, for `failing` to catch.
 *
 * @module
 */
import { nodeBuiltin } from "../device/NodeBuiltins.ts"
import { FETCH_AGAIN, ModelFileError } from "./ModelFileError.ts"

const files = () => nodeBuiltin("node:fs", "reading a pretrained model")

/** What the system says about a file that it does not give. */
export const refused = (file: string, cause: unknown): ModelFileError => {
  const code = (cause as { readonly code?: unknown } | null)?.code
  const isMissing = code === "ENOENT" || code === "ENOTDIR"
  return new ModelFileError({
    reason: isMissing ? "Missing" : "Read",
    file,
    found: isMissing ? "there is no such file" : cause instanceof Error ? cause.message : String(cause),
    expected: "a file that can be read",
    advice: isMissing ? "Is the path right, and were all files of the model fetched?" : "May you read it?"
  })
}

// One call of the system reads less than 2 GiB.
const MOST_AT_ONCE = 2 ** 30

/** A file that is open for reading. */
export interface OpenFile {
  readonly file: string
  readonly size: number
  /** Fills `target` from `offset` on. */
  readonly read: (offset: number, target: Uint8Array) => void
}

/** Opens a file for as long as `use` runs. */
export const withFile = <A>(file: string, use: (open: OpenFile) => A): A => {
  const { closeSync, fstatSync, openSync, readSync } = files()
  const attempt = <B>(action: () => B): B => {
    try {
      return action()
    } catch (cause) {
      throw refused(file, cause)
    }
  }
  const descriptor = attempt(() => openSync(file, "r"))
  try {
    const stat = attempt(() => fstatSync(descriptor))
    if (!stat.isFile()) {
      throw new ModelFileError({
        reason: "Format",
        file,
        found: stat.isDirectory() ? "it is a folder" : "it is no file",
        expected: "a file",
        advice: "Name the model's folder, or a .gguf file"
      })
    }
    const read = (offset: number, target: Uint8Array): void => {
      for (let done = 0; done < target.length;) {
        const count = attempt(() => readSync(descriptor, target, done, Math.min(MOST_AT_ONCE, target.length - done), offset + done))
        if (count === 0) {
          throw new ModelFileError({
            reason: "CutOff",
            file,
            found: `the file ends at byte ${offset + done}`,
            expected: `${target.length} bytes from byte ${offset} on`,
            advice: FETCH_AGAIN
          })
        }
        done += count
      }
    }
    return use({ file, size: stat.size, read })
  } finally {
    closeSync(descriptor)
  }
}

/** The names in a folder; undefined where the path is none of a folder. */
export const namesIn = (folder: string): ReadonlyArray<string> | undefined => {
  const { readdirSync, statSync } = files()
  try {
    return statSync(folder).isDirectory() ? readdirSync(folder) : undefined
  } catch (cause) {
    throw refused(folder, cause)
  }
}

/** The text of a small file; undefined where there is none. */
export const textOf = (file: string, mostBytes: number): string | undefined => {
  if (!files().existsSync(file)) return undefined
  return withFile(file, ({ read, size }) => {
    if (size > mostBytes) {
      throw new ModelFileError({
        reason: "Format",
        file,
        found: `${size} bytes`,
        expected: `at most ${mostBytes} bytes`,
        advice: "Is it the file that its name says?"
      })
    }
    const bytes = new Uint8Array(size)
    read(0, bytes)
    return new TextDecoder().decode(bytes)
  })
}

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Whether a value is a JSON object. */
export const isObject = (value: unknown): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value)

/** Reads text that must be a JSON object. */
export const jsonObject = (file: string, text: string): JsonObject => {
  const wrong = (found: string) => new ModelFileError({ reason: "Format", file, found, expected: "a JSON object", advice: FETCH_AGAIN })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw wrong(`it is no JSON (${cause instanceof Error ? cause.message.slice(0, 120) : String(cause)})`)
  }
  if (!isObject(value)) throw wrong("it is JSON, but no object")
  return value
}

/** The JSON object of a small file; undefined where there is no file. */
export const jsonFile = (file: string, mostBytes: number): JsonObject | undefined => {
  const text = textOf(file, mostBytes)
  return text === undefined ? undefined : jsonObject(file, text)
}
