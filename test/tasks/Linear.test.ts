import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { again, FRAGMENTS, ONCE_SLOW, textsOf } from "../support/AdversarialTexts.ts"
import { breaks } from "../support/LinearTime.ts"
import { READERS, wordReaders } from "../support/TextReaders.ts"

const ALL = { ...READERS, ...await wordReaders() }
// Large enough for a square to show, and small enough for a cube to end.
const SIZES = [300, 3000, 30_000]
const NAMES = Object.keys(ALL)

describe("the law is broken by", () => {
  it.each<readonly [what: string, read: (text: string) => void]>([
    ["nested repetition", ({ length }) => /^(?:1+)+$/.test(`${"1".repeat(2 * Math.log2(length))}x`)],
    ["spaces at the end, looked for from each start", ({ length }) => /\s+$/.test(`${" ".repeat(length)}x`)],
    ["neighbours that share spaces", ({ length }) => /^\s*\$?\s*\d/.test(`${" ".repeat(length)}x`)]
  ])("%s", (_, read) => {
    expect(breaks(read, again("1"), SIZES)).toMatch(/ms/)
  })
})

// What once took minutes, at 1 MB, where it did.
const PLACES: ReadonlyArray<readonly [text: keyof typeof ONCE_SLOW, reader: keyof typeof READERS]> = [
  ["1.111.111…111.1", "the stated product"],
  ["1.111.111…111.1", "number: a response, in full"],
  ["=1=1…=1 x", "number: a response, in full"],
  ["=1*1…", "number: a response"],
  ["=1   …z", "integer: a response, in full"],
  ["=====… x", "number: a response"],
  ["= = =", "number: a response"],
  ["digits", "a row: prompt"],
  ["1 1 1…", "the stated product"],
  ["1,111,111…", "the stated product"],
  ["0.000…01", "a numeral's normal form"],
  ["the answer is 0.000…01", "number: a response"],
  ["1   …x", "a numeral"],
  ["$.$.…x", "a numeral"],
  ["1   …x", "a row: answer"],
  ["\\boxed{\\boxed{…", "number: a response"],
  ["wait, wait, …", "number: a response, in full"],
  ["99999*99999*…", "the stated product"],
  ["Calculate 99999*99999*…", "a row: prompt"]
]

describe("1 MB takes at most twenty times what 100 kB take", () => {
  it.each(PLACES)("%s, as %s", (text, reader) => {
    expect(breaks(READERS[reader]!, ONCE_SLOW[text]!, [1000, 10_000, 100_000, 1_000_000])).toBeUndefined()
  })
})

// What a search over all readers and texts found: by the square, the cube, or a thousand steps for each character.
const FOUND: ReadonlyArray<readonly [text: keyof typeof ONCE_SLOW, reader: keyof typeof READERS]> = [
  ["a reference of spaces", "the kind of a reference"],
  ["blank lines after an equation", "number: a response, in full"],
  ["a label and spaces", "number: a response, in full"],
  ["dollars and spaces as a formula", "number: a response, in full"],
  ["options of digits", "a line: choices"]
]

describe("100 kB take at most twenty times what 10 kB take", () => {
  it.each(FOUND)("%s, as %s", (text, reader) => {
    expect(breaks(READERS[reader]!, ONCE_SLOW[text]!, [1000, 10_000, 100_000])).toBeUndefined()
  })
})

describe("every reader takes for ten times the text at most twenty times the time", () => {
  // Each gets its share of the texts, another one for each: all of them together are measured by `npm run bench -- linear all`.
  const TEXTS = [...Object.values(ONCE_SLOW), ...FRAGMENTS.flatMap((fragment) => Object.values(textsOf(fragment)))]
  const SHARE = 5
  it.each(NAMES.map((name, i) => [name, i] as const))("%s", (name, i) => {
    const step = Math.floor(TEXTS.length / SHARE)
    const share = Array.from({ length: SHARE }, (_, k) => TEXTS[(k * step + i * 7) % TEXTS.length]!)
    const broken = share.map((text) => [text(60), breaks(ALL[name]!, text, SIZES)] as const).filter(([, how]) => how !== undefined)
    expect(broken).toEqual([])
  })

  it("of fragments one after the other, in any order", () => {
    const fragment = fc.constantFrom(...FRAGMENTS)
    fc.assert(
      fc.property(
        fc.constantFrom(...NAMES),
        fc.array(fragment, { minLength: 1, maxLength: 3 }),
        fc.oneof(fc.constant(""), fragment),
        fc.oneof(fc.constant(""), fragment),
        (name, parts, start, end) => {
          expect(breaks(ALL[name]!, again(parts.join(""), end, start), SIZES)).toBeUndefined()
        }
      ),
      { numRuns: 150 }
    )
  })
})
