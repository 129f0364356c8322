/**
 * The devices on a GPU against PyTorch, Hugging Face `generate` and TRL on the same card, in turns, float32: a training step, sampling with a
 * cache, and a whole GRPO step, of one transformer after another.
 *
 *   PYTHON=PLACE/bin/python npm run bench -- gpu [d128L4 ...] [step] [step512] [sample] [grpo] [nodeGpu] [webgpu] [wasm] [any]
 *
 * PLACE has bench/peers/requirements.txt with a PyTorch for the card. A device or peer that does not start is left out, with the reason. The
 * peer's model must reproduce the gradient of the first device that starts. `any`: also where TensorFlow or WebGPU compute on the processor.
 */
import { Cause, Effect, Exit, Layer, ManagedRuntime } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Device } from "../src/model/device/Device.ts"
import { deviceNodeGpuWith } from "../src/model/device/NodeGpu.ts"
import { deviceWasm } from "../src/model/device/Wasm.ts"
import { deviceWebGpuWith } from "../src/model/device/WebGpu.ts"
import * as TransformerPolicy from "../src/model/policy/TransformerPolicy.ts"
import { introducedPeer, type Peer } from "./PeerProcess.ts"
import {
  flopsPerToken,
  grpoShape,
  grpoStepper,
  LENGTH,
  lossRequest,
  report,
  type Runtime,
  sampler,
  shareOfZero,
  stepper,
  VOCABULARY,
  WHOLE,
  writeModel
} from "./PeerWork.ts"
import { layerPlain } from "./PlainWords.ts"
import { machine, timeInTurns } from "./Timing.ts"

const BATCH = 64
const LARGE_BATCH = 512
const SEQUENCES = 512
/** Milliseconds that a contender may take of a table. */
const BUDGET = Number(process.env["BENCH_BUDGET"] ?? 5000)

const words = process.argv.slice(3)
const sizeWords = words.filter((word) => /^d\d+L\d+$/.test(word))
const deviceWords = words.filter((word) => ["nodeGpu", "webgpu", "wasm"].includes(word))
const partWords = words.filter((word) => ["step", "step512", "sample", "grpo"].includes(word))
const isWanted = (part: string): boolean => partWords.length === 0 || partWords.includes(part)
const isAny = words.includes("any")

const layers = {
  nodeGpu: deviceNodeGpuWith({ processor: isAny ? "any" : "gpu" }),
  webgpu: deviceWebGpuWith({ adapter: isAny ? "any" : "hardware" }),
  wasm: deviceWasm
}
const wanted = Object.entries(layers).filter(([name]) => (deviceWords.length === 0 ? name !== "wasm" : deviceWords.includes(name)))

interface Started {
  readonly name: string
  readonly device: Layer.Layer<Device>
}

/** The devices that start, each once for all sizes, with what they say of themselves. */
const startDevices = async (): Promise<ReadonlyArray<Started>> => {
  const started: Array<Started> = []
  for (const [name, layer] of wanted) {
    const runtime = ManagedRuntime.make(layer)
    const exit = await runtime.runPromiseExit(Effect.gen(function* () {
      return yield* Device
    }))
    if (Exit.isFailure(exit)) {
      console.error(`left out: ${Cause.pretty(exit.cause).split("\n")[0]}`)
      continue
    }
    console.log(`${name}: ${exit.value.info.description}`)
    started.push({ name, device: Layer.succeed(Device, exit.value) })
  }
  return started
}

/** All at once: a card is busy only with much to do. */
const limits: TransformerPolicy.PassLimits = { tokens: LARGE_BATCH * WHOLE, rows: SEQUENCES }

const runtimeOf = (length: number, transformer: TransformerSize, device: Layer.Layer<Device>): Runtime => {
  const plain = layerPlain({ vocabulary: VOCABULARY, length, positions: Math.max(length, WHOLE) })
  const policy = TransformerPolicy.layer(transformer, limits).pipe(Layer.provide(Layer.merge(plain, device)))
  return ManagedRuntime.make(Layer.mergeAll(policy, plain, shareOfZero))
}

interface TransformerSize {
  readonly width: number
  readonly layers: number
  readonly heads: number
}

const sizeOf = (word: string): TransformerSize => {
  const [, width, layers] = /^d(\d+)L(\d+)$/.exec(word)!
  // Heads of 64 columns, as language models have them, and at least four.
  return { width: Number(width), layers: Number(layers), heads: Math.max(4, Number(width) / 64) }
}

