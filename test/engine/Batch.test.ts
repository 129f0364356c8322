import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Layer } from "effect"
import * as fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { shuffle } from "../../src/domain/Seed.ts"
import { answerOf } from "../../src/engine/batch/BatchAnswer.ts"
import type { BatchSettings } from "../../src/engine/batch/BatchFolder.ts"
import { readBatch, type ReadBatchOptions } from "../../src/engine/batch/ReadBatch.ts"
import { RAY_SCRIPT } from "../../src/engine/batch/RayScript.ts"
import { writeBatch, type WriteBatchOptions } from "../../src/engine/batch/WriteBatch.ts"
import { readPrompts } from "../../src/engine/Prompts.ts"
import { Completions } from "../../src/engine/Completions.ts"
import { rowSettings } from "../../src/engine/OpenAiWire.ts"
import { sampleTexts, type TextQuery } from "../../src/engine/SampleTexts.ts"

let home = ""
let folders = 0
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "decision-sampling-batch-"))
})
afterAll(() => {
  rmSync(home, { recursive: true, force: true })
})
const place = () => join(home, String(folders++))

const run = <A, E>(effect: Effect.Effect<A, E, NodeServices.NodeServices>) => Effect.runPromise(Effect.provide(effect, NodeServices.layer))
const problemOf = <A, E extends Error>(effect: Effect.Effect<A, E, NodeServices.NodeServices>) =>
  run(Effect.flip(effect)).then(({ message }) => message)

const settings: BatchSettings = { model: "small", api: "chat", maxTokens: 64, temperature: 0.7, logProbs: false, system: "Be exact." }
const queries: ReadonlyArray<TextQuery> = [
  { id: "a", level: "2x2", prompt: "Calculate 11 * 12.", answer: "132" },
  { id: "b", level: "2x2", prompt: "Calculate 13 * 14.", answer: "182", fields: { source: "mine", response: "theirs" } },
  {
    id: "a",
    level: "2x3",
    prompt: "user: Hello",
    messages: [{ role: "user", content: "Hello" }, { role: "user", content: [{ type: "text", text: "11" }] }]
  }
]
const batch: Omit<WriteBatchOptions, "folder"> = { settings, queries, generations: 3, seed: 7 }

interface Line {
  readonly custom_id: string
  readonly url: string
  readonly method: string
  readonly body: { readonly seed: number; readonly messages: ReadonlyArray<{ readonly content: unknown }>; readonly max_tokens: number }
}
const linesOf = (file: string): ReadonlyArray<string> => readFileSync(file, "utf8").split("\n").filter((line) => line !== "")
const requestsOf = (folder: string): ReadonlyArray<Line> =>
  readdirSync(folder).filter((file) => file.startsWith("requests-")).sort()
    .flatMap((file) => linesOf(join(folder, file)))
    .map((line) => JSON.parse(line) as Line)

// What a model says depends on the seed alone.
const said = (seed: number) => ({ text: `The answer is ${seed % 1000}. é`, isCut: seed % 5 === 0 })

/** An answer in the shape that vLLM 0.33 writes: every field of its classes, those without a value as null. */
const vllm = ({ body, custom_id }: Line) => {
  const { isCut, text } = said(body.seed)
  return {
    id: "vllm-1d2f",
    custom_id,
    response: {
      status_code: 200,
      request_id: "vllm-batch-1d2f",
      body: {
        id: "chatcmpl-1d2f",
        object: "chat.completion",
        created: 1_790_000_000,
        model: "small",
        choices: [{
          index: 0,
          message: {
            role: "assistant",
            content: text,
            refusal: null,
            annotations: null,
            audio: null,
            function_call: null,
            tool_calls: [],
            reasoning: null,
            reasoning_content: null
          },
          logprobs: null,
          finish_reason: isCut ? "length" : "stop",
          stop_reason: null,
          token_ids: null
        }],
        service_tier: null,
        system_fingerprint: null,
        usage: { prompt_tokens: 9, total_tokens: 12, completion_tokens: 3, prompt_tokens_details: null },
        prompt_logprobs: null,
        prompt_token_ids: null,
        kv_transfer_params: null
      }
    },
    error: null
  }
}
/** What it writes of a request that failed. */
const failure = ({ custom_id }: Line, error: unknown) => ({
  id: "vllm-1d2f",
  custom_id,
  response: { status_code: 400, request_id: "vllm-batch-1d2f", body: null },
  error
})
const ERROR = { error: { message: "This model's maximum context length is 10 tokens.", type: "BadRequestError", param: null, code: 400 } }

