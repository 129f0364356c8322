/**
 * One pass of the transformer over one grid: scoring it, and the derivative of a loss on it.
 *
 * @module
 */
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core"
import type { TensorLibrary } from "../device/Device.ts"
import type { Ops } from "../device/DeviceOps.ts"
import type { Parameters } from "../../domain/Policy.ts"
import type { Tokens } from "../../domain/Tokenizer.ts"
import { entropy } from "../../theory/Entropy.ts"
import { readsEntropies, readsValues } from "../../theory/Objective.ts"
import { NOT_OWNED } from "../../theory/Partition.ts"
import type { LossRequest } from "../Backprop.ts"
import { type PolicyValues, tensorLoss } from "../loss/TensorObjective.ts"
import { tokenEntropy } from "../loss/TokenEntropy.ts"
import type { Totals } from "../loss/LossRequests.ts"
import { addTensors, toTensors } from "../architecture/ParameterLayout.ts"
import { allowedLogProbs } from "./TokenChoice.ts"
import { cellsFromColumn, fromColumn, gridTensors, inputTensors, packed, type TokenGrid, withoutChoices } from "./TokenGrid.ts"
import type { Architecture, Pass, TokenInputs } from "../architecture/Architecture.ts"
import type { Trained } from "../weights/Trained.ts"
import { areAmongAll, type Speech } from "./Choices.ts"

/** A network, what of it is trained, and the words it speaks. */
export interface Model {
  readonly architecture: Architecture
  readonly trained: Trained
  readonly speech: Speech
  /** The sets that choices are made from: `choiceSets(speech)`. */
  readonly sets: ReadonlyArray<Tokens>
}

/** What passes fill in, flat over the tokens of the whole batch; forced tokens stay 0. */
export interface Scores {
  readonly logProbs: Float32Array | Float64Array
  readonly entropies: Float32Array | Float64Array
}

/** What the network computes of a grid, and how. */
interface Computed extends Pass {
  readonly inputs: TokenInputs
}

/**
 * The grid's sequences without padding, and of the last block's network the choices alone, which are laid back among zeros; or, where the device does not offer
 * what that needs, all cells, and from the first choice on.
 */
const computed = (
  tf: TensorLibrary,
  { attention, pickRows, raggedAttention }: Ops,
  { heads, keyHeads }: Architecture["cache"],
  grid: TokenGrid
): Computed => {
  if (pickRows === undefined || raggedAttention === undefined) {
    const { groups, inputs } = gridTensors(tf, grid)
    return { inputs, attend: (qkv) => attention(qkv, groups, heads, keyHeads), select: fromColumn(tf, grid, grid.firstChoice) }
  }
  const { choices, groups, places, starts, ...inputs } = packed(grid)
  return {
    inputs: inputTensors(tf, inputs),
    attend: (qkv) => raggedAttention(qkv, tf.tensor1d(groups, "int32"), starts, heads, keyHeads),
    select: (x) => pickRows(x, tf.tensor1d(choices, "int32")),
    // Not the logits but what they are computed of: the order of sums in the unembedding's gradient is then that of a pass over all cells.
    spread: (x) => pickRows(tf.concat([x, tf.zeros([1, x.shape[1]])]), tf.tensor1d(places, "int32"))
  }
}

/** Logits of the cells from the grid's first choice on; those of a cell without a choice mean nothing. */
const choiceLogits = (
  tf: TensorLibrary,
  ops: Ops,
  { architecture, trained }: Model,
  tensors: ReadonlyArray<Tensor>,
  grid: TokenGrid
): Tensor2D => {
  const { inputs, ...pass } = computed(tf, ops, architecture.cache, grid)
  const logits = architecture.logits(tf, ops, trained.weights(tf, ops, tensors), inputs, pass)
  // An architecture may not know of spreading.
  const isSpread = logits.shape[0] === grid.rows * (grid.columns - grid.firstChoice)
  return pass.spread === undefined || isSpread ? logits : pass.spread(logits)
}

/** Calls back with every choice of the grid: its cell among those from the first choice on, and its token's index in the batch. */
const forChoices = (grid: TokenGrid, visit: (cell: number, token: number, setId: number, target: number) => void): void => {
  const width = grid.columns - grid.firstChoice
  for (let row = 0; row < grid.rows; row++) {
    for (let column = 0; column < width; column++) {
      const from = row * grid.columns + grid.firstChoice + column
      if (grid.setIds[from]! >= 0) visit(row * width + column, grid.source[from]!, grid.setIds[from]!, grid.targets[from]!)
    }
  }
}

/** Fills in log-probabilities and entropies of the grid's choices from its logits: on the device where it can, else on the host. */
const fillScores = async (
  ops: Ops,
  grid: TokenGrid,
  logits: Tensor2D,
  { sets, speech }: Model,
  temperature: number,
  scores: Scores
): Promise<void> => {
  const { vocabulary } = speech
  if (ops.vocabularyScores !== undefined && areAmongAll(grid.setIds, speech)) {
    const targets = new Int32Array(logits.shape[0])
    forChoices(grid, (cell, _token, _setId, target) => {
      targets[cell] = target
    })
    const { entropies, logProbs } = ops.vocabularyScores(logits, targets, temperature)
    forChoices(grid, (cell, token) => {
      scores.logProbs[token] = logProbs[cell]!
      scores.entropies[token] = entropies[cell]!
    })
    return
  }
  const values = await logits.data<"float32">()
  forChoices(grid, (cell, token, setId, target) => {
    const allowed = sets[setId]!
    const logProbs = allowedLogProbs(values, cell * vocabulary, allowed, temperature)
    scores.logProbs[token] = logProbs[allowed.indexOf(target)]!
    scores.entropies[token] = entropy(logProbs)
  })
}

