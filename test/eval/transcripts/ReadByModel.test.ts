import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeHttpClient, NodeServices } from "@effect/platform-node"
import { Cause, Effect, Exit, Fiber, Layer } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import * as ModelReader from "../../../src/engine/ModelReader.ts"
import { readerWords } from "../../../src/eval/calibration/ReaderReport.ts"
import { calibrateFiles, compareFiles } from "../../../src/eval/transcripts/files/CalibrateFiles.ts"
import { openReaderCache, readerCacheOf, readerKey } from "../../../src/eval/transcripts/files/ReaderCache.ts"
import { readByModel, type ReadByModelOptions } from "../../../src/eval/transcripts/files/ReadByModel.ts"
import { defaultReader } from "../../../src/eval/transcripts/Reader.ts"
import { piecesOf } from "../../../src/tasks/reading/Pieces.ts"
import { type Behaviour, type FaultyServer, type Seen, startFaultyServer } from "../../engine/FaultyServer.ts"

let servers: Array<FaultyServer> = []
let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reader-"))
})
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()))
  servers = []
  rmSync(folder, { recursive: true, force: true })
})

const start = async (behave: (request: Seen, earlier: number) => Behaviour): Promise<FaultyServer> => {
  const server = await startFaultyServer(behave)
  servers.push(server)
  return server
}

const says = (content: string): Behaviour => ({
  body: JSON.stringify({ choices: [{ message: { role: "assistant", content }, finish_reason: "stop" }] })
})

const promptOf = ({ body }: Seen): string => body.messages?.[0]?.content ?? ""
const textOf = (request: Seen): string => /<response>\n([\s\S]*)\n<\/response>/.exec(promptOf(request))?.[1] ?? ""

// What a good reader says of a text in which every answer is announced alike.
const truth = (text: string) => [...text.matchAll(/(?:The answer is|I get) (\d+)\./g)].map(([quote, answer]) => ({ quote, answer }))
const listing = (text: string): Behaviour => says(JSON.stringify({ candidates: truth(text) }))
const reads = (request: Seen): Behaviour => listing(textOf(request))

const row = (n: number, response = `The answer is ${n + 1}.\nWait, that is wrong.\nThe answer is ${n}.`) => ({
  id: `row-${n}`,
  prompt: `Problem ${n}: what is it?`,
  response,
  answer: String(n)
})

const write = (rows: ReadonlyArray<object>, name = "rows.jsonl"): string => {
  const file = join(folder, name)
  writeFileSync(file, rows.map((each) => JSON.stringify(each) + "\n").join(""))
  return file
}

interface Asked extends Partial<ReadByModelOptions> {
  readonly model?: string
  readonly retries?: number
  readonly cacheFile?: string
}

const reading = (file: string, endpoint: string, { cacheFile = readerCacheOf(file), model = "small", retries = 1, ...more }: Asked = {}) =>
  Effect.gen(function* () {
    const cache = yield* openReaderCache(cacheFile, { model, version: ModelReader.READER_VERSION })
    return yield* readByModel([file], { reader: defaultReader, cache, ...more })
  }).pipe(
    Effect.provide(
      ModelReader.layer({ endpoint, model, retries, firstWait: "2 millis", longestWait: "5 millis", timeout: "5 seconds" }).pipe(
        Layer.provide(NodeHttpClient.layerNodeHttp),
        Layer.merge(NodeServices.layer)
      )
    )
  )

const report = (file: string, endpoint: string, asked: Asked = {}) =>
  Effect.runPromise(Effect.scoped(Effect.map(reading(file, endpoint, asked), (found) => found.report)))

const failureOf = <A, E>(exit: Exit.Exit<A, E>): string => (Exit.isFailure(exit) ? String(Cause.squash(exit.cause)) : "success")

