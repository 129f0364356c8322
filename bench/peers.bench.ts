/**
 * The project's transformer against the same model in PyTorch, Hugging Face `generate` and TRL's GRPOTrainer, in turns in one run:
 * a training step, sampling with a cache, and a whole GRPO step.
 *
 *   PYTHON=PLACE/bin/python npm run bench -- peers [step] [sample] [grpo] [scaling] [d64L3] [often]
 *
 * Heaps grow as in `train` and `reproduce` (docs/decisions/0018); with `often` as V8 has it.
 *
 * PLACE is a virtual environment with bench/peers/requirements.txt; a peer that does not start is left out, with the reason.
 */
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Layer, ManagedRuntime, Result } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { collectSeldom } from "../src/cli/GarbageCollection.ts"
import { Policy } from "../src/domain/Policy.ts"
import { compositeOps } from "../src/model/device/CompositeOps.ts"
import { tensorDevice } from "../src/model/device/TensorDevice.ts"
import { resolveDevice } from "../src/model/device/NamedDevice.ts"
import type { ProductChoice } from "../src/model/device/Products.ts"
import { deviceWasmWith } from "../src/model/device/Wasm.ts"
import * as ParallelPolicy from "../src/model/parallel/ParallelPolicy.ts"
import { transformerLayout } from "../src/model/architecture/Transformer.ts"
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
import { type Contender, machine, table, timeInTurns } from "./Timing.ts"
import { gradient as stepOnDevice, tokensOf } from "./TransformerWork.ts"

// As the commands that train do; words with `often` leave V8 its own bound.
if (!process.argv.includes("often")) collectSeldom()

const BATCH = 64
const SEQUENCES = 512
const words = process.argv.slice(3)
/** A word such as d64L3 chooses another width and depth. */
const size = words.map((word) => /^d(\d+)L(\d+)$/.exec(word)).find((match) => match !== null)
const transformer = { width: Number(size?.[1] ?? 128), layers: Number(size?.[2] ?? 4), heads: 4 }
const parts = words.filter((word) => word !== size?.[0] && word !== "often")
const isWanted = (part: string): boolean => parts.length === 0 || parts.includes(part)

/** Our policy over sequences of `length` tokens: in this thread, or on workers. */
const runtimeOf = (length: number, workers: number, config = transformer, products: ProductChoice = "relaxed"): Runtime => {
  const plain = { vocabulary: VOCABULARY, length, positions: Math.max(length, WHOLE) }
  const policy = workers === 0
    ? TransformerPolicy.layer(config).pipe(Layer.provide(Layer.merge(layerPlain(plain), deviceWasmWith(products))))
    : ParallelPolicy.layer(new URL("PlainWorker.ts", import.meta.url), { plain, products, transformer: config }, {
      workers,
      shards: workers
    })
  return ManagedRuntime.make(Layer.mergeAll(policy, layerPlain(plain), shareOfZero))
}

const native = await Effect.runPromise(Effect.result(resolveDevice("wasm", { products: "native" })))
/** Products of a BLAS where the machine has one, and the own kernels. */
const kinds: ReadonlyArray<ProductChoice> = Result.isSuccess(native) ? ["native", "relaxed"] : ["relaxed"]
const nameOf = (workers: number, kind: ProductChoice): string =>
  `${workers === 0 ? "this thread" : workers === 1 ? "1 worker" : `${workers} workers`}, ${kind} products`

/** tfjs-wasm as it comes, one core; the work of `bench/step.bench.ts`. */
const stockStep = async (): Promise<Contender> => {
  const stock = await Effect.runPromise(tensorDevice("stock", async () => {
    await tf.setBackend("wasm")
    return { info: { name: "stock", backend: "wasm", description: "", kernels: "composite" }, ops: compositeOps(tf) }
  }))
  const shape = { ...transformer, length: LENGTH }
  const layout = transformerLayout({ ...transformer, positions: LENGTH, segments: 1, vocabulary: VOCABULARY })
  const parameters = new Float32Array(layout.count).fill(0.01)
  return {
    name: "tfjs-wasm 4.22 as it comes",
    run: () => Effect.runPromise(stepOnDevice(stock, shape, BATCH, parameters, tokensOf(BATCH, shape)))
  }
}

