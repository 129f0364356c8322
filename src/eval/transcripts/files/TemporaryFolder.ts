/**
 * A folder for what need not fit in memory.
 *
 * @module
 */
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { refused } from "../../../domain/Files.ts"

/** Makes a folder of its own among the system's temporary ones, its name beginning so. Throws FileError where there may be none. */
export const makeTemporary = (prefix: string): string => {
  try {
    return mkdtempSync(join(tmpdir(), prefix))
  } catch (cause) {
    throw refused(tmpdir(), "Set TMPDIR to a folder that may be written")(cause)
  }
}
