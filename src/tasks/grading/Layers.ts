/**
 * The graders as layers of the service, one for each kind, and one for a grader of one's own.
 *
 * @module
 */
import { Effect, Layer } from "effect"
import { ConfigError } from "../../domain/Errors.ts"
import { Grader } from "../../domain/Grader.ts"
import { choice } from "./Choice.ts"
import { countdown } from "./CountdownAnswer.ts"
import { mathematics } from "./Mathematics.ts"
import { integer, number } from "./Numbers.ts"
import { loadGrader } from "./OwnGrader.ts"
import { boolean, text } from "./Text.ts"

/** Whole numbers as the grader. */
export const integerLayer: Layer.Layer<Grader> = Layer.succeed(Grader, integer)
/** Numbers as the grader. */
export const numberLayer: Layer.Layer<Grader> = Layer.succeed(Grader, number)
/** Mathematics as the grader. */
export const mathematicsLayer: Layer.Layer<Grader> = Layer.succeed(Grader, mathematics)
/** Multiple choice as the grader. */
export const choiceLayer: Layer.Layer<Grader> = Layer.succeed(Grader, choice)
/** Yes and no as the grader. */
export const booleanLayer: Layer.Layer<Grader> = Layer.succeed(Grader, boolean)
/** Text as the grader. */
export const textLayer: Layer.Layer<Grader> = Layer.succeed(Grader, text)
/** Countdown as the grader. */
export const countdownLayer: Layer.Layer<Grader> = Layer.succeed(Grader, countdown)

/** The layer of a grader of one's own; fails with a ConfigError where there is none. */
export const ownGraderLayer = (reference: string): Layer.Layer<Grader, ConfigError> =>
  Layer.effect(
    Grader,
    Effect.tryPromise({
      try: () => loadGrader(reference),
      catch: (
        cause
      ) => (cause instanceof ConfigError ? cause : new ConfigError({ field: "grade", value: reference, expected: String(cause) }))
    })
  )
