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
          expected: `a module that can be imported: ${cause instanceof Error ? cause.message : String(cause)}`
        })
    }),
    (exports) =>
      exports[name] === undefined
        ? Effect.fail(
          new ConfigError({ field: `${field}.module`, value: JSON.stringify(module), expected: `a module with the export ${name}` })
        )
        : Effect.succeed(exports[name] as A)
  )
