import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Tensor2D } from "@tensorflow/tfjs-core"
import fc from "fast-check"
import type { CompositeCache } from "../../../src/model/device/CompositeCache.ts"
import { compositeOps } from "../../../src/model/device/CompositeOps.ts"
import { cpuDevice } from "../../../src/model/device/Cpu.ts"
import type { TensorLibrary } from "../../../src/model/device/Device.ts"
import type { Ops } from "../../../src/model/device/DeviceOps.ts"
import { numbers } from "../../../src/laws/device/Cases.ts"
import { relativeError } from "../../../src/laws/device/RelativeError.ts"

const [width, heads] = [4, 2]

/** What is done to some rows: read in anew, go on, or write a slot again that was written before. */
interface Action {
  readonly kind: "read" | "decode" | "overwrite"
  readonly rows: ReadonlyArray<number>
  readonly length: number
  readonly group: number
  readonly caches: ReadonlyArray<number>
}

interface Entry {
  readonly key: ReadonlyArray<number>
  readonly value: ReadonlyArray<number>
  readonly group: number
}

/** softmax(q kᵀ/√dh) v for each head over the entries that a position of a group sees, itself the last. */
const attend = (query: ReadonlyArray<number>, seen: ReadonlyArray<Entry>): ReadonlyArray<number> =>
  Array.from({ length: heads }, (_, head) => {
    const depth = width / heads
    const part = (x: ReadonlyArray<number>) => x.slice(head * depth, (head + 1) * depth)
    const scores = seen.map(({ key }) => part(key).reduce((sum, k, i) => sum + k * part(query)[i]!, 0) / Math.sqrt(depth))
    const top = Math.max(...scores)
    const weights = scores.map((score) => Math.exp(score - top))
    const all = weights.reduce((a, b) => a + b, 0)
    return part(seen[0]!.value).map((_, i) => seen.reduce((sum, { value }, n) => sum + weights[n]! * part(value)[i]!, 0) / all)
  }).flat()

const actions = (rows: number): fc.Arbitrary<ReadonlyArray<Action>> =>
  fc.array(
    fc.record({
      kind: fc.constantFrom<Action["kind"]>("read", "decode", "decode", "decode", "overwrite"),
      rows: fc.subarray(Array.from({ length: rows }, (_, row) => row), { minLength: 1 }),
      length: fc.integer({ min: 1, max: 4 }),
      group: fc.integer({ min: -1, max: 2 }),
      // Blocks of a network go in step; other caches of the same operations do not.
      caches: fc.constantFrom<Action["caches"]>([0, 1], [0, 1], [0, 1], [0], [1])
    }),
    { minLength: 10, maxLength: 60 }
  )

const cases = fc.integer({ min: 1, max: 3 }).chain((rows) => actions(rows).map((list) => ({ rows, list })))

/** Does actions to two caches of the same operations and to lists of entries, and returns the largest relative error of what attention gives. */
const worstError = async (tf: TensorLibrary, rows: number, list: ReadonlyArray<Action>): Promise<number> => {
  const ops = compositeOps(tf)
  const entryOf = (qkv: ReadonlyArray<number>, group: number): Entry => ({
    key: qkv.slice(width, 2 * width),
    value: qkv.slice(2 * width),
    group
  })
  const states = [0, 1].map(() => ({
    cache: ops.makeCache(rows, 2, width, heads),
    entries: Array.from({ length: rows }, (): Array<Entry> => [])
  }))
  const codesOf = ({ group, length, rows }: Action) => rows.flatMap(() => Array.from({ length }, (_, slot) => (slot === 0 ? 0 : group)))
  const act = async (state: (typeof states)[number], action: Action, seed: number, groups: Tensor2D): Promise<number> => {
    const { group, kind, length, rows: chosen } = action
    const { entries } = state
    const makeRoom = (needed: number): void => {
      if (needed > state.cache.slots) state.cache = ops.growCache(state.cache, Math.max(needed, 2 * state.cache.slots))
    }
    if (kind === "read") {
      makeRoom(length)
      const qkv = numbers(chosen.length * length * 3 * width, 100 + seed)
      const codes = codesOf(action)
      ops.prefillAttention(
        tf.tensor2d(qkv, [chosen.length * length, 3 * width]),
        groups,
        state.cache,
        Int32Array.from(chosen)
      )
      chosen.forEach((row, i) => {
        for (let slot = 0; slot < length; slot++) {
          const n = i * length + slot
          entries[row]![slot] = entryOf(qkv.slice(n * 3 * width, (n + 1) * 3 * width), codes[n]!)
        }
      })
      return 0
    }
    const qkv = numbers(chosen.length * 3 * width, 500 + seed)
    const slots = chosen.map((row) => (kind === "overwrite" ? Math.max(0, entries[row]!.length - length) : entries[row]!.length))
    makeRoom(Math.max(...slots) + 1)
    const got = await ops.decodeAttention(
      tf.tensor2d(qkv, [chosen.length, 3 * width]),
      state.cache,
      Int32Array.from(slots),
      new Int32Array(chosen.length).fill(group),
      Int32Array.from(chosen)
    ).data()
    const expected = chosen.flatMap((row, i) => {
      const own = entryOf(qkv.slice(i * 3 * width, (i + 1) * 3 * width), group)
      const before = entries[row]!.slice(0, slots[i])
      entries[row]![slots[i]!] = own
      const seen = group < 0 ? [] : before.filter((entry) => entry.group === 0 || entry.group === group)
      return attend(qkv.slice(i * 3 * width, i * 3 * width + width), [...seen, own])
    })
    return relativeError([...got], expected)
  }
  let worst = 0
  for (const [step, action] of list.entries()) {
    const groups = tf.tensor2d(codesOf(action), [action.rows.length, action.length], "int32")
    for (const n of action.caches) worst = Math.max(worst, await act(states[n]!, action, step + 1000 * n, groups))
  }
  return worst
}

