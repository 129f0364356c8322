import { describe, expect, it } from "vitest"
import { parseProcess, ProcessError } from "../../../src/theory/process/ProcessValidation.ts"

// Answers [0], [1,0], [1,2]: choices at the root (0 or 1) and after 1 (0 or 2).
const context = { "": [0.5, -0.5], "1": [0, 1] }
const policy = { sampling: [context, context, context, context], decision: [1, 0, -1] }
const valid = {
  id: "small",
  gamma: 0.9,
  beta: 0.1,
  maxCycles: 3,
  answers: [
    { tokens: [0], correct: true },
    { tokens: [1, 0], correct: false },
    { tokens: [1, 2], correct: false }
  ],
  policy,
  reference: policy
}

const errorOf = (input: unknown): ProcessError => {
  try {
    parseProcess(input)
  } catch (error) {
    if (error instanceof ProcessError) return error
    throw error
  }
  throw new Error("nothing was refused")
}

const withContext = (index: number, replacement: unknown) => ({
  ...valid,
  policy: { ...policy, sampling: policy.sampling.map((each, at) => (at === index ? replacement : each)) }
})

describe("parseProcess", () => {
  it("returns a valid process as it is and leaves unknown fields out", () => {
    expect(parseProcess({ ...valid, expected: { capped: 1 } })).toEqual(valid)
    expect(parseProcess(JSON.parse(JSON.stringify(valid)))).toEqual(valid)
    const { id: _, ...anonymous } = valid
    expect(parseProcess(anonymous)).toEqual(anonymous)
  })

  it("accepts the ends of the ranges: no discount or all of it, no penalty, one cycle", () => {
    for (const ends of [{ gamma: 0 }, { gamma: 1 }, { beta: 0 }, { maxCycles: 1 }]) {
      expect(parseProcess({ ...valid, ...ends })).toEqual({ ...valid, ...ends })
    }
  })

  it.each([
    ["no object", [], "process"],
    ["a missing answer list", { ...valid, answers: undefined }, "answers"],
    ["no answers", { ...valid, answers: [] }, "answers"],
    ["an empty answer", { ...valid, answers: [valid.answers[0], { tokens: [], correct: true }] }, "answers[1].tokens"],
    ["a fractional token", { ...valid, answers: [{ tokens: [0.5], correct: true }] }, "answers[0].tokens[0]"],
    ["a negative token", { ...valid, answers: [{ tokens: [0, -1], correct: true }] }, "answers[0].tokens[1]"],
    ["correctness that is no boolean", { ...valid, answers: [{ tokens: [0], correct: 1 }] }, "answers[0].correct"],
    ["a discount above 1", { ...valid, gamma: 1.5 }, "gamma"],
    ["a discount that is NaN", { ...valid, gamma: Number.NaN }, "gamma"],
    ["a discount in words", { ...valid, gamma: "0.9" }, "gamma"],
    ["a negative coefficient", { ...valid, beta: -0.1 }, "beta"],
    ["an infinite coefficient", { ...valid, beta: Infinity }, "beta"],
    ["a cap of 0", { ...valid, maxCycles: 0 }, "maxCycles"],
    ["half a cycle", { ...valid, maxCycles: 1.5 }, "maxCycles"],
    ["an id that is no string", { ...valid, id: 7 }, "id"],
    ["no policy", { ...valid, policy: null }, "policy"],
    ["no reference", { ...valid, reference: undefined }, "reference"],
    ["too few contexts", { ...valid, policy: { ...policy, sampling: policy.sampling.slice(1) } }, "policy.sampling"],
    ["too few decisions", { ...valid, reference: { ...policy, decision: [1, 0] } }, "reference.decision"],
    ["a decision that is null", { ...valid, policy: { ...policy, decision: [1, null, 0] } }, "policy.decision[1]"],
    ["a context that is no object", withContext(2, [1]), "policy.sampling[2]"],
    ["a prefix without logits", withContext(1, { "": [0, 0] }), "policy.sampling[1][\"1\"]"],
    ["a prefix of no answer", withContext(3, { ...context, "1,2": [0] }), "policy.sampling[3][\"1,2\"]"],
    ["too many logits", withContext(0, { ...context, "": [0, 0, 0] }), "policy.sampling[0][\"\"]"],
    ["a logit that is NaN", withContext(0, { ...context, "1": [0, Number.NaN] }), "policy.sampling[0][\"1\"][1]"]
  ])("names the place of %s", (_, input, path) => {
    const error = errorOf(input)
    expect(error.path).toBe(path)
    expect(error.message).toBe(`${path} ${error.problem}; ${error.advice}`)
    expect(error.advice.length).toBeGreaterThan(5)
  })

  it("names all places at once, those of the policies where the answers are known", () => {
    const error = errorOf({ ...withContext(1, { "": [0, 0] }), id: 7, gamma: 2, reference: { ...policy, decision: [1, null, 0] } })
    const paths = (each: ProcessError) => [each, ...each.more].map(({ path }) => path)
    expect(paths(error)).toEqual(["id", "gamma", "policy.sampling[1][\"1\"]", "reference.decision[1]"])
    expect(error.message.split("\n  ")).toEqual([
      "4 things are wrong:",
      expect.stringMatching(/^id is 7/),
      ...error.more.map(({ message }) => message)
    ])
    const unknown = errorOf({ ...valid, answers: [{ tokens: [], correct: true }, { tokens: [1], correct: 1 }], beta: -1, policy: null })
    expect(paths(unknown)).toEqual(["answers[0].tokens", "answers[1].correct", "beta"])
  })

  it("names both answers where one begins the other, or is the other", () => {
    const begins = errorOf({ ...valid, answers: [{ tokens: [1, 2], correct: true }, { tokens: [1], correct: false }] })
    expect(begins.path).toBe("answers[1].tokens")
    expect(begins.problem).toBe("= [1] begins answers[0] = [1,2]")
    const twice = errorOf({ ...valid, answers: [{ tokens: [3], correct: true }, { tokens: [3], correct: false }] })
    expect(twice.problem).toBe("= [3] begins answers[1] = [3]")
  })

  it("says which tokens a missing prefix is about", () => {
    expect(errorOf(withContext(1, { "": [0, 0] })).advice).toBe("give one logit for each of the tokens 0, 2")
  })
})
