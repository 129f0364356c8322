/**
 * A pretrained language model against torch, transformers and peft with the same weights, in turns: loading, scoring, a step of an adapter, sampling.
 *
 *   PYTHON=PLACE/bin/python npm run bench -- llm MODEL [score] [step] [sample] [native] [relaxed] [0] [1] [2] [rounds=3] [newTokens=64] [rows=16] [prompts=32] [pass=TOKENS]
 *   PYTHON=PLACE/bin/python npm run bench -- llm MODEL nodeGpu webgpu [...]       # on a GPU, torch on the same
 *
 * MODEL is a folder, a GGUF file or a pulled repository. Words choose works, products and numbers of workers (0: the main thread); left out, all. `pass` is how many tokens we
 * compute at once, and how many prompts. Each contender is a process of its own, started anew for each work, so that its memory is its own. PLACE is a virtual environment with
 * bench/peers/requirements.txt and requirements-llm.txt; without one the peer is left out, with the reason.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { loadavg, tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Effect, Result } from "effect"
import { resolveDevice } from "../src/model/device/NamedDevice.ts"
import { SHAPE, writeWork } from "./llm/LlmWork.ts"
import { type Peer, startPeer, startProcess } from "./PeerProcess.ts"
import { machine, table } from "./Timing.ts"

const [path, ...words] = process.argv.slice(3)
if (path === undefined) throw new Error("Name a model: npm run bench -- llm MODEL")
const numberOf = (name: string, otherwise: number): number =>
  Number(words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1) ?? otherwise)
const chosen = <A extends string>(all: ReadonlyArray<A>): ReadonlyArray<A> => {
  const named = all.filter((one) => words.includes(one))
  return named.length === 0 ? all : named
}

const rounds = numberOf("rounds", 3)
const gpus = ["nodeGpu", "webgpu"].filter((name) => words.includes(name))
const shape = {
  ...SHAPE,
  rows: numberOf("rows", SHAPE.rows),
  stepRows: numberOf("rows", SHAPE.stepRows),
  prompts: numberOf("prompts", SHAPE.prompts),
  newTokens: numberOf("newTokens", SHAPE.newTokens)
}
const pass = numberOf("pass", 0)
const limits = pass === 0 ? undefined : { tokens: pass, rows: Math.max(shape.prompts, shape.rows) }
const native = await Effect.runPromise(Effect.result(resolveDevice("wasm", { products: "native" })))
const kinds = chosen(["native", "relaxed"]).filter((kind) => kind !== "native" || Result.isSuccess(native))
const workers = chosen(["0", "1", "2"])
const server = fileURLToPath(new URL("llm/serve.ts", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "decision-sampling-llm-"))

interface Contender {
  readonly name: string
  readonly start: () => Promise<Peer | string>
  /** What it does for a work: a peer has two ways to sample. */
  readonly work: (work: string) => string
}

const nameOf = (kind: string, count: string): string => `${kind} products, ${count === "0" ? "main thread" : `${count} workers`}`
const contender = (name: string, kind: string, count: string): Contender => ({
  name,
  start: () => startProcess(process.execPath, "llm/serve.ts", [server, folder, kind, count]),
  work: (work: string) => work
})
const ours: ReadonlyArray<Contender> = gpus.length > 0
  ? gpus.map((name) => contender(name, name, "0"))
  : kinds.flatMap((kind) => workers.map((count) => contender(nameOf(kind, count), kind, count)))
const peerArguments = [folder, ...(gpus.length > 0 ? ["cuda"] : [])]
const peerName = `torch, ${gpus.length > 0 ? "the same GPU" : "2 threads"}`
const torch = (name: string, work: (work: string) => string): Contender => ({
  name,
  start: () => startPeer("llm_peer.py", peerArguments),
  work
})

const titles = {
  score: `Scoring ${shape.rows} × ${shape.length} tokens`,
  step: `A step of an adapter of rank 16 on all matrices, AdamW, ${shape.stepRows} × ${shape.length} tokens`,
  sample: `Sampling at most ${shape.newTokens} new tokens of ${shape.prompts} prompts of ${shape.promptLength}`
} as const

/** The contenders' turns at one work; the first round does not count. */
const measure = async (work: keyof typeof titles): Promise<void> => {
  const contenders = [
    ...ours,
    torch(peerName, (work) => work),
    ...(work === "sample" ? [torch(`${peerName}, adapter merged`, () => "merged")] : [])
  ]
  const running: Array<Contender & { readonly peer: Peer; best: number; processor: number; tokens: number; peak: number }> = []
  try {
    for (const contender of contenders) {
      const peer = await contender.start()
      if (typeof peer === "string") console.error(`left out: ${contender.name} (${peer})`)
      else running.push({ ...contender, peer, best: Infinity, processor: Infinity, tokens: 0, peak: 0 })
    }
    const before = loadavg()[0]!
    for (let round = 0; round <= rounds; round++) {
      for (const one of running) {
        const { ms, peak, processor, tokens } = await one.peer.ask(one.work(work))
        one.peak = Number(peak)
        if (round === 0) continue
        const each = Number(ms) / Number(tokens)
        if (each < one.best) [one.best, one.tokens] = [each, Number(tokens)]
        one.processor = Math.min(one.processor, Number(processor) / Number(tokens))
      }
    }
    const peer = running.find(({ name }) => name.startsWith("torch"))
    const rows = running.map(({ best, name, peak, peer: { hello }, processor }) => [
      name,
      (1000 / best).toFixed(0),
      peer === undefined ? "" : (peer.best / best).toFixed(2),
      (1000 / processor).toFixed(0),
      (Number(hello["ms"]) / 1000).toFixed(1),
      peak.toFixed(0)
    ])
    const head = ["", "tokens/s best", "times torch", "tokens a processor second", "loading s", "peak MB"]
    console.log(`\n### ${titles[work]}\n\nLoad ${before.toFixed(1)} before, ${loadavg()[0]!.toFixed(1)} after.\n\n${table(head, rows)}`)
  } finally {
    for (const { peer } of running) peer.stop()
  }
}

try {
  console.log(`${machine()}, ${new Date().toISOString().slice(0, 10)}: ${path}`)
  if (Result.isSuccess(native)) console.log(`Native products: ${native.success.info.products?.by}`)
  else console.error(`left out: native products (${native.failure.message})`)
  await writeWork(folder, path, shape, limits)
  const peer = await startPeer("llm_peer.py", peerArguments)
  // On a processor all our ways have the same code around the products: one of them is compared. On a GPU each device.
  for (const { name, start } of gpus.length > 0 ? ours : ours.slice(0, 1)) {
    const golden = await start()
    if (typeof golden !== "string" && typeof peer !== "string") {
      await golden.ask("golden")
      const { gradient, logProbs } = await peer.ask("compare")
      console.log(
        `${peer.hello["version"]}: log-probabilities differ from ours (${name}) by at most ${
          Number(logProbs).toExponential(0)
        } nats, the adapter's gradient by ${Number(gradient).toExponential(0)} of a tensor's norm`
      )
    }
    if (typeof golden !== "string") golden.stop()
  }
  if (typeof peer !== "string") peer.stop()
  for (const work of chosen(["score", "step", "sample"])) await measure(work)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
