/**
 * A grader of one's own: a module that exports one, named on the command line or in a configuration as "module.ts#export".
 *
 * @module
 */
import { ConfigError } from "../../domain/Errors.ts"
import type { GraderService } from "../../domain/Grader.ts"
import { lacking } from "../../domain/ModuleReference.ts"

/** The export that is meant where none is named. */
const DEFAULT_EXPORT = "grader"

const lacks = (made: unknown): string | undefined =>
  lacking(made, ["reference", "value"], { kind: (kind) => typeof kind === "string" && kind !== "" })

/** A path from the current folder, or a URL or a package's name as they are. */
const specifierOf = (
  module: string
): string => (/^(?:\.{0,2}\/|[A-Za-z]:[\\/])/.test(module) ? process.getBuiltinModule("node:url").pathToFileURL(module).href : module)

/**
 * Loads the grader that "module.ts#export" names; without "#…" the export is `grader`. Any thread may load it from the same string.
 * Rejects with a ConfigError that says what is wrong: no such module, no such export, an export that is no grader.
 */
export const loadGrader = async (reference: string, field = "grade"): Promise<GraderService> => {
  const at = reference.lastIndexOf("#")
  const [module, name] = at < 0 ? [reference, DEFAULT_EXPORT] : [reference.slice(0, at), reference.slice(at + 1) || DEFAULT_EXPORT]
  const refuse = (expected: string): ConfigError => new ConfigError({ field, value: JSON.stringify(reference), expected })
  if (module === "") throw refuse("a module and its export, as in \"./grader.ts#grader\"")
  let exports: Readonly<Record<string, unknown>>
  try {
    exports = (await import(/* @vite-ignore */ specifierOf(module))) as Readonly<Record<string, unknown>>
  } catch (cause) {
    const problem = (cause instanceof Error ? cause.message : String(cause)).replace(/ imported from \S+$/, "")
    const hint = specifierOf(module) === module && !/^\w+:/.test(module) ? " (a path begins with \"./\")" : ""
    throw refuse(`a module that can be imported${hint}: ${problem}`)
  }
  const made = exports[name]
  if (made === undefined) {
    const others = Object.keys(exports)
    throw refuse(`a module with the export ${name}${others.length === 0 ? "" : `; it has ${others.join(", ")}`}`)
  }
  const lack = lacks(made)
  if (lack !== undefined) throw refuse(`a module whose export ${name} is a grader; ${lack}`)
  return made as GraderService
}
