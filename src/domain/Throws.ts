/**
 * The bridge from code that throws to typed failures. Plain code (the theory, the readers, inner loops) throws the errors that it foresees;
 * whoever calls it says which classes those are. Whatever else it throws is a mistake in the code and stays a defect.
 *
 * @module
 */
import { Effect, Result, Stream } from "effect"

/** A class of errors, of any constructor. */
export type ErrorClass = abstract new(...args: never) => Error

/** The errors of some classes. */
export type Foreseen<Classes extends ReadonlyArray<ErrorClass>> = InstanceType<Classes[number]>

const isForeseen = <Classes extends ReadonlyArray<ErrorClass>>(classes: Classes, cause: unknown): cause is Foreseen<Classes> =>
  classes.some((each) => cause instanceof each)

/** Runs code that throws: an error of one of the classes is a failure, any other is thrown on. */
export const caught = <const Classes extends ReadonlyArray<ErrorClass>, A>(
  classes: Classes,
  body: () => A
): Result.Result<A, Foreseen<Classes>> => {
  try {
    return Result.succeed(body())
  } catch (cause) {
    if (isForeseen(classes, cause)) return Result.fail(cause)
    throw cause
  }
}

/** `caught` as an Effect: an error of one of the classes fails, any other is a defect. */
export const failing = <const Classes extends ReadonlyArray<ErrorClass>, A>(
  classes: Classes,
  body: () => A
): Effect.Effect<A, Foreseen<Classes>> => Effect.suspend(() => Effect.fromResult(caught(classes, body)))

/** `failing` for code that rejects. The signal is aborted when the Effect is interrupted. */
export const failingAsync = <const Classes extends ReadonlyArray<ErrorClass>, A>(
  classes: Classes,
  body: (signal: AbortSignal) => Promise<A>
): Effect.Effect<A, Foreseen<Classes>> =>
  Effect.tryPromise({ try: body, catch: (cause) => cause }).pipe(
    Effect.catch((cause) => (isForeseen(classes, cause) ? Effect.fail(cause) : Effect.die(cause)))
  )

/** `failing` for a loop that yields. It is begun anew whenever the stream is run, and ended when that ends. */
export const failingStream = <const Classes extends ReadonlyArray<ErrorClass>, A>(
  classes: Classes,
  loop: () => AsyncIterable<A>
): Stream.Stream<A, Foreseen<Classes>> =>
  Stream.suspend(() => Stream.fromAsyncIterable(loop(), (cause) => cause)).pipe(
    Stream.catch((cause) => (isForeseen(classes, cause) ? Stream.fail(cause) : Stream.die(cause)))
  )