const write = (name: string, rows: ReadonlyArray<unknown>): string => {
  writeFileSync(name, rows.map((row) => JSON.stringify(row) + "\n").join(""))
  return name
}
const made = async (options: Partial<WriteBatchOptions> = {}) => {
  const folder = place()
  const written = await run(writeBatch({ ...batch, folder, ...options }))
  return { folder, written, requests: requestsOf(folder) }
}
const read = (folder: string, outputs: ReadonlyArray<string>, more: Partial<ReadBatchOptions> = {}) =>
  run(readBatch({ folder, outputs, file: join(folder, "rollouts.jsonl"), ...more }))
const sorted = (file: string) => [...linesOf(file)].sort()

/** The rows that `eval` writes of the same model behind a server. */
const byServer = async () => {
  const file = join(place(), "rollouts.jsonl")
  const server = Layer.succeed(Completions, {
    name: settings.model,
    settings: rowSettings(settings),
    complete: ({ seed }) => {
      const { isCut, text } = said(seed >>> 1)
      return Effect.succeed({ response: text, truncated: isCut })
    }
  })
  await run(Effect.provide(sampleTexts({ queries, generations: 3, seed: 7, file, resume: false, concurrency: 4 }), server))
  return sorted(file)
}

describe("writeBatch", () => {
  it("one line a response, of the chat API, each with its own id and seed, in files within the limits", async () => {
    const { folder, requests, written } = await made({ limits: { requests: 4, bytes: 100_000 } })
    expect(requests).toHaveLength(9)
    expect(new Set(requests.map(({ custom_id }) => custom_id)).size).toBe(9)
    expect(new Set(requests.map(({ body }) => body.seed)).size).toBe(9)
    expect(written.files.map((each) => each.requests)).toEqual([4, 4, 1])
    expect(requests[0]).toEqual({
      custom_id: `${written.key}-0-0`,
      method: "POST",
      url: "/v1/chat/completions",
      body: {
        model: "small",
        max_tokens: 64,
        temperature: 0.7,
        seed: requests[0]!.body.seed,
        messages: [{ role: "system", content: "Be exact." }, { role: "user", content: "Calculate 11 * 12." }]
      }
    })
    const bytes = readFileSync(join(folder, "requests-00001.jsonl")).length
    expect(written.files[0]!.bytes).toBe(bytes)
    const narrow = await made({ limits: { requests: 100, bytes: Math.ceil(bytes / 2) } })
    expect(narrow.requests.map(({ custom_id }) => custom_id)).toEqual(requests.map(({ custom_id }) => custom_id))
    for (const file of narrow.written.files) expect(file.bytes).toBeLessThanOrEqual(Math.ceil(bytes / 2))
  })

  it("another model, setting, seed or query has another key", async () => {
    const [first, ...others] = await Promise.all([
      made(),
      made({ seed: 8 }),
      made({ settings: { ...settings, temperature: 1 } }),
      made({ settings: { ...settings, model: "large" } }),
      made({ queries: queries.slice(0, 2) }),
      made({ generations: 2 })
    ])
    expect(new Set([first, ...others].map(({ written }) => written.key)).size).toBe(6)
    expect((await made()).written.key).toBe(first.written.key)
  })

  it("writes into no folder that has something in it, and begins anew over what a killed run left", async () => {
    const folder = place()
    mkdirSync(folder)
    writeFileSync(join(folder, "mine"), "")
    expect(await problemOf(writeBatch({ ...batch, folder }))).toMatch(/something else already/)
    const other = place()
    mkdirSync(`${other}.writing`)
    writeFileSync(join(`${other}.writing`, "requests-00009.jsonl"), "{")
    await run(writeBatch({ ...batch, folder: other }))
    expect(readdirSync(other).sort()).toEqual(["batch.json", "queries.jsonl", "requests-00001.jsonl"])
    expect(existsSync(`${other}.writing`)).toBe(false)
    expect(await problemOf(writeBatch({ ...batch, folder: other }))).toMatch(/a batch already/)
    expect(await problemOf(writeBatch({ ...batch, folder: place(), limits: { requests: 9, bytes: 100 } }))).toMatch(/more than the 100/)
    expect(await problemOf(writeBatch({ ...batch, folder: place(), generations: 0 }))).toMatch(/generations is 0/)
  })
})

