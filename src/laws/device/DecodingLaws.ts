/**
 * Laws of the cache of keys and values that a sampler decodes with.
 *
 * @module
 */
import type { Vitest } from "@effect/vitest"
import { Effect } from "effect"
import { expect } from "vitest"
import { Device } from "../../model/device/Device.ts"
import { numbers } from "./Cases.ts"
import { attention } from "./Definitions.ts"
import { relativeError } from "./RelativeError.ts"

interface Shape {
  readonly rows: number
  readonly length: number
  readonly slots: number
  readonly width: number
  readonly heads: number
  readonly keyHeads: number
}

/** Numbers of a position in qkv. */
const numbersOf = ({ heads, keyHeads, width }: Shape): number => (width / heads) * (heads + 2 * keyHeads)

const shapes: ReadonlyArray<Shape> = [
  { rows: 2, length: 5, slots: 5, width: 6, heads: 2, keyHeads: 2 },
  { rows: 3, length: 13, slots: 20, width: 21, heads: 3, keyHeads: 3 },
  { rows: 4, length: 12, slots: 16, width: 64, heads: 4, keyHeads: 4 },
  { rows: 3, length: 9, slots: 12, width: 36, heads: 9, keyHeads: 3 },
  { rows: 2, length: 6, slots: 7, width: 20, heads: 4, keyHeads: 1 },
  { rows: 1, length: 1, slots: 1, width: 1, heads: 1, keyHeads: 1 }
]

/** Groups without padding: a shared prompt, then positions of group 1 or 2. */
const promptThenGroups = (rows: number, length: number): Array<number> =>
  Array.from({ length: rows * length }, (_, n) => (n % length < Math.ceil(length / 3) ? 0 : 1 + (n % 2)))

const title = "$rows rows of $length positions, $slots slots, width $width, $heads heads of queries, $keyHeads of keys"

