/**
 * Text of others for a terminal: what would steer it, or show what is not there, is written as its code.
 *
 * @module
 */

// Control characters but tab and newline; soft hyphen's kin that have no width; marks that reverse the order of what follows; line separators.
const STEERING =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]/g

const code = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`

/**
 * Replaces control characters (but tab and newline), characters without width, and those that change the direction of writing by `\u` and four
 * digits. Text that is JSON stays JSON with the same values.
 */
export const visible = (text: string): string =>
  text.replace(STEERING, (found) => [...Array(found.length).keys()].map((i) => code(found[i]!)).join(""))
