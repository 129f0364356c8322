import fc from "fast-check"
import { describe, expect, it } from "@effect/vitest"
import { afterEach, vi } from "vitest"
import { Effect, Layer } from "effect"
import { openPlain, openWorkspace } from "../../src/model/device/KernelProducts.ts"
import { quick } from "../../src/cli/reproduce/Preset.ts"
import { modelSpec } from "../../src/cli/reproduce/Reproduce.ts"
import { Backprop, type ParameterMatrix } from "../../src/model/Backprop.ts"
import * as Batch from "../../src/model/loss/Batch.ts"
import * as ModelLayer from "../../src/model/ModelLayer.ts"
import { initializeTransformer, transformer, transformerLayout } from "../../src/model/architecture/Transformer.ts"
import { TWO_STAGE } from "../../src/domain/Partition.ts"
import { tokenMean, weights } from "../../src/theory/Aggregate.ts"
import { nll } from "../../src/theory/Objective.ts"
import { layerTiny, tinyGrammar, tinyPrompts } from "../../src/laws/TinyWords.ts"
import { layer as tabular } from "../../src/model/policy/TabularPolicy.ts"
import { onPolicy, Sampler } from "../../src/domain/Sampler.ts"
import { Policy } from "../../src/domain/Policy.ts"
import * as Optimizer from "../../src/training/Optimizer.ts"
import { JORDAN, orthogonalized } from "../../src/training/optimizer/NewtonSchulz.ts"
import { MUON_SCALES } from "../../src/training/optimizer/Muon.ts"
import { constant } from "../../src/training/Schedule.ts"
import { fromParameters } from "../../src/training/TrainState.ts"
import * as Update from "../../src/training/Update.ts"

/** A product of Householder reflections: an orthogonal matrix [n, n] made of whole numbers. */
const orthogonal = (n: number, seeds: ReadonlyArray<number>): Array<Array<number>> => {
  let q: Array<Array<number>> = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)))
  for (const seed of seeds) {
    const v = Array.from({ length: n }, (_, i) => ((seed * (i + 3)) % 7) - 3 + (i === 0 ? 0.5 : 0))
    const square = v.reduce((sum, x) => sum + x * x, 0)
    q = q.map((row) => {
      const dot = row.reduce((sum, x, i) => sum + x * v[i]!, 0)
      return row.map((x, i) => x - (2 * dot * v[i]!) / square)
    })
  }
  return q
}

/** U·diag(s)·Vᵀ with U [rows, rows] and V [columns, columns]. */
const composed = (u: Array<Array<number>>, s: ReadonlyArray<number>, v: Array<Array<number>>): Float32Array =>
  Float32Array.from(u.flatMap((row) => v.map((column) => s.reduce((sum, value, i) => sum + row[i]! * value * column[i]!, 0))))

const shapes = fc.record({ rows: fc.integer({ min: 1, max: 9 }), columns: fc.integer({ min: 1, max: 9 }) })
const decomposition = shapes.chain(({ columns, rows }) =>
  fc.record({
    rows: fc.constant(rows),
    columns: fc.constant(columns),
    values: fc.array(fc.integer({ min: 5, max: 200 }), { minLength: Math.min(rows, columns), maxLength: Math.min(rows, columns) }),
    left: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 3 }),
    right: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 3 }),
    iterations: fc.integer({ min: 1, max: 5 })
  })
)

const close = (got: Float32Array, wanted: Float32Array, tolerance: number): void => {
  expect(got.length).toBe(wanted.length)
  got.forEach((value, i) => expect(Math.abs(value - wanted[i]!)).toBeLessThanOrEqual(tolerance))
}