/** Laws of the cache: decoding position by position is attention over the whole sequence. */
export const decodingLaws = (it: Vitest.MethodsNonLive<Device>): void => {
  it.effect.each(shapes)(`decodes position by position what attention gives at once: ${title}`, (shape) =>
    Effect.gen(function* () {
      const { rows, length, width, heads, keyHeads } = shape
      const all = numbersOf(shape)
      const qkv = numbers(rows * length * all, 21)
      const groups = promptThenGroups(rows, length)
      const device = yield* Device
      const got = yield* device.use("decode", async (ops, tf) => {
        const cache = ops.makeCache(rows, shape.slots, width, heads, keyHeads)
        const out: Array<number> = []
        for (let t = 0; t < length; t++) {
          const step = tf.tensor2d(
            Array.from({ length: rows }, (_, row) => qkv.slice((row * length + t) * all, (row * length + t + 1) * all))
          )
          const codes = Int32Array.from({ length: rows }, (_, row) => groups[row * length + t]!)
          const values = await ops.decodeAttention(step, cache, new Int32Array(rows).fill(t), codes).data()
          values.forEach((value, n) => {
            out[(Math.floor(n / width) * length + t) * width + (n % width)] = value
          })
        }
        return out
      })
      expect(relativeError(got, attention(qkv, groups, rows, heads, keyHeads))).toBeLessThan(1e-4)
    }))

  it.effect.each(shapes)(
    `reads prompts into named rows of a larger cache, grows it and continues some of them: ${title}`,
    (shape) =>
      Effect.gen(function* () {
        const { rows, length, slots, width, heads, keyHeads } = shape
        const all = numbersOf(shape)
        // Rows n − 1, …, 0 of a cache that other sequences were in before; then every other row goes on, in a cache grown by 3.
        const places = Int32Array.from({ length: rows }, (_, row) => rows - 1 - row)
        const going = Array.from({ length: rows }, (_, row) => row).filter((row) => row % 2 === 0)
        const groups = promptThenGroups(rows, length)
        const [before, qkv, step] = [
          numbers(rows * length * all, 25),
          numbers(rows * length * all, 26),
          numbers(going.length * all, 27)
        ]
        const device = yield* Device
        const [prefilled, decoded] = yield* device.use("named rows", async (ops, tf) => {
          const codes = tf.tensor2d(groups, [rows, length], "int32")
          const small = ops.makeCache(rows + 1, slots, width, heads, keyHeads)
          ops.prefillAttention(tf.tensor2d(before, [rows * length, all]), codes, small, Int32Array.from(places, (row) => row + 1))
          const first = ops.prefillAttention(tf.tensor2d(qkv, [rows * length, all]), codes, small, places)
          const cache = ops.growCache(small, slots + 3)
          const next = ops.decodeAttention(
            tf.tensor2d(step, [going.length, all]),
            cache,
            new Int32Array(going.length).fill(length),
            new Int32Array(going.length).fill(1),
            Int32Array.from(going, (row) => places[row]!)
          )
          return Promise.all([first, next].map(async (tensor) => [...(await tensor.data())]))
        })
        expect(relativeError(prefilled!, attention(qkv, groups, rows, heads, keyHeads))).toBeLessThan(1e-4)
        going.forEach((row, i) => {
          const own = qkv.slice(row * length * all, (row + 1) * length * all)
          const whole = attention(
            [...own, ...step.slice(i * all, (i + 1) * all)],
            [...groups.slice(row * length, (row + 1) * length), 1],
            1,
            heads,
            keyHeads
          )
          expect(relativeError(decoded!.slice(i * width, (i + 1) * width), whole.slice(length * width))).toBeLessThan(1e-4)
        })
      })
  )

  it.effect("refuses a row that the cache does not have, and to shrink", () =>
    Effect.gen(function* () {
      const device = yield* Device
      const messageOf = (body: Parameters<typeof device.use>[1]) =>
        Effect.map(Effect.flip(device.use("bad input", body)), ({ message }) => message)
      expect(
        yield* messageOf((ops, tf) =>
          ops.decodeAttention(tf.ones([1, 12]), ops.makeCache(2, 2, 4, 2), Int32Array.of(0), Int32Array.of(0), Int32Array.of(2)).dataSync()
        )
      ).toMatch(/Row 2 is not among the cache's 2 rows/)
      expect(yield* messageOf((ops) => ops.growCache(ops.makeCache(2, 5, 4, 2), 4).slots)).toMatch(/5 slots cannot grow to 4/)
    }))

  it.effect.each(shapes.filter(({ slots, length }) => slots > length))(
    `continues prompts of different lengths, overwriting their padding, while finished rows rest: ${title}`,
    (shape) =>
      Effect.gen(function* () {
        const { rows, length, slots, width, heads, keyHeads } = shape
        const all = numbersOf(shape)
        const prompts = Array.from({ length: rows }, (_, row) => length - row)
        const groups = prompts.flatMap((prompt) => Array.from({ length }, (_, t) => (t < prompt ? 0 : -1)))
        const qkv = numbers(rows * length * all, 22)
        const steps = [numbers(rows * all, 23), numbers(rows * all, 24)]
        const device = yield* Device
        const [prefilled, ...decoded] = yield* device.use("continue", async (ops, tf) => {
          const cache = ops.makeCache(rows, slots, width, heads, keyHeads)
          const first = ops.prefillAttention(
            tf.tensor2d(qkv, [rows * length, all]),
            tf.tensor2d(groups, [rows, length], "int32"),
            cache
          )
          const later = steps.map((step, n) =>
            ops.decodeAttention(
              tf.tensor2d(step, [rows, all]),
              cache,
              // Row 0 rests in the second step.
              Int32Array.from(prompts, (prompt, row) => (n === 1 && row === 0 ? -1 : prompt + n)),
              new Int32Array(rows).fill(1)
            )
          )
          return Promise.all([first, ...later].map(async (tensor) => [...(await tensor.data())]))
        })
        expect(relativeError(prefilled!, attention(qkv, groups, rows, heads, keyHeads))).toBeLessThan(1e-4)
        for (let row = 0; row < rows; row++) {
          const prompt = prompts[row]!
          const own = qkv.slice(row * length * all, (row * length + prompt) * all)
          const added = steps.map((step) => step.slice(row * all, (row + 1) * all))
          const whole = attention([own, ...added].flat(), [...Array.from({ length: prompt }, () => 0), 1, 1], 1, heads, keyHeads)
          decoded.forEach((values, n) => {
            const expected = n === 1 && row === 0
              ? Array.from({ length: width }, () => 0)
              : whole.slice((prompt + n) * width, (prompt + n + 1) * width)
            expect(relativeError(values.slice(row * width, (row + 1) * width), expected)).toBeLessThan(1e-4)
          })
        }
      })
  )
}
