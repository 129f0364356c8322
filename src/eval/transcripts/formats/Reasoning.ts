/**
 * Reasoning and final words as one text: `<think>…</think>` and what follows, whichever fields or marks a tool keeps them in.
 *
 * @module
 */
import { isRow, type Row } from "./Row.ts"

/** A piece of what a model said. */
export interface Segment {
  readonly isReasoning: boolean
  readonly text: string
}

const REASONING_FIELDS = [
  "reasoning_content",
  "reasoning",
  "thinking",
  "thinking_content",
  "reasoning_text",
  "reasoning_trace",
  "thoughts",
  // OpenRouter's and LiteLLM's, as lists of parts.
  "reasoning_details",
  "thinking_blocks"
] as const
const REASONING_PARTS: ReadonlySet<unknown> = new Set(["reasoning", "thinking", "think", "thought", "reasoning_text"])

// Text of a part of content: in one of some fields, itself text or a list of parts with text. Deeper nesting is no tool's.
const partText = (part: Row, fields: ReadonlyArray<string>): string | undefined => {
  for (const field of fields) {
    const value = part[field]
    if (typeof value === "string") return value
    if (isRow(value) && typeof value["value"] === "string") return value["value"]
    if (Array.isArray(value)) {
      const texts = (value as ReadonlyArray<unknown>).map((each) =>
        typeof each === "string" ? each : isRow(each) ? each["text"] ?? each["thinking"] ?? each["summary"] : undefined
      )
      const found = texts.filter((each) => typeof each === "string")
      if (found.length > 0) return found.join("\n")
    }
  }
  return undefined
}

/** The pieces of a message's content: text, or a list of parts of which those without words (images, tools) are left out. */
export const segmentsOf = (content: unknown): ReadonlyArray<Segment> => {
  if (typeof content === "string") return [{ isReasoning: false, text: content }]
  // Gemini's content is an object of parts.
  const inner = isRow(content) && Array.isArray(content["parts"]) ? content["parts"] : content
  const parts: ReadonlyArray<unknown> = Array.isArray(inner) ? inner : isRow(inner) ? [inner] : []
  const segments: Array<Segment> = []
  for (const part of parts) {
    const isReasoning = isRow(part) && (REASONING_PARTS.has(part["type"]) || part["thought"] === true)
    const text = typeof part === "string"
      ? part
      : isRow(part)
      ? partText(part, isReasoning ? ["reasoning", "thinking", "think", "thought", "text", "content", "summary"] : ["text", "content"])
      : undefined
    if (text !== undefined && text !== "") segments.push({ isReasoning, text })
  }
  return segments
}

/** The reasoning that a message or row keeps in a field of its own; undefined where there is none. */
export const reasoningOf = (row: Row): string | undefined => {
  for (const field of REASONING_FIELDS) {
    if (row[field] === undefined || row[field] === null) continue
    const text = partText(row, [field])
    if (text !== undefined && text.trim() !== "") return text
  }
  const provider = row["provider_specific_fields"]
  return isRow(provider) ? reasoningOf(provider) : undefined
}

// Servers with a reasoning parser, and templates that open the thought in the prompt, may give the same thought in both fields.
const isDoubled = (content: string, reasoning: string): boolean => {
  let start = content.trimStart()
  const isOpened = start.startsWith("<think>")
  if (isOpened) start = start.slice("<think>".length).trimStart()
  const thought = reasoning.trim()
  return start.startsWith(thought) && (isOpened || start.slice(thought.length).trimStart().startsWith("</think>"))
}

/**
 * Reasoning and content as one text. Reasoning that no content follows is left open if nothing comes after it at all (`isLast`): the model
 * was cut off in its thought.
 */
export const joinSegments = (segments: ReadonlyArray<Segment>, isLast: boolean): string => {
  const pieces: Array<string> = []
  const lastWords = segments.findLastIndex(({ isReasoning, text }) => !isReasoning && text.trim() !== "")
  const lastThought = segments.findLastIndex(({ isReasoning }) => isReasoning)
  for (let k = 0; k < segments.length; k++) {
    const { isReasoning } = segments[k]!
    const texts: Array<string> = []
    for (; k < segments.length && segments[k]!.isReasoning === isReasoning; k++) texts.push(segments[k]!.text)
    k--
    const text = texts.join("\n")
    if (!isReasoning) {
      const words = pieces.length > 0 ? text.trimStart() : text
      if (words !== "") pieces.push(words)
      continue
    }
    const isOpen = isLast && k === lastThought && lastWords < k
    pieces.push(`<think>\n${text.trim()}${isOpen ? "" : "\n</think>"}`)
  }
  return pieces.join("\n\n")
}

/** A message's content with the reasoning of another field before it, which is not said twice. */
export const withReasoning = (content: unknown, reasoning: string | undefined, isLast: boolean): string => {
  if (typeof content === "string" && reasoning === undefined) return unwrapped(content)
  const segments = segmentsOf(content)
  if (reasoning === undefined || segments.some((each) => each.isReasoning)) return joinSegments(segments, isLast)
  const words = unwrapped(joinSegments(segments, isLast))
  if (isDoubled(words, reasoning)) return words
  return joinSegments([{ isReasoning: true, text: reasoning }, { isReasoning: false, text: words }], isLast)
}

// What tokenizers put at the end of a response.
const END_MARKS = [
  "<|im_end|>",
  "<|eot_id|>",
  "<|end_of_text|>",
  "<|endoftext|>",
  "<|end|>",
  "<|return|>",
  "<|eom_id|>",
  "</s>",
  "<eos>",
  "<pad>",
  "<end_of_turn>",
  "<｜end▁of▁sentence｜>"
] as const

const withoutEndMarks = (text: string): string => {
  let kept = text
  for (;;) {
    const end = kept.trimEnd()
    const mark = END_MARKS.find((each) => end.endsWith(each))
    if (mark === undefined) return kept
    kept = end.slice(0, -mark.length)
  }
}

// OpenAI's harmony: `<|channel|>analysis<|message|>…<|end|>…<|channel|>final<|message|>…`; without its marks, `analysis…assistantfinal…`.
const fromHarmony = (text: string): string => {
  const segments: Array<Segment> = []
  for (const piece of text.split("<|channel|>").slice(1)) {
    const at = piece.indexOf("<|message|>")
    if (at < 0) continue
    const channel = piece.slice(0, at).trim()
    const ends = ["<|end|>", "<|start|>", "<|return|>", "<|call|>"].map((mark) => piece.indexOf(mark, at)).filter((end) => end >= 0)
    const words = piece.slice(at + "<|message|>".length, ends.length === 0 ? undefined : Math.min(...ends))
    if (!channel.startsWith("commentary to=")) segments.push({ isReasoning: !channel.startsWith("final"), text: words })
  }
  return segments.length === 0 ? text : joinSegments(segments, true)
}

const FINAL = "assistantfinal"

/** A response without its tokenizer's marks, harmony's channels as reasoning and content. */
export const unwrapped = (text: string): string => {
  const last = text.charCodeAt(text.length - 1)
  // ">" or white space, which may follow it.
  const clean = last === 62 || last <= 32 ? withoutEndMarks(text) : text
  if (clean.startsWith("<|") && clean.includes("<|message|>")) return fromHarmony(text)
  const final = clean.startsWith("analysis") ? clean.indexOf(FINAL) : -1
  return final < 0 ? clean : joinSegments([
    { isReasoning: true, text: clean.slice("analysis".length, final) },
    { isReasoning: false, text: clean.slice(final + FINAL.length) }
  ], true)
}
