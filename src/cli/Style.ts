/**
 * Colours and weights of letters. Until a text is printed they are marks that only this process knows, so that a text of others, which may hold the codes
 * of a terminal (black letters on black ground hide what is written), has none: Output writes our marks as codes, and every other code as text.
 *
 * @module
 */
import { randomUUID } from "node:crypto"

const NONCE = randomUUID()
const MARK = new RegExp(`<${NONCE}:([\\d;]*)>`)

const mark = (code: string): string => `<${NONCE}:${code}>`

/** A text in the style of a code of terminals (ECMA-48, SGR), such as 31, red. */
export const styled = (code: number, text: string): string => `${mark(String(code))}${text}${mark("0")}`

/** A text whose codes of style are all ours, such as help that a library formats. */
export const ownStyles = (text: string): string =>
  // eslint-disable-next-line no-control-regex
  text.replaceAll(/\u001b\[([\d;]*)m/g, (_, code: string) => mark(code))

/** A text as it is printed: its marks as codes on a terminal, nothing elsewhere; what is between them by `plain`. */
export const withCodes = (text: string, isTerminal: boolean, plain: (text: string) => string): string =>
  text.split(MARK).map((part, i) => (i % 2 === 0 ? plain(part) : isTerminal ? `\u001b[${part}m` : "")).join("")
