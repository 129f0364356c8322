import fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Optimizer from "../../src/training/Optimizer.ts"
import * as Schedule from "../../src/training/Schedule.ts"

const grid = fc.integer({ min: -2000, max: 2000 }).map((n) => n / 1000)
const vector = fc.array(grid, { minLength: 1, maxLength: 8 })

describe("Adam", () => {
  it("hand example: the first step moves every parameter by the learning rate against the gradient's sign", () => {
    // t = 1: m̂ = g and v̂ = g², so the direction is g/(|g| + ε) = ±1 up to ε.
    const { parameters } = Optimizer.update(
      Optimizer.adam,
      0.1,
      Optimizer.initialize(3),
      Float32Array.of(1, 1, 1),
      Float32Array.of(0.5, -2, 0)
    )
    expect(parameters[0]).toBeCloseTo(0.9, 6)
    expect(parameters[1]).toBeCloseTo(1.1, 6)
    expect(parameters[2]).toBe(1)
  })

  it("hand example: two steps with gradients 1 and 2, β₁ = 0.9, β₂ = 0.999", () => {
    // m₂ = 0.9·0.1·1 + 0.1·2 = 0.29, m̂₂ = 0.29/0.19; v₂ = 0.999·0.001 + 0.001·4 = 0.004999, v̂₂ = 0.004999/0.001999.
    const one = Optimizer.update(Optimizer.adam, 0.01, Optimizer.initialize(1), Float32Array.of(0), Float32Array.of(1))
    const two = Optimizer.update(Optimizer.adam, 0.01, one.state, one.parameters, Float32Array.of(2))
    const expected = -0.01 - (0.01 * (0.29 / 0.19)) / Math.sqrt(0.004999 / 0.001999)
    expect(two.parameters[0]).toBeCloseTo(expected, 7)
    expect(two.state.updates).toBe(2)
  })

  it("does not depend on the gradient's scale (ε aside): any positive multiple gives the same step", () => {
    fc.assert(
      fc.property(vector, fc.integer({ min: 1, max: 100 }), (gradient, factor) => {
        const start = new Float32Array(gradient.length)
        const config = { ...Optimizer.adam, epsilon: 0 }
        const nonzero = Float32Array.from(gradient, (g) => (g === 0 ? 1 : g))
        const a = Optimizer.update(config, 0.1, Optimizer.initialize(start.length), start, nonzero)
        const b = Optimizer.update(config, 0.1, Optimizer.initialize(start.length), start, nonzero.map((g) => g * factor))
        a.parameters.forEach((value, i) => {
          expect(b.parameters[i]).toBeCloseTo(value, 6)
        })
      })
    )
  })

  it("decoupled weight decay shrinks parameters by η λ θ beside Adam's step", () => {
    fc.assert(
      fc.property(vector, grid, (start, decay) => {
        const parameters = Float32Array.from(start)
        const gradient = parameters.map((_, i) => i - 2)
        const plain = Optimizer.update(Optimizer.adam, 0.1, Optimizer.initialize(start.length), parameters, gradient)
        const decayed = Optimizer.update(
          { ...Optimizer.adam, weightDecay: decay },
          0.1,
          Optimizer.initialize(start.length),
          parameters,
          gradient
        )
        decayed.parameters.forEach((value, i) => {
          expect(value).toBeCloseTo(plain.parameters[i]! - 0.1 * decay * parameters[i]!, 5)
        })
      })
    )
  })

  it("changes neither its state nor its inputs", () => {
    const state = Optimizer.initialize(2)
    const parameters = Float32Array.of(1, 2)
    Optimizer.update(Optimizer.adam, 0.1, state, parameters, Float32Array.of(1, 1))
    expect([...state.first, ...state.second, ...parameters]).toEqual([0, 0, 0, 0, 1, 2])
  })

  it("finds the minimum of a quadratic bowl", () => {
    let state = Optimizer.initialize(2)
    let parameters = Float32Array.of(3, -2)
    for (let step = 0; step < 2000; step++) {
      const gradient = Float32Array.of(2 * (parameters[0]! - 1), 20 * (parameters[1]! - 0.5))
      const next = Optimizer.update(Optimizer.adam, 0.02, state, parameters, gradient)
      state = next.state
      parameters = new Float32Array(next.parameters)
    }
    expect(parameters[0]).toBeCloseTo(1, 2)
    expect(parameters[1]).toBeCloseTo(0.5, 2)
  })
})

describe("clipByNorm", () => {
  it("never lengthens, keeps the direction, and leaves short gradients alone", () => {
    fc.assert(
      fc.property(vector, fc.integer({ min: 1, max: 50 }), (values, tenths) => {
        const gradient = Float32Array.from(values)
        const limit = tenths / 10
        const before = Optimizer.norm(gradient)
        const clipped = Optimizer.clipByNorm(gradient, limit)
        expect(Optimizer.norm(clipped)).toBeCloseTo(Math.min(before, limit), 4)
        if (before <= limit) expect(clipped).toBe(gradient)
        else {clipped.forEach((value, i) => {
            expect(value * before).toBeCloseTo(gradient[i]! * limit, 3)
          })}
      })
    )
  })
})

describe("schedules", () => {
  it("warm-up rises linearly to the peak; cosine ends at its floor and never rises again", () => {
    const schedule = Schedule.cosine(1, 100, 10, 0.1)
    expect(Schedule.rateAt(schedule, 0)).toBeCloseTo(0.1)
    expect(Schedule.rateAt(schedule, 9)).toBeCloseTo(1)
    expect(Schedule.rateAt(schedule, 55)).toBeCloseTo(0.1 + 0.9 * 0.5)
    expect(Schedule.rateAt(schedule, 100)).toBeCloseTo(0.1)
    expect(Schedule.rateAt(schedule, 500)).toBeCloseTo(0.1)
    for (let step = 10; step < 120; step++) expect(Schedule.rateAt(schedule, step + 1)).toBeLessThanOrEqual(Schedule.rateAt(schedule, step))
  })

  it("constant stays at its peak after the warm-up", () => {
    expect([0, 1, 2, 50].map((step) => Schedule.rateAt(Schedule.constant(0.3, 2), step))).toEqual([0.15, 0.3, 0.3, 0.3])
  })
})
