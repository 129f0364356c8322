/**
 * Our side of bench/llm.bench.ts, a process of its own, so that its memory is its own: node serve.ts FOLDER PRODUCTS|DEVICE WORKERS, where 0 workers are this thread.
 * Answers a line NAME on standard input as bench/peers/serve.py does.
 */
import { Effect, ManagedRuntime } from "effect"
import { createInterface } from "node:readline"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { collectSeldom } from "../../src/cli/GarbageCollection.ts"
import { Policy } from "../../src/domain/Policy.ts"
import { DEVICE_NAMES } from "../../src/model/device/DeviceName.ts"
import { PRODUCT_CHOICES } from "../../src/model/device/Products.ts"
import * as ModelLayer from "../../src/model/ModelLayer.ts"
import { ADAPTER, readWork, worksOf } from "./LlmWork.ts"

collectSeldom()
const [folder, asked, workers] = [process.argv[2]!, process.argv[3]!, Number(process.argv[4])]
const products = PRODUCT_CHOICES.find((choice) => choice === asked)
const device = DEVICE_NAMES.find((name) => name === asked)
const work = readWork(folder)

const processor = (): number => {
  const { system, user } = process.cpuUsage()
  return (user + system) / 1000
}
const peak = (): number => process.resourceUsage().maxRSS / 1024
const answer = (value: object): void => console.log(JSON.stringify(value))

const timed = async (run: () => Promise<object>): Promise<object> => {
  const [start, used] = [performance.now(), processor()]
  const result = await run()
  return { ms: performance.now() - start, processor: processor() - used, peak: peak(), ...result }
}

const threads = workers === 0 ? {} : { threads: { workers, shards: workers } }
const runtime = ManagedRuntime.make(
  ModelLayer.layer(
    { _tag: "Pretrained", path: work.path, trains: { _tag: "Adapter", ...ADAPTER }, ...(work.limits && { limits: work.limits }) },
    { ...(products && { products }), ...(device && { device }), ...threads }
  )
)
const works = worksOf(runtime, work)

answer(
  await timed(async () => {
    await runtime.runPromise(Effect.flatMap(Policy, (policy) => policy.initialize(1)))
    return { version: `${asked}, ${workers}` }
  })
)
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "golden") {
    // What a peer compares its own numbers with.
    const [logProbs, { gradient }] = [await works.logProbs(), await works.gradient()]
    writeFileSync(join(folder, "logProbs.f32"), Float32Array.from(logProbs.flatMap((row) => [...row])))
    writeFileSync(join(folder, "gradient.f32"), gradient)
    answer({ peak: peak() })
  } else {
    const run = works[line as "score" | "step" | "sample"]
    answer(await timed(async () => ({ tokens: await run() })))
  }
}
await runtime.dispose()
