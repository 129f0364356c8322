/**
 * The laws that every layer of `Device` obeys: the definitions, the gradients, decoding, and the scope of tensors.
 *
 * @module
 */
import type { Tensor } from "@tensorflow/tfjs-core"
import { layer } from "@effect/vitest"
import { Effect, type Layer } from "effect"
import { expect } from "vitest"
import { Device, type DeviceError, type DeviceService } from "../../model/device/Device.ts"
import { cpuDevice } from "../../model/device/Cpu.ts"
import { addProductLaws } from "./AddProductLaws.ts"
import { filledLaws } from "./FilledLaws.ts"
import { decodingLaws } from "./DecodingLaws.ts"
import { broadcastCases, type Case, cases, numbers } from "./Cases.ts"
import type { Numbers } from "./Definitions.ts"
import { relativeError } from "./RelativeError.ts"
import { scopeLaws } from "./ScopeLaws.ts"
import { vocabularyLaws } from "./VocabularyLaws.ts"

interface Computed {
  readonly value: Numbers
  readonly gradients: ReadonlyArray<Numbers>
}

/** Value of a case on a device. */
const evaluate = (device: DeviceService, subject: Case): Effect.Effect<Numbers, DeviceError> =>
  device.use(subject.name, async (ops, tf) => [
    ...(await subject.device(ops, tf, subject.inputs.map(({ values, shape }) => tf.tensor([...values], [...shape]))).data())
  ])

/** Value of a case on a device, and the gradient of its sum weighted with fixed uneven weights. */
const compute = (device: DeviceService, subject: Case): Effect.Effect<Computed, DeviceError> =>
  device.use(subject.name, async (ops, tf) => {
    const inputs = subject.inputs.map(({ values, shape }) => tf.tensor([...values], [...shape]))
    const value = subject.device(ops, tf, inputs)
    const weights = tf.tensor(numbers(value.size, 77), value.shape)
    const gradients = tf.grads((...xs: Array<Tensor>) => tf.sum(tf.mul(subject.device(ops, tf, xs), weights)))(inputs)
    const read = async (tensor: Tensor): Promise<Numbers> => [...(await tensor.data())]
    return { value: await read(value), gradients: await Promise.all(gradients.map(read)) }
  })

/** Central differences of the weighted sum of the definition, in every number of every input. */
const centralDifferences = (subject: Case): ReadonlyArray<Numbers> => {
  const step = 1e-5
  const start = subject.inputs.map(({ values }) => values)
  const objective = (inputs: ReadonlyArray<Numbers>): number => {
    const value = subject.definition(...inputs)
    const weights = numbers(value.length, 77)
    return value.reduce((sum, v, i) => sum + v * weights[i]!, 0)
  }
  return start.map((values, which) =>
    values.map((_, i) => {
      const moved = (by: number) => start.map((input, n) => (n === which ? input.map((v, k) => (k === i ? v + by : v)) : input))
      return (objective(moved(step)) - objective(moved(-step))) / (2 * step)
    })
  )
}

/**
 * Declares the laws of a device as a vitest suite: every operation computes its definition, has the gradient of the composite operations
 * on cpu and of central differences; decoding step by step equals attention at once; nothing leaks and failures are values.
 */
export const deviceLaws = (name: string, subjectLayer: Layer.Layer<Device, DeviceError>): void =>
  layer(subjectLayer)(name, (it) => {
    it.effect.each([...cases, ...broadcastCases])("computes the definition of $name", (subject) =>
      Effect.gen(function* () {
        const value = yield* evaluate(yield* Device, subject)
        expect(relativeError(value, subject.definition(...subject.inputs.map(({ values }) => values)))).toBeLessThan(1e-4)
      }))

    it.effect.each(cases)("agrees with the composite operations on cpu, in value and gradients, for $name", (subject) =>
      Effect.gen(function* () {
        const got = yield* compute(yield* Device, subject)
        const expected = yield* compute(yield* cpuDevice, subject)
        expect(relativeError(got.value, expected.value)).toBeLessThan(1e-4)
        got.gradients.forEach((gradient, i) =>
          expect(relativeError(gradient, expected.gradients[i]!)).toBeLessThan(1e-4)
        )
      }))

    it.effect.each(cases.filter(({ small }) => small))("has the gradient that central differences give for $name", (subject) =>
      Effect.gen(function* () {
        const { gradients } = yield* compute(yield* Device, subject)
        const expected = centralDifferences(subject)
        gradients.forEach((gradient, i) =>
          expect(relativeError(gradient, expected[i]!)).toBeLessThan(1e-4)
        )
      }))

    decodingLaws(it)
    vocabularyLaws(it)
    addProductLaws(it)
    filledLaws(it)
    scopeLaws(it)
  })
