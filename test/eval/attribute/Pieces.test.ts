import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { textsOfTokens } from "../../../src/eval/attribute/rows/Pieces.ts"

// GPT-2's alphabet, from its definition.
const printing = (byte: number): boolean => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174
const others = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !printing(byte))
const written = (byte: number): string => String.fromCodePoint(printing(byte) ? byte : 256 + others.indexOf(byte))

const texts = (tokens: ReadonlyArray<string>): ReadonlyArray<string> => Result.getOrThrow(textsOfTokens(tokens))
const bytePieces = (text: string, size: number): ReadonlyArray<string> => {
  const bytes = [...Buffer.from(text)].map(written)
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.slice(i * size, (i + 1) * size).join(""))
}

describe("pieces of byte-level BPE", () => {
  it.each(["The answer is 408.\n\nWait, no.", "答案是 408。", "Ответ: 408", "½ + ½ = 1 😀", "q\tr\r\n"])(
    "%j comes back, however it was cut",
    (text) => {
      for (const size of [1, 2, 3, 7]) expect(texts(bytePieces(text, size)).join("")).toBe(text)
    }
  )

  it("every one of the 256 bytes is known: all characters of two bytes come back", () => {
    const text = ` ${Array.from({ length: 0x7ff - 0xa0 }, (_, i) => String.fromCodePoint(0xa0 + i)).join("")}`
    expect(texts(bytePieces(text, 5)).join("")).toBe(text)
  })

  it("special tokens stand for themselves, also those with characters that are in no alphabet", () => {
    expect(texts(["ĠWait", "ĊĊ", "<|im_end|>", "<｜end▁of▁sentence｜>"])).toEqual([" Wait", "\n\n", "<|im_end|>", "<｜end▁of▁sentence｜>"])
  })

  it("a character cut at the end of the response does no harm", () => {
    expect(texts(["Ġ408", written(0xf0) + written(0x9f)])).toEqual([" 408", ""])
  })

  it("pieces whose bytes are no text are refused", () => {
    expect(Result.getOrThrow(Result.flip(textsOfTokens(["ĠWait", "é", "Ġno"])))).toMatch(/"ĠWait".*no text/)
  })
})

describe("other pieces", () => {
  it("SentencePiece: spaces, bytes, and newlines as they stand", () => {
    expect(texts(["▁The", "▁answer", "<0x0A>", "\n", "▁▁408", "<0xE2>", "<0x82>", "<0xAC>", "</s>"]))
      .toEqual([" The", " answer", "\n", "\n", "  408", "", "", "€", "</s>"])
  })

  it("WordPiece: what continues a word, signs and numbers stand without a space", () => {
    expect(texts(["the", "answer", "is", "3", ".", "14", ",", "re", "##com", "##pute", "[SEP]"]).join(""))
      .toBe("the answer is 3.14, recompute [SEP]")
  })

  it("OpenAI's bytes", () => {
    expect(texts([" 4", "bytes:\\xe2\\x82", "bytes:\\xac"])).toEqual([" 4", "", "€"])
  })
})

describe("texts", () => {
  it.each([
    [["The answer", " is", " 408", "\n## Step"]],
    [["Ġobż", " u", " 408"]],
    [["4", "0", "8"]],
    [["答案", "是", "408"]],
    [["café", ":", "408"]],
    [["Odpowiedź", ":", "408"]],
    [["łą", "408"]],
    [["####", "408"]],
    [["\n", "##Answer", ":", "408"]],
    [[""]],
    [[]]
  ])("%j stay as they are", (tokens) => {
    expect(texts(tokens)).toEqual(tokens)
  })

  it("a row of a million tokens takes no time to speak of", () => {
    for (const token of ["Ġ", "▁", " a", "<0x0A>", "bytes:\\x0a", "##a", "<"]) {
      const started = performance.now()
      textsOfTokens(Array.from({ length: 200_000 }, () => token))
      expect(performance.now() - started).toBeLessThan(1500)
    }
  })
})
