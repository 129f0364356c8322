import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { openPlain, openWorkspace } from "../../../src/model/device/KernelProducts.ts"

const wave = (length: number, shift: number): Float32Array => Float32Array.from({ length }, (_, i) => Math.sin(i * i * 0.37 + shift))

const close = (got: Float32Array, wanted: Float32Array): void => {
  expect(got.length).toBe(wanted.length)
  got.forEach((value, i) => expect(Math.abs(value - wanted[i]!)).toBeLessThan(1e-3))
}

describe("products without a device", () => {
  it("of a matrix and its transpose are as by plain loops, and symmetric to the bit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.constantFrom(1, 5, 64, 257, 600), fc.boolean(), (m, k, isTall) => {
        const [found, wanted] = [openWorkspace, openPlain].map((open) => {
          const { arrays: [x, c], multiplySymmetric } = open([m * k, m * m], [[m, m, k]])
          x!.set(wave(m * k, 1))
          multiplySymmetric(x!, x!, c!, m, k, isTall, !isTall)
          return c!.slice()
        })
        close(found!, wanted!)
        for (let i = 0; i < m; i++) for (let j = 0; j < i; j++) expect(found![i * m + j]).toBe(found![j * m + i])
      }),
      { numRuns: 40 }
    )
  })

  it("α·x + β·y is written over x, over y or beside them", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 30 }), fc.constantFrom(0, 1, 2), (length, into) => {
      const [x, y] = [wave(length, 1), wave(length, 2)]
      const { arrays, combine } = openWorkspace([length, length, length], [])
      arrays[0]!.set(x)
      arrays[1]!.set(y)
      combine(0.7, arrays[0]!, -1.3, arrays[1]!, arrays[into]!)
      close(arrays[into]!, x.map((value, i) => 0.7 * value - 1.3 * y[i]!))
    }))
  })
})
