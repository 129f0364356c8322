import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { enumerateTrajectories, makeTiny, tinyGrammar, tinyPrompts } from "../../../src/laws/TinyWords.ts"
import { cellsFromColumn, gridRuns, packed, paddedColumns, tokenGrids, withoutChoices } from "../../../src/model/policy/TokenGrid.ts"

const sortedLengths = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 60 }).map((lengths) => lengths.sort((a, b) => a - b))

describe("gridRuns", () => {
  it("puts every row into exactly one run, in order, each run of one row or within the budget", () => {
    fc.assert(fc.property(sortedLengths, fc.integer({ min: 4, max: 600 }), (lengths, budget) => {
      const runs = gridRuns(lengths, budget)
      expect(runs.flatMap(([start, end]) => lengths.slice(start, end))).toEqual(lengths)
      for (const [start, end] of runs) {
        expect(end).toBeGreaterThan(start)
        if (end - start > 1) expect((end - start) * paddedColumns(lengths[end - 1]!)).toBeLessThanOrEqual(budget)
      }
    }))
  })

  it("starts another run where one long row would pad many short ones", () => {
    const lengths = [...Array.from({ length: 30 }, () => 8), 40]
    expect(gridRuns(lengths, 10_000)).toEqual([[0, 30], [30, 31]])
    expect(gridRuns(lengths.slice(24), 10_000)).toEqual([[0, 7]])
  })
})

describe("tokenGrids", () => {
  const { grammar, placement, tokenizer: { vocabulary } } = makeTiny(tinyGrammar)
  const speech = { grammar, placement, vocabulary }
  const all = tinyPrompts.flatMap((prompt) => enumerateTrajectories(grammar, { prompt, offset: 1 }))
  const batches = fc.array(fc.constantFrom(...all), { minLength: 1, maxLength: 25 })

  it("predicts every token but each trajectory's first exactly once, from the token before it", () => {
    fc.assert(fc.property(batches, fc.integer({ min: 8, max: 200 }), (trajectories, budget) => {
      const offsets = trajectories.reduce((found, { tokens }) => [...found, found[found.length - 1]! + tokens.length], [0])
      const flat = trajectories.flatMap(({ tokens }) => tokens)
      const predicted: Array<number> = []
      for (const grid of tokenGrids("test", speech, trajectories, offsets, budget)) {
        expect(grid.columns % 4).toBe(0)
        grid.source.forEach((token, cell) => {
          if (token < 0) {
            expect(grid.groups[cell]).toBe(-1)
            expect(grid.setIds[cell]).toBe(-1)
            return
          }
          predicted.push(token)
          expect(grid.tokens[cell]).toBe(flat[token - 1])
          expect(grid.targets[cell]).toBe(flat[token])
          if (grid.setIds[cell]! >= 0) expect(cell % grid.columns).toBeGreaterThanOrEqual(grid.firstChoice)
        })
      }
      expect(predicted.sort((a, b) => a - b)).toEqual(flat.map((_, i) => i).filter((i) => !offsets.includes(i)))
    }))
  })
})

describe("packed", () => {
  const { grammar, placement, tokenizer: { vocabulary } } = makeTiny(tinyGrammar)
  const speech = { grammar, placement, vocabulary }
  const all = tinyPrompts.flatMap((prompt) => enumerateTrajectories(grammar, { prompt, offset: 1 }))
  const batches = fc.array(fc.constantFrom(...all), { minLength: 1, maxLength: 25 })

  it("lays sequences one after the other without padding, and finds the wanted tokens' choices and their cells", () => {
    fc.assert(fc.property(batches, fc.integer({ min: 1, max: 4 }), (trajectories, every) => {
      const offsets = trajectories.reduce((found, { tokens }) => [...found, found[found.length - 1]! + tokens.length], [0])
      for (const whole of tokenGrids("test", speech, trajectories, offsets, 200)) {
        const isWanted = (token: number): boolean => token % every === 0
        const grid = withoutChoices(whole, isWanted)
        const { choices, places, starts, ...inputs } = packed(grid)
        // The grid's cell of every position.
        const cells = [...grid.source.keys()].filter((cell) => grid.source[cell]! >= 0)
        expect(starts[0]).toBe(0)
        expect([...starts.subarray(1)].map((end, row) => end - starts[row]!)).toEqual(
          Array.from({ length: grid.rows }, (_, row) => cells.filter((cell) => Math.floor(cell / grid.columns) === row).length)
        )
        for (const name of ["tokens", "positions", "segments", "groups"] as const) {
          expect([...inputs[name]]).toEqual(cells.map((cell) => grid[name][cell]))
        }
        const wanted = cells.filter((cell) => whole.setIds[cell]! >= 0 && isWanted(whole.source[cell]!))
        expect([...choices].map((position) => cells[position])).toEqual(wanted.length === 0 ? [cells[0]] : wanted)
        const width = grid.columns - grid.firstChoice
        const placed = [...places].flatMap((place, i) =>
          place === choices.length
            ? []
            : [[Math.floor(i / width) * grid.columns + grid.firstChoice + (i % width), cells[choices[place]!]]]
        )
        expect(placed).toEqual(wanted.map((cell) => [cell, cell]))
      }
    }))
  })

  it("keeps a position of a sequence that has none, and a choice of a grid without", () => {
    const prompt = tinyPrompts[0]!.slice(0, 1)
    const [grid] = tokenGrids("test", speech, [{ tokens: prompt, promptLength: 1, offset: 0 }], [0], 200)
    const { choices, groups, places, starts } = packed(grid!)
    expect([[...starts], [...groups], [...choices], [...places].every((place) => place === 1)]).toEqual([[0, 1], [-1], [0], true])
  })
})

describe("cellsFromColumn", () => {
  it("keeps the right part of every row", () => {
    expect([...cellsFromColumn(Int32Array.of(1, 2, 3, 4, 5, 6, 7, 8), { rows: 2, columns: 4 }, 3)]).toEqual([4, 8])
  })
})
