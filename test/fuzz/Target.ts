/**
 * What is fuzzed: a reader of something from outside, the grammar of its inputs, and the judgement of what it does with one. A reader gives a
 * value or fails with a typed error; anything else is a crash.
 *
 * @module
 */
import type * as NodeServices from "@effect/platform-node/NodeServices"
import { Cause, Effect, Exit } from "effect"
import type fc from "fast-check"
import type { Input } from "./Grammar.ts"

/** A reader and its inputs. `read` is given a file of its own to write the input to, where it reads files. */
export interface Target {
  readonly name: string
  readonly input: fc.Arbitrary<Input>
  readonly read: (input: Input, file: string) => Effect.Effect<unknown, Error, NodeServices.NodeServices>
  /** How many times an input costs what most do, where it is many. */
  readonly cost?: number
  /** What it gives may hold numbers that are none: they are the input's own, and the caller's to judge. */
  readonly mayBeNonFinite?: boolean
  /** A refusal may have many lines: one for each fault, or as a schema says it. */
  readonly isLong?: boolean
}

/** A refusal that is a value of the reader's, such as the reason of a bad row. */
export class Refusal extends Error {
  override readonly name = "Refusal"
}

/** What became of an input. */
export type Judgement =
  | { readonly _tag: "Accepted" }
  | { readonly _tag: "Refused"; readonly kind: string }
  | { readonly _tag: "Crash"; readonly problem: string }

const MOST_LENGTH = 1000

const crash = (problem: string): Judgement => ({ _tag: "Crash", problem })

const shown = (text: string): string => JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text)

const refusal = (error: Error, { isLong = false }: Target, input: Input): Judgement => {
  const { message, name } = error
  if (typeof message !== "string" || message.trim() === "") return crash(`${name}: a refusal without words`)
  if (!isLong && message.length > MOST_LENGTH) {
    return crash(`${name}: a refusal of ${message.length > 1e4 ? "very " : ""}many characters: ${shown(message)}`)
  }
  if (!isLong && /[\n\r]/.test(message)) return crash(`${name}: a refusal of several lines: ${shown(message)}`)
  // A field of that name shows what it is.
  if (/\[object |\bundefined is/.test(message) && !/\[object|undefined/.test(String(input))) {
    return crash(`${name}: a refusal that shows nothing: ${shown(message)}`)
  }
  const reason = (error as { readonly reason?: unknown }).reason
  return { _tag: "Refused", kind: typeof reason === "string" ? `${name}.${reason}` : name }
}

/** The path of a number that is none; undefined where there is no such number. Looks at so many values at most. */
const nonFiniteIn = (value: unknown, path = "", seen: Set<object> = new Set()): string | undefined => {
  if (typeof value === "number") return Number.isFinite(value) ? undefined : `${path} is ${value}`
  if (typeof value !== "object" || value === null || seen.has(value) || seen.size > 100_000) return undefined
  seen.add(value)
  if (ArrayBuffer.isView(value)) {
    if (!(value instanceof Float32Array || value instanceof Float64Array)) return undefined
    const found = value.findIndex((each) => !Number.isFinite(each))
    return found < 0 ? undefined : `${path}[${found}] is ${value[found]}`
  }
  const entries = value instanceof Map ? [...value] : value instanceof Set ? [...value].entries() : Object.entries(value)
  for (const [key, inner] of entries) {
    const problem = nonFiniteIn(inner, `${path}.${String(key)}`, seen)
    if (problem !== undefined) return problem
  }
  return undefined
}

/** Gives an input to a target and judges what it does. */
export const judge = (
  target: Target,
  input: Input,
  file: string
): Effect.Effect<Judgement, never, NodeServices.NodeServices> =>
  Effect.suspend(() => target.read(input, file)).pipe(
    Effect.exit,
    Effect.map((exit): Judgement => {
      if (Exit.isSuccess(exit)) {
        const found = target.mayBeNonFinite === true ? undefined : nonFiniteIn(exit.value)
        return found === undefined ? { _tag: "Accepted" } : crash(`a number that is none: ${found}`)
      }
      const { cause } = exit
      const [failure] = cause.reasons
      if (failure !== undefined && Cause.isFailReason(failure) && cause.reasons.every(Cause.isFailReason)) {
        return refusal(failure.error, target, input)
      }
      return crash(Cause.pretty(cause).slice(0, 1500))
    })
  )
