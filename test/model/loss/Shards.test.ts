import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { cutShards } from "../../../src/model/loss/Shards.ts"

const sizes = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 40 })
const counts = fc.integer({ min: 1, max: 9 })

describe("cutShards", () => {
  it("puts every item into exactly one shard, in order, none empty, at most as many as asked for", () => {
    fc.assert(fc.property(sizes, counts, (items, shards) => {
      const cut = cutShards(items, shards)
      expect(cut.flatMap(({ from, to }) => items.slice(from, to))).toEqual(items)
      expect(cut.map(({ index }) => index)).toEqual(cut.map((_, i) => i))
      expect(cut.every(({ from, to }) => to > from)).toBe(true)
      expect(cut.length).toBeLessThanOrEqual(shards)
    }))
  })

  it("balances: no shard exceeds its fair share by more than one item's size", () => {
    fc.assert(fc.property(sizes, counts, (items, shards) => {
      const total = items.reduce((sum, size) => sum + size, 0)
      for (const { from, to } of cutShards(items, shards)) {
        const size = items.slice(from, to).reduce((sum, item) => sum + item, 0)
        expect(size).toBeLessThanOrEqual(total / shards + Math.max(0, ...items))
      }
    }))
  })

  it("cuts 128 equal items into two halves", () => {
    expect(cutShards(Array.from({ length: 128 }, () => 12), 2)).toEqual([{ index: 0, from: 0, to: 64 }, { index: 1, from: 64, to: 128 }])
  })
})
