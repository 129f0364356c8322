import { describe, expect, it } from "vitest"
import { visible } from "../../src/domain/Visible.ts"

describe("text of others on a terminal", () => {
  it.each([
    ["\u001b]52;c;QUJD\u0007", "\\u001b]52;c;QUJD\\u0007"],
    ["a\u202eb\u2066c\u2069", "a\\u202eb\\u2066c\\u2069"],
    ["a\u200bb\u200dc\ufeff\u2060", "a\\u200bb\\u200dc\\ufeff\\u2060"],
    ["\u009b2J\u007f\r", "\\u009b2J\\u007f\\u000d"],
    ["a\u2028b", "a\\u2028b"],
    ["\u{e0041}", "\\udb40\\udc41"],
    ["Ünï, 答案\t√2 😀\n", "Ünï, 答案\t√2 😀\n"]
  ])("%j is shown as %j", (text, shown) => {
    expect(visible(text)).toBe(shown)
  })

  it("leaves JSON with the same values", () => {
    const value = { "level\u202e": "\u001b[31m\u009b\u2028\u{e0041}\u200f" }
    expect(JSON.parse(visible(JSON.stringify(value)))).toEqual(value)
  })
})
