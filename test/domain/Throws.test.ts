import { Cause, Effect, Exit, Result } from "effect"
import { describe, expect, expectTypeOf, it } from "vitest"
import { ConfigError, FileError } from "../../src/domain/Errors.ts"
import { caught, failing, failingAsync } from "../../src/domain/Throws.ts"
import { assertFinite, TheoryError } from "../../src/theory/TheoryError.ts"

const config = new ConfigError({ field: "a", value: "1", expected: "2" })
const throws = (error: unknown) => (): number => {
  throw error
}

const defectOf = (exit: Exit.Exit<unknown, unknown>): unknown =>
  Exit.isFailure(exit) && !exit.cause.reasons.some(Cause.isFailReason) ? Cause.squash(exit.cause) : undefined

describe("caught", () => {
  it("gives what the code gives, or the error of a class that was named", () => {
    expect(caught([ConfigError], () => 3)).toEqual(Result.succeed(3))
    expect(caught([FileError, ConfigError], throws(config))).toEqual(Result.fail(config))
  })

  it("throws on what was not named, values that are no errors among it", () => {
    for (const error of [config, new TypeError("a mistake"), "text", undefined]) {
      expect(() => caught([FileError], throws(error))).toThrow(error as Error)
    }
  })
})

describe("failing", () => {
  it("fails with the theory's errors, which know no Effect, and types them", async () => {
    const effect = failing([TheoryError, ConfigError], () => assertFinite("here", "x", [1, NaN]))
    expectTypeOf(effect).toEqualTypeOf<Effect.Effect<void, TheoryError | ConfigError>>()
    const error = await Effect.runPromise(Effect.flip(effect))
    expect(error).toMatchObject({ _tag: "TheoryError", reason: { _tag: "NonFinite", index: 1 } })
  })

  it("runs the code when it is run, and every time", () => {
    let runs = 0
    const effect = failing([ConfigError], () => ++runs)
    expect(runs).toBe(0)
    expect([Effect.runSync(effect), Effect.runSync(effect)]).toEqual([1, 2])
  })

  it("takes any other throw for a defect", async () => {
    const mistake = new TypeError("a mistake")
    expect(defectOf(await Effect.runPromiseExit(failing([ConfigError], throws(mistake))))).toBe(mistake)
  })
})

describe("failingAsync", () => {
  it("sorts rejections in the same way, and throws before the promise too", async () => {
    const mistake = new TypeError("a mistake")
    expect(await Effect.runPromise(failingAsync([ConfigError], async () => 3))).toBe(3)
    expect(await Effect.runPromise(Effect.flip(failingAsync([ConfigError], () => Promise.reject(config))))).toBe(config)
    expect(await Effect.runPromise(Effect.flip(failingAsync([ConfigError], throws(config) as () => never)))).toBe(config)
    expect(defectOf(await Effect.runPromiseExit(failingAsync([ConfigError], () => Promise.reject(mistake))))).toBe(mistake)
  })

  it("aborts the signal when it is interrupted", async () => {
    let signal: AbortSignal | undefined
    const endless = failingAsync([ConfigError], (given) => {
      signal = given
      return new Promise(() => undefined)
    })
    await Effect.runPromise(Effect.timeoutOption(endless, "5 millis"))
    expect(signal?.aborted).toBe(true)
  })
})
