/**
 * What a file says, read again when the file has changed: the page's files are looked at every second.
 *
 * @module
 */
import { statsOf } from "../../eval/transcripts/steps/StepFiles.ts"

/** Calls a function for what has a file, and again where the file is another than it was; else it gives the same value. One value for all that has none. */
export const rememberedByFile = <S, A>(fileOf: (of: S) => string | undefined, read: (of: S) => A): (of: S) => A => {
  const known = new Map<string | undefined, { readonly print: string; readonly value: A }>()
  return (of) => {
    const file = fileOf(of)
    const stats = file === undefined ? undefined : statsOf(file)
    const print = stats === undefined ? "" : `${stats.ino} ${stats.mtimeMs} ${stats.size}`
    const before = known.get(file)
    if (before?.print === print) return before.value
    const value = read(of)
    known.set(file, { print, value })
    return value
  }
}
