import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { doctorText } from "../../src/cli/doctor/DoctorText.ts"
import type { Diagnosis, Finding, Measurement } from "../../src/training/Doctor.ts"
import { unwrapped } from "../support/Unwrapped.ts"

const program = fileURLToPath(new URL("../../bin/decision-sampling.mjs", import.meta.url))

describe("decision-sampling doctor", () => {
  it("--json reports every device: numbers where it works, the reason where not; cpu and wasm work wherever Node does", () => {
    const { status, stdout } = spawnSync(process.execPath, [program, "doctor", "--json"], { encoding: "utf8" })
    expect(status).toBe(0)
    const { auto, devices, machine } = JSON.parse(stdout) as Diagnosis & { readonly machine: string }
    expect(devices.map(({ name }) => name)).toEqual(["nodeGpu", "webgpu", "wasm", "cpu"])
    for (const finding of devices) {
      if (finding.isUsable) expect(finding.measurement.agrees).toBe(true)
      else expect(finding.reason.length).toBeGreaterThan(20)
    }
    expect(devices.filter(({ isUsable }) => isUsable).map(({ name }) => name)).toEqual(expect.arrayContaining(["wasm", "cpu"]))
    expect(machine).toContain(process.version)
    expect(devices.map(({ name }) => name)).toContain("name" in auto && auto.name)
  })

  it("reports on every device where the BLAS that the environment names cannot be used, with the reason once for wasm and once for deviceAuto", () => {
    const { status, stdout } = spawnSync(process.execPath, [program, "doctor"], {
      encoding: "utf8",
      env: { ...process.env, DECISION_SAMPLING_BLAS: "/nowhere/blas.so" }
    })
    expect(status).toBe(1)
    expect(stdout).toMatch(/^wasm +cannot be used: DECISION_SAMPLING_BLAS names \/nowhere\/blas\.so/m)
    expect(stdout).toMatch(/^cpu +works/m)
    expect(stdout).toMatch(/^deviceAuto takes none here: DECISION_SAMPLING_BLAS names/m)
  })
})

describe("the doctor's report", () => {
  const measurement: Measurement = {
    lossDifference: 1e-8,
    gradientDifference: 3e-7,
    samplingDifference: 6e-8,
    agrees: true,
    firstStep: 33.4,
    step: 8.14
  }
  const usable = (name: string, change: Partial<Measurement> = {}): Finding => ({
    name,
    isUsable: true,
    info: { name, backend: name, description: `${name} computes.`, kernels: "composite" },
    measurement: { ...measurement, ...change }
  })
  const text = doctorText({
    work: { parameters: 26400, width: 32, layers: 2, heads: 4, rollouts: 16, tokens: 227 },
    larger: { parameters: 800128, width: 128, layers: 4, heads: 4, rollouts: 256, tokens: 3632 },
    devices: [
      { name: "nodeGpu", isUsable: false, reason: "the optional package is not installed" },
      usable("webgpu", { agrees: false, gradientDifference: 0.5 }),
      usable("wasm", { largerStep: 312.4 }),
      usable("cpu", { gradientDifference: 0, step: 449.97, firstStep: 467.7 })
    ],
    auto: { name: "wasm", backend: "wasm", description: "WebAssembly. Not used: nodeGpu (absent).", kernels: "fused" }
  })

  it("says of each device whether it works, how fast, how far from cpu, or why it cannot be used", () => {
    expect(text).toContain("nodeGpu  cannot be used: the optional package is not installed")
    expect(text).toContain(
      "wasm     works: 8.1 ms a step (the first 33 ms); the larger model 312 ms\n         differences from cpu: loss 1.0e-8, gradient 3.0e-7, sampling 6.0e-8"
    )
    expect(unwrapped(text)).toContain(
      "The larger model, for time only: a transformer of 800128 parameters (width 128, 4 layers, 4 heads), 256 rollouts, 3632 tokens."
    )
    expect(text).toContain("cpu      works: 450 ms a step (the first 468 ms)\n         cpu computes.")
  })

  it("warns of a device that computes wrongly, and says what deviceAuto takes and why not the others", () => {
    expect(text).toContain(
      "webgpu   computes WRONGLY, do not use it: differs from cpu by more than 0.0001\n         differences from cpu: loss 1.0e-8, gradient 5.0e-1"
    )
    expect(text).toContain("deviceAuto takes wasm here. WebAssembly. Not used: nodeGpu (absent).")
  })
})
