/**
 * Grammars of bad input: texts, JSON values, and what happens to files on their way, so that most inputs get past the first look and fail deep
 * inside. `Grammar.test.ts` checks that they are not degenerate.
 *
 * Numbers are drawn from a grid and from a list of edges, never from bit patterns, of which nearly all are close to 0.
 *
 * @module
 */
import { deflateRawSync, gzipSync } from "node:zlib"
import { Arbitrary, Effect, Schema } from "effect"
import fc from "fast-check"
import { grid } from "../support/Arbitraries.ts"

/** What a reader is given. */
export type Input = string | Uint8Array

/** Text that steers a terminal: the clipboard (OSC 52), colours, a bell, a line over another, the reversal of what follows. */
export const STEERING = ["\u001b]52;c;cm0gLXJm\u0007", "\u001b[2J", "\u0007", "\r", "\u009b31m", "\u202e", "\u2066", "\u200b", "\u0000"]

const WORDS = [
  "The answer is",
  "Answer:",
  "####",
  "\\boxed{",
  "}",
  "\\frac{1}{2}",
  "$",
  "wait,",
  "But let me check.",
  "No, that is wrong.",
  "=",
  "*",
  "+",
  "12 * 34 = 408",
  "408",
  "1,234.5",
  "-7",
  "1e5",
  ".",
  " ",
  "\n",
  "\n\n",
  "\t",
  "(A)",
  "yes",
  "<think>",
  "</think>",
  "<|im_start|>assistant\n",
  "<|im_end|>",
  "<|channel|>analysis<|message|>",
  "²",
  "½",
  "€",
  "一百",
  "👩‍👩‍👧",
  "é",
  "ﬁ",
  "\u00a0"
]

const ODD = [
  "",
  " ",
  "NaN",
  "Infinity",
  "-Infinity",
  "1e999",
  "-0",
  "0x10",
  "007",
  "9007199254740993",
  "1.7976931348623157e308",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "null",
  "undefined",
  "true",
  "[]",
  "{}",
  "../../etc/passwd",
  "/dev/null",
  "file:///etc/passwd",
  "%00",
  "%s%n",
  "${x}",
  "{{ 7 * 7 }}",
  "{% for i in range(9) %}",
  "</script><script>alert(1)</script>",
  "\ud800",
  "\udfff\ud800",
  "\ufeff",
  "\uffff",
  "\u2028",
  "\r\n",
  ...STEERING
]

const REPEATED = [
  "1",
  "1.",
  ".1",
  "=",
  "=1",
  "1*",
  " ",
  "\n",
  "(",
  "[",
  "{",
  "\\boxed{",
  "wait, ",
  "a",
  "0",
  ",1",
  "<",
  "\"",
  "\\",
  "é",
  "\ud83d"
]

/** Words that mean something to the readers, odd ones, ones that steer a terminal, and one thing many times. */
export const text: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.constantFrom(...WORDS), { maxLength: 12 }).map((words) => words.join("")) },
  { weight: 2, arbitrary: fc.array(fc.constantFrom(...WORDS, ...ODD), { maxLength: 12 }).map((words) => words.join(" ")) },
  { weight: 2, arbitrary: fc.constantFrom(...ODD) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(...REPEATED), fc.integer({ min: 1, max: 300 })).map(([unit, count]) => unit.repeat(count))
  }
)

/** Numbers that break signs, ranges, sums and products. */
export const EDGES = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  -(2 ** 53),
  2 ** 53 - 1,
  1e15,
  1e21,
  1e308,
  -1e308,
  1.7976931348623157e308,
  5e-324,
  1e-300
]

/** A number: on a grid, small and whole, or an edge. */
export const number: fc.Arbitrary<number> = fc.oneof(
  { weight: 2, arbitrary: grid(-10, 10) },
  { weight: 2, arbitrary: fc.integer({ min: -2, max: 64 }) },
  { weight: 2, arbitrary: fc.constantFrom(...EDGES) }
)

/** Any JSON value, rarely deep. */
export const json: fc.Arbitrary<unknown> = fc.letrec<{ readonly value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    text,
    number,
    fc.constantFrom(null, true, false),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(
      fc.tuple(fc.oneof(fc.constantFrom("role", "content", "text", "answer", "_tag", "id"), fc.constantFrom(...ODD)), tie("value")),
      {
        maxLength: 4
      }
    ).map((entries) => Object.fromEntries(entries))
  )
})).value

type Step = string | number
type Path = ReadonlyArray<Step>

const pathsOf = (value: unknown, path: Path = []): ReadonlyArray<Path> => [
  path,
  ...(typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, Array.isArray(value) ? Number(key) : key]))
    : [])
]

const MISSING = Symbol("missing")

// The value with what is at a path changed; `MISSING` takes it out.
const changed = (value: unknown, [step, ...rest]: Path, change: (at: unknown) => unknown): unknown => {
  if (step === undefined) return change(value)
  const inner = changed((value as Record<Step, unknown>)[step], rest, change)
  if (Array.isArray(value)) return inner === MISSING ? value.filter((_, i) => i !== step) : value.with(step as number, inner)
  const entries = Object.entries(value as object)
  return Object.fromEntries(
    inner === MISSING ? entries.filter(([key]) => key !== step) : entries.map(([key, at]) => [key, key === step ? inner : at])
  )
}