/** Decodes in rows by turns, each going on for a while and then being read in anew; returns the cache. */
const sampleByTurns = (tf: TensorLibrary, ops: Ops, rows: number, slots: number, steps: number): CompositeCache => {
  const cache = ops.makeCache(rows, slots, width, heads)
  const lengths = new Int32Array(rows)
  const take = (step: number): void => {
    const full = lengths.findIndex((length) => length >= slots - (step % 3))
    if (full >= 0) {
      ops.prefillAttention(tf.ones([2, 3 * width]), tf.zeros([1, 2], "int32"), cache, Int32Array.of(full)).dispose()
      lengths[full] = 2
    }
    const going = Array.from({ length: rows }, (_, row) => row).filter((row) => (row + step) % 3 !== 0)
    ops.decodeAttention(
      tf.ones([going.length, 3 * width]),
      cache,
      Int32Array.from(going, (row) => lengths[row]!),
      new Int32Array(going.length),
      Int32Array.from(going)
    ).dispose()
    for (const row of going) lengths[row]!++
  }
  for (let step = 0; step < steps; step++) tf.tidy(() => take(step))
  return cache as CompositeCache
}

describe("the cache of composite operations", () => {
  it.effect(
    "gives, whatever is read in, decoded, overwritten and grown in whichever rows, what its entries give in float64",
    () =>
      Effect.gen(function* () {
        const device = yield* cpuDevice
        yield* Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(cases, async ({ list, rows }) => {
              const worst = await Effect.runPromise(device.use("actions", (_ops, tf) => worstError(tf, rows, list)))
              assert.isBelow(worst, 1e-4)
            }),
            { numRuns: 40 }
          )
        )
      }),
    60_000
  )

  it.effect("stays of bounded size however long rows take turns, and leaves no tensor when it is disposed", () =>
    Effect.gen(function* () {
      const device = yield* cpuDevice
      yield* device.use("turns", (ops, tf) => {
        const [rows, slots] = [4, 24]
        sampleByTurns(tf, ops, rows, slots, 50).dispose()
        const before = tf.memory().numTensors
        let most = 0
        for (const steps of [50, 200, 400]) {
          const cache = sampleByTurns(tf, ops, rows, slots, steps)
          most = Math.max(most, cache.columns)
          // Two runs of three tensors, whatever has happened; and which rows rest, where some do.
          assert.isAtMost(tf.memory().numTensors - before, 7)
          cache.dispose()
          assert.isAtMost(Math.abs(tf.memory().numTensors - before), 1)
        }
        assert.isAtMost(most, 1.5 * slots + 16 + Math.sqrt(2 * (1.5 * slots + 16)) + 2)
      })
    }), 60_000)

  it.effect("copies few numbers for a token: the long run is made anew every √(2·its length) tokens", () =>
    Effect.gen(function* () {
      const device = yield* cpuDevice
      const joined = yield* device.use("counting", (ops, tf) => {
        const steps = 200
        const cache = ops.makeCache(1, steps, width, heads) as CompositeCache
        let copied = 0
        for (let slot = 0; slot < steps; slot++) {
          const held = new Set(cache.runs())
          ops.decodeAttention(tf.ones([1, 3 * width]), cache, Int32Array.of(slot), Int32Array.of(0)).dispose()
          for (const run of cache.runs()) if (!held.has(run)) copied += run.groups.shape[1]
        }
        return copied / steps
      })
      // Rewriting everything would be 100 columns a token, in the mean.
      assert.isBelow(joined, 20)
    }))

  it.effect("refuses a slot it does not have, and to be used when it was disposed", () =>
    Effect.gen(function* () {
      const device = yield* cpuDevice
      const messageOf = (body: Parameters<typeof device.use>[1]) =>
        Effect.map(Effect.flip(device.use("bad input", body)), ({ message }) => message)
      const decode = (slot: number, isDisposed: boolean) =>
        messageOf((ops, tf) => {
          const cache = ops.makeCache(1, 2, width, heads)
          if (isDisposed) cache.dispose()
          return ops.decodeAttention(tf.ones([1, 3 * width]), cache, Int32Array.of(slot), Int32Array.of(0)).dataSync()
        })
      assert.include(yield* decode(2, false), "Slot 2 of row 0 is not among the cache's 2 slots")
      assert.include(yield* decode(0, true), "The cache was disposed")
    }))
})
