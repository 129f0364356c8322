/** Files of pretrained models and of adapters: what is fetched from others. */
import { cpSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import fc from "fast-check"
import { failing } from "../../../src/domain/Throws.ts"
import { openChatTemplate } from "../../../src/model/pretrained/ChatTemplate.ts"
import { openGguf } from "../../../src/model/pretrained/Gguf.ts"
import { ModelFileError } from "../../../src/model/pretrained/ModelFileError.ts"
import { readPeftAdapter } from "../../../src/model/pretrained/PeftAdapter.ts"
import { describeModel, openModel, type PretrainedModel } from "../../../src/model/pretrained/PretrainedModel.ts"
import { openSafetensors, openSafetensorsIndex } from "../../../src/model/pretrained/Safetensors.ts"
import { readNow, type StoredTensor } from "../../../src/model/pretrained/StoredTensor.ts"
import { openTokenizer } from "../../../src/model/pretrained/TextTokenizer.ts"
import { unzip } from "../../../src/cli/native/Unzip.ts"
import { zipSync } from "fflate"
import { ggufBytes, PRETRAINED, safetensorsBytes } from "../../support/PretrainedFiles.ts"
import { harmed, type Input, jsonText, text, touched } from "../Grammar.ts"
import { Refusal, type Target } from "../Target.ts"

const bytesOf = (...path: ReadonlyArray<string>): Uint8Array => readFileSync(join(PRETRAINED, ...path))
const jsonOf = (...path: ReadonlyArray<string>): unknown => JSON.parse(Buffer.from(bytesOf(...path)).toString("utf8"))

/** A copy of a model's folder of which one file is the input. */
const folderWith = (model: string, name: string, input: Input, file: string): string => {
  const folder = `${file}.${model}-${name.replaceAll(/\W/g, "-")}`
  cpSync(join(PRETRAINED, model), folder, { recursive: true, filter: (path) => !path.includes("golden") })
  writeFileSync(join(folder, name), input)
  return folder
}

const opened = (
  model: string,
  name: string,
  use: (model: PretrainedModel) => Effect.Effect<unknown, Error> = (read) => Effect.succeed(describeModel(read))
) =>
(input: Input, file: string) => Effect.flatMap(Effect.suspend(() => openModel(folderWith(model, name, input, file))), use)

// Numbers that are stored may be none; that they can be read is asked here.
const numbers = (tensors: Iterable<StoredTensor>) => failing([ModelFileError], () => [...tensors].map((tensor) => readNow(tensor).length))

const smallTensors = safetensorsBytes(
  JSON.stringify({
    __metadata__: { format: "pt" },
    a: { dtype: "F32", shape: [2, 2], data_offsets: [0, 16] },
    b: { dtype: "BF16", shape: [4], data_offsets: [16, 24] }
  }),
  new Uint8Array(24)
)
const smallGguf = ggufBytes(
  [["general.architecture", "llama"], ["general.name", "a"], ["llama.block_count", 1], ["tokenizer.ggml.tokens", {
    type: 9,
    bytes: [8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 97]
  }]],
  [{ name: "a", dimensions: [4], type: 0, offset: 0 }],
  [0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64, 0, 0, 128, 64]
)

const spoken = (model: PretrainedModel) =>
  Effect.gen(function* () {
    const tokenizer = yield* openTokenizer(model)
    const ids = tokenizer.encode("It is 4. 한국어 👍\n")
    const read = yield* Effect.fromResult(ids)
    return [read, yield* Effect.fromResult(tokenizer.pieces(read))]
  })

const conversation = [{ role: "user", content: "How many?" }, { role: "assistant", content: "4" }, {
  role: "user",
  content: "\u001b]52;c;eA==\u0007"
}]
const templated = (model: PretrainedModel) =>
  Effect.gen(function* () {
    const template = yield* openChatTemplate(model, yield* openTokenizer(model))
    return yield* Effect.fromResult(template.render(conversation))
  })

const STATEMENTS = [
  "{% for message in messages %}",
  "{% endfor %}",
  "{% if loop.first %}",
  "{% else %}",
  "{% endif %}",
  "{{ message['role'] }}",
  "{{ message.content }}",
  "{{ messages[0].content | trim }}",
  "{{ messages | tojson }}",
  "{% set x = namespace(n=0) %}",
  "{% set x.n = x.n + 1 %}",
  "{% for i in range(1000000000) %}",
  "{% for i in range(99999) %}",
  "{% for i in range(0, 1e308) %}",
  "{{ range(9999999) | length }}",
  "{% macro m(a) %}{{ m(a) }}{% endmacro %}{{ m(1) }}",
  "{{ raise_exception('no') }}",
  "{{ '\u001b[2J' }}",
  "{{ bos_token }}",
  "{{ undefined_thing.x.y }}",
  "{{ 'a' * 99 }}",
  "{{ 1 / 0 }}",
  "<|im_start|>",
  "{% if messages is defined and messages is string %}",
  "{%- generation -%}",
  "{{ messages[::-1] }}",
  "{# a comment",
  "{{ ((((((1)))))) }}"
]
const own = Buffer.from(bytesOf("llama-tied", "chat_template.jinja")).toString("utf8")
const template = fc.oneof(
  { weight: 2, arbitrary: touched(fc.constant(own)) },
  { weight: 3, arbitrary: fc.array(fc.oneof(fc.constantFrom(...STATEMENTS), text), { maxLength: 8 }).map((parts) => parts.join("")) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 4000 }).map((deep) => `{{ ${"(".repeat(deep)}1${")".repeat(deep)} }}`) }
)

