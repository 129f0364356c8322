/** Generators of finite processes. Answer sets are a fixed list of shapes; logits, rewards and discounts vary on grids. */
import * as fc from "fast-check"
import { prefixNodes, type Process, type ProcessAnswer, type ProcessPolicy } from "../../src/theory/process/Process.ts"
import { discount, grid, logits } from "./Arbitraries.ts"

/** Prefix-free answer sets: one answer, one token each, a chain, a full tree, a lopsided one, equal and unequal lengths. */
const shapes: ReadonlyArray<ReadonlyArray<ReadonlyArray<number>>> = [
  [[0]],
  [[0], [1]],
  [[0, 0, 0], [1]],
  [[0, 0], [0, 1], [1, 0], [1, 1]],
  [[0], [1, 0], [1, 1, 0], [1, 1, 2]],
  [[2, 5], [7], [5, 5, 5]]
]

const policyFor = (answers: ReadonlyArray<ProcessAnswer>): fc.Arbitrary<ProcessPolicy> => {
  const context = fc.record(Object.fromEntries(prefixNodes(answers).map(({ prefix, tokens }) => [prefix, logits(tokens.length)])))
  return fc.record({
    sampling: fc.array(context, { minLength: answers.length + 1, maxLength: answers.length + 1 }),
    decision: logits(answers.length)
  })
}

const answerSet: fc.Arbitrary<ReadonlyArray<ProcessAnswer>> = fc.constantFrom(...shapes).chain((shape) =>
  fc
    .array(fc.boolean(), { minLength: shape.length, maxLength: shape.length })
    .map((correct) => shape.map((tokens, index) => ({ tokens, correct: correct[index]! })))
)

/** Processes with one to four answers, all-correct and all-wrong ones included, and a cap of 1 to 3 cycles. */
export const anyProcess: fc.Arbitrary<Process> = answerSet.chain((answers) =>
  fc.record({
    gamma: discount,
    beta: grid(0, 2),
    maxCycles: fc.integer({ min: 1, max: 3 }),
    answers: fc.constant(answers),
    policy: policyFor(answers),
    reference: policyFor(answers)
  })
)
