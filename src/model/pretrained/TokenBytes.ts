/**
 * The bytes that each token of a vocabulary stands for, and the text of tokens from them.
 *
 * Byte-level vocabularies (GPT-2 and after) write each byte as a character; those with byte fallback (Llama 2) write ▁ for a space and `<0xE2>`
 * for a byte that no token has. A token may hold a part of a character.
 *
 * @module
 */

/** How a vocabulary writes bytes. */
export type ByteWriting = "byteLevel" | "byteFallback"

/** Bytes that GPT-2's table leaves as they are; the others are written from U+0100 on, in order. */
const isPlain = (byte: number): boolean => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174

/**
 * The characters that byte-level vocabularies write for the bytes 0 to 255. Source: `bytes_to_unicode` of GPT-2's encoder.py.
 */
export const BYTE_CHARACTERS: ReadonlyArray<string> = (() => {
  let next = 256
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(isPlain(byte) ? byte : next++))
})()

const BYTE_OF = new Map(BYTE_CHARACTERS.map((character, byte) => [character, byte]))

const encoder = new TextEncoder()

/** A word of the vocabulary is taken as text where it has a character that stands for no byte. */
const byteLevelBytes = (word: string): Uint8Array => {
  const bytes: Array<number> = []
  for (const character of word) {
    const byte = BYTE_OF.get(character)
    if (byte === undefined) return encoder.encode(word)
    bytes.push(byte)
  }
  return Uint8Array.from(bytes)
}

const byteFallbackBytes = (word: string): Uint8Array => {
  const [, byte] = /^<0x([0-9A-F]{2})>$/.exec(word) ?? []
  return byte === undefined ? encoder.encode(word.replaceAll("▁", " ")) : Uint8Array.of(Number.parseInt(byte, 16))
}

/** The bytes of every token, in one array. */
export interface TokenBytes {
  /** Whether an id is that of a token. */
  readonly has: (id: number) => boolean
  /** The bytes of a token. */
  readonly of: (id: number) => Uint8Array
  readonly count: number
}

/** Collects the bytes of a vocabulary; `literal` are the ids whose word is their text. */
export const tokenBytes = (words: ReadonlyArray<string | undefined>, literal: ReadonlySet<number>, writing: ByteWriting): TokenBytes => {
  const read = writing === "byteLevel" ? byteLevelBytes : byteFallbackBytes
  const each = words.map((word, id) => (word === undefined ? new Uint8Array(0) : literal.has(id) ? encoder.encode(word) : read(word)))
  const places = new Int32Array(each.length + 1)
  each.forEach((bytes, id) => {
    places[id + 1] = places[id]! + bytes.length
  })
  const all = new Uint8Array(places.at(-1)!)
  each.forEach((bytes, id) => all.set(bytes, places[id]))
  return {
    has: (id) => words[id] !== undefined,
    of: (id) => all.subarray(places[id], places[id + 1]),
    count: words.length
  }
}

/**
 * The text of each of a run of tokens, so that joined they are the text of all: UTF-8 as browsers read it, a U+FFFD for what is none.
 *
 * A character belongs to the token that holds its last byte; tokens before it that hold only bytes of it have the text "". So the pieces of
 * the first tokens do not depend on the tokens after them, except that bytes left over at the end become a U+FFFD of the last one.
 */
export const piecesOf = (tokens: ReadonlyArray<number>, { of }: TokenBytes): ReadonlyArray<string> => {
  // A mark of byte order is a character of the text like any other.
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true })
  const pieces = tokens.map((token) => decoder.decode(of(token), { stream: true }))
  const rest = decoder.decode()
  return rest === "" ? pieces : [...pieces.slice(0, -1), `${pieces.at(-1) ?? ""}${rest}`]
}
