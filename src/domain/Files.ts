/**
 * What is said of files: their names, and why the system refused something.
 *
 * @module
 */
import { FileError } from "./Errors.ts"

/** A folder's name without a slash at its end, as shells complete it; what is named after it then lies beside it, not in it. */
export const withoutSlash = (folder: string): string => folder.replace(/(?<=[^/\\])[/\\]+$/, "")

/**
 * Whether files can be synced to the disk: under Node's permission model (`node --permission`) they cannot. A power cut then may take what was
 * written last.
 */
export const canSync = (): boolean => (globalThis.process as { readonly permission?: unknown } | undefined)?.permission === undefined

interface SystemFailure {
  readonly message: string
  readonly cause?: unknown
}

/**
 * Why the system refused something, in one line. Errors without a name in Effect, a full disk among them, are told in the system's own words ("ENOSPC:
 * no space left on device, write") and not as "Unknown".
 */
export const problemOf = ({ cause, message }: SystemFailure): string =>
  /^(?:Unknown|BadResource):/.test(message) && cause instanceof Error ? cause.message : message

/** Turns what the system says into an error that names the file and what there is to do. */
export const refused = (file: string, advice: string) => (cause: unknown): FileError =>
  new FileError({ file, problem: cause instanceof Error ? problemOf(cause) : String(cause), advice })

/** The same, of a file or folder that does not take what is written. */
export const unwritten = (file: string): (cause: unknown) => FileError =>
  refused(file, "Is the folder writable, and is there room on the disk?")
