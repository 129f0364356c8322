import { describe, expect, it } from "vitest"
import * as Aggregate from "../../../src/theory/Aggregate.ts"
import { RESTORED } from "../../../src/theory/illustration/AppendixC.ts"
import { expectedKlGradient } from "../../../src/theory/KlTable.ts"
import { aggregationOf, KL_FORM } from "../../../src/view/theory/kl/KlForm.ts"
import { entryAt, klRows, rowOf } from "../../../src/view/theory/kl/KlRows.ts"
import { divergenceWords, klSentence } from "../../../src/view/theory/kl/Words.ts"

const { policy, reference } = RESTORED.model
const model = { policy, reference, maxCycles: 3 }

describe("KL on the page", () => {
  const rows = klRows(model, Aggregate.seqMeanTokenSum, 48)

  it("has for every estimator and placement of the form a row, with an entry at the reader's length that is the theory's", () => {
    for (const { id: estimator } of KL_FORM.choices[0].options) {
      for (const { id: placement } of KL_FORM.choices[1].options) {
        const row = rowOf(rows, estimator, placement)!
        const options = { estimator: row.estimator, placement, aggregation: Aggregate.seqMeanTokenSum, length: 48 } as const
        expect(entryAt(row, 48)!.gradient).toEqual(expectedKlGradient(model, options))
      }
    }
    expect(rowOf(rows, "k3-straight-through", "reward")).toBe(rowOf(rows, "k3", "reward"))
  })

  it("says what the runs and the analysis descend, how it falls on both sub-policies and how it grows", () => {
    expect(klSentence(rowOf(rows, "k3", "loss")!, 48)).toMatch(
      /^k3 in the loss descends KL\(π_ref‖π\) of each choice\. At 48 tokens an answer its expected gradient is 65\.3 times as large on π_S as on π_D; on π_S it is .*, growing like L\^1, on π_D .* whatever L\.$/
    )
    expect(klSentence(rowOf(rows, "k1", "reward")!, 48)).toContain("descends KL(π‖π_ref)")
    expect(klSentence(rowOf(rows, "k1", "loss")!, 48)).toContain("its expected gradient is 0 on both sub-policies")
  })

  it("says that k1 in the loss under a mean of means still pushes towards longer trajectories", () => {
    const means = klRows(model, Aggregate.seqMeanTokenMean, 8)
    expect(klSentence(rowOf(means, "k1", "loss")!, 8)).toContain("towards longer trajectories")
  })

  it("where the policy is its reference, no sentence holds a number that is none", () => {
    const same = klRows({ ...model, reference: policy }, Aggregate.tokenMean, 1)
    for (const row of same) expect(klSentence(row, 1)).not.toMatch(/NaN|Infinity|undefined|null/)
    expect(klSentence(rowOf(same, "k3", "loss")!, 1)).toContain("The policy is its reference")
  })

  it("writes every distance in symbols, and has every aggregation", () => {
    expect(divergenceWords("2 reverse KL - forward KL")).toBe("2 KL(π‖π_ref) − KL(π_ref‖π)")
    expect(divergenceWords(null)).toBe("no distance with a name")
    expect(KL_FORM.choices[2].options.map(({ id }) => aggregationOf(id, 7)._tag)).toEqual(Aggregate.AGGREGATIONS)
    expect(aggregationOf("seq-mean-token-sum-norm", 7)).toMatchObject({ length: 7 })
  })
})
