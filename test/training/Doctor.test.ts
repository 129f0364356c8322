import { assert, describe, it } from "@effect/vitest"
import type { Tensor2D } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Device, DeviceError, type TensorLibrary } from "../../src/model/device/Device.ts"
import type { Ops } from "../../src/model/device/DeviceOps.ts"
import { deviceCandidates } from "../../src/model/device/Auto.ts"
import { cpuDevice } from "../../src/model/device/Cpu.ts"
import { wasmDevice } from "../../src/model/device/Wasm.ts"
import { allDevices, examine, type Measurement, TOLERANCE } from "../../src/training/Doctor.ts"

/** The wasm device with some operations replaced, as a faulty driver or kernel would. */
const faulty = (name: string, replace: (ops: Ops, tf: TensorLibrary) => Partial<Ops>) => ({
  name,
  device: Effect.map(
    wasmDevice,
    (device) =>
      Device.of({
        info: { ...device.info, name },
        hold: () => Effect.die("nothing is held here"),
        use: (label, body) => device.use(label, (ops, tf) => body({ ...ops, ...replace(ops, tf) }, tf))
      })
  )
})

const scaled = (tf: TensorLibrary, x: Tensor2D, factor: number): Tensor2D => tf.mul(x, factor) as Tensor2D

/** The measurements by name, from one examination of all the given devices. */
const examined = (...devices: Parameters<typeof examine>[0] & object) =>
  Effect.map(examine(devices, wasmDevice), (diagnosis) => ({
    diagnosis,
    measurement: (name: string): Measurement => {
      const finding = diagnosis.devices.find((found) => found.name === name)
      assert.isTrue(finding?.isUsable)
      return finding.isUsable ? finding.measurement : assert.fail()
    },
    reason: (name: string): string => {
      const finding = diagnosis.devices.find((found) => found.name === name)
      return finding === undefined || finding.isUsable ? assert.fail() : finding.reason
    }
  }))

describe("the doctor", () => {
  it("examines every device that deviceAuto may take", () => {
    assert.deepStrictEqual(allDevices.map(({ name }) => name), deviceCandidates.map(({ name }) => name))
  })

  it.effect("finds that plain JavaScript equals itself and that wasm agrees with it, and times both", () =>
    Effect.gen(function* () {
      const { diagnosis, measurement } = yield* examined({ name: "cpu", device: cpuDevice }, { name: "wasm", device: wasmDevice })
      const { agrees, firstStep, gradientDifference, lossDifference, samplingDifference, step } = measurement("cpu")
      assert.deepStrictEqual([agrees, lossDifference, gradientDifference], [true, 0, 0])
      // Not 0: sampling computes one position at a time, scoring all at once.
      assert.isBelow(samplingDifference, 1e-6)
      assert.isAbove(firstStep, 0)
      assert.isAbove(step, 0)
      const wasm = measurement("wasm")
      assert.isTrue(wasm.agrees)
      assert.isAbove(wasm.gradientDifference, 0)
      assert.isAbove(wasm.largerStep ?? 0, wasm.step)
      assert.notProperty(measurement("cpu"), "largerStep")
      assert.isAbove(diagnosis.larger.parameters, diagnosis.work.parameters)
      assert.strictEqual("name" in diagnosis.auto && diagnosis.auto.name, "wasm")
      assert.isAbove(diagnosis.work.tokens, diagnosis.work.rollouts)
    }))

  it.effect("sees an operation that is one part in a thousand off, in loss and gradient, and one that is wrong in decoding alone, in sampling", () =>
    Effect.gen(function* () {
      const { measurement } = yield* examined(
        faulty("gelu", (ops, tf) => ({ gelu: (x) => scaled(tf, ops.gelu(x), 1.001) })),
        faulty("decoding", (ops, tf) => ({ decodeAttention: (...args) => scaled(tf, ops.decodeAttention(...args), 1.5) }))
      )
      assert.isFalse(measurement("gelu").agrees)
      assert.isAbove(measurement("gelu").gradientDifference, TOLERANCE)
      const decoding = measurement("decoding")
      assert.isFalse(decoding.agrees)
      assert.isBelow(decoding.gradientDifference, TOLERANCE)
      assert.isAbove(decoding.samplingDifference, TOLERANCE)
    }))

  it.effect("gives the reason in plain words when a device does not start, computes no number, or fails half-way, and goes on", () =>
    Effect.gen(function* () {
      const cause = new Error("no driver")
      const { measurement, reason } = yield* examined(
        {
          name: "missing",
          device: Effect.fail(
            new DeviceError({ label: "start", device: "missing", message: `"start" failed on device missing: ${cause.message}`, cause })
          )
        },
        faulty("silent", (ops, tf) => ({ gelu: (x) => scaled(tf, ops.gelu(x), Number.NaN) })),
        faulty("broken", () => ({
          raggedAttention: () => {
            throw new Error("out of memory")
          }
        })),
        { name: "wasm", device: wasmDevice }
      )
      assert.strictEqual(reason("missing"), "no driver")
      assert.match(reason("silent"), /NaN|finite|not a number/i)
      assert.include(reason("broken"), "out of memory")
      assert.isTrue(measurement("wasm").agrees)
    }))
})
