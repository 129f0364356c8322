import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { normalInterval } from "../../../src/eval/statistics/Interval.ts"
import { paperTable1, paperTable2 } from "../../../src/eval/results/PaperNumbers.ts"

const golden = JSON.parse(readFileSync(new URL("../../golden/paper.json", import.meta.url), "utf8"))

describe("the paper's numbers", () => {
  it("Table 1: our constants are the golden ones, cell by cell", () => {
    const rows = paperTable1.rows.map(({ accuracy, interval, model }) => ({ model, accuracy, ci: interval }))
    expect(rows).toEqual(golden.table1.rows)
    expect([paperTable1.n, paperTable1.levels.length]).toEqual([golden.table1.n, golden.table1.levels])
  })

  it("Table 2: our constants are the golden ones", () => {
    const rows = paperTable2.map(({ llama, qwen, ratio }) => ({ ratio, "Llama3.1-8B": llama, "Qwen2.5-7B": qwen }))
    expect(rows).toEqual(golden.table2.rows)
  })

  it("Table 1: RL's advantage over SFT (reflection) is beyond their intervals exactly on levels 4 to 7", () => {
    const [sft, rl] = [paperTable1.rows[2]!, paperTable1.rows[3]!]
    const apart = rl.accuracy.flatMap((percent, k) =>
      normalInterval(percent, paperTable1.n)![0] > normalInterval(sft.accuracy[k]!, paperTable1.n)![1] ? [k + 1] : []
    )
    expect(apart).toEqual([4, 5, 6, 7])
  })
})
