import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { LEXICON } from "../../../src/tasks/reading/Lexicon.ts"
import { compileMarkers, DEFAULT_MARKERS, defaultMarkers, findMarkers, parseMarkerList } from "../../../src/tasks/reading/Markers.ts"

const found = (text: string, markers = defaultMarkers): ReadonlyArray<string> =>
  findMarkers(text, markers).map(({ end, start }) => text.slice(start, end))

// Ways to write a phrase that are one phrase to a reader.
const CHANGES: ReadonlyArray<readonly [what: string, change: (text: string) => string]> = [
  ["as it is", (text) => text],
  ["in lower case", (text) => text.toLowerCase()],
  ["in upper case", (text) => text.toUpperCase()],
  ["with a first capital", (text) => text.charAt(0).toUpperCase() + text.slice(1)],
  ["with a typographic apostrophe", (text) => text.replaceAll("'", "’")],
  ["with a backtick", (text) => text.replaceAll("'", "`")],
  ["without an apostrophe", (text) => text.replaceAll("'", "")],
  ["over a line break", (text) => text.replaceAll(" ", "\n")],
  ["with wide spaces", (text) => text.replaceAll(" ", " \u00a0 ")],
  ["with a non-breaking hyphen", (text) => text.replaceAll("-", "\u2011")],
  ["with a short hyphen", (text) => text.replaceAll("-", "\u2010")],
  ["in bold", (text) => text.replace(/^[A-Za-z]+/, "**$&**")]
]
// What a phrase is followed by: its own punctuation is optional only where that is a full stop.
const after = (phrase: string): string => (/[,:;!…，、]$/u.test(phrase) ? "" : ",")

describe("phrases of the lexicon", () => {
  // Other letters than "i" and "ı" have an upper case of their own and back.
  const phrases = LEXICON.map(({ kind, text }) => ({ kind, text }))

  it.each(CHANGES)("every one is found at the beginning of a sentence, %s", (what, change) => {
    const missed = phrases.filter(({ text }) => {
      if (what === "in bold" && !/^[A-Za-z]+ /.test(text)) return false
      const varied = change(text)
      const sentence = `It is 5. ${varied}${after(text)} then 6.`
      const place = sentence.indexOf(varied)
      const [first] = findMarkers(sentence, defaultMarkers)
      return first === undefined || first.start < place || first.start > place + 2 || first.end > place + varied.length + 1
    })
    expect(missed).toEqual([])
  })

  it("has one meaning for each phrase, and every phrase of the list", () => {
    const kinds = new Map<string, Set<string>>()
    for (const { kind, text } of LEXICON) kinds.set(text, (kinds.get(text) ?? new Set()).add(kind))
    expect([...kinds].filter(([, set]) => set.size > 1)).toEqual([])
    expect(DEFAULT_MARKERS.length).toBe(kinds.size)
  })

  it("a word that merely contains a phrase's word is none", () => {
    const single = LEXICON.map(({ text }) => text).filter((text) => /^[a-z]+[,:.]?$/iu.test(text)).map((text) => text.replace(/[,:.]$/, ""))
    expect(single.length).toBeGreaterThan(20)
    for (const word of single) {
      expect([word, found(`It is 5. Un${word}, then 6.`), found(`It is 5. ${word}zzz, then 6.`)]).toEqual([word, [], []])
    }
    const two = LEXICON.map(({ text }) => text).filter((text) => /^[a-z]+ [a-z]+$/iu.test(text))
    for (const phrase of two) expect([phrase, found(`It is 5. ${phrase}zzz, then 6.`).includes(phrase)]).toEqual([phrase, false])
  })

  it.each([
    "The guests wait, on average, for 6 minutes.",
    "Await, then, the result.",
    "We waited, and it was 6.",
    "The waiter, then, has 6.",
    "He actually has 6 pens.",
    "No one has 6, nor 5.",
    "The wait-list has 6 names.",
    "We check the first 6 boxes.",
    "It is a correction of 6 points.",
    "The verification of 6 tickets takes an hour.",
    "However, 6 is even.",
    "Der Halt, den er braucht, ist 6 m lang.",
    "Il attend 6 minutes.",
    "Ella espera 6 minutos.",
    "Lui aspetta 6 minuti."
  ])("%j has none", (text) => {
    expect(found(text)).toEqual([])
  })

  it.each<readonly [text: string, marker: string]>([
    ["It is 5, wait, 6.", "wait,"],
    ["It is 5 — wait — 6.", "wait"],
    ["It is 5 – no, wait, 6.", "no, wait"],
    ["(Wait, then 6.)", "Wait,"],
    ["- Hmm, it is 6.", "Hmm"],
    ["> **Wait**, then 6.", "Wait**,"],
    ["\"Actually, it is 6.\"", "Actually"]
  ])("%j has %s", (text, marker) => {
    expect(found(text)[0]).toBe(marker)
  })

  it("the longest that begins at a place wins, and none overlaps another", () => {
    expect(found("It is 5. Wait a minute, it is 6.")).toEqual(["Wait a minute"])
    expect(found("It is 5. Let me go back and double-check that.")).toEqual(["Let me go back and double-check"])
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...DEFAULT_MARKERS), fc.constantFrom(" ", ". ", ", ", "\n", "the ", "5")), { maxLength: 12 }),
        (parts) => {
          const text = parts.join("")
          const markers = findMarkers(text, defaultMarkers)
          for (const [k, { end, start }] of markers.entries()) {
            expect(end).toBeGreaterThan(start)
            expect(start).toBeGreaterThanOrEqual(markers[k - 1]?.end ?? 0)
            expect(end).toBeLessThanOrEqual(text.length)
          }
        }
      )
    )
  })
})

describe("phrases of one's own", () => {
  it("are taken from a list as they are written", () => {
    const extra = parseMarkerList("# mine\nhold on (a moment)\n\n  oops \n")
    expect(extra).toEqual(["hold on (a moment)", "oops"])
    expect(findMarkers("Hold on (a moment), oops!", compileMarkers(extra)).length).toBe(2)
    expect(() => compileMarkers([" "])).toThrow(/at least one/)
    expect(() => compileMarkers([])).toThrow(/at least one/)
  })

  it("take an answer back, wherever they stand, in any script", () => {
    const markers = compileMarkers(["rewind", "Maß voll", "もどる", "…nah", "<redo>"])
    expect(found("then REWIND it, maß  voll, もどるよ, …Nah, <redo>", markers)).toEqual(["REWIND", "maß  voll", "もどる", "…Nah", "<redo>"])
    expect(found("rewinds, unrewind, maß volles, …nahe", markers)).toEqual([])
    expect(findMarkers("rewind", markers)[0]!.kind).toBe("redo")
  })

  it("that the lexicon has keep its meaning", () => {
    expect(findMarkers("Let me verify it.", compileMarkers(["let me verify"]))[0]!.kind).toBe("check")
  })
})