describe("a model as reader", () => {
  it("reads every response once, keeps what it lists, and agrees with the rules where those are right", async () => {
    const server = await start(reads)
    const file = write([row(1), row(2), row(3), row(2), { ...row(4), response: "" }, { ...row(5), answer: "" }])
    const first = await report(file, server.endpoint)
    expect(first).toEqual({
      model: "small",
      responses: 4,
      asked: 3,
      cached: 1,
      invented: 0,
      unread: 0,
      fellBack: 0,
      agreement: {
        responses: 4,
        both: 8,
        onlyModel: 0,
        onlyRules: 0,
        decisions: { agree: 8, of: 8 },
        firstAnswers: { agree: 4, of: 4 }
      }
    })
    expect(server.seen.length).toBe(3)
    expect(server.seen[0]!.body).toMatchObject({ model: "small", temperature: 0 })
    expect(promptOf(server.seen[0]!)).toContain("<problem>\nProblem ")
    expect(await report(file, server.endpoint)).toEqual({ ...first, asked: 0, cached: 4 })
    expect(server.seen.length).toBe(3)
    const lines = readFileSync(readerCacheOf(file), "utf8").trim().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines.map(({ model, piece }) => [model, piece])).toEqual([["small", 0], ["small", 0], ["small", 0]])
    expect(existsSync(`${readerCacheOf(file)}.lock`)).toBe(false)
  })

  it("finds what the rules do not, and calibrates and compares by it", async () => {
    const server = await start(reads)
    // No rule takes a bare remark for an announcement.
    const hidden = (n: number) => row(n, `I get ${n + 1}. I think of ${n + 5} birds.\nThe answer is ${n}.`)
    const file = write([1, 2, 3].map(hidden))
    const other = write([1, 2, 3].map((n) => row(n)), "other.jsonl")
    const { byRules, calibration, comparison } = await Effect.runPromise(Effect.scoped(Effect.gen(function* () {
      const from = yield* reading(file, server.endpoint)
      const to = yield* reading(other, server.endpoint)
      return {
        byRules: yield* calibrateFiles(file, { rounds: 10 }),
        calibration: yield* calibrateFiles(file, { rounds: 10, modelReading: from }),
        comparison: yield* compareFiles(file, other, { rounds: 10, modelReading: { from, to } })
      }
    })))
    expect(byRules.overall.counts.wrongResample).toBe(0)
    expect(calibration.overall.counts).toMatchObject({ wrongResample: 3, correctStop: 3 })
    expect(calibration.reader).toMatchObject({
      responses: 3,
      agreement: { both: 3, onlyModel: 3, onlyRules: 0, firstAnswers: { agree: 0, of: 3 } }
    })
    expect(calibration.findings?.reading.text).toContain(readerWords(calibration.reader!))
    expect(byRules.reader).toBeUndefined()
    expect(comparison.overall.observed.value).toBe(0)
    expect(comparison.reader?.to.agreement).toMatchObject({ both: 6, onlyModel: 0 })
  })

  it("drops what does not stand in the text, and leaves a response to the rules of which nothing does", async () => {
    const server = await start((request) => {
      const real = truth(textOf(request))
      const invented = { quote: "The answer is 77777.", answer: "77777" }
      return says(
        JSON.stringify({ candidates: promptOf(request).includes("Problem 2") ? [invented] : [real[0], invented, real[1], real[0]] })
      )
    })
    const found = await report(write([row(1), row(2)]), server.endpoint)
    expect(found).toMatchObject({ responses: 2, invented: 3, fellBack: 1, agreement: { responses: 1, both: 2, onlyModel: 0 } })
    expect(readerWords(found)).toContain("of the candidates that it listed 3 did not stand in their text")
    expect(readerWords(found)).toContain("1 of 2 responses had to be read by the rules")
  })

  it("reads lists in fences and prose, asks once more for one that is none, and then reads by the rules", async () => {
    const server = await start((request, earlier) => {
      const list = JSON.stringify({ candidates: truth(textOf(request)) })
      if (promptOf(request).includes("Problem 1")) return says(`Here you are [as wished]:\n\`\`\`json\n${list}\n\`\`\`\nDone.`)
      const isAgain = promptOf(request).includes("Your last answer")
      if (promptOf(request).includes("Problem 2")) return says(isAgain ? list : "{\"candidates\": [{\"quote\": \"The")
      return earlier === 0 ? says("I would rather not.") : says("No.")
    })
    const file = write([row(1), row(2), row(3)])
    const found = await report(file, server.endpoint)
    expect(found).toMatchObject({ responses: 3, asked: 3, fellBack: 1, agreement: { responses: 2, both: 4 } })
    expect(server.seen.length).toBe(5)
    // That it cannot is kept too.
    expect(await report(file, server.endpoint)).toMatchObject({ asked: 0, cached: 3, fellBack: 1 })
    expect(server.seen.length).toBe(5)
    const calibrated = await Effect.runPromise(
      Effect.scoped(Effect.flatMap(reading(file, server.endpoint), (modelReading) => calibrateFiles(file, { rounds: 10, modelReading })))
    )
    expect(calibrated.overall.counts).toMatchObject({ wrongResample: 3, correctStop: 3 })
  })

  it("waits out what passes, reads by the rules what is refused alone, and stops where all is refused", async () => {
    const passing = await start((request, earlier) => (earlier === 0 ? { status: 503 } : reads(request)))
    const file = write([row(1), row(2)])
    expect(await report(file, passing.endpoint)).toMatchObject({ asked: 2, fellBack: 0 })

    const tooLong = await start((request) => (promptOf(request).includes("Problem 2") ? { status: 400, text: "too long" } : reads(request)))
    const again = write([row(1), row(2)], "again.jsonl")
    expect(await report(again, tooLong.endpoint)).toMatchObject({ asked: 2, fellBack: 1 })
    // A refusal may be gone the next time.
    expect(await report(again, passing.endpoint)).toMatchObject({ asked: 1, cached: 1, fellBack: 0 })

    for (const behaviour of [{ status: 401 }, { status: 500 }, "cut"] as const) {
      const broken = await start(() => behaviour)
      const exit = await Effect.runPromiseExit(Effect.scoped(reading(write([row(1)], "broken.jsonl"), broken.endpoint)))
      expect(failureOf(exit)).toMatch(/the server answers|the connection failed/)
      // Advice names the reader's own flags.
      expect(failureOf(exit)).not.toMatch(/--(?!reader-)/)
    }
  })

  it("goes on after a kill at any moment without a second question", async () => {
    const rows = Array.from({ length: 12 }, (_, n) => row(n))
    const file = write(rows)
    let answers = 0
    const server = await start((request) => (++answers > 5 ? "never" : reads(request)))
    const fiber = Effect.runFork(Effect.scoped(reading(file, server.endpoint, { concurrency: 2 })))
    const cache = readerCacheOf(file)
    const linesIn = (): number => (existsSync(cache) ? readFileSync(cache, "utf8").split("\n").length - 1 : 0)
    while (linesIn() < 5) await new Promise((resolve) => setTimeout(resolve, 5))
    await Effect.runPromise(Fiber.interrupt(fiber))
    // What a process leaves that is killed while it writes.
    appendFileSync(cache, readFileSync(cache, "utf8").slice(0, 57))
    const known = new Set(
      readFileSync(cache, "utf8").split("\n").slice(0, 5).map((line) => (JSON.parse(line) as { readonly key: string }).key)
    )
    const resumed = await start(reads)
    expect(await report(file, resumed.endpoint)).toMatchObject({ responses: 12, asked: 7, cached: 5, fellBack: 0 })
    const keyOf = (request: Seen): string => {
      const asked = rows.find(({ prompt }) => promptOf(request).includes(`${prompt}\n`))!
      return readerKey({ model: "small", version: ModelReader.READER_VERSION }, asked)
    }
    expect(resumed.seen.map(keyOf).filter((key) => known.has(key))).toEqual([])
    expect(linesIn()).toBe(12)
  })

  it("keeps two readers in one cache apart", async () => {
    const server = await start((request) => (request.body["model"] === "large" ? says("[]") : reads(request)))
    const file = write([row(1), row(2)])
    const small = await report(file, server.endpoint)
    const large = await report(file, server.endpoint, { model: "large" })
    expect(large).toMatchObject({ model: "large", asked: 2, agreement: { both: 0, onlyRules: 4, firstAnswers: { agree: 0, of: 2 } } })
    expect(server.seen.length).toBe(4)
    expect(await report(file, server.endpoint)).toEqual({ ...small, asked: 0, cached: 2 })
    expect(await report(file, server.endpoint, { model: "large" })).toEqual({ ...large, asked: 0, cached: 2 })
    expect(server.seen.length).toBe(4)
    expect(readFileSync(readerCacheOf(file), "utf8").trim().split("\n").length).toBe(4)
  })

  it("reads 100 kB in pieces, every place once", async () => {
    const line = "Now we look at it from another side, and think about what is left.\n"
    const response = Array.from({ length: 40 }, (_, k) => `${line.repeat(40)}The answer is ${k % 7}.\nWait, that is wrong.\n`).join("") +
      "The answer is 9."
    expect(response.length).toBeGreaterThan(100_000)
    const server = await start(reads)
    const file = write([row(9, response)])
    const found = await report(file, server.endpoint)
    expect(server.seen.length).toBe(piecesOf(response).length)
    expect(Math.max(...server.seen.map((request) => textOf(request).length))).toBeLessThanOrEqual(12_000)
    expect(found).toMatchObject({
      responses: 1,
      asked: 1,
      invented: 0,
      agreement: { both: 41, onlyModel: 0, onlyRules: 0, decisions: { agree: 41, of: 41 } }
    })
    // One piece that is gone is asked for, and no other.
    const lines = readFileSync(readerCacheOf(file), "utf8").trim().split("\n")
    writeFileSync(readerCacheOf(file), lines.filter((_, k) => k !== 3).join("\n") + "\n")
    expect(await report(file, server.endpoint)).toMatchObject({ asked: 1, agreement: { both: 41 } })
    expect(server.seen.length).toBe(lines.length + 1)
  })

  it("takes a sample of 200 that depends on the seed alone", async () => {
    const server = await start(reads)
    const file = write(Array.from({ length: 230 }, (_, n) => row(n, n % 2 === 0 ? `The answer is ${n}.` : undefined)))
    const [slow, fast, other] = [
      await report(file, server.endpoint, { concurrency: 1 }),
      await report(file, server.endpoint, { concurrency: 32 }),
      await report(file, server.endpoint, { seed: 3 })
    ]
    expect(slow.agreement.responses).toBe(200)
    expect(fast.agreement).toEqual(slow.agreement)
    expect(other.agreement.both).not.toBe(slow.agreement.both)
    expect(readerWords(slow)).toContain("on a sample of 200")
  })

  it("refuses standard input, a cache that is another file, and one that is in use", async () => {
    const server = await start(reads)
    const file = write([row(1)])
    const before = readFileSync(file, "utf8")
    const failure = async (asked: Asked, input = file) =>
      failureOf(await Effect.runPromiseExit(Effect.scoped(reading(input, server.endpoint, asked))))
    expect(await failure({ cacheFile: join(folder, "cache.jsonl") }, "-")).toContain("standard input")
    expect(await failure({ cacheFile: file })).toContain("line 1 is none of a reader's cache")
    writeFileSync(join(folder, "half.txt"), "no line feed")
    expect(await failure({ cacheFile: join(folder, "half.txt") })).toContain("none of a reader's cache")
    expect([readFileSync(file, "utf8"), readFileSync(join(folder, "half.txt"), "utf8")]).toEqual([before, "no line feed"])
    expect(await failure({ concurrency: 0 })).toContain("whole number from 1")
    const exit = await Effect.runPromiseExit(Effect.scoped(Effect.andThen(reading(file, server.endpoint), reading(file, server.endpoint))))
    expect(failureOf(exit)).toContain("has this cache open")
  })
})
