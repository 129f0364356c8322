/**
 * Tries inputs in a thread that is watched: an input that takes too much of the processor's time is a hang, one that ends the thread a crash; both
 * are told with the input, and a new thread goes on behind it.
 *
 * @module
 */
import { Worker } from "node:worker_threads"
import { processorMs } from "../support/ProcessorTime.ts"
import type { Input } from "./Grammar.ts"
import { inputs as inputsOf } from "./Inputs.ts"
import { TARGETS } from "./Targets.ts"

/** What the thread is given: `[number of the input in its batch, how many were tried]`. */
export interface FuzzData {
  readonly tried: Int32Array<SharedArrayBuffer>
}

/** Inputs to try: `count` of the target by the seed, or those that are given; the first `from` were tried before. */
export interface Batch {
  readonly target: string
  readonly seed: number
  readonly count: number
  readonly from: number
  /** Kinds of crashes that have been told; they are counted alone. */
  readonly known: ReadonlyArray<string>
  readonly inputs?: ReadonlyArray<Input>
}

/** An input that was neither read nor refused, and how it is made again: `seed` and `path` of the target's generator. */
export interface Failed {
  readonly target: string
  readonly kind: string
  readonly problem: string
  readonly seed: number
  readonly path: string
  readonly input: Input
}

/** What became of a batch. */
export interface BatchResult {
  readonly accepted: number
  readonly refused: Readonly<Record<string, number>>
  readonly crashes: number
  readonly failures: ReadonlyArray<Failed>
}

/** The same, with hangs apart. */
export interface Counts extends BatchResult {
  readonly inputs: number
  readonly hangs: number
}

/** Processor time of one input: thousands of times what any takes. */
const MOST_PROCESSOR_MS = 10_000
/** A wait without work for so long is one that nothing will end. */
const MOST_WAIT_MS = 60_000
const LOOK_MS = 250
const MEMORY_MB = 2048

type Ended = { readonly _tag: "Done"; readonly result: BatchResult } | {
  readonly _tag: "Lost"
  readonly kind: "Hang" | "Crash"
  readonly problem: string
}

/** A watched thread. */
export interface Fuzzer {
  /** Tries a batch to its end. */
  readonly fuzz: (batch: Pick<Batch, "target" | "seed" | "count" | "inputs">, known?: ReadonlyArray<string>) => Promise<Counts>
  readonly close: () => Promise<unknown>
}

const NONE: Counts = { inputs: 0, accepted: 0, refused: {}, crashes: 0, hangs: 0, failures: [] }

/** Adds what became of two batches. */
export const addCounts = (a: Counts, b: Counts): Counts => {
  const refused: Record<string, number> = { ...a.refused }
  for (const [kind, count] of Object.entries(b.refused)) refused[kind] = (refused[kind] ?? 0) + count
  return {
    inputs: a.inputs + b.inputs,
    accepted: a.accepted + b.accepted,
    refused,
    crashes: a.crashes + b.crashes,
    hangs: a.hangs + b.hangs,
    failures: [...a.failures, ...b.failures]
  }
}

/** Starts a thread, anew whenever it is lost. */
export const makeFuzzer = (): Fuzzer => {
  const tried = new Int32Array(new SharedArrayBuffer(8))
  let worker: Worker | undefined
  const started = (): Worker =>
    new Worker(new URL("FuzzThread.ts", import.meta.url), {
      workerData: { tried } satisfies FuzzData,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB }
    })

  const run = (batch: Batch): Promise<Ended> => {
    const thread = worker ??= started()
    Atomics.store(tried, 0, batch.from)
    const before = Atomics.load(tried, 1)
    return new Promise((resolve) => {
      let last = before
      let since = { processor: processorMs(), wall: performance.now() }
      const end = (ended: Ended): void => {
        clearInterval(timer)
        thread.off("message", done).off("error", lost).off("exit", exited)
        if (ended._tag === "Lost") worker = undefined
        resolve(ended)
      }
      const done = (result: BatchResult): void => end({ _tag: "Done", result })
      const lost = (cause: unknown): void =>
        end({ _tag: "Lost", kind: "Crash", problem: cause instanceof Error ? cause.stack ?? cause.message : String(cause) })
      const exited = (): void => end({ _tag: "Lost", kind: "Crash", problem: "the thread ended" })
      const timer = setInterval(() => {
        const now = Atomics.load(tried, 1)
        if (now !== last) {
          last = now
          since = { processor: processorMs(), wall: performance.now() }
          return
        }
        // The start of a thread and the making of inputs come before the first.
        if (now === before) return
        const [processor, wall] = [processorMs() - since.processor, performance.now() - since.wall]
        if (processor < MOST_PROCESSOR_MS && wall < MOST_WAIT_MS) return
        void thread.terminate()
        end({ _tag: "Lost", kind: "Hang", problem: processor < MOST_PROCESSOR_MS ? "waits for what does not come" : "no end" })
      }, LOOK_MS)
      thread.on("message", done).on("error", lost).on("exit", exited)
      // eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      thread.postMessage(batch)
    })
  }

  const fuzz: Fuzzer["fuzz"] = async (asked, known = []) => {
    const { count, inputs, seed, target } = asked
    let counts = { ...NONE, inputs: inputs?.length ?? count }
    let from = 0
    for (;;) {
      const batch: Batch = { ...asked, from, known: [...known, ...counts.failures.map(({ kind }) => kind)] }
      const triedBefore = Atomics.load(tried, 1)
      const ended = await run(batch)
      if (ended._tag === "Done") return addCounts(counts, { ...ended.result, inputs: 0, hangs: 0 })
      // No input was to blame: the grammar or the thread itself is at fault.
      if (Atomics.load(tried, 1) === triedBefore) throw new Error(`${target}: no input could be tried: ${ended.problem}`)
      // What was counted before it is lost with the thread, so those before it are tried again, without it.
      const index = Atomics.load(tried, 0)
      const all = inputs ?? inputsOf(TARGETS.find(({ name }) => name === target)!, { count, seed })
      const input = all[index]!
      if (index > from) {
        const earlier = await run({ ...batch, inputs: all.slice(0, index) })
        if (earlier._tag === "Done") counts = addCounts(counts, { ...earlier.result, inputs: 0, hangs: 0 })
      }
      const isHang = ended.kind === "Hang"
      const failure = { target, kind: isHang ? "hang" : "lost", problem: ended.problem, seed, path: String(index), input }
      counts = addCounts(counts, { ...NONE, crashes: isHang ? 0 : 1, hangs: isHang ? 1 : 0, failures: [failure] })
      from = index + 1
    }
  }
  return { fuzz, close: async () => worker?.terminate() }
}
