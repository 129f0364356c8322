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

const problemOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** What was thrown, and the first place of its stack: whose code it is decides where to look. */
const thrownBy = (cause: unknown): string => {
  const [, place] = /\n\s+at (.*)/.exec((cause instanceof Error && cause.stack) || "") ?? []
  return `${problemOf(cause)}${place === undefined ? "" : ` (at ${place})`}`
}

/** What an export must make: a check of it, and in words what that is. */
export interface Made<A> {
  readonly what: string
  readonly isMade: (value: unknown) => value is A
}

/** Whether a value has methods of these names. */
export const hasMethods = (value: unknown, names: ReadonlyArray<string>): boolean =>
  typeof value === "object" && value !== null &&
  names.every((name) => typeof (value as Readonly<Record<string, unknown>>)[name] === "function")

/**
 * Imports a module and gives back what its export of a name makes of the settings; the export may return a promise. Fails with a
 * ConfigError that names the field when the module cannot be imported, has no such function, when that throws, and when it makes
 * something else. A ConfigError that the function throws is passed on.
 */
export const buildExport = <A>(
  field: string,
  { module, settings }: ModuleReference,
  name: string,
  { isMade, what }: Made<A>
): Effect.Effect<A, ConfigError> => {
  const refuse = (expected: string) => new ConfigError({ field: `${field}.module`, value: JSON.stringify(module), expected })
  return Effect.gen(function* () {
    const exports = yield* Effect.tryPromise({
      try: () => import(/* @vite-ignore */ module) as Promise<Readonly<Record<string, unknown>>>,
      catch: (cause) => {
        const hint = /^(?:[./]|\w+:)/.test(module) ? "" : ` (a path begins with "./")`
        return refuse(`a module that can be imported${hint}: ${problemOf(cause).replace(/ imported from .*/, "")}`)
      }
    })
    const make = exports[name]
    if (make === undefined) {
      const others = Object.keys(exports)
      return yield* refuse(`a module with the export ${name}${others.length === 0 ? "" : `; it has ${others.join(", ")}`}`)
    }
    if (typeof make !== "function") {
      return yield* refuse(`a module whose export ${name} is a function of settings; it is of type ${typeof make}`)
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
    if (!isMade(made)) return yield* refuse(`a module whose export ${name} makes ${what}`)
    return made
  })
}
