/**
 * The thread in which inputs are tried: one that hangs or runs out of memory takes this thread with it and not who watches it. See FuzzRun.
 *
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parentPort, workerData } from "node:worker_threads"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { ManagedRuntime } from "effect"
import fc from "fast-check"
import type { Batch, BatchResult, Failed, FuzzData } from "./FuzzRun.ts"
import type { Input } from "./Grammar.ts"
import { judge, type Judgement, type Target } from "./Target.ts"
import { inputs } from "./Inputs.ts"
import { TARGETS } from "./Targets.ts"

const { tried } = workerData as FuzzData
const runtime = ManagedRuntime.make(NodeServices.layer)
const home = mkdtempSync(join(tmpdir(), "decision-sampling-fuzz-"))
process.once("exit", () => rmSync(home, { recursive: true, force: true }))

const file = join(home, "input")
const tryOne = (target: Target, input: Input): Promise<Judgement> => runtime.runPromise(judge(target, input, file))

// What a crash is called: its words without what differs from input to input.
const kindOf = (problem: string): string => problem.split("\n").slice(0, 2).join(" ").replaceAll(/"[^"]*"|'[^']*'|\d+/g, "…").slice(0, 160)

const MOST_SHRINKS_MS = 3000

/** The smallest input that fails alike. */
const smallest = async (target: Target, batch: Batch, index: number, kind: string): Promise<Input> => {
  const { seed, count } = batch
  let found: Input | undefined
  await fc.check(
    fc.asyncProperty(target.input, async (input) => {
      const judgement = await tryOne(target, input)
      const isSame = judgement._tag === "Crash" && kindOf(judgement.problem) === kind
      if (isSame) found = input
      return !isSame
    }),
    { seed, numRuns: count, path: String(index), interruptAfterTimeLimit: MOST_SHRINKS_MS, markInterruptAsFailure: false }
  )
  return found ?? inputs(target, batch)[index]!
}

const tryBatch = async (batch: Batch): Promise<BatchResult> => {
  const target = TARGETS.find(({ name }) => name === batch.target)!
  const result = { accepted: 0, refused: {} as Record<string, number>, crashes: 0 }
  const failures: Array<Failed> = []
  const kinds = new Set(batch.known)
  const given = batch.inputs ?? inputs(target, batch)
  for (const [i, input] of given.entries()) {
    if (i < batch.from) continue
    Atomics.store(tried, 0, i)
    Atomics.add(tried, 1, 1)
    const judgement = await tryOne(target, input)
    if (judgement._tag === "Accepted") result.accepted++
    else if (judgement._tag === "Refused") result.refused[judgement.kind] = (result.refused[judgement.kind] ?? 0) + 1
    else {
      result.crashes++
      const kind = kindOf(judgement.problem)
      if (kinds.has(kind)) continue
      kinds.add(kind)
      const small = batch.inputs === undefined ? await smallest(target, batch, i, kind) : input
      failures.push({ target: target.name, kind, problem: judgement.problem, seed: batch.seed, path: String(i), input: small })
    }
  }
  return { ...result, failures }
}

parentPort!.on("message", (batch: Batch) => {
  void tryBatch(batch).then((result) => {
    // eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    parentPort!.postMessage(result)
  }, (cause: unknown) => {
    throw cause
  })
})
