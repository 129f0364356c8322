/**
 * Pieces of tokenizers as texts: byte-level BPE (`Ġthe`), SentencePiece (`▁the`, `<0x0A>`), WordPiece (`##s`), and bytes as OpenAI wrote them.
 *
 * A server gives texts, a tokenizer's vocabulary gives pieces. Read as texts, pieces have no spaces, and a marker such as " Wait" is not found.
 *
 * @module
 */
import { Result } from "effect"

// GPT-2's alphabet: bytes that print stand for themselves, all others for the characters from U+0100 on, in their order.
const byteOf = new Map<string, number>()
let next = 256
for (let byte = 0; byte < 256; byte++) {
  const prints = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae
  byteOf.set(String.fromCharCode(prints ? byte : next++), byte)
}

const SPACE = "\u0120"
const NEWLINE = "\u010a"
const META_SPACE = "\u2581"

// Names of special tokens are written as they are, in every vocabulary: <s>, <|im_end|>, <｜end▁of▁sentence｜>, [SEP].
const isSpecial = (token: string): boolean =>
  token.length > 2 &&
  ((token[0] === "<" && token.at(-1) === ">") || (token[0] === "[" && token.at(-1) === "]" && /^\[[A-Z]+\]$/.test(token)))

const BYTE = /^<0x([0-9A-Fa-f]{2})>$/
const BYTES = /^bytes:(?:\\x[0-9A-Fa-f]{2})+$/

const bytesOf = (token: string): Uint8Array | undefined => {
  const byte = token.length === 6 ? BYTE.exec(token) : null
  if (byte !== null) return Uint8Array.of(Number.parseInt(byte[1]!, 16))
  if (!token.startsWith("bytes:\\x") || !BYTES.test(token)) return undefined
  return Uint8Array.from(token.slice("bytes:\\x".length).split("\\x"), (digits) => Number.parseInt(digits, 16))
}

/** Makes texts of tokens that are bytes or texts. A character whose bytes are in several tokens is the last one's. */
const joined = (tokens: ReadonlyArray<string>, read: (token: string) => Uint8Array | string): ReadonlyArray<string> => {
  let decoder = new TextDecoder("utf-8", { ignoreBOM: true })
  let isOpen = false
  return tokens.map((token) => {
    const content = read(token)
    if (typeof content !== "string") {
      isOpen = true
      return decoder.decode(content, { stream: true })
    }
    if (!isOpen) return content
    const rest = decoder.decode()
    decoder = new TextDecoder("utf-8", { ignoreBOM: true })
    isOpen = false
    return rest + content
  })
}

const inAlphabet = (token: string): boolean => !isSpecial(token) && [...token].every((character) => byteOf.has(character))

// Tokens that were added to a vocabulary may have characters of their own.
const byteLevel = (token: string): Uint8Array | string =>
  inAlphabet(token) ? Uint8Array.from(token, (character) => byteOf.get(character)!) : token

// Bytes of a text decode to characters, none of them a control character but white space. Half a character at either end is what a cut leaves.
const isUtf8 = (tokens: ReadonlyArray<string>): boolean => {
  const bytes = tokens.flatMap((token) => (inAlphabet(token) ? [...byteLevel(token) as Uint8Array] : []))
  let start = 0
  while (start < 3 && start < bytes.length && (bytes[start]! & 0xc0) === 0x80) start++
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(bytes.slice(start)), { stream: true })
    // Something must have been written otherwise than it reads: a space, or a character of several bytes.
    // eslint-disable-next-line no-control-regex
    return /[ \n]|[^\u0000-\u007f]/.test(text) && !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/.test(text)
  } catch {
    return false
  }
}

const asTexts = (token: string): Uint8Array | string => bytesOf(token) ?? token

const wordPieces = (tokens: ReadonlyArray<string>): ReadonlyArray<string> => {
  let before = ""
  return tokens.map((token, i) => {
    const continues = /^##[^#]/.test(token)
    const text = continues ? token.slice(2) : token
    // A sign that closes stands at the word before it, and a number's own stays in it.
    const isJoined = i === 0 || continues || /^[.,:;!?%)\]}]$/.test(text) || (/^\d/.test(text) && /^[.,]$/.test(before))
    before = text
    return isJoined ? text : ` ${text}`
  })
}

/**
 * Makes texts of a row's tokens: of pieces of a tokenizer what they stand for, of texts the same. Which they are is decided by the row alone:
 * pieces have marks for spaces and no spaces. Fails where a row has both, because then nobody can tell.
 */
export const textsOfTokens = (tokens: ReadonlyArray<string>): Result.Result<ReadonlyArray<string>, string> => {
  const own = tokens.filter((token) => token !== "" && !isSpecial(token) && !token.startsWith("bytes:"))
  const marked = (...marks: ReadonlyArray<string>) => own.filter((token) => marks.includes(token[0]!))
  if (own.some((token) => token.includes(" "))) {
    for (const [mark, name] of [[SPACE, "byte-level BPE"], [META_SPACE, "SentencePiece"]] as const) {
      const [first, second] = marked(mark)
      if (first !== undefined && second !== undefined) {
        return Result.fail(`"tokens" mix pieces of ${name} (${JSON.stringify(first)}) with texts; give the texts that the tokens stand for`)
      }
    }
    return Result.succeed(joined(tokens, asTexts))
  }
  const [first] = marked(SPACE, NEWLINE)
  if ((first !== undefined || own.every(inAlphabet)) && isUtf8(own)) return Result.succeed(joined(tokens, byteLevel))
  if (first !== undefined) {
    return Result.fail(
      `"tokens" are pieces of byte-level BPE (${JSON.stringify(first)}) whose bytes are no text; give the texts of the tokens`
    )
  }
  if (own.some((token) => token.includes(META_SPACE))) {
    return Result.succeed(joined(tokens, (token) => bytesOf(token) ?? (isSpecial(token) ? token : token.replaceAll(META_SPACE, " "))))
  }
  const isWordPiece = own.some((token) => /^##[^#]/.test(token)) && !own.some((token) => /\s/.test(token))
  return Result.succeed(isWordPiece ? wordPieces(tokens) : joined(tokens, asTexts))
}
