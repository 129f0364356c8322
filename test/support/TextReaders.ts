/**
 * Everything that reads texts of any length that others wrote, by name: what the law of linear time holds for, and what its measurement measures.
 *
 * @module
 */
import { join } from "node:path"
import { Effect } from "effect"
import type { GraderService } from "../../src/domain/Grader.ts"
import { parseLoose } from "../../src/domain/LooseJson.ts"
import { TWO_STAGE } from "../../src/domain/Partition.ts"
import { visible } from "../../src/domain/Visible.ts"
import { readCandidates } from "../../src/engine/CandidateAnswer.ts"
import { refusesSeed, responseOf } from "../../src/engine/OpenAiWire.ts"
import { readAttributionRows } from "../../src/eval/attribute/AttributionInput.ts"
import { textsOfTokens } from "../../src/eval/attribute/rows/Pieces.ts"
import { escapeHtml } from "../../src/eval/report/Html.ts"
import { makeRowSplitter } from "../../src/eval/transcripts/files/RowSplitter.ts"
import { readLine } from "../../src/eval/transcripts/Formats.ts"
import { withReasoning } from "../../src/eval/transcripts/formats/Reasoning.ts"
import { userText } from "../../src/eval/transcripts/formats/Template.ts"
import { type GradedTranscript, readTranscript, type TranscriptRow } from "../../src/eval/transcripts/Grade.ts"
import { parseExactJson, withoutBareWords } from "../../src/eval/transcripts/Json.ts"
import { piecesOf as rowPieces } from "../../src/eval/transcripts/rows/RowText.ts"
import { openChatTemplate } from "../../src/model/pretrained/ChatTemplate.ts"
import { openModel, type PretrainedModel } from "../../src/model/pretrained/PretrainedModel.ts"
import { openTokenizer } from "../../src/model/pretrained/TextTokenizer.ts"
import { readExpression } from "../../src/tasks/Expression.ts"
import { problemOf } from "../../src/tasks/Countdown.ts"
import { goldFrom } from "../../src/tasks/grading/GoldFrom.ts"
import { graderFor, GRADERS } from "../../src/tasks/grading/Graders.ts"
import { decide, readMathematics } from "../../src/tasks/grading/mathematics/Decide.ts"
import { looksMathematical } from "../../src/tasks/grading/Mathematics.ts"
import { checkNumeral } from "../../src/tasks/grading/CheckNumeral.ts"
import { promptRowOf } from "../../src/tasks/PromptRow.ts"
import { fromCandidates, listOf } from "../../src/tasks/reading/FromCandidates.ts"
import { compileMarkers, defaultMarkers, findMarkers, parseMarkerList } from "../../src/tasks/reading/Markers.ts"
import { lastNumeral, normalizeNumeral, parseNumeral } from "../../src/tasks/reading/Numeral.ts"
import { piecesOf } from "../../src/tasks/reading/Pieces.ts"
import { placeQuotes } from "../../src/tasks/reading/PlaceQuotes.ts"
import { takeApart, takeApartInFull } from "../../src/tasks/reading/TakeApart.ts"
import { spansOfText } from "../../src/tasks/reading/TextSpans.ts"
import { askedExpression, statedProduct } from "../../src/tasks/StatedProduct.ts"

/** Reads a text; what it makes of it does not matter here. */
export type TextReader = (text: string) => void

const GOLDS: Readonly<Record<keyof typeof GRADERS, string>> = {
  integer: "408",
  number: "3.5",
  mathematics: "\\frac{1}{2}",
  choice: "B",
  boolean: "yes",
  text: "Paris",
  countdown: "98"
}

const NUMBERS = [44, 19, 35]
const asked = askedExpression("Calculate 34 * 12.")
const row = (parts: Partial<TranscriptRow>): TranscriptRow => ({
  id: "1",
  prompt: "How many?",
  response: "The answer is 4.",
  answer: "4",
  ...parts
})

