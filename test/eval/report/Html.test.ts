import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { escapeHtml, html, trustedMarkup } from "../../../src/eval/report/Html.ts"

const entities: Readonly<Record<string, string>> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": "\"", "&#39;": "'" }
const unescapeHtml = (text: string) => text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => entities[entity]!)

/** Text made of what is dangerous in HTML, mixed with harmless text. */
const hostile = fc.array(fc.constantFrom("<", ">", "&", "\"", "'", "script", "/", " onerror=", "&lt;", "x", "é", "\n", "😀"), {
  maxLength: 12
}).map((parts) => parts.join(""))

describe("escapeHtml", () => {
  it("leaves no character that could open or close a tag or an attribute, and loses nothing: it can be undone, for all text", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(escapeHtml(text)).not.toMatch(/[<>"']/)
        expect(unescapeHtml(escapeHtml(text))).toBe(text)
      })
    )
  })

  it("replaces control characters that HTML forbids and keeps tab and line breaks", () => {
    expect(escapeHtml("a\u0000b\u001bc\u0085d\te\nf\rg")).toBe("a\uFFFDb\uFFFDc\uFFFDd\te\nf\rg")
  })
})

describe("escapeHtml, of marks that are not seen", () => {
  it("writes what turns the direction of writing, and what has no width, as what it is", () => {
    expect(escapeHtml("\u202Eevil\u202C a\u200Bb")).toBe("\\u202eevil\\u202c a\\u200bb")
  })
})

describe("html", () => {
  it("escapes text and numbers wherever they stand, in lists too, and keeps markup", () => {
    expect(html`<p title="${`"><b>`}">${["<i>", 1, [trustedMarkup("<br>"), null, undefined]]}</p>`.text).toBe(
      `<p title="&quot;&gt;&lt;b&gt;">&lt;i&gt;1<br></p>`
    )
  })

  it("nests without escaping twice, for all text", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(html`<a>${html`<b>${text}</b>`}</a>`.text).toBe(`<a><b>${escapeHtml(text)}</b></a>`)
      })
    )
  })
})
