/**
 * What a model is, in words for a terminal.
 *
 * @module
 */
import { beside, TERMINAL_WIDTH } from "../Layout.ts"
import { bytesText } from "./Bytes.ts"
import type { ModelReport } from "./ModelReport.ts"

const count = (value: number): string => value.toLocaleString("en")

const ropeText = ({ ropeBase, ropeScaling }: ModelReport["config"]): string =>
  `base ${count(ropeBase)}${
    ropeScaling === undefined
      ? ""
      : `, slow dimensions ${ropeScaling.factor} times slower (Llama 3), first trained on ${count(ropeScaling.originalContext)} tokens`
  }`

const extras = ({ hasBiases, hasHeadNorms, isTied }: ModelReport["config"]): string =>
  [
    isTied ? "unembedding tied to the embedding" : "unembedding of its own",
    ...(hasBiases ? ["biases of queries, keys and values"] : []),
    ...(hasHeadNorms ? ["queries and keys normed by head"] : [])
  ].join(", ")

const TEXT_FROM = 15

/** The report as aligned lines, for a screen of so many columns. */
export const modelText = (report: ModelReport, columns = TERMINAL_WIDTH): string => {
  const { bytes, chatTemplate, config, ends, family, float32Bytes, form, formats, memory, parameters, path, tokenizer } = report
  const { context, headWidth, heads, innerWidth, keyHeads, layers, vocabulary, width } = config
  const lines: ReadonlyArray<readonly [string, string]> = [
    ["model", path],
    ["family", `${family}, ${form === "gguf" ? "a GGUF file" : "safetensors"}`],
    ["parameters", `${count(parameters)}, of them ${count(report.embeddingParameters)} in embeddings`],
    [
      "sizes",
      `${layers} layers, width ${width}, ${heads} heads of ${headWidth} on ${keyHeads} of keys, inner width ${innerWidth}; ${
        extras(config)
      }`
    ],
    ["rotations", ropeText(config)],
    ["context", `${count(context)} tokens`],
    [
      "stored",
      `${bytesText(bytes)}: ${
        formats.map(({ format, tensors, weights }) =>
          `${format} ${((100 * weights) / parameters).toFixed(1)} % (${tensors} tensor${tensors === 1 ? "" : "s"})`
        ).join(
          ", "
        )
      }`
    ],
    [
      "memory",
      `${bytesText(float32Bytes)} as float32; about ${bytesText(memory.score.total)} to score, ${
        bytesText(memory.sample.total)
      } to sample, ${bytesText(memory.adapter.total)} to train an adapter, ${
        bytesText(memory.whole.total)
      } to train every weight (defaults, one thread)`
    ],
    [
      "tokenizer",
      "problem" in tokenizer
        ? `cannot be used: ${tokenizer.problem}`
        : `${count(tokenizer.tokens)} tokens of the model's ${count(vocabulary)}, ${tokenizer.special} of them special`
    ],
    [
      "ends",
      ends.length === 0
        ? "no token is named that ends a response"
        : ends.map(({ id, text }) => `${id}${text === null ? "" : ` ${text}`}`).join(", ")
    ],
    [
      "chat template",
      chatTemplate === "yes" ? "yes" : chatTemplate === "no" ? "none: prompts are plain text" : `cannot be used: ${chatTemplate.problem}`
    ]
  ]
  return lines.map(([name, text]) => beside(name, text, TEXT_FROM, columns)).join("\n")
}