describe("writeBatch, asked wrongly", () => {
  it("takes a folder's name as shells complete it, with a slash at its end", async () => {
    const folder = place()
    const written = await run(writeBatch({ ...batch, folder: `${folder}/` }))
    expect(written.folder).toBe(folder)
    expect(readdirSync(folder).sort()).toEqual(["batch.json", "queries.jsonl", "requests-00001.jsonl"])
    expect(existsSync(`${folder}.lock`)).toBe(false)
    expect((await read(`${folder}/`, [write(join(home, "slash.jsonl"), requestsOf(folder).map(vllm))])).rows).toBe(9)
  })

  it("refuses queries whose rows would have one name: level a/b with id c is level a with id b/c", async () => {
    const alike = [{ id: "b/c", level: "a", prompt: "1" }, { id: "c", level: "a/b", prompt: "2" }]
    expect(await problemOf(writeBatch({ ...batch, queries: alike, folder: place() }))).toMatch(/queries is "a\/b\/c" twice/)
    const file = write(join(home, "alike.jsonl"), alike)
    expect(await problemOf(readPrompts(file))).toMatch(/id of row 2 of .*would be called "a\/b\/c"/)
  })

  it("leaves nothing of a batch that could not be written", async () => {
    const folder = place()
    expect(await problemOf(writeBatch({ ...batch, folder, limits: { requests: 5, bytes: 100 } }))).toMatch(/more than the 100/)
    expect([existsSync(folder), existsSync(`${folder}.writing`), existsSync(`${folder}.lock`)]).toEqual([false, false, false])
  })
})