const ofGrader = (name: keyof typeof GRADERS): Readonly<Record<string, TextReader>> => {
  const grader: GraderService = GRADERS[name]
  const reference = grader.reference({ text: GOLDS[name], prompt: "", numbers: NUMBERS, choices: ["1", "2"] })
  return {
    [`${name}: a response`]: (text) => takeApart(text, defaultMarkers, { asked, grader }),
    [`${name}: a response, in full`]: (text) => takeApartInFull(text, defaultMarkers, { grader, isTruncated: true }),
    [`${name}: a value that is announced`]: (text) => grader.value(text, 0, text.length, "begun"),
    [`${name}: a value that is wrapped`]: (text) => grader.value(text, 0, text.length, "wrapped"),
    [`${name}: a reference`]: (text) => grader.reference({ text, prompt: text, numbers: NUMBERS, choices: [text, "2"] }),
    [`${name}: an answer that is checked`]: (text) => reference?.check(text)
  }
}

const json = (of: (text: string) => unknown): (text: string) => string => (text) => JSON.stringify(of(text))

const lines: Readonly<Record<string, (text: string) => string>> = {
  response: json((response) => ({ prompt: "How many?", response, answer: "4" })),
  prompt: json((prompt) => ({ prompt, response: "4", answer: "4" })),
  answer: json((answer) => ({ prompt: "How many?", response: "4", answer })),
  reasoning: json((reasoning_content) => ({ question: "How many?", output: "4", reasoning_content, gold: "4" })),
  messages: json((content) => ({ messages: [{ role: "user", content }, { role: "assistant", content }], target: content })),
  "many messages": json((text) => ({
    messages: [...text.match(/[^]{1,20}/g) ?? []].map((content, k) => ({ role: k % 2 === 0 ? "user" : "assistant", content }))
  })),
  "lm-eval": json((text) => ({ doc: { question: text, answer: text }, target: text, resps: [[text]], arguments: [[text]] })),
  lighteval: json((text) => ({ doc: { query: text, choices: [text], gold_index: 0 }, model_response: { text: [text], input: text } })),
  "many samples": json((text) => ({ prompt: "How many?", samples: text.match(/[^]{1,20}/g) ?? [], answer: "4" })),
  countdown: json((text) => ({ prompt: `Use the numbers [${text}`, response: "4", answer: `{"target": ${text}, "numbers": [${text}` })),
  choices: json((text) => ({ question: text, choices: [text, "b"], response: text, answer: text }))
}

// A row's problem is looked up once for rows that follow each other: another one comes before each.
const graded = (parts: Partial<TranscriptRow>): GradedTranscript => {
  readTranscript(row({ prompt: "Another one?" }))
  return readTranscript(row(parts))
}

/** Tokens as a server gives them: of up to four characters. */
const tokensOf = (text: string): ReadonlyArray<string> => text.match(/[^]{1,4}/g) ?? []

