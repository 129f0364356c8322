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
const messageOf = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).replace(/ (?:resolving ES modules )?imported from \S+$/, "")

/**
 * Imports a module and gives back the export of a name. Fails with a ConfigError that names the field when the module cannot be
 * imported or has no such export. That the export has the type `A` is the module's word.
 */
export const loadExport = <A>(field: string, { module }: ModuleReference, name: string): Effect.Effect<A, ConfigError> =>
  Effect.flatMap(
    Effect.tryPromise({
      try: () => import(/* @vite-ignore */ module) as Promise<Readonly<Record<string, unknown>>>,
      catch: (cause) =>
        new ConfigError({
          field: `${field}.module`,
          value: JSON.stringify(module),
          expected: `a module that can be imported: ${messageOf(cause)}`
        })
    }),
    (exports) =>
      exports[name] === undefined
        ? Effect.fail(
          new ConfigError({ field: `${field}.module`, value: JSON.stringify(module), expected: `a module with the export ${name}` })
        )
        : Effect.succeed(exports[name] as A)
  )

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
 * What the export of a module makes of the settings. `problemOf` says what the made value lacks, undefined for nothing. Fails with a
 * ConfigError that names the field when the module cannot be imported, when its export is no function or throws, and when it makes
 * something else: the code is the user's, so a sentence is what helps. A ConfigError that it throws itself stays as it is.
 */
export const madeBy = <A>(
  field: string,
  reference: ModuleReference,
  name: string,
  problemOf: (made: unknown) => string | undefined
): Effect.Effect<A, ConfigError> => {
  const refuse = refusal(field, reference)
  return Effect.flatMap(loadExport<unknown>(field, reference, name), (make) => {
    if (typeof make !== "function") {
      return Effect.fail(
        refuse(`a module whose export ${name} is a function of the settings; it is ${make === null ? "null" : typeof make}`)
      )
    }
    return Effect.flatMap(
      Effect.try({
        try: (): unknown => make(reference.settings),
        catch: (cause) =>
          cause instanceof ConfigError ? cause : refuse(`a module whose export ${name} does not throw; it said: ${messageOf(cause)}`)
      }),
      (made) => {
        const problem = problemOf(made)
        return problem === undefined
          ? Effect.succeed(made as A)
          : Effect.fail(refuse(`a module whose export ${name} makes what its name says; ${problem}`))
      }
    )
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
        throw refusal(field, reference)(`a module whose ${name} does not throw; it said: ${messageOf(cause)}`)
      }
    }
    return [name, guard] as const
  })
  return Object.fromEntries([...fields.map((name) => [name, service[name]] as const), ...calls]) as T
}