const adapter = (name: string, make: (bytes: Input) => Input) => (input: Input, file: string) =>
  Effect.gen(function* () {
    const folder = `${file}.adapter-${name.replaceAll(/\W/g, "-")}`
    cpSync(join(PRETRAINED, "llama-tied", "golden", "adapter"), folder, { recursive: true })
    writeFileSync(join(folder, name), make(input))
    const read = yield* readPeftAdapter(folder, yield* openModel(join(PRETRAINED, "llama-tied")))
    return Object.keys(read)
  })

const archive = zipSync({ "a.txt": new TextEncoder().encode("a".repeat(100)), "folder/b.txt": [new Uint8Array(50), { level: 0 }] })

export const models: ReadonlyArray<Target> = [
  {
    name: "safetensors",
    input: harmed(smallTensors, bytesOf("llama-tied", "golden", "adapter", "adapter_model.safetensors")),
    read: (input, file) => {
      writeFileSync(`${file}.safetensors`, input)
      return Effect.flatMap(openSafetensors(`${file}.safetensors`), ({ tensors }) => numbers(tensors.values()))
    }
  },
  {
    name: "safetensors: header",
    input: jsonText({
      a: { dtype: "F32", shape: [2, 2], data_offsets: [0, 16] },
      b: { dtype: "BF16", shape: [4], data_offsets: [16, 24] },
      __metadata__: { a: "b" }
    }),
    read: (input, file) => {
      writeFileSync(`${file}.safetensors`, safetensorsBytes(String(input), new Uint8Array(24)))
      return Effect.flatMap(openSafetensors(`${file}.safetensors`), ({ tensors }) => numbers(tensors.values()))
    }
  },
  {
    name: "safetensors: index",
    input: jsonText(jsonOf("llama", "model.safetensors.index.json")),
    read: (input, file) =>
      Effect.suspend(() =>
        openSafetensorsIndex(join(folderWith("llama", "model.safetensors.index.json", input, file), "model.safetensors.index.json"))
      )
  },
  {
    name: "GGUF",
    mayBeNonFinite: true,
    input: harmed(smallGguf),
    read: (input, file) => {
      writeFileSync(`${file}.gguf`, input)
      return Effect.flatMap(openGguf(`${file}.gguf`), ({ tensors }) => numbers(tensors.values()))
    }
  },
  {
    name: "GGUF: model",
    input: harmed(bytesOf("llama", "model.gguf")),
    read: (input, file) => {
      writeFileSync(`${file}.model.gguf`, input)
      return Effect.flatMap(openModel(`${file}.model.gguf`), (model) => Effect.map(spoken(model), (words) => [describeModel(model), words]))
    }
  },
  {
    name: "config.json",
    input: jsonText(jsonOf("llama-tied", "config.json"), jsonOf("qwen2", "config.json")),
    read: opened("llama-tied", "config.json")
  },
  {
    name: "generation_config.json",
    input: jsonText(jsonOf("llama-tied", "generation_config.json")),
    read: opened("llama-tied", "generation_config.json")
  },
  {
    name: "tokenizer.json",
    input: jsonText(jsonOf("words", "fallback.json"), jsonOf("llama-tied", "tokenizer.json")),
    read: opened("llama-tied", "tokenizer.json", spoken)
  },
  {
    name: "tokenizer_config.json",
    input: jsonText(jsonOf("llama-tied", "tokenizer_config.json"), { chat_template: own, eos_token: "</s>" }, {
      chat_template: [{ name: "default", template: own }]
    }),
    read: opened("llama-tied", "tokenizer_config.json", templated)
  },
  { name: "chat template", input: template, read: opened("llama-tied", "chat_template.jinja", templated) },
  {
    name: "adapter: settings",
    input: jsonText(jsonOf("llama-tied", "golden", "adapter", "adapter_config.json")),
    read: adapter("adapter_config.json", (input) => input)
  },
  {
    name: "adapter: weights",
    input: harmed(bytesOf("llama-tied", "golden", "adapter", "adapter_model.safetensors")),
    read: adapter("adapter_model.safetensors", (input) => input)
  },
  {
    name: "zip archive",
    input: harmed(archive),
    read: (input, file) =>
      Effect.tryPromise({
        try: () => {
          writeFileSync(`${file}.zip`, input)
          return unzip(`${file}.zip`, (name) => (/^[\w./]{1,40}$/.test(name) && !name.includes("..") ? `${file}.unzipped` : undefined))
        },
        catch: (cause) => (cause instanceof Error && !(cause instanceof TypeError || cause instanceof RangeError)
          ? new Refusal(cause.message)
          : new Error(`no refusal: ${String(cause)}`))
      })
  }
]