const change: fc.Arbitrary<(at: unknown) => unknown> = fc.oneof(
  { weight: 3, arbitrary: json.map((other) => () => other) },
  { weight: 2, arbitrary: number.map((other) => () => other) },
  { weight: 3, arbitrary: text.map((other) => () => other) },
  { weight: 2, arbitrary: fc.constant(() => MISSING) },
  { weight: 1, arbitrary: fc.constant((at: unknown) => [at]) },
  { weight: 1, arbitrary: fc.constant((at: unknown) => ({ value: at })) },
  { weight: 1, arbitrary: fc.constant((at: unknown) => (Array.isArray(at) ? [...at, ...at, ...at] : JSON.stringify(at))) },
  {
    weight: 1,
    arbitrary: fc.tuple(text, json).map(([key, inner]) => (at: unknown) =>
      typeof at === "object" && at !== null && !Array.isArray(at) ? { ...at, [key]: inner } : at
    )
  }
)

/** A valid value, unchanged now and then, else with one to three changes anywhere in it. */
export const mutated = (valid: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.tuple(
    valid,
    fc.oneof({ weight: 1, arbitrary: fc.constant([]) }, {
      weight: 6,
      arbitrary: fc.array(fc.tuple(fc.nat(1_000_000), change), { minLength: 1, maxLength: 3 })
    })
  ).map(([value, changes]) =>
    changes.reduce<unknown>((now, [place, make]) => {
      const paths = pathsOf(now)
      const next = changed(now, paths[place % paths.length]!, make)
      return next === MISSING ? {} : next
    }, value)
  )

const at = (whole: string, place: number): number => (whole.length === 0 ? 0 : place % (whole.length + 1))

const NESTED = 50_000

// What is at the number or text that stands at or after a place.
const withScalar = (whole: string, place: number, written: string): string => {
  const from = at(whole, place)
  const found = /-?\d+(?:\.\d+)?|"[^"\\]{0,20}"/.exec(whole.slice(from))
  return found === null ? whole : whole.slice(0, from + found.index) + written + whole.slice(from + found.index + found[0].length)
}

const SCALARS = [
  "NaN",
  "Infinity",
  "-Infinity",
  "1e999",
  "-1e999",
  "1e-999",
  "9".repeat(400),
  `0.${"0".repeat(400)}1`,
  "123456789012345678901234567890",
  "\"\\ud800\"",
  "\"\\u0000\"",
  "\"\\u001b]52;c;x\\u0007\"",
  "\"\\u202e\"",
  "\"NaN\"",
  "[".repeat(NESTED) + "]".repeat(NESTED),
  "{\"a\":".repeat(NESTED) + "1" + "}".repeat(NESTED),
  "nul",
  "'x'",
  "01",
  "+1",
  "tru"
]

const touch: fc.Arbitrary<(whole: string) => string> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(fc.nat(1_000_000), fc.constantFrom(...SCALARS)).map(([place, written]) => (whole: string) =>
      withScalar(whole, place, written)
    )
  },
  { weight: 3, arbitrary: fc.nat(1_000_000).map((place) => (whole: string) => whole.slice(0, at(whole, place))) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(1_000_000), text).map(([place, more]) => (whole: string) =>
      whole.slice(0, at(whole, place)) + more + whole.slice(at(whole, place))
    )
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(1_000_000), fc.nat(40)).map(([place, length]) => (whole: string) =>
      whole.slice(0, at(whole, place)) + whole.slice(at(whole, place) + length)
    )
  },
  { weight: 1, arbitrary: fc.constant((whole: string) => `\ufeff${whole}`) },
  { weight: 1, arbitrary: fc.constant((whole: string) => `${whole}\r\n`) },
  { weight: 1, arbitrary: fc.constant((whole: string) => `${whole}\n${whole}`) },
  { weight: 1, arbitrary: fc.constant((whole: string) => whole.replaceAll(",", ",\n")) },
  // A key that is there twice: the second counts.
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(1_000_000), text).map(([place, written]) => (whole: string) => {
      const keys = [...whole.matchAll(/"[^"\\]+":/g)]
      const key = keys[place % Math.max(1, keys.length)]
      return key === undefined ? whole : `${whole.slice(0, key.index)}${key[0]}${JSON.stringify(written)},${whole.slice(key.index)}`
    })
  }
)

/** A text as it is, or with one or two things done to it on the way: cut, numbers that JSON has none of, nesting by the thousand, a byte-order mark. */
export const touched = (whole: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(
    whole,
    fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 2, arbitrary: fc.array(touch, { minLength: 1, maxLength: 2 }) })
  )
    .map(([value, touches]) => touches.reduce((now, each) => each(now), value))

/**
 * Values of a schema, in its written form, drawn by the schema itself. Its numbers walk bit patterns: changes (`mutated`) bring those that matter.
 */