describe("readBatch", () => {
  it("writes the rows that eval writes of the same answers from a server, and eval goes on from them", async () => {
    const { folder, requests } = await made()
    const result = await read(folder, [write(join(folder, "out.jsonl"), requests.map(vllm))])
    expect(result).toMatchObject({ added: 9, before: 0, rows: 9, requests: 9, unanswered: 0, next: [] })
    expect(sorted(join(folder, "rollouts.jsonl"))).toEqual(await byServer())
    const rows = linesOf(join(folder, "rollouts.jsonl")).map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(new Set(rows.map(({ ending }) => ending))).toEqual(new Set(["stop", "truncated"]))
    const nobody = Layer.succeed(Completions, {
      name: settings.model,
      settings: rowSettings(settings),
      complete: () => Effect.die("asked for a row that is there")
    })
    const file = join(folder, "rollouts.jsonl")
    const again = await run(Effect.provide(sampleTexts({ queries, generations: 3, seed: 7, file, resume: true, concurrency: 4 }), nobody))
    expect([again.resumed, again.rows.length]).toEqual([9, 9])
  })

  it("joins by id: lines in any order, in any files, some twice, some failing before they succeed, give the same rows, and nothing twice", async () => {
    const whole = await byServer()
    const { folder: origin, requests } = await made()
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.array(fc.nat(2), { minLength: 9, maxLength: 9 }),
        fc.array(fc.nat(8), { maxLength: 5 }),
        async (seed, files, twice) => {
          const folder = place()
          mkdirSync(folder)
          for (const file of ["batch.json", "queries.jsonl"]) writeFileSync(join(folder, file), readFileSync(join(origin, file)))
          const rows = shuffle(
            [
              ...requests.map((request, i) => [files[i]!, vllm(request)] as const),
              ...twice.map((i) => [i % 3, vllm(requests[i]!)] as const)
            ],
            seed
          )
          const failed = twice.map((i) => [(i + 1) % 3, failure(requests[i]!, "an error")] as const)
          const outputs = [0, 1, 2].map((k) =>
            write(join(folder, `${k}.out`), [...failed, ...rows].filter(([file]) => file === k).map(([, row]) => row))
          )
          // In two readings, the second with all files again.
          const first = await read(folder, outputs.slice(0, 2))
          const second = await read(folder, shuffle(outputs, seed))
          expect(first.added + second.added).toBe(9)
          expect([second.before, second.failed.count, second.unanswered, second.next.length]).toEqual([first.added, 0, 0, 0])
          expect(sorted(join(folder, "rollouts.jsonl"))).toEqual(whole)
        }
      ),
      { numRuns: 15 }
    )
  })

  it("what failed and what is missing becomes the next requests, word for word; half a line is neither an answer nor an error", async () => {
    const { folder, requests } = await made()
    const rows: ReadonlyArray<unknown> = [
      vllm(requests[0]!),
      failure(requests[1]!, "a text"),
      failure(requests[2]!, ERROR),
      {
        id: "b",
        custom_id: requests[3]!.custom_id,
        response: null,
        error: { code: "batch_expired", message: "This request could not be executed." }
      },
      { ...vllm(requests[4]!), response: { status_code: 200, request_id: "x", body: { error: { message: "out of memory" } } } },
      { ...vllm(requests[5]!), response: { status_code: 200, request_id: "x", body: { choices: [] } } },
      { ...vllm(requests[5]!), custom_id: "request-1" }
    ]
    const out = write(join(folder, "out.jsonl"), rows)
    writeFileSync(out, readFileSync(out, "utf8") + JSON.stringify(vllm(requests[6]!)).slice(0, 80))
    const result = await read(folder, [out])
    expect(result).toMatchObject({ added: 1, unanswered: 3 })
    expect(result.failed.count).toBe(5)
    const reasons = result.failed.first.map(({ line, reason }) => `${line} ${reason}`)
    expect(reasons.slice(0, 4)).toEqual([
      "2 2x2/a#1: status 400: a text",
      "3 2x2/a#2: status 400: This model's maximum context length is 10 tokens.",
      "4 2x2/b#0: batch_expired: This request could not be executed.",
      "5 2x2/b#1: out of memory"
    ])
    expect(reasons[4]).toMatch(/^6 2x2\/b#2: the answer is not of the chat API/)
    expect(result.unknown).toMatchObject({ count: 1, first: [{ line: 7 }] })
    expect(result.unreadable).toMatchObject({ count: 1, first: [{ line: 8 }] })
    expect(result.unreadable.first[0]!.reason).toMatch(/half a line/)
    expect(requestsOf(join(folder, "next"))).toEqual(requests.slice(1))
    await read(folder, [out], { next: "failed" })
    expect(requestsOf(join(folder, "next"))).toEqual(requests.slice(1, 6))
    const last = await read(folder, [write(join(folder, "rest.jsonl"), requestsOf(join(folder, "next")).map(vllm))])
    expect([last.added, last.unanswered]).toEqual([5, 3])
    expect(requestsOf(join(folder, "next"))).toEqual(requests.slice(6))
    await read(folder, [write(join(folder, "end.jsonl"), requests.map(vllm))])
    expect(existsSync(join(folder, "next"))).toBe(false)
    expect(sorted(join(folder, "rollouts.jsonl"))).toEqual(await byServer())
  })

  it("a reading that was killed in a row goes on after the last whole one", async () => {
    const { folder, requests } = await made()
    const out = write(join(folder, "out.jsonl"), requests.map(vllm))
    await read(folder, [out])
    const file = join(folder, "rollouts.jsonl")
    const bytes = readFileSync(file)
    for (const length of [1, 40, Math.floor(bytes.length / 2), bytes.length - 1]) {
      writeFileSync(file, bytes.subarray(0, length))
      await read(folder, [out])
      expect(sorted(file)).toEqual(await byServer())
    }
  })

  it("refuses outputs of another batch, rows of another run, and files that are none, and loses nothing of them", async () => {
    const { folder, requests } = await made()
    const other = await made({ settings: { ...settings, temperature: 1 } })
    const theirs = write(join(folder, "theirs.jsonl"), other.requests.map(vllm))
    const options = (more: Partial<ReadBatchOptions>): ReadBatchOptions => ({
      folder,
      outputs: [theirs],
      file: join(folder, "rollouts.jsonl"),
      ...more
    })
    expect(await problemOf(readBatch(options({})))).toMatch(/none of its lines answers a request of the batch .*another batch's/)
    const ours = write(join(folder, "ours.jsonl"), requests.map(vllm))
    const mixed = join(folder, "mixed.jsonl")
    await read(other.folder, [theirs], { file: mixed })
    expect(await problemOf(readBatch(options({ outputs: [ours], file: mixed })))).toMatch(/sampled with temperature 1, not 0\.7/)
    const notes = join(folder, "notes.txt")
    writeFileSync(notes, "my notes")
    expect(await problemOf(readBatch(options({ outputs: [ours], file: notes })))).toMatch(/line 1 is no row/)
    expect(readFileSync(notes, "utf8")).toBe("my notes")
    expect(await problemOf(readBatch(options({ outputs: [notes] })))).toMatch(/no custom_id|half a line|none of its lines/)
    expect(await problemOf(readBatch(options({ outputs: [join(folder, "nowhere")] })))).toMatch(/nowhere/)
    expect(await problemOf(readBatch(options({ outputs: [] })))).toMatch(/at least one/)
    const asked = join(folder, "requests-00001.jsonl")
    expect(await problemOf(readBatch(options({ outputs: [asked] })))).toMatch(/a request, not an answer to one/)
    expect(await problemOf(readBatch(options({ outputs: [folder] })))).toMatch(/it is a folder\. Name the files in it/)
    const packed = join(folder, "ours.jsonl.gz")
    writeFileSync(packed, gzipSync(readFileSync(ours)))
    expect(await problemOf(readBatch(options({ outputs: [packed] })))).toMatch(/it is compressed/)
    expect(existsSync(join(folder, "next"))).toBe(false)
    for (
      const limits of [{ requests: 0, bytes: 9 }, { requests: 1.5, bytes: 9 }, { requests: 9, bytes: -1 }, { requests: NaN, bytes: 9 }]
    ) {
      expect(await problemOf(readBatch(options({ outputs: [ours], limits })))).toMatch(/limits\.\w+ is .*a whole number from 1/)
    }
    writeFileSync(join(folder, "queries.jsonl"), readFileSync(join(folder, "queries.jsonl"), "utf8").replace("132", "133"))
    expect(await problemOf(readBatch(options({ outputs: [ours] })))).toMatch(/not those that it was written with/)
  })
})

