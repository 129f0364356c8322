/**
 * A pretrained language model against torch, transformers and peft with the same weights, in turns: loading, scoring, a step of an adapter, sampling.
 *
 *   PYTHON=PLACE/bin/python npm run bench -- llm MODEL [score] [step] [sample] [native] [relaxed] [0] [1] [2] [rounds=3] [newTokens=64]
 *
 * MODEL is a folder, a GGUF file or a pulled repository. Words choose works, products and numbers of workers (0: the main thread); left out, all. Each contender is a process of
 * its own, started anew for each work, so that its memory is its own. PLACE is a virtual environment with bench/peers/requirements.txt and requirements-llm.txt; without one
 * the peer is left out, with the reason.
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
const ours: ReadonlyArray<Contender> = kinds.flatMap((kind) =>
  workers.map((count) => ({
    name: nameOf(kind, count),
    start: () => startProcess(process.execPath, "llm/serve.ts", [server, folder, kind, count]),
    work: (work: string) => work
  }))
)
const torch = (name: string, work: (work: string) => string): Contender => ({ name, start: () => startPeer("llm_peer.py", [folder]), work })

const titles = {
  score: `Scoring ${SHAPE.rows} × ${SHAPE.length} tokens`,
  step: `A step of an adapter of rank 16 on all matrices, AdamW, ${SHAPE.stepRows} × ${SHAPE.length} tokens`,
  sample: `Sampling at most ${numberOf("newTokens", SHAPE.newTokens)} new tokens of ${SHAPE.prompts} prompts of ${SHAPE.promptLength}`
} as const

/** The contenders' turns at one work; the first round does not count. */
const measure = async (work: keyof typeof titles): Promise<void> => {
  const contenders = [
    ...ours,
    torch("torch, 2 threads", (work) => work),
    ...(work === "sample" ? [torch("torch, 2 threads, adapter merged", () => "merged")] : [])
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
  await writeWork(folder, path, { ...SHAPE, newTokens: numberOf("newTokens", SHAPE.newTokens) })
  const golden = await ours[0]?.start()
  const peer = await startPeer("llm_peer.py", [folder])
  if (golden !== undefined && typeof golden !== "string" && typeof peer !== "string") {
    await golden.ask("golden")
    const { gradient, logProbs } = await peer.ask("compare")
    console.log(
      `${peer.hello["version"]}: log-probabilities differ from ours by at most ${
        Number(logProbs).toExponential(0)
      } nats, the adapter's gradient by ${Number(gradient).toExponential(0)} of a tensor's norm`
    )
  }
  for (const one of [golden, peer]) if (one !== undefined && typeof one !== "string") one.stop()
  for (const work of chosen(["score", "step", "sample"])) await measure(work)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
