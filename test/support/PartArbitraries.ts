/** Rollouts of a few queries and levels in some parts, and headers of parts, for the laws of merging. */
import * as fc from "fast-check"
import { simulate } from "../../src/eval/calibration/Simulate.ts"
import type { EvaluatedRollout } from "../../src/eval/calibration/EvaluatedRollout.ts"
import type { NamedHeader, PartHeader } from "../../src/eval/transcripts/parts/PartHeader.ts"
import { NO_READING } from "../../src/eval/transcripts/ReadingTally.ts"
import { simulatedPolicies } from "./SimulatedPolicies.ts"

const policies = simulatedPolicies(fc.integer({ min: 1, max: 9 }).map((n) => n / 10))

// "1" and "01" are one to a comparison by numbers; "GoldInvalid" rollouts belong to no query.
const LEVELS = ["2x1", "10x1", "1", "01"]

/** Rollouts of four levels, some with a broken reference answer. */
export const rollouts: fc.Arbitrary<ReadonlyArray<EvaluatedRollout>> = fc
  .array(policies, { minLength: 1, maxLength: 4 })
  .map((all) =>
    all.flatMap((policy, k) =>
      simulate({ ...policy, level: LEVELS[k]! }).map((rollout, i): EvaluatedRollout =>
        i % 7 === 6 ? { ...rollout, outcome: "GoldInvalid", attempts: [] } : rollout
      )
    )
  )

/** For each of many rows the number of the part that it is in. */
export const divisions = (parts: number): fc.Arbitrary<ReadonlyArray<number>> =>
  fc.array(fc.nat(parts - 1), { minLength: 192, maxLength: 192 })

const inputs = fc.record({
  file: fc.constantFrom("a.jsonl", "b.jsonl", "c.jsonl"),
  rows: fc.nat(9),
  badRows: fc.nat(9),
  formats: fc.constantFrom({ plain: 3 }, { verl: 1 }),
  notes: fc.constant([]),
  bytes: fc.nat(99),
  fingerprint: fc.uuid()
})

const READING = { package: "1.0.0", markers: [], lexicon: "0", answers: "auto", isScored: false, isStrict: false }

const headers: fc.Arbitrary<PartHeader> = fc.record({
  reading: fc.constant(READING),
  inputs: fc.array(inputs, { maxLength: 3 }),
  merged: fc.constant([]),
  badRowCount: fc.nat(1500),
  badRows: fc.array(fc.record({ file: fc.constantFrom("a", "b"), line: fc.nat(2000), reason: fc.constantFrom("x", "y") }), { maxLength: 5 })
    .chain((rows) =>
      fc.constantFrom(rows, Array.from({ length: 800 }, (_, line) => ({ file: "a", line: 3 * line + rows.length, reason: "x" })))
    ),
  counted: fc.record({
    kinds: fc.dictionary(fc.constantFrom("number", "choice", "text"), fc.nat(9)),
    contradictions: fc.array(fc.constantFrom(..."abcdefghijklmnop"), { maxLength: 8 }),
    duplicates: fc.nat(9)
  }).map((some) => ({ ...NO_READING, ...some })),
  levels: fc.array(fc.constantFrom("1", "01", "2x1"), { maxLength: 3 }).map((levels) =>
    [...new Set(levels)].map((level, k) => ({ level, patterns: [["1c", k + 1], ["0b", 2]] as const }))
  )
})

/** Parts with headers that may be merged. */
export const namedHeaders: fc.Arbitrary<NamedHeader> = fc.record({ file: fc.uuid(), digest: fc.uuid(), header: headers })