/** All readers but those of pretrained models' words. */
export const READERS: Readonly<Record<string, TextReader>> = {
  ...Object.assign({}, ...(Object.keys(GRADERS) as Array<keyof typeof GRADERS>).map(ofGrader)) as Readonly<Record<string, TextReader>>,
  ...Object.fromEntries(
    Object.entries(lines).map(([name, write]) => [`a line: ${name}`, (text: string) => {
      const reading = readLine(write(text), {}, "1")
      if ("rows" in reading) { for (const each of reading.rows) readTranscript(each) }
    }])
  ),
  "a row: response": (response) => rowPieces(graded({ response }), response.length),
  "a row: prompt": (prompt) => graded({ prompt }),
  "a row: answer": (answer) => graded({ answer }),
  "a row: truncated": (response) => graded({ response, truncated: true, prompt: "Calculate 34 * 12." }),
  "the asked expression": askedExpression,
  "the stated product": statedProduct,
  "a countdown problem": problemOf,
  "a problem's row": (text) => promptRowOf({ prompt: [{ role: "user", content: text }], answer: text }, 1),
  "an expression": readExpression,
  "a numeral": parseNumeral,
  "a numeral's normal form": normalizeNumeral,
  "the last numeral": (text) => lastNumeral(text, 0, text.length),
  "a numeral's check": (text) => checkNumeral("4", text),
  "a solution": goldFrom,
  "the kind of a reference": (text) => graderFor({ text, prompt: text }),
  "mathematics or not": looksMathematical,
  "a value of mathematics": (text) => decide(readMathematics("x^2"), readMathematics(text)),
  markers: (text) => findMarkers(text, defaultMarkers),
  "a list of markers": parseMarkerList,
  "a marker of one's own": (text) => compileMarkers(["wait", text]),
  tokens: (text) => spansOfText(tokensOf(text), 0, defaultMarkers),
  "pieces of tokens": (text) => textsOfTokens(tokensOf(text)),
  "a row of tokens": (text) =>
    readAttributionRows(
      JSON.stringify({ prompt: text, tokens: tokensOf(text), logprobs: tokensOf(text).map(() => -1), reward: 1 }),
      "line 1",
      defaultMarkers,
      TWO_STAGE
    ),
  "listed candidates": readCandidates,
  "pieces of a long text": piecesOf,
  "quotes in a text": (text) =>
    placeQuotes(text, [
      { quote: text.slice(0, 150), answer: text.slice(0, 2) },
      { quote: text.slice(-200), answer: text.slice(-2) },
      { quote: `${text.slice(0, 40)}x`, answer: "x" }
    ]),
  "a text by listed candidates": (text) =>
    fromCandidates(text, [listOf(text, [{ quote: text.slice(0, 100), answer: text.slice(0, 4) }])], defaultMarkers),
  "a templated prompt": (text) => userText(`<|im_start|>user\n${text}`),
  "a templated prompt without marks": (text) => userText(`user\n${text}`),
  "a prompt of a base model": (text) => userText(`A conversation between User and Assistant${text}`),
  "a response with its marks": (text) => withReasoning(text, text.slice(0, 100), true),
  harmony: (text) => withReasoning(`<|channel|>analysis<|message|>${text}`, undefined, true),
  "harmony without marks": (text) => withReasoning(`analysis${text}`, undefined, true),
  "Python's JSON": (text) => withoutBareWords(`{"a": NaN, "b": ${text}`),
  "exact JSON": (text) => parseExactJson(JSON.stringify({ a: text, b: [text] })),
  "loose JSON": (text) => {
    try {
      parseLoose(`{"a": NaN, "b": ${text}`)
    } catch {
      // What is none is told so; only the time counts.
    }
  },
  "rows of JSON": (text) => makeRowSplitter().push(Buffer.from(`[{"a": ${text}`)),
  "a server's answer": (text) => responseOf("chat", { choices: [{ message: { content: text, reasoning_content: text } }] }),
  "a server's refusal": (text) => refusesSeed(400, text),
  "text for a terminal": visible,
  "text for a page": escapeHtml
}

const words = join(import.meta.dirname, "..", "fixtures", "pretrained")

/** The readers of pretrained models' words: tokenizers of each way to cut text, and a template of conversations. */
export const wordReaders = async (): Promise<Readonly<Record<string, TextReader>>> => {
  const tiny = await Effect.runPromise(openModel(join(words, "llama-tied")))
  const readers: Record<string, TextReader> = {}
  for (const name of ["gpt-2", "llama-bpe", "qwen2", "smollm", "fallback"]) {
    const model: PretrainedModel = {
      ...tiny,
      config: { ...tiny.config, vocabulary: 700 },
      words: { _tag: "Json", file: join(words, "words", `${name}.json`), config: {} }
    }
    const tokenizer = await Effect.runPromise(openTokenizer(model))
    readers[`words: ${name}`] = tokenizer.encode
  }
  const chat = await Effect.runPromise(openModel(join(words, "qwen2")))
  const template = await Effect.runPromise(openTokenizer(chat).pipe(Effect.flatMap((tokenizer) => openChatTemplate(chat, tokenizer))))
  readers["a conversation"] = (content) => template.render([{ role: "user", content }, { role: "assistant", content }])
  return readers
}
