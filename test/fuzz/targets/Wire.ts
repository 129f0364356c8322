/** What servers answer and browsers ask. */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Schema } from "effect"
import fc from "fast-check"
import { ConfigError, PolicyError } from "../../../src/domain/Errors.ts"
import { failing } from "../../../src/domain/Throws.ts"
import { answerOf as batchAnswerOf } from "../../../src/engine/batch/BatchAnswer.ts"
import { batchKey, BatchManifest, MANIFEST_FILE, openBatch, QUERIES_FILE } from "../../../src/engine/batch/BatchFolder.ts"
import { writeBatch } from "../../../src/engine/batch/WriteBatch.ts"
import { readBatch } from "../../../src/engine/batch/ReadBatch.ts"
import { readCandidates } from "../../../src/engine/CandidateAnswer.ts"
import { errorIn, refusesSeed, responseOf } from "../../../src/engine/OpenAiWire.ts"
import { answerOf, type RolloutQuestion } from "../../../src/engine/RolloutWire.ts"
import { filterOf, filterParams } from "../../../src/view/FilterParams.ts"
import { placeOf } from "../../../src/view/Place.ts"
import { refusal } from "../../../src/cli/view/Server.ts"
import { visible } from "../../../src/domain/Visible.ts"
import { escapeHtml } from "../../../src/eval/report/Html.ts"
import { type Input, json, jsonLines, jsonText, ofSchema, STEERING, text } from "../Grammar.ts"
import { Refusal, type Target } from "../Target.ts"

const chat = {
  model: "m",
  choices: [{
    message: { role: "assistant", content: "It is 4.", reasoning_content: "2 + 2" },
    finish_reason: "stop",
    logprobs: { content: [{ token: "It", logprob: -0.1, top_logprobs: [] }, { token: " is 4.", logprob: -0.2 }] }
  }]
}
const completion = {
  choices: [{ text: "It is 4.", finish_reason: "length", logprobs: { tokens: ["It", " is 4."], token_logprobs: [-0.1, -0.2] } }]
}
const parts = { choices: [{ message: { content: [{ type: "thinking", thinking: "2 + 2" }, { type: "text", text: "4" }], refusal: null } }] }
const drawn = {
  model: "m",
  choices: [{
    finish_reason: "stop",
    token_ids: [1, 2, 3],
    prompt_token_ids: [7, 8],
    logprobs: { tokens: ["token_id:1", "token_id:2", "token_id:3"], token_logprobs: [-0.1, -0.2, -0.3] }
  }]
}
const question: RolloutQuestion = {
  model: "m",
  prompt: [7, 8],
  maxTokens: 8,
  ends: [3],
  sampling: { maxTokens: 8, temperature: 1, topP: 1, topK: 0 },
  seed: 1,
  withLogProbs: true
}

/** What is read of an answer that is JSON; what is none is refused before. */
const ofJson = (read: (value: unknown) => unknown) => (input: Input) =>
  Effect.flatMap(
    Effect.mapError(failing([SyntaxError, RangeError], (): unknown => JSON.parse(String(input))), () => new Refusal("not JSON")),
    (value) => failing([PolicyError, Schema.SchemaError, ConfigError], () => read(value))
  )

const line = { custom_id: "aaaaaaaaaaaa-0-0", response: { status_code: 200, body: chat }, error: null }

const settings = { model: "small", api: "chat", maxTokens: 64, temperature: 0.7, logProbs: false } as const
const batchIn = (folder: string) =>
  writeBatch({
    folder,
    settings,
    queries: [{ id: "a", level: "x", prompt: "2 + 2", answer: "4" }, { id: "b", level: "y", prompt: "3 + 3", answer: "6" }],
    generations: 2,
    seed: 7,
    limits: { requests: 10, bytes: 100_000 }
  })

const manifest = {
  kind: "decision-sampling batch",
  version: 1,
  key: "aaaaaaaaaaaa",
  settings,
  seed: 7,
  generations: 2,
  queries: 1,
  files: [{ file: "requests-00001.jsonl", requests: 2, bytes: 100 }]
}

const batchQuery = { id: "a", level: "x", prompt: "2 + 2" }

// With the key that belongs to what it says, where it says so much: somebody who changes a batch can change its key.
const keyed = (written: string, queries: string): string => {
  try {
    const said = JSON.parse(written) as typeof manifest
    const key = batchKey(said.settings, { ...said, lines: queries.split("\n").filter((each) => each !== "") })
    return JSON.stringify({ ...said, key })
  } catch {
    return written
  }
}

const params = fc.array(
  fc.tuple(
    fc.oneof(fc.constantFrom("set", "level", "outcome", "event", "attempts", "steps", "promptOf", "text", "from", "count", "row"), text),
    fc.oneof(text, fc.constantFrom("1-2", "Correct", "0", "5", "-1", "99999999999999999", "2-1"))
  ),
  { maxLength: 6 }
).map((pairs) =>
  pairs.map(([name, value]) => `${encodeURIComponent(name.toWellFormed())}=${encodeURIComponent(value.toWellFormed())}`).join("&")
)

