/**
 * Words of others within a sentence of ours: on one line, and no longer than can be read.
 *
 * @module
 */

/** So many characters of somebody else's words are shown. */
const LONGEST = 300

/**
 * A text on one line: every run of white space becomes one space, and what is longer than `longest` characters (UTF-16 units) is cut, which `…` tells.
 * Looks at no more of the text than twice that.
 */
export const oneLine = (text: string, longest: number = LONGEST): string => {
  const line = text.slice(0, 2 * longest).replace(/\s+/g, " ").trim()
  return line.length > longest || text.length > 2 * longest ? `${line.slice(0, longest)}…` : line
}