describe("Newton and Schulz's iteration", () => {
  it("takes every singular value through the quintic and leaves the singular vectors, on both products", () => {
    fc.assert(
      fc.property(decomposition, ({ columns, iterations, left, right, rows, values }) => {
        const [u, v] = [orthogonal(rows, left), orthogonal(columns, right)]
        const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0))
        const [a, b, c] = JORDAN
        const moved = values.map((value) => {
          let x = value / norm
          for (let i = 0; i < iterations; i++) x = a * x + b * x ** 3 + c * x ** 5
          return x
        })
        const wanted = composed(u, moved, v)
        for (const open of [openPlain, openWorkspace]) {
          close(orthogonalized(composed(u, values, v), rows, columns, iterations, JORDAN, open), wanted, 2e-3)
        }
      })
    )
  })

  it("five iterations bring singular values from 0.01 of the norm up to between 0.68 and 1.14", () => {
    fc.assert(
      fc.property(decomposition, ({ columns, left, right, rows, values }) => {
        const [u, v] = [orthogonal(rows, left), orthogonal(columns, right)]
        const o = orthogonalized(composed(u, values, v), rows, columns, 5)
        // uᵢᵀ·O·vᵢ is the singular value again.
        values.forEach((_, k) => {
          let sigma = 0
          for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) sigma += u[i]![k]! * o[i * columns + j]! * v[j]![k]!
          expect(sigma).toBeGreaterThan(0.68)
          expect(sigma).toBeLessThan(1.14)
        })
      })
    )
  })

  it("many iterations on a matrix of rank one stay within bounds, on both products", () => {
    for (const [rows, columns] of [[9, 40], [40, 9], [16, 16]] as const) {
      const g = Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(Math.floor(i / columns) + 1) * Math.cos(i % columns))
      for (const open of [openPlain, openWorkspace]) {
        const o = orthogonalized(g, rows, columns, 40, JORDAN, open)
        // Rounding fills in the directions that the matrix lacks, and the quintic takes them up to about 1 like all others.
        expect(Optimizer.norm(o)).toBeLessThan(1.3 * Math.sqrt(Math.min(rows, columns)))
      }
    }
  })

  it("does not depend on the gradient's scale, and leaves zeros", () => {
    fc.assert(
      fc.property(decomposition, fc.integer({ min: -8, max: 8 }), ({ columns, left, right, rows, values }, power) => {
        const g = composed(orthogonal(rows, left), values, orthogonal(columns, right))
        close(orthogonalized(g.map((x) => x * 2 ** power), rows, columns, 5), orthogonalized(g, rows, columns, 5), 1e-4)
        expect(orthogonalized(new Float32Array(rows * columns), rows, columns, 5).every((x) => x === 0)).toBe(true)
      })
    )
  })

  it("memory that an earlier, larger matrix needed does not change a smaller one", () => {
    const small = Float32Array.from([3, 1, -2, 4, 0.5, 1])
    const before = orthogonalized(small, 2, 3, 5)
    const large = Float32Array.from({ length: 300 * 400 }, (_, i) => Math.sin(i))
    const { arrays, multiply } = openWorkspace([300 * 400, 300 * 300], [[300, 300, 400]])
    arrays[0]!.set(large)
    multiply(arrays[0]!, arrays[0]!, arrays[1]!, 300, 300, 400, false, true)
    expect(arrays[1]![0]).toBeCloseTo(large.slice(0, 400).reduce((sum, x) => sum + x * x, 0), 2)
    expect(orthogonalized(small, 2, 3, 5)).toEqual(before)
  })
})

describe("where there is no Node", () => {
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.resetModules()
  })

  it("Muon steps by plain loops", async () => {
    const wanted = orthogonalized(Float32Array.of(3, 1, -2, 4, 0.5, 1), 2, 3, 5)
    vi.resetModules()
    const anew = await import("../../src/training/optimizer/NewtonSchulz.ts")
    vi.stubGlobal("process", undefined)
    const found = anew.orthogonalized(Float32Array.of(3, 1, -2, 4, 0.5, 1), 2, 3, 5)
    vi.unstubAllGlobals()
    close(found, wanted, 1e-5)
  })
})

// Two matrices side by side in rows of 5, a vector before and a number after.
const matrices: ReadonlyArray<ParameterMatrix> = [
  { offset: 3, rows: 2, columns: 2, stride: 5 },
  { offset: 5, rows: 2, columns: 3, stride: 5 }
]
const COUNT = 14
const inMatrix = (i: number): boolean => i >= 3 && i < 13
const wave = (shift: number): Float32Array => Float32Array.from({ length: COUNT }, (_, i) => Math.sin(i + shift))
const config = { ...Optimizer.muon, weightDecay: 0.1, adam: { ...Optimizer.adam, weightDecay: 0.2 } }

