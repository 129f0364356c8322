/**
 * Code of one's own in a configuration: a module and the settings that it is called with. The same reference builds the same thing
 * in every thread.
 *
 * @module
 */
import { Effect, Schema } from "effect"
import { ConfigError } from "./Errors.ts"

/** The URL of a module (`file:…`, or a package's name), and what its export is called with. */
export const ModuleReference = Schema.Struct({ module: Schema.NonEmptyString, settings: Schema.optionalKey(Schema.Unknown) })
export type ModuleReference = typeof ModuleReference.Type

// Node says who imports; that is always this file.
const problemOf = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).replace(/ (?:resolving ES modules )?imported from \S+$/, "")

/** What was thrown, and the first place of its stack: whose code it is decides where to look. */
export const thrownBy = (cause: unknown): string => {
  const [, place] = /\n\s+at (.*)/.exec((cause instanceof Error && cause.stack) || "") ?? []
  return `${problemOf(cause)}${place === undefined ? "" : ` (at ${place})`}`
}

/** What a value lacks to be of a shape: functions by name, and values that a test refuses. undefined where it lacks nothing. */
export const lacking = (
  value: unknown,
  functions: ReadonlyArray<string>,
  tests: Readonly<Record<string, (field: unknown) => boolean>> = {}
): string | undefined => {
  if (typeof value !== "object" || value === null) return value === null ? "null is no object" : `${typeof value} is no object`
  if (value instanceof Promise) return "a promise is none: what has to be waited for belongs to the module's own top level"
  const fields = value as Readonly<Record<string, unknown>>
  const missing = functions.find((name) => typeof fields[name] !== "function")
  if (missing !== undefined) {
    return `${missing} is ${fields[missing] === undefined ? "missing" : `no function but ${typeof fields[missing]}`}`
  }
  const wrong = Object.keys(tests).find((name) => tests[name]!(fields[name]) === false)
  return wrong === undefined ? undefined : `${wrong} is ${fields[wrong] === undefined ? "missing" : "not what it should be"}`
}

const refusal = (field: string, { module }: ModuleReference) => (expected: string): ConfigError =>
  new ConfigError({ field: `${field}.module`, value: JSON.stringify(module), expected })

/**
 * Imports a module and gives back what its export of a name makes of the settings; the export may return a promise. `what` says in
 * words what is to be made, `lacks` what the made value lacks, undefined for nothing.
 *
 * Fails with a ConfigError that names the field when the module cannot be imported, has no such function, when that throws, and when
 * it makes something else: the code is the user's, so a sentence is what helps. A ConfigError that the function throws is passed on.
 */
export const buildExport = <A>(
  field: string,
  reference: ModuleReference,
  name: string,
  { lacks, what }: { readonly what: string; readonly lacks: (made: unknown) => string | undefined }
): Effect.Effect<A, ConfigError> => {
  const { module, settings } = reference
  const refuse = refusal(field, reference)
  return Effect.gen(function* () {
    const exports = yield* Effect.tryPromise({
      try: () => import(/* @vite-ignore */ module) as Promise<Readonly<Record<string, unknown>>>,
      catch: (cause) => {
        const hint = /^(?:[./]|\w+:)/.test(module) ? "" : ` (a path begins with "./")`
        return refuse(`a module that can be imported${hint}: ${problemOf(cause)}`)
      }
    })
    const make = exports[name]
    if (make === undefined) {
      const others = Object.keys(exports)
      return yield* refuse(`a module with the export ${name}${others.length === 0 ? "" : `; it has ${others.join(", ")}`}`)
    }
    if (typeof make !== "function") {
      return yield* refuse(`a module whose export ${name} is a function of settings; it is ${make === null ? "null" : typeof make}`)
    }
    const made: unknown = yield* Effect.tryPromise({
      try: async () => make(settings) as unknown,
      catch: (cause) =>
        cause instanceof ConfigError
          ? cause
          : new ConfigError({
            field: `${field}.settings`,
            value: settings === undefined ? "missing" : JSON.stringify(settings),
            expected: `settings that ${name} of ${module} accepts; it threw ${thrownBy(cause)}`
          })
    })
    const lack = lacks(made)
    return lack === undefined ? made as A : yield* refuse(`a module whose export ${name} makes ${what}; ${lack}`)
  })
}

/**
 * A service that a module made, of these functions and fields and nothing else. What one of its functions throws becomes a ConfigError
 * that names the module and the function, thrown in its place; a ConfigError stays as it is.
 */
export const guarded = <T extends object>(
  field: string,
  reference: ModuleReference,
  service: T,
  functions: ReadonlyArray<keyof T & string>,
  fields: ReadonlyArray<keyof T & string>
): T => {
  const calls = functions.map((name) => {
    const call = service[name] as (...given: ReadonlyArray<unknown>) => unknown
    const guard = (...given: ReadonlyArray<unknown>): unknown => {
      try {
        return call.apply(service, [...given])
      } catch (cause) {
        if (cause instanceof ConfigError) throw cause
        throw refusal(field, reference)(`a module whose ${name} does not throw; it threw ${thrownBy(cause)}`)
      }
    }
    return [name, guard] as const
  })
  return Object.fromEntries([...fields.map((name) => [name, service[name]] as const), ...calls]) as T
}