interface Scaled {
  readonly name: string
  readonly config: typeof transformer
  readonly length: number
  readonly rows: number
}

const middle: Scaled = { name: "d128, 64 × 64", config: transformer, length: LENGTH, rows: BATCH }
/** The training step's model and batch with one size changed at a time. */
const scaledSizes: ReadonlyArray<Scaled> = [
  ...[32, 64, 256].map((width) => ({ ...middle, name: `d${width}`, config: { ...transformer, width } })),
  middle,
  ...[16, 256].map((length) => ({ ...middle, name: `64 × ${length} tokens`, length })),
  ...[8, 256].map((rows) => ({ ...middle, name: `${rows} × 64 tokens`, rows }))
]

/** What a training step (this thread) and a GRPO step (2 workers) cost as one size changes. */
const measureScaling = async (): Promise<void> => {
  const runtimes: Array<Runtime> = []
  const steppers: Array<Contender> = []
  for (const { config, length, name, rows } of scaledSizes) {
    const runtime = runtimeOf(length + 1, 0, config, kinds[0])
    runtimes.push(runtime)
    const parameters = await runtime.runPromise(Effect.flatMap(Policy, (policy) => policy.initialize(1)))
    steppers.push(stepper(name, runtime, parameters, lossRequest(rows, length)))
  }
  const timings = await timeInTurns(steppers, 3, 1)
  const cells = timings.map(({ best, name, processor }, i) => {
    const { config, length, rows } = scaledSizes[i]!
    const tokens = rows * length
    const flops = 3 * tokens * flopsPerToken(config, length)
    return [name, best.toFixed(0), processor.toFixed(0), ((1000 * best) / tokens).toFixed(0), (flops / best / 1e6).toFixed(1)]
  })
  console.log(
    `\n### Training step in this thread, ${kinds[0]} products, as one size changes\n\n${
      table(["", "ms best", "ms processor (median)", "µs a token", "GFLOP/s best"], cells)
    }`
  )
  const runtime = runtimeOf(LENGTH, 2, transformer, kinds[0])
  runtimes.push(runtime)
  const parameters = await runtime.runPromise(Effect.flatMap(Policy, (policy) => policy.initialize(1)))
  const groups = [2, 8, 32]
  const grouped = await timeInTurns(
    groups.map((groupSize) => grpoStepper(`16 prompts × ${groupSize}`, runtime, parameters, { ...grpoShape, groupSize })),
    3,
    1
  )
  const groupCells = grouped.map(({ best, name, processor }, i) => [
    name,
    best.toFixed(0),
    processor.toFixed(0),
    (best / (16 * groups[i]!)).toFixed(2)
  ])
  console.log(
    `\n### GRPO step, 2 workers, ${kinds[0]} products, as the group changes\n\n${
      table(["", "ms best", "ms processor (median)", "ms a rollout"], groupCells)
    }`
  )
  for (const one of runtimes) await one.dispose()
}

const folder = mkdtempSync(join(tmpdir(), "decision-sampling-peers-"))
const stops: Array<() => unknown> = [() => rmSync(folder, { recursive: true, force: true })]
const started = async (script: string): Promise<ReadonlyArray<Peer>> => {
  const peers = await introducedPeer(script, [folder])
  stops.push(...peers.map(({ stop }) => stop))
  return peers
}