describe("Muon", () => {
  it("outside the matrices is Adam, bit for bit, and without any everywhere", () => {
    let [adam, muon, none] = Array.from({ length: 3 }, () => ({ parameters: wave(0), state: Optimizer.initialize(COUNT) }))
    for (let step = 1; step <= 3; step++) {
      const gradient = wave(step)
      adam = Optimizer.update(config.adam, 0.05, adam!.state, adam!.parameters, gradient)
      muon = Optimizer.update({ ...config, adamRate: 2 }, 0.025, muon!.state, muon!.parameters, gradient, matrices)
      none = Optimizer.update(config, 0.05, none!.state, none!.parameters, gradient)
    }
    expect(none).toEqual(adam)
    const same = Array.from(muon!.parameters, (value, i) => value === adam!.parameters[i])
    expect(same).toEqual(same.map((_, i) => !inMatrix(i)))
  })

  it("hand example: the second step, from the momentum of both gradients, scaled and decayed", () => {
    const [first, second] = [wave(1), wave(2)]
    const one = Optimizer.update(config, 0.05, Optimizer.initialize(COUNT), wave(0), first, matrices)
    const two = Optimizer.update(config, 0.02, one.state, one.parameters, second, matrices)
    for (const { columns, offset, rows, stride } of matrices) {
      const at = Array.from({ length: rows * columns }, (_, i) => offset + Math.floor(i / columns) * stride + (i % columns))
      // M₂ = 0.95·0.05·G₁ + 0.05·G₂, U = 0.05·G₂ + 0.95·M₂.
      const momentum = at.map((i) => 0.95 * 0.05 * first[i]! + 0.05 * second[i]!)
      const direction = orthogonalized(Float32Array.from(momentum, (m, i) => 0.05 * second[at[i]!]! + 0.95 * m), rows, columns, 5)
      at.forEach((i, k) => {
        expect(two.state.first[i]).toBeCloseTo(momentum[k]!, 6)
        const wanted = one.parameters[i]! - 0.02 * (0.2 * Math.sqrt(Math.max(rows, columns)) * direction[k]! + 0.1 * one.parameters[i]!)
        expect(two.parameters[i]).toBeCloseTo(wanted, 6)
      })
    }
    expect(two.state.updates).toBe(2)
  })

  it("without Nesterov steps along the momentum; the original scale is the root of outputs over inputs, 1 at least", () => {
    const plain = { ...Optimizer.muon, nesterov: false, scale: "original" } as const
    for (const [rows, columns, scale] of [[2, 6, Math.sqrt(3)], [6, 2, 1]] as const) {
      const matrices: ReadonlyArray<ParameterMatrix> = [{ offset: 0, rows, columns, stride: columns }]
      const next = Optimizer.update(plain, 1, Optimizer.initialize(COUNT), new Float32Array(COUNT), wave(0), matrices)
      const direction = orthogonalized(wave(0).slice(0, 12), rows, columns, 5)
      for (let i = 0; i < 12; i++) expect(next.parameters[i]).toBeCloseTo(-scale * direction[i]!, 4)
    }
  })

  it("the original scale is 2 where a block widens its inputs fourfold, and 1 where it narrows them", () => {
    const sizes = { width: 8, layers: 1, heads: 2, positions: 5, segments: 2, vocabulary: 7 }
    const layout = transformerLayout(sizes)
    const step = (scale: "original" | "match-rms-adamw") =>
      Optimizer.update(
        { ...Optimizer.muon, scale },
        1,
        Optimizer.initialize(layout.count),
        new Float32Array(layout.count),
        Float32Array.from({ length: layout.count }, (_, i) => Math.sin(i)),
        transformer(sizes).matrices
      ).parameters
    const [original, matching] = [step("original"), step("match-rms-adamw")]
    for (const [part, expected] of [["expand", 2], ["contract", 1]] as const) {
      const { offset, size } = layout.entries.find(({ name }) => name.endsWith(part))!
      const ratio = Optimizer.norm(original.slice(offset, offset + size)) / Optimizer.norm(matching.slice(offset, offset + size))
      expect(ratio * 0.2 * Math.sqrt(32)).toBeCloseTo(expected, 4)
    }
  })

  it("three steps of PyTorch 2.15's Muon in float32, on the transpose, whose rows are outputs", () => {
    const [rows, columns] = [2, 4]
    const expected = {
      original: [-0.043196, 0.831271, 0.904371, 0.101742, -0.724692, -0.925516, -0.321989, 0.656888],
      "match-rms-adamw": [-0.012218, 0.834972, 0.903999, 0.129376, -0.74447, -0.945357, -0.290257, 0.654137]
    }
    for (const scale of MUON_SCALES) {
      let at: Pick<Optimizer.Updated, "parameters" | "state"> = {
        parameters: Float32Array.from({ length: 8 }, (_, i) => Math.sin(i)),
        state: Optimizer.initialize(8)
      }
      for (let t = 1; t <= 3; t++) {
        const gradient = Float32Array.from({ length: 8 }, (_, i) => Math.sin(i * i * t * 0.7 + t))
        const config = { ...Optimizer.muon, scale, weightDecay: 0.1 }
        at = Optimizer.update(config, 0.02, at.state, at.parameters, gradient, [{ offset: 0, rows, columns, stride: columns }])
      }
      expected[scale].forEach((value, i) => expect(at.parameters[i]).toBeCloseTo(value, 5))
    }
  })

  it("changes none of its inputs", () => {
    const [parameters, gradient, state] = [wave(0), wave(1), Optimizer.initialize(COUNT)]
    Optimizer.update(config, 0.05, state, parameters, gradient, matrices)
    expect([parameters, gradient, state]).toEqual([wave(0), wave(1), Optimizer.initialize(COUNT)])
  })

  it("a transformer's matrices are its blocks' and cover them once, queries, keys and values apart", () => {
    const sizes = { width: 8, layers: 2, heads: 2, positions: 5, segments: 2, vocabulary: 7 }
    const layout = transformerLayout(sizes)
    const seen = new Uint8Array(layout.count)
    const found = transformer(sizes).matrices!
    for (const { columns, offset, rows, stride } of found) {
      for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) seen[offset + i * stride + j]!++
    }
    for (const { name, offset, size } of layout.entries) {
      const wanted = /qkv|projection|expand|contract/.test(name) ? 1 : 0
      expect([name, ...new Set(seen.subarray(offset, offset + size))]).toEqual([name, wanted])
    }
    expect(found.slice(0, 4).map(({ columns, rows }) => [rows, columns])).toEqual([[8, 8], [8, 8], [8, 8], [8, 8]])
    expect(found).toHaveLength(12)
    expect(initializeTransformer(sizes, 1)).toHaveLength(layout.count)
  })

  it.effect("finds a network's matrices through worker threads too", () =>
    Effect.gen(function* () {
      const spec = modelSpec(quick, { context: "markov", singleTurn: false })
      const found = (threads?: { readonly workers: number; readonly shards: number }) =>
        Effect.provide(Backprop, ModelLayer.layer(spec, threads === undefined ? {} : { threads }))
      const { matrices } = yield* found()
      expect(matrices).toHaveLength(18)
      expect((yield* found({ workers: 1, shards: 2 })).matrices).toEqual(matrices)
    }))

  it.effect("is refused for a policy that names no matrices", () =>
    Effect.gen(function* () {
      const parameters = yield* (yield* Policy).initialize(1)
      const trajectories = yield* (yield* Sampler).sample(parameters, [{ prompt: tinyPrompts[0]!, seed: 1 }], onPolicy)
      const batch = Batch.make(trajectories)
      const request = {
        ...batch,
        objective: nll(),
        partition: TWO_STAGE,
        temperature: 1,
        weights: weights(tokenMean, batch.offsets, batch.owner)
      }
      const update = { optimizer: Optimizer.muon, schedule: constant(0.1), clipNorm: 1, attributionEvery: 0 }
      const error = yield* Effect.flip(Update.apply(update, fromParameters(parameters, 1), request))
      expect(error.message).toBe("optimizer is Muon; expected Adam: this policy names no matrices of hidden layers")
    }).pipe(Effect.provide(Layer.provide(tabular(tinyPrompts), layerTiny(tinyGrammar)))))
})