/** Scores the grid's choices: forward only, log-probabilities and entropies in float64 from the logits. */
export const scoreGrid = async (
  tf: TensorLibrary,
  ops: Ops,
  model: Model,
  parameters: Parameters,
  grid: TokenGrid,
  temperature: number,
  scores: Scores
): Promise<void> => {
  const weights = toTensors(tf, model.trained.layout, parameters)
  const logits = tf.tidy(() => choiceLogits(tf, ops, model, weights, grid))
  await fillScores(ops, grid, logits, model, temperature, scores)
}

const allowedMatrix = (tf: TensorLibrary, { sets, speech: { vocabulary } }: Model): Tensor2D => {
  const marks = new Float32Array(sets.length * vocabulary)
  sets.forEach((set, row) =>
    set.forEach((token) => {
      marks[row * vocabulary + token] = 1
    })
  )
  return tf.tensor2d(marks, [sets.length, vocabulary])
}

/** log π and entropies of the grid's cells, on the host: what a loss of one's own is evaluated at. One forward pass; every device can read it. */
const valuesOfGrid = async (
  tf: TensorLibrary,
  ops: Ops,
  model: Model,
  parameters: Parameters,
  grid: TokenGrid,
  { owner, temperature }: LossRequest,
  cells: number
): Promise<PolicyValues> => {
  const scores = { logProbs: new Float64Array(owner.length), entropies: new Float64Array(owner.length) }
  await scoreGrid(tf, ops, model, parameters, grid, temperature, scores)
  const values = { logProbs: new Float64Array(cells), entropies: new Float64Array(cells) }
  forChoices(grid, (cell, token) => {
    values.logProbs[cell] = scores.logProbs[token]!
    values.entropies[cell] = scores.entropies[token]!
  })
  return values
}

/** Adds the derivative of Σ weights · loss over the grid's choices to the totals; one forward and one backward. */
export const gradientOfGrid = async (
  tf: TensorLibrary,
  ops: Ops,
  model: Model,
  parameters: Parameters,
  whole: TokenGrid,
  request: LossRequest,
  totals: Totals
): Promise<void> => {
  const { advantages, objective, oldLogProbs, owner, partition, referenceLogProbs, selected, temperature, weights } = request
  // Nothing is learnt from what nobody owns.
  const grid = withoutChoices(whole, (token) => owner[token] !== NOT_OWNED)
  const columns = grid.columns - grid.firstChoice
  const cells = grid.rows * columns
  const gather = (values: Float64Array): Float32Array => {
    const gathered = new Float32Array(cells)
    forChoices(grid, (cell, token) => {
      gathered[cell] = values[token]!
    })
    return gathered
  }
  const owners = new Uint8Array(cells).fill(NOT_OWNED)
  forChoices(grid, (cell, token) => {
    owners[cell] = owner[token]!
  })
  const batch = {
    rows: grid.rows,
    columns,
    owner: owners,
    ...(oldLogProbs && { oldLogProbs: gather(oldLogProbs) }),
    ...(referenceLogProbs && { referenceLogProbs: gather(referenceLogProbs) }),
    ...(advantages && { advantages: gather(advantages) }),
    ...(selected && { selected: gather(selected) })
  }
  const ints = (values: Int32Array) => tf.tensor1d(cellsFromColumn(values, grid, grid.firstChoice), "int32")
  const [targets, setIds, allowed, cellWeights] = [
    ints(grid.targets),
    ints(grid.setIds),
    allowedMatrix(tf, model),
    tf.tensor1d(gather(weights))
  ]
  const hasBonus = readsEntropies(objective)
  const values = readsValues(objective) ? { values: await valuesOfGrid(tf, ops, model, parameters, grid, request, cells) } : {}
  const kept: { logits?: Tensor2D; parts: Array<readonly [name: string, loss: Tensor1D]> } = { parts: [] }
  const { layout } = model.trained
  const tensors = toTensors(tf, layout, parameters)
  // What ends before the first parameter that is asked for is a constant: nothing is propagated back to it, nor through what lies before.
  const fixed = layout.entries.filter(({ offset, size }) => offset + size <= (request.from ?? 0)).length
  const { grads } = tf.valueAndGrads((...wanted: Array<Tensor>) => {
    const logits = choiceLogits(tf, ops, model, [...tensors.slice(0, fixed), ...wanted], grid)
    const scaled = temperature === 1 ? logits : (tf.mul(logits, 1 / temperature) as Tensor2D)
    const logProbs = ops.tokenLogProb(scaled, targets, allowed, setIds)
    const entropies = hasBonus ? { entropies: tokenEntropy(tf, scaled, allowed, setIds) } : {}
    const loss = tensorLoss(tf, objective, { ...batch, ...values, logProbs, ...entropies }, partition)
    kept.logits = tf.keep(logits)
    kept.parts = loss.parts.map((part) => [part.name, tf.keep(part.loss)])
    return tf.sum(tf.mul(loss.total, cellWeights))
  })(tensors.slice(fixed))
  await addTensors({ ...layout, entries: layout.entries.slice(fixed) }, grads, totals.gradient)
  for (const [name, loss] of kept.parts) {
    const values = await loss.data<"float32">()
    forChoices(grid, (cell, token) => {
      totals.parts[name]![token] = values[cell]!
    })
  }
  await fillScores(ops, grid, kept.logits!, model, temperature, totals)
}