try {
  console.log(
    `${machine()}, ${
      new Date().toISOString().slice(0, 10)
    }: d${transformer.width} L${transformer.layers} H${transformer.heads}, vocabulary ${VOCABULARY}`
  )
  if (Result.isSuccess(native)) console.log(`Native products: ${native.success.info.products?.by} (${native.success.info.products?.path})`)
  else console.error(`left out: native products (${native.failure.message})`)
  const ours = kinds.flatMap((kind) =>
    [0, 1, 2].map((workers) => ({ kind, workers, runtime: runtimeOf(WHOLE, workers, transformer, kind) }))
  )
  const grpo = kinds.flatMap((kind) => [1, 2].map((workers) => ({ kind, workers, runtime: runtimeOf(LENGTH, workers, transformer, kind) })))
  stops.push(...[...ours, ...grpo].map(({ runtime }) => () => runtime.dispose()))
  const here = ours.find(({ kind, workers }) => kind === "relaxed" && workers === 0)!.runtime

  const { parameters, prompts, request } = await writeModel(folder, transformer, here, BATCH, SEQUENCES)

  const torch = isWanted("step") || isWanted("sample") ? await started("torch_peer.py") : []
  for (const peer of torch) {
    console.log(`product of two 2048 × 2048 matrices, 2 threads: ${Number((await peer.ask("peak"))["gigaflops"]).toFixed(0)} GFLOP/s`)
  }
  if (isWanted("step")) {
    const tokens = BATCH * LENGTH
    const timings = await timeInTurns(
      [
        ...ours.map(({ kind, runtime, workers }) => stepper(nameOf(workers, kind), runtime, parameters, request)),
        ...torch.flatMap((
          peer
        ) => [peer.contender("PyTorch eager, 2 threads", "eager"), peer.contender("PyTorch torch.compile, 2 threads", "compile")])
      ],
      10,
      3
    )
    const stock = await timeInTurns([await stockStep()], 2, 0)
    report(
      `Training step, batch ${BATCH} × ${LENGTH} tokens, forward + backward + Adam`,
      [...timings, ...stock],
      tokens,
      3 * tokens * flopsPerToken(transformer, LENGTH)
    )
  }
  if (isWanted("sample")) {
    const tokens = SEQUENCES * LENGTH
    const timings = await timeInTurns(
      [
        ...ours.filter(({ workers }) => workers !== 1).map(({ kind, runtime, workers }) =>
          sampler(nameOf(workers, kind), runtime, parameters, prompts)
        ),
        ...torch.flatMap((
          peer
        ) => [
          peer.contender("generate, dynamic cache, 2 threads", "dynamic"),
          peer.contender("generate, static cache, 2 threads", "static")
        ])
      ],
      3,
      1
    )
    report(
      `Sampling ${SEQUENCES} sequences × ${LENGTH} new tokens, temperature 1`,
      timings,
      tokens,
      tokens * flopsPerToken(transformer, LENGTH)
    )
  }
  for (const peer of torch) peer.stop()
  if (isWanted("grpo")) {
    const trl = await started("grpo_peer.py")
    const tokens = grpoShape.queries * grpoShape.groupSize * LENGTH
    const timings = await timeInTurns(
      [
        ...grpo.map(({ kind, runtime, workers }) => grpoStepper(nameOf(workers, kind), runtime, parameters.slice(), grpoShape)),
        ...trl.map((peer) => peer.contender("TRL GRPOTrainer, 2 threads", "step"))
      ],
      5,
      1
    )
    report(
      `GRPO step: ${grpoShape.queries} prompts × ${grpoShape.groupSize}, ${grpoShape.promptLength} + ${grpoShape.newTokens} tokens, one update, no reference`,
      timings,
      tokens,
      4 * tokens * flopsPerToken(transformer, LENGTH)
    )
    for (const peer of trl) {
      console.log(`One more step of TRL: ${Number((await peer.ask("step"))["generate"]).toFixed(0)} ms in generate`)
      peer.stop()
    }
  }
  if (isWanted("scaling")) await measureScaling()
} finally {
  for (const stop of stops) await stop()
}