export const ofSchema = <A, I>(schema: Schema.Codec<A, I>): fc.Arbitrary<unknown> => {
  const arbitrary = Arbitrary.schema(schema)
  const encode = Schema.encodeUnknownSync(schema)
  return fc.nat(2 ** 31 - 1).map((seed) => {
    const [value] = Effect.runSync(Arbitrary.sampleEffect(arbitrary, { count: 1, seed, size: 4 }))
    return encode(value)
  })
}

/** A JSON text that is valid but for some changes, or has been touched, or is none. */
export const jsonTextOf = (valid: fc.Arbitrary<unknown>): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 12, arbitrary: touched(mutated(valid).map((value) => JSON.stringify(value))) },
    { weight: 1, arbitrary: touched(json.map((value) => JSON.stringify(value))) },
    { weight: 1, arbitrary: text }
  )

/** The same of some valid values. */
export const jsonText = (...valid: ReadonlyArray<unknown>): fc.Arbitrary<string> => jsonTextOf(fc.constantFrom(...valid))

/** Lines of JSON, most of them valid. */
export const jsonLines = (...valid: ReadonlyArray<unknown>): fc.Arbitrary<string> =>
  fc.array(
    fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...valid).map((value) => JSON.stringify(value)) }, {
      weight: 3,
      arbitrary: jsonText(...valid)
    }),
    {
      minLength: 1,
      maxLength: 4
    }
  ).map((lines) => lines.join("\n"))

const EDGE_BYTES = [0, 1, 0x7f, 0x80, 0xff]
const EDGE_INTEGERS = [
  0n,
  1n,
  0x7fff_ffffn,
  0xffff_ffffn,
  0x1_0000_0000n,
  0x7fff_ffff_ffff_ffffn,
  0xffff_ffff_ffff_ffffn,
  1n << 40n,
  1n << 60n
]

const withByte = (bytes: Uint8Array, place: number, change: (byte: number) => number): Uint8Array => {
  const at = place % Math.max(1, bytes.length)
  return bytes.length === 0 ? bytes : bytes.with(at, change(bytes[at]!))
}

const harm: fc.Arbitrary<(bytes: Uint8Array) => Uint8Array> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(fc.nat(10_000_000), fc.nat(7)).map(([place, bit]) => (bytes: Uint8Array) =>
      withByte(bytes, place, (byte) => byte ^ (1 << bit))
    )
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(10_000_000), fc.constantFrom(...EDGE_BYTES)).map(([place, byte]) => (bytes: Uint8Array) =>
      withByte(bytes, place, () => byte)
    )
  },
  { weight: 3, arbitrary: fc.nat(10_000_000).map((place) => (bytes: Uint8Array) => bytes.slice(0, place % (bytes.length + 1))) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(10_000_000), fc.nat(64)).map(([place, length]) => (bytes: Uint8Array) =>
      bytes.slice().fill(0, place % (bytes.length + 1), (place % (bytes.length + 1)) + length)
    )
  },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.nat(10_000_000), fc.constantFrom(...EDGE_INTEGERS)).map(([place, integer]) => (bytes: Uint8Array) => {
      if (bytes.length < 8) return bytes
      const copy = bytes.slice()
      new DataView(copy.buffer).setBigUint64(place % (bytes.length - 7), integer, true)
      return copy
    })
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 16 }).map((more) => (bytes: Uint8Array) => new Uint8Array([...bytes, ...more])) }
)

// Headers hold what steers the rest: half of all harm is done to the first kilobyte.
const toHead = (each: (bytes: Uint8Array) => Uint8Array) => (bytes: Uint8Array): Uint8Array => {
  const head = each(bytes.slice(0, 1024))
  const whole = new Uint8Array(head.length + Math.max(0, bytes.length - 1024))
  whole.set(head)
  whole.set(bytes.subarray(1024), head.length)
  return whole
}

/** A binary file as it is, or with bits flipped, cut, with whole numbers that are too large, with more at its end. */
export const harmed = (...valid: ReadonlyArray<Uint8Array>): fc.Arbitrary<Uint8Array> =>
  fc.tuple(
    fc.constantFrom(...valid.map((bytes) => Uint8Array.from(bytes))),
    fc.oneof({ weight: 1, arbitrary: fc.constant([]) }, {
      weight: 8,
      arbitrary: fc.array(fc.oneof(harm, harm.map(toHead)), { minLength: 1, maxLength: 3 })
    })
  ).map(([bytes, harms]) => harms.reduce<Uint8Array>((now, each) => each(now), bytes))

/** A text as a file that is packed: gzip whole or harmed, or raw deflate under a gzip name. */
export const packed = (whole: fc.Arbitrary<string>): fc.Arbitrary<Uint8Array> =>
  fc.tuple(whole, fc.array(harm, { maxLength: 2 }), fc.integer({ min: 0, max: 9 })).map(([value, harms, kind]) =>
    harms.reduce<Uint8Array>((now, each) => each(now), Uint8Array.from(kind === 0 ? deflateRawSync(value) : gzipSync(value)))
  )
