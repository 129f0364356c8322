import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { enumerateTrajectories, makeTiny, tinyGrammar, tinyPrompts } from "../../../src/laws/TinyWords.ts"
import { cellsFromColumn, chosenCells, gridRuns, paddedColumns, tokenGrids, withoutChoices } from "../../../src/model/policy/TokenGrid.ts"

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

describe("chosenCells", () => {
  const { grammar, placement, tokenizer: { vocabulary } } = makeTiny(tinyGrammar)
  const speech = { grammar, placement, vocabulary }
  const all = tinyPrompts.flatMap((prompt) => enumerateTrajectories(grammar, { prompt, offset: 1 }))
  const batches = fc.array(fc.constantFrom(...all), { minLength: 1, maxLength: 25 })

  it("names the choices of wanted tokens in order, in a grid that ends where its longest row does, and places them back", () => {
    fc.assert(fc.property(batches, fc.integer({ min: 1, max: 4 }), (trajectories, every) => {
      const offsets = trajectories.reduce((found, { tokens }) => [...found, found[found.length - 1]! + tokens.length], [0])
      for (const whole of tokenGrids("test", speech, trajectories, offsets, 200)) {
        const grid = withoutChoices(whole, (token) => token % every === 0)
        const { cells, inputs, places } = chosenCells(grid)
        const lengths = Array.from({ length: grid.rows }, (_, row) =>
          grid.source.slice(row * grid.columns, (row + 1) * grid.columns).filter((token) => token >= 0).length)
        expect(inputs.columns).toBe(Math.max(1, ...lengths))
        const wholeCell = (cell: number): number => Math.floor(cell / inputs.columns) * grid.columns + (cell % inputs.columns)
        for (const name of ["tokens", "positions", "segments", "groups"] as const) {
          inputs[name].forEach((value, cell) => expect(value).toBe(grid[name][wholeCell(cell)]))
        }
        const wanted = [...grid.source.keys()].filter((cell) => whole.setIds[cell]! >= 0 && whole.source[cell]! % every === 0)
        expect([...cells].map(wholeCell)).toEqual(wanted.length === 0 ? [0] : wanted)
        const width = grid.columns - grid.firstChoice
        const placed = [...places].map((place, i) =>
          place === cells.length ? undefined : [Math.floor(i / width) * grid.columns + grid.firstChoice + (i % width), cells[place]!]
        )
        expect(placed.filter((pair) => pair !== undefined).map(([cell]) => cell)).toEqual(wanted)
        for (const pair of placed) if (pair !== undefined) expect(wholeCell(pair[1]!)).toBe(pair[0])
      }
    }))
  })
})

describe("cellsFromColumn", () => {
  it("keeps the right part of every row", () => {
    expect([...cellsFromColumn(Int32Array.of(1, 2, 3, 4, 5, 6, 7, 8), { rows: 2, columns: 4 }, 3)]).toEqual([4, 8])
  })
})
