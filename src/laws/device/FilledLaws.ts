/**
 * Laws of tensors whose numbers are written where they lie, on devices that offer them.
 *
 * @module
 */
import type { Vitest } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { expect } from "vitest"
import { Device } from "../../model/device/Device.ts"
import { numbers } from "./Cases.ts"

/** Laws of `filled`: the tensor has the numbers that were written, is used and held like any other, and is freed where writing fails. */
export const filledLaws = (it: Vitest.MethodsNonLive<Device>): void => {
  it.effect("is filled with numbers where they lie, where it offers that", () =>
    Effect.gen(function* () {
      const [rows, columns] = [37, 61]
      const values = Float32Array.from(numbers(rows * columns, 51))
      const device = yield* Device
      const read = yield* Effect.scoped(Effect.gen(function* () {
        const held = yield* device.hold("filled", (ops) => {
          const made = ops.filled?.([rows, columns], (room) => {
            expect(room.length).toBe(rows * columns)
            room.set(values)
          })
          return made === undefined ? [] : [made]
        })
        const [made] = held
        if (made === undefined) return undefined
        return yield* device.use("read", async (_ops, tf) => ({
          itself: [...(await made.data())],
          shape: made.shape,
          sum: [...(await tf.add(made, made).data())]
        }))
      }))
      if (read === undefined) return
      expect(read.shape).toEqual([rows, columns])
      expect(read.itself).toEqual([...values])
      expect(read.sum).toEqual([...values].map((value) => Math.fround(2 * value)))
      const failed = yield* Effect.exit(Effect.scoped(device.hold("failing", (ops) => {
        const made = ops.filled!([3], () => {
          throw new Error("no numbers")
        })
        return [made]
      })))
      expect(Exit.isFailure(failed)).toBe(true)
    }))
}