// eslint-disable-next-line no-control-regex
const RAW = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/

export const wire: ReadonlyArray<Target> = [
  {
    name: "answer of a server: chat",
    isLong: true,
    input: jsonText(chat, parts),
    read: ofJson((value) => [errorIn(value), responseOf("chat", value)])
  },
  {
    name: "answer of a server: completion",
    isLong: true,
    input: jsonText(completion),
    read: ofJson((value) => [errorIn(value), responseOf("completions", value)])
  },
  // A log-probability that the server leaves out is NaN; the sampler refuses it (EngineRollout).
  {
    name: "answer of a server: rollout",
    mayBeNonFinite: true,
    input: jsonText(drawn),
    read: ofJson((value) => answerOf("http://a", question, value))
  },
  {
    name: "refusal of a server",
    input: fc.oneof(text, jsonText({ error: { message: "unknown field `seed`", code: 400 } })),
    read: (input) => Effect.sync(() => refusesSeed(400, String(input)))
  },
  {
    name: "listing of a reading model",
    mayBeNonFinite: true,
    input: fc.oneof(text, jsonText({ candidates: [{ quote: "It is 4", answer: "4" }] })),
    read: (input) => Effect.sync(() => readCandidates(String(input)))
  },
  {
    name: "batch: answer",
    input: jsonText(line, { ...line, response: { status_code: 500, body: { error: { message: "no" } } } }, {
      ...line,
      response: null,
      error: { code: "x", message: "y" }
    }),
    read: (input) =>
      Effect.suspend(() => {
        const answer = batchAnswerOf(String(input))
        return answer._tag === "Response" ? Effect.succeed(answer) : Effect.fail(new Refusal(answer.reason))
      })
  },
  {
    name: "batch: output",
    input: jsonLines(line, { ...line, custom_id: "aaaaaaaaaaaa-1-1" }),
    read: (input, file) =>
      Effect.gen(function* () {
        const folder = `${file}.answered`
        const { manifest: { key } } = yield* Effect.catch(openBatch(folder), () =>
          Effect.as(batchIn(folder), openBatch(folder)).pipe(Effect.flatten))
        const output = `${file}.output.jsonl`
        writeFileSync(output, String(input).replaceAll("aaaaaaaaaaaa", key))
        return yield* readBatch({ folder, outputs: [output], file: `${file}.rollouts.jsonl`, next: "none" } as never)
      })
  },
  {
    name: "batch: folder",
    input: fc.tuple(
      fc.oneof({ weight: 2, arbitrary: fc.constant(JSON.stringify(manifest)) }, {
        weight: 1,
        arbitrary: ofSchema(BatchManifest).map((each) => JSON.stringify(each))
      }, { weight: 2, arbitrary: jsonText(manifest) }),
      jsonLines(batchQuery, { ...batchQuery, id: "b", answer: "4", more: [1] }),
      fc.nat(3)
    ).map(
      ([settings, queries, kind]) => JSON.stringify([kind === 0 ? settings : keyed(settings, queries), queries])
    ),
    read: (input, file) => {
      const [settings, queries] = JSON.parse(String(input)) as [string, string]
      const folder = `${file}.batch`
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, MANIFEST_FILE), settings)
      writeFileSync(join(folder, QUERIES_FILE), queries)
      return openBatch(folder)
    }
  },
  {
    name: "view: parameters",
    input: params,
    read: (input) =>
      Effect.suspend(() => {
        const filter = filterOf(new URLSearchParams(String(input)))
        return typeof filter === "string" ? Effect.fail(new Refusal(filter)) : Effect.sync(() => [filter, filterParams(filter).toString()])
      })
  },
  {
    name: "view: address",
    input: fc.oneof(text, params.map((each) => `#/runs?${each}`), params.map((each) => `#/%ff?${each}`)),
    read: (input) => Effect.sync(() => placeOf(String(input)))
  },
  {
    name: "view: headers",
    input: fc.record({ host: text, origin: text }, { requiredKeys: [] }).map((headers) => JSON.stringify(headers)),
    read: (input) =>
      Effect.suspend(() => {
        const refused = refusal(JSON.parse(String(input)) as never, 8080)
        return refused === undefined ? Effect.succeed("answered") : Effect.fail(new Refusal(refused))
      })
  },
  {
    name: "text for a terminal and a page",
    input: fc.oneof(
      text,
      fc.array(fc.constantFrom(...STEERING), { maxLength: 5 }).map((all) => all.join("")),
      json.map((value) => JSON.stringify(value))
    ),
    read: (input) =>
      Effect.sync(() => {
        const shown = visible(String(input))
        if (RAW.test(shown)) throw new Error(`steers a terminal: ${JSON.stringify(shown)}`)
        const html = escapeHtml(String(input))
        if (/<|"/.test(html)) throw new Error(`opens markup: ${JSON.stringify(html)}`)
        return [shown, html]
      })
  }
]