describe("answerOf", () => {
  it("a status that is not 200 is a failure, whatever the body", () => {
    const line = vllm({ custom_id: "x", url: "", method: "", body: { seed: 1, messages: [], max_tokens: 1 } })
    expect(answerOf(JSON.stringify(line))._tag).toBe("Response")
    const failed = { ...line, response: { ...line.response, status_code: 500 } }
    expect(answerOf(JSON.stringify(failed))).toEqual({ _tag: "Failure", customId: "x", reason: "status 500" })
  })

  it("a reason is one line, however long and broken it was", () => {
    const line = { custom_id: "x", response: { status_code: 500, body: null }, error: `Traceback:\n  ${"at\n\t".repeat(5000)}` }
    const answer = answerOf(JSON.stringify(line))
    expect(answer).toMatchObject({ _tag: "Failure", reason: expect.stringMatching(/^status 500: Traceback: at at [^\n]*…$/) as string })
  })

  it("throws at nothing, whatever JSON a line is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (response, error, body) => {
        const tags = [response, { status_code: 200, body }, { status_code: body, body: response }].map((each) =>
          answerOf(JSON.stringify({ custom_id: "x", response: each, error }))._tag
        )
        expect(tags.every((tag) => tag === "Failure" || tag === "Response")).toBe(true)
        expect(answerOf(JSON.stringify(response))._tag).toMatch(/Unreadable|Failure|Response/)
      })
    )
  })
})

