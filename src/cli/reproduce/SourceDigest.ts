/**
 * The digest of the sources that a stage's result depends on: its modules and all that they import.
 *
 * @module
 */
import { createHash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { dirname, extname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"

// Static imports and those that load a module when it is asked for.
const RELATIVE_IMPORT = /\b(?:from\s+|import\s*\(\s*)"(\.[^"]+)"/g

const closure = (files: ReadonlyArray<string>): ReadonlyArray<string> => {
  const found = new Set<string>()
  const visit = (file: string): void => {
    if (found.has(file)) return
    found.add(file)
    for (const [, path = ""] of readFileSync(file, "utf8").matchAll(RELATIVE_IMPORT)) visit(resolve(dirname(file), path))
  }
  files.forEach(visit)
  return [...found].sort()
}

const root = fileURLToPath(new URL("../..", import.meta.url))
// The sources run as .ts in a clone and as .js in an installed package.
const extension = extname(fileURLToPath(import.meta.url))

const digests = new Map<string, string>()

/** SHA-256 over the named modules of the sources, all that they import, and the kernels. Read once a process. */
export const sourceDigest = (modules: ReadonlyArray<string>): string => {
  const name = modules.join()
  const known = digests.get(name)
  if (known !== undefined) return known
  const hash = createHash("sha256")
  const device = join(root, "model", "device")
  const kernels = readdirSync(device).filter((file) => file.endsWith(".wasm")).sort()
  for (const file of closure(modules.map((module) => join(root, module + extension)))) hash.update(readFileSync(file))
  for (const file of kernels) hash.update(readFileSync(join(device, file)))
  const digest = hash.digest("hex")
  digests.set(name, digest)
  return digest
}
