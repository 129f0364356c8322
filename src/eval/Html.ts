/**
 * HTML as text, with one way in for anything that is not ours.
 */

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&#39;" }

/**
 * Escapes text for an HTML element or a quoted attribute: prompts, responses, labels, numbers alike.
 *
 * Control characters other than tab and line breaks, which HTML forbids, become U+FFFD.
 * escapeHtml("<b> & \"c\"") = "&lt;b&gt; &amp; &quot;c&quot;".
 */
export const escapeHtml = (text: string): string =>
  text.replace(FORBIDDEN, "\uFFFD").replace(/[&<>"']/g, (character) => entities[character]!)

const FORBIDDEN = /[^\P{Cc}\t\n\r]/gu
