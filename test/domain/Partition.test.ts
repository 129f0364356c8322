import { describe, expect, it } from "vitest"
import { type Labelled, NOT_OWNED, owners, PartitionError, TWO_STAGE } from "../../src/domain/Partition.ts"
import { attempts, type Span } from "../../src/domain/Trajectory.ts"

const spans: ReadonlyArray<Span> = [
  { kind: "sample", part: "plan", start: 1, end: 2 },
  { kind: "sample", part: "execute", start: 2, end: 4 },
  { kind: "decision", part: "verify", start: 5, end: 6, action: "RESAMPLE" },
  { kind: "sample", start: 6, end: 7 },
  { kind: "decision", start: 7, end: 8, action: "STOP" }
]
const trajectory = { tokens: [0, 0, 0, 0, 0, 0, 0, 0], spans }
const no = NOT_OWNED

describe("owners", () => {
  it("the two stages go by the kinds of spans, whatever their parts", () => {
    expect([...owners(trajectory)]).toEqual([no, 0, 0, 0, no, 1, 0, 1])
    expect([...owners(trajectory, TWO_STAGE)]).toEqual([...owners(trajectory)])
  })

  it("another partition goes by the spans' parts, and by their kinds where it names those too", () => {
    const names = ["plan", "execute", "verify", "sampling", "decision"]
    expect([...owners(trajectory, { names })]).toEqual([no, 0, 1, 1, no, 2, 3, 4])
  })

  it("a labelling of its own decides alone", () => {
    const parity = { names: ["even", "odd"], owners: ({ tokens }: Labelled) => Uint8Array.from(tokens, (_, t) => t % 2) }
    expect([...owners(trajectory, parity)]).toEqual([0, 1, 0, 1, 0, 1, 0, 1])
  })

  it.each([
    [
      "a span of no sub-policy",
      { names: ["plan", "execute", "verify"] },
      /^spans\[3\]\.part is missing \(a span of "sampling"\); expected one of "plan", "execute", "verify"/
    ],
    ["a part that is not named", { names: ["plan"] }, /^spans\[1\]\.part is "execute"/],
    ["too few owners", { names: ["all"], owners: () => new Uint8Array(2) }, /^partition\.owners is 2 owners for 8 tokens/],
    [
      "an owner without a name",
      { names: ["all"], owners: () => new Uint8Array(8).fill(1) },
      /^partition\.owners is 1 for token 0; expected for every token an index below 1/
    ]
  ])("refuses %s with a typed error that says where", (_, partition, message) => {
    expect(() => owners(trajectory, partition)).toThrow(PartitionError)
    expect(() => owners(trajectory, partition)).toThrow(message)
  })
})

describe("attempts", () => {
  it("an answer written in named parts is one attempt; parts without names are answers of their own", () => {
    expect(attempts(trajectory).map(({ decision, sample }) => [sample.part, decision?.action])).toEqual([["execute", "RESAMPLE"], [
      undefined,
      "STOP"
    ]])
    const unnamed: ReadonlyArray<Span> = [{ kind: "sample", start: 0, end: 1 }, ...spans.slice(3)]
    expect(attempts({ spans: unnamed }).map(({ decision }) => decision?.action)).toEqual([undefined, "STOP"])
  })
})
