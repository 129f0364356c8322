/** Every reader of something from outside, on some inputs of its grammar and on all that ever failed. `npm run fuzz` tries more, for as long as it is let. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { readCorpus } from "./Corpus.ts"
import { type Failed, type Fuzzer, makeFuzzer } from "./FuzzRun.ts"
import { TARGETS } from "./Targets.ts"

const SEED = 20_261_127
const INPUTS = 60

let fuzzer: Fuzzer
beforeAll(() => {
  fuzzer = makeFuzzer()
})
afterAll(() => fuzzer.close())

const told = (failures: ReadonlyArray<Failed>): ReadonlyArray<string> =>
  failures.map(({ input, problem }) =>
    `${problem}\ninput: ${typeof input === "string" ? JSON.stringify(input) : Buffer.from(input).toString("base64")}`
  )

describe("what comes from outside is read, or refused in words", () => {
  it.each(TARGETS.map(({ cost = 1, name }) => [name, Math.ceil(INPUTS / cost)] as const))("%s", async (target, count) => {
    const { crashes, failures, hangs, inputs } = await fuzzer.fuzz({ target, seed: SEED, count })
    expect(told(failures)).toEqual([])
    expect({ crashes, hangs, inputs }).toEqual({ crashes: 0, hangs: 0, inputs: count })
  }, 180_000)

  it("has a name for each target", () => {
    expect(new Set(TARGETS.map(({ name }) => name)).size).toBe(TARGETS.length)
  })
})

describe("what once failed", () => {
  const entries = readCorpus()

  it("is of targets that there are", () => {
    const names = new Set(TARGETS.map(({ name }) => name))
    expect(entries.filter(({ target }) => !names.has(target)).map(({ file }) => file)).toEqual([])
    expect(entries.length).toBeGreaterThan(20)
  })

  it.each([...Map.groupBy(entries, ({ target }) => target)])("is read or refused: %s", async (target, of) => {
    const { failures } = await fuzzer.fuzz({ target, seed: 0, count: of.length, inputs: of.map(({ input }) => input) })
    expect(told(failures)).toEqual([])
  }, 180_000)
})