const measure = async (word: string, devices: ReadonlyArray<Started>): Promise<void> => {
  const transformer = sizeOf(word)
  const folder = mkdtempSync(join(tmpdir(), "decision-sampling-gpu-"))
  const stops: Array<() => unknown> = [() => rmSync(folder, { recursive: true, force: true })]
  const peerOf = async (script: string): Promise<ReadonlyArray<Peer>> => {
    const peers = await introducedPeer(script, [folder, isAny ? "cpu" : "cuda"])
    stops.push(...peers.map(({ stop }) => stop))
    return peers
  }
  const turns = (contenders: Parameters<typeof timeInTurns>[0]) => timeInTurns(contenders, 20, 2, BUDGET)
  try {
    const ours = devices.map(({ device, name }) => ({
      name,
      whole: runtimeOf(WHOLE, transformer, device),
      grpo: runtimeOf(LENGTH, transformer, device)
    }))
    stops.push(...ours.flatMap(({ grpo, whole }) => [() => whole.dispose(), () => grpo.dispose()]))
    const { parameters, prompts, request } = await writeModel(folder, transformer, ours[0]!.whole, BATCH, SEQUENCES)
    console.log(`\n## ${word}, ${transformer.heads} heads: ${parameters.length} parameters\n`)
    const torch = ["step", "step512", "sample"].some(isWanted) ? await peerOf("torch_peer.py") : []
    for (const peer of torch) {
      console.log(
        `product of two ${isAny ? "2048 × 2048" : "8192 × 8192"} matrices in PyTorch: ${
          Number((await peer.ask("peak"))["gigaflops"]).toFixed(0)
        } GFLOP/s`
      )
    }
    const flops = flopsPerToken(transformer, LENGTH)
    for (const [part, rows, suffix] of [["step", BATCH, ""], ["step512", LARGE_BATCH, "512"]] as const) {
      if (!isWanted(part)) continue
      const batch = rows === BATCH ? request : lossRequest(rows, LENGTH)
      const timings = await turns([
        ...ours.map(({ name, whole }) => stepper(name, whole, parameters, batch)),
        ...torch.flatMap((peer) => [
          peer.contender("PyTorch eager", `eager${suffix}`),
          ...(rows === BATCH ? [peer.contender("PyTorch torch.compile", "compile")] : [])
        ])
      ])
      const tokens = rows * LENGTH
      report(`${word}: training step, batch ${rows} × ${LENGTH} tokens, forward + backward + Adam`, timings, tokens, 3 * tokens * flops)
    }
    if (isWanted("sample")) {
      const timings = await turns([
        ...ours.map(({ name, whole }) => sampler(name, whole, parameters, prompts)),
        ...torch.flatMap((
          peer
        ) => [peer.contender("generate, dynamic cache", "dynamic"), peer.contender("generate, static cache", "static")])
      ])
      const tokens = SEQUENCES * LENGTH
      report(`${word}: sampling ${SEQUENCES} sequences × ${LENGTH} new tokens`, timings, tokens, tokens * flops)
    }
    for (const peer of torch) peer.stop()
    if (isWanted("grpo")) {
      const trl = await peerOf("grpo_peer.py")
      const timings = await turns([
        ...ours.map(({ grpo, name }) => grpoStepper(name, grpo, parameters.slice(), grpoShape)),
        ...trl.map((peer) => peer.contender("TRL GRPOTrainer", "step"))
      ])
      const tokens = grpoShape.queries * grpoShape.groupSize * LENGTH
      report(
        `${word}: GRPO step, ${grpoShape.queries} prompts × ${grpoShape.groupSize}, ${grpoShape.promptLength} + ${grpoShape.newTokens} tokens, one update`,
        timings,
        tokens,
        4 * tokens * flops
      )
    }
  } finally {
    for (const stop of stops) await stop()
  }
}

console.log(`${machine()}, ${new Date().toISOString().slice(0, 10)}, vocabulary ${VOCABULARY}, float32`)
const devices = await startDevices()
if (devices.length === 0) {
  console.error("No device to measure.")
  process.exitCode = 1
} else {
  for (const word of sizeWords.length > 0 ? sizeWords : ["d64L3", "d128L4", "d256L4", "d512L8", "d1024L8"]) await measure(word, devices)
}
// A peer or a GPU that is still open keeps the process.
process.exit()
