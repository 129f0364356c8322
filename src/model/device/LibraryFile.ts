/**
 * The file of a shared library before it is loaded: whether it is there, and whether it is whole.
 *
 * @module
 */
import { nodeBuiltin } from "./NodeBuiltins.ts"

/** What the file is, as far as that is known: a name alone, which the system's loader looks for, is none. */
export type LibraryFile = "none" | "whole" | "cut off"

const HEADER = 64
const ELF = 0x464c457f
const [bits64, littleEndian] = [2, 1]

/**
 * Looks at the file of a path. A library in the form of Linux (ELF) says in its header where its last table ends; one whose file ends before
 * that would load and then end the process, without a word, at the first page that is not there. Other forms count as whole.
 */
export const libraryFile = (path: string): LibraryFile => {
  const { closeSync, existsSync, fstatSync, openSync, readSync } = nodeBuiltin("node:fs", "looking at a library")
  if (!/[/\\]/.test(path) || !existsSync(path)) return "none"
  let file: number | undefined
  try {
    file = openSync(path, "r")
    const header = new DataView(new ArrayBuffer(HEADER))
    if (readSync(file, header, 0, HEADER, 0) < HEADER) return "whole"
    if (header.getUint32(0, true) !== ELF || header.getUint8(4) !== bits64 || header.getUint8(5) !== littleEndian) return "whole"
    const [tableAt, entrySize, entries] = [
      Number(header.getBigUint64(0x28, true)),
      header.getUint16(0x3a, true),
      header.getUint16(0x3c, true)
    ]
    return fstatSync(file).size < tableAt + entrySize * entries ? "cut off" : "whole"
  } catch {
    // It cannot be read: loading it says why.
    return "whole"
  } finally {
    if (file !== undefined) closeSync(file)
  }
}
