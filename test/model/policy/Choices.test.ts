import { describe, expect, it } from "vitest"
import type { Cursor, GrammarService } from "../../../src/domain/Grammar.ts"
import type { ScoredTokens } from "../../../src/domain/Policy.ts"
import { makeTiny, tinyGrammar } from "../../../src/laws/TinyWords.ts"
import { choiceSets, NO_CHOICE, placeTokens, setOf, type Speech } from "../../../src/model/policy/Choices.ts"

const words = makeTiny(tinyGrammar)
const speech: Speech = { ...words, vocabulary: words.tokenizer.vocabulary }

// P = a RESAMPLE = b STOP
const trajectory: ScoredTokens = { tokens: [0, 2, 7, 4, 2, 8, 3], promptLength: 1, offset: 0 }
const withToken = (at: number, token: number): ScoredTokens => ({
  ...trajectory,
  tokens: trajectory.tokens.map((before, t) => (t === at ? token : before))
})
const place = (given: ScoredTokens, by: Speech = speech) => placeTokens("score", by, given, 4)

// Any token, then one of set 0, then the end.
const freely: Pick<GrammarService, "sets" | "open"> = {
  sets: [[3, 5]],
  open: () => {
    const ended: Cursor = { next: { _tag: "Ended", ending: "stop" }, attempt: 0, place: 2, advance: () => ended }
    const among: Cursor = { next: { _tag: "Among", set: 0 }, attempt: 0, place: 1, advance: () => ended }
    return { next: { _tag: "Free" }, attempt: 0, place: 0, advance: () => among }
  }
}

describe("the sets of choices", () => {
  const grammar = { ...words.grammar, ...freely }

  it("are the grammar's, then all tokens, from which a free token is taken", () => {
    expect(choiceSets({ grammar, vocabulary: 4 })).toEqual([[3, 5], [0, 1, 2, 3]])
    expect(setOf({ _tag: "Free" }, grammar)).toBe(1)
    expect(setOf({ _tag: "Among", set: 0 }, grammar)).toBe(0)
    expect(setOf({ _tag: "Forced", token: 3 }, grammar)).toBe(NO_CHOICE)
    expect(setOf({ _tag: "Ended", ending: "stop" }, grammar)).toBe(NO_CHOICE)
  })

  it("a finished free token was taken from all of them", () => {
    expect([...place({ tokens: [0, 6, 5], promptLength: 1, offset: 0 }, { ...speech, grammar }).sets]).toEqual([NO_CHOICE, 1, 0])
  })
})

describe("placeTokens", () => {
  it("gives each token the set that it was taken from, verdicts theirs, and none to forced ones", () => {
    expect([...place(trajectory).sets]).toEqual([-1, -1, 0, 1, -1, 0, 1])
    expect([...place(withToken(3, 6)).sets]).toEqual([-1, -1, 0, 2, -1, 0, 1])
  })

  it.each<readonly [what: string, given: ScoredTokens, problem: RegExp]>([
    ["a prompt's token beyond the vocabulary", withToken(0, 9), /^score: token 0 of trajectory 4 is 9, the vocabulary has 9 tokens/],
    ["a prompt's token below it", withToken(0, -1), /token 0 of trajectory 4 is -1, the vocabulary/],
    ["an answer's token beyond it", withToken(2, 9), /token 2 of trajectory 4 is 9, the vocabulary/],
    ["another token than the forced one", withToken(1, 7), /token 1 of trajectory 4 is 7, which the grammar does not allow there/],
    ["a decision where an answer stands", withToken(2, 3), /token 2 of trajectory 4 is 3, which the grammar does not allow there/],
    ["a symbol where a decision stands", withToken(6, 7), /token 6 of trajectory 4 is 7, which the grammar does not allow there/],
    ["a token after the end", { ...trajectory, tokens: [...trajectory.tokens, 2] }, /token 7 of trajectory 4 comes after the end/]
  ])("%s is refused by its place", (_what, given, problem) => {
    expect(() => place(given)).toThrow(problem)
    expect(() => place(given)).toThrow(expect.objectContaining({ _tag: "PolicyError", reason: "Mismatch" }))
  })

  it("a place outside the tables is refused: the first one after them, and one before", () => {
    const { placement } = speech
    const within = (positions: number, segments: number): Speech => ({ ...speech, placement: { ...placement, positions, segments } })
    // Positions 0 to 2 and segments 0 and 1 are in use.
    expect(() => place(trajectory, within(3, 2))).not.toThrow()
    expect(() => place(trajectory, within(2, 2))).toThrow(/token 3 of trajectory 4 has position 2, the table has 2/)
    expect(() => place(trajectory, within(3, 1))).toThrow(/token 1 of trajectory 4 has segment 1, the table has 1/)
    expect(() => place({ ...trajectory, offset: -1 })).toThrow(/token 0 of trajectory 4 has position -1/)
  })
})
