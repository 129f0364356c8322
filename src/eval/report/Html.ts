/**
 * HTML as values. Text becomes HTML in one place, `escapeHtml`; the `html` template applies it to everything that is not
 * already markup, so forgetting to escape is not possible by accident.
 *
 * @module
 */

import { visible } from "../../domain/Visible.ts"

/** A piece of HTML that needs no more escaping. */
export interface Markup {
  readonly _tag: "Markup"
  readonly text: string
}

/** What the template accepts: text and numbers are escaped, markup is kept, lists are joined, null and undefined vanish. */
export type HtmlValue = string | number | Markup | null | undefined | ReadonlyArray<HtmlValue>

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&#39;" }

// Control characters that HTML forbids: all but tab and line breaks.
const FORBIDDEN = /[^\P{Cc}\t\n\r]/gu

/** Text as a page may hold it: control characters that HTML and SVG forbid become U+FFFD; what has no width or turns the direction of writing is written as its code. */
export const printable = (text: string): string => text.replace(FORBIDDEN, "\uFFFD").split("\r").map(visible).join("\r")

/**
 * Escapes text for an HTML element or a quoted attribute: prompts, responses, labels, numbers alike.
 *
 * Control characters that HTML forbids become U+FFFD, and marks that turn the direction of writing are written as what they are. escapeHtml(`<b> & "c"`) = "&lt;b&gt; &amp; &quot;c&quot;".
 */
export const escapeHtml = (text: string): string => printable(text).replace(/[&<>"']/g, (character) => entities[character]!)

/** Marks HTML that was made by a program, not a person or a model, as safe: a rendered figure, our own style sheet. */
export const trustedMarkup = (text: string): Markup => ({ _tag: "Markup", text })

/** Builds markup: html`<td>${anything}</td>`. */
export const html = (strings: TemplateStringsArray, ...values: ReadonlyArray<HtmlValue>): Markup =>
  trustedMarkup(strings.map((string, k) => string + (k < values.length ? toHtml(values[k]) : "")).join(""))

const toHtml = (value: HtmlValue): string => {
  if (value === null || value === undefined) return ""
  if (typeof value === "string") return escapeHtml(value)
  if (typeof value === "number") return escapeHtml(String(value))
  return isMarkup(value) ? value.text : value.map(toHtml).join("")
}

const isMarkup = (value: Markup | ReadonlyArray<HtmlValue>): value is Markup => "_tag" in value