// Ray itself needs a GPU for its engine; what stands in for it here has the same columns.
const STAND_IN = `
import json, os
class Data:
    def __init__(self, rows): self.rows = rows
    def write_json(self, out):
        os.makedirs(out)
        with open(os.path.join(out, "0.json"), "w") as f:
            for row in self.rows: f.write(json.dumps(row) + "\\n")
def read_json(files, lines): return Data([json.loads(line) for file in files for line in open(file)])
`
const STAND_IN_LLM = `
from ray.data import Data
class vLLMEngineProcessorConfig:
    def __init__(self, model_source, concurrency, should_continue_on_error, engine_kwargs): pass
def build_processor(config, preprocess, postprocess):
    def one(row):
        row = {**row, **preprocess(row)}
        seed = row["sampling_params"]["seed"]
        if seed % 7 == 0: return {**row, "__inference_error__": "ValueError: too long"}
        made = row["sampling_params"]["max_tokens"] if seed % 5 == 0 else 3
        return postprocess({**row, "generated_text": "The answer is %d. é" % (seed % 1000), "num_input_tokens": 9, "num_generated_tokens": made})
    return lambda ds: Data([one(row) for row in ds.rows])
`

describe("the script for Ray Data", () => {
  it("answers the request files in the shape that is read", async (context) => {
    if (spawnSync("python3", ["--version"]).status !== 0) context.skip("no python3")
    const { folder, requests } = await made({ ray: true })
    const modules = place()
    mkdirSync(join(modules, "ray", "data"), { recursive: true })
    writeFileSync(join(modules, "ray", "__init__.py"), "")
    writeFileSync(join(modules, "ray", "data", "__init__.py"), STAND_IN)
    writeFileSync(join(modules, "ray", "data", "llm.py"), STAND_IN_LLM)
    expect(readFileSync(join(folder, "ray_batch.py"), "utf8")).toBe(RAY_SCRIPT)
    const out = join(folder, "answers")
    const { status, stderr } = spawnSync("python3", [join(folder, "ray_batch.py"), "small", out], {
      encoding: "utf8",
      env: { ...process.env, PYTHONPATH: modules, PYTHONDONTWRITEBYTECODE: "1" }
    })
    expect([status, stderr]).toEqual([0, ""])
    const result = await read(folder, [join(out, "0.json")])
    const failing = requests.filter(({ body }) => body.seed % 7 === 0)
    expect([result.added, result.failed.count]).toEqual([9 - failing.length, failing.length])
    const whole = await byServer()
    expect(sorted(join(folder, "rollouts.jsonl")).every((row) => whole.includes(row))).toBe(true)
  })
})
