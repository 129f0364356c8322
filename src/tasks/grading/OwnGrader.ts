/**
 * A grader of one's own: a module that exports one, named on the command line or in a configuration as "module.ts#export".
 *
 * @module
 */
import { ConfigError } from "../../domain/Errors.ts"
import type { GraderService, Reference } from "../../domain/Grader.ts"
import { guarded, lacking } from "../../domain/ModuleReference.ts"
import type { Verdict } from "../../domain/Task.ts"

/** The export that is meant where none is named. */
const DEFAULT_EXPORT = "grader"

const lacks = (made: unknown): string | undefined =>
  lacking(made, ["reference", "value"], { kind: (kind) => typeof kind === "string" && kind !== "" })

const VERDICTS: ReadonlyArray<unknown> = ["Correct", "Wrong", "Unparsable"] satisfies ReadonlyArray<Verdict>

const isText = (value: unknown): boolean => typeof value === "string"

/** A module's grader whose references, values and verdicts are looked at: what is none is a ConfigError, never an answer that is not right. */
const watched = (field: string, name: string, made: GraderService): GraderService => {
  const reference = { module: name }
  const refuse = (expected: string): never => {
    throw new ConfigError({ field: `${field}.module`, value: JSON.stringify(name), expected })
  }
  const grader = guarded(field, reference, made, ["reference", "value"], ["kind"])
  return {
    kind: grader.kind,
    reference: (gold) => {
      const found = grader.reference(gold) as Reference | undefined
      if (found === undefined) return undefined
      const problem = lacking(found, ["check"], { answer: isText })
      if (problem !== undefined) return refuse(`a module whose reference gives undefined or { answer, check }; ${problem}`)
      const { answer, check } = guarded(field, reference, found, ["check"], ["answer"])
      return {
        answer,
        check: (given) => {
          const verdict: unknown = check(given)
          if (VERDICTS.includes(verdict)) return verdict as Verdict
          const gave = verdict instanceof Promise ? "a promise" : JSON.stringify(verdict) ?? String(verdict)
          return refuse(`a module whose check gives one of ${VERDICTS.join(", ")}; it gave ${gave}`)
        }
      }
    },
    value: (text, from, to, announcement) => {
      const found = grader.value(text, from, to, announcement)
      if (found === undefined) return undefined
      const isPlace = (place: unknown): boolean => Number.isInteger(place) && from <= (place as number) && (place as number) <= to
      const problem = lacking(found, [], { answer: isText, start: isPlace, end: isPlace })
      return problem === undefined
        ? found
        : refuse(`a module whose value gives undefined or { start, end, answer }, with places from ${from} to ${to} here; ${problem}`)
    }
  }
}

/** A path from the current folder, or a URL or a package's name as they are. */
const specifierOf = (
  module: string
): string => (graderFile(module) !== undefined ? process.getBuiltinModule("node:url").pathToFileURL(module).href : module)

/** The file of the module that "module.ts#export" names; undefined for kinds and packages. */
export const graderFile = (reference: string): string | undefined => {
  const [module = ""] = reference.split("#")
  return /^(?:\.{0,2}\/|[A-Za-z]:[\\/])/.test(module) ? module : undefined
}

/**
 * Loads the grader that "module.ts#export" names; without "#…" the export is `grader`. Any thread may load it from the same string.
 * Rejects with a ConfigError that says what is wrong: no such module, no such export, an export that is no grader. What the grader throws when it is
 * asked, and answers that are none (a boolean for a verdict, a promise), are ConfigErrors too, thrown.
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
  return watched(field, reference, made as GraderService)
}
