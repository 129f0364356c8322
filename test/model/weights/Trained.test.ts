import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { parameterLayout, toTensors } from "../../../src/model/architecture/ParameterLayout.ts"
import { deviceCpu } from "../../../src/model/device/Cpu.ts"
import { Device } from "../../../src/model/device/Device.ts"
import { allWeights, byName } from "../../../src/model/weights/Trained.ts"

const layout = parameterLayout([["embedding", [2, 3]], ["gain", [2]], ["matrix", [3, 2]]])
const parameters = Float32Array.of(-1, 2, -3, 4, -5, 6, 0.5, -0.5, 1, 2, 3, 4, 5, 6)

describe("weights by name", () => {
  it.effect("are the numbers of the parameter vector: rows looked up, vectors as they are, x · W", () =>
    Effect.gen(function* () {
      const device = yield* Device
      const values = yield* device.use("weights", async (ops, tf) => {
        const trained = allWeights({ layout, initialize: () => parameters })
        const weights = trained.weights(tf, ops, toTensors(tf, layout, parameters))
        const found = [
          weights.embed("embedding", tf.tensor1d([1, 0, 1], "int32")),
          weights.vector("gain"),
          weights.linear("matrix", tf.tensor2d([[1, 0, -1], [0, 2, 0]]))
        ]
        return Promise.all(found.map((tensor) => tensor.array()))
      })
      expect(values).toEqual([[[4, -5, 6], [-1, 2, -3], [4, -5, 6]], [0.5, -0.5], [[-4, -4], [6, 8]]])
    }).pipe(Effect.provide(deviceCpu)))

  it("one that is none is refused, with those that there are", () => {
    expect(() => byName(layout, [])("head")).toThrow("no weight is called head; there are embedding, gain, matrix")
  })
})
