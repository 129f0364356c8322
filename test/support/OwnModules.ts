/** Modules as users write them, in a folder that goes with the tests of a file. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { afterAll } from "vitest"

/** Gives the URL of a module of that name and source; without a source there is no such file. */
export type ModuleOf = (name: string, source?: string) => string

/** Opens a folder for the modules of one test file. */
export const ownModules = (): ModuleOf => {
  const folder = mkdtempSync(join(tmpdir(), "decision-sampling-own-"))
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return (name, source) => {
    const file = join(folder, name)
    if (source !== undefined) writeFileSync(file, source)
    return pathToFileURL(file).href
  }
}
