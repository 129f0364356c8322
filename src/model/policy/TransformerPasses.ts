/**
 * One pass of the transformer over one grid: scoring it, and the derivative of a loss on it.
 *
 * @module
 */
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core"
import type { TensorLibrary } from "../device/Device.ts"
import type { ChoiceSettings, Ops } from "../device/DeviceOps.ts"
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
import { type Architecture, type Pass, type TokenInputs, unembed } from "../architecture/Architecture.ts"
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
  /** For each cell from the first choice on, its row among those selected, or their number; left out: all cells are. */
  readonly places?: Int32Array
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
    places,
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
  const { inputs, places: _places, ...pass } = computed(tf, ops, architecture.cache, grid)
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

/** Rows of logits that are computed at once where there is no need for all. */
const LOGITS_AT_ONCE = 256

/** A network that tells the states from which choices among all tokens are made. */
type Staged = Architecture & Required<Pick<Architecture, "states" | "unembedding">>

/** The network so, where all choices of the grid are among all tokens. */
const staged = ({ architecture, speech }: Model, grid: TokenGrid): Staged | undefined =>
  architecture.states !== undefined && architecture.unembedding !== undefined && areAmongAll(grid.setIds, speech)
    ? (architecture as Staged)
    : undefined

/** Fills in the grid's choices some rows of logits at a time, where device and network offer that; says whether. */
const fillFromStates = async (
  tf: TensorLibrary,
  ops: Ops,
  model: Model,
  tensors: ReadonlyArray<Tensor>,
  grid: TokenGrid,
  temperature: number,
  scores: Scores
): Promise<boolean> => {
  const network = staged(model, grid)
  if (network === undefined || ops.pickRows === undefined || ops.raggedAttention === undefined) return false
  const { attend, inputs, select } = computed(tf, ops, network.cache, grid)
  const weights = model.trained.weights(tf, ops, tensors)
  const states = tf.tidy(() => network.states(tf, ops, weights, inputs, { attend, select }))
  const choices: Array<{ readonly token: number; readonly target: number }> = []
  forChoices(grid, (_cell, token, _setId, target) => choices.push({ token, target }))
  for (let from = 0; from < choices.length; from += LOGITS_AT_ONCE) {
    const here = choices.slice(from, from + LOGITS_AT_ONCE)
    const logits = tf.tidy(() => unembed(weights, network.unembedding, tf.slice(states, [from, 0], [here.length, states.shape[1]])))
    const found = await ops.vocabularyScores(logits, Int32Array.from(here, ({ target }) => target), temperature)
    logits.dispose()
    here.forEach(({ token }, i) => {
      scores.logProbs[token] = found.logProbs[i]!
      scores.entropies[token] = found.entropies[i]!
    })
  }
  return true
}

/** log π and entropies of the grid's cells from its first choice on, as a loss reads them. */
interface CellScores {
  readonly logProbs: Tensor1D
  readonly entropies: Tensor1D
}

/**
 * The same through `Ops.choiceScores`, which holds no logits, where the network's unembedding is not trained; undefined where it cannot be. Cells without a choice
 * have 0, or where the device computes all cells numbers that mean nothing.
 */
const cellScores = (
  tf: TensorLibrary,
  ops: Ops,
  model: Model,
  tensors: ReadonlyArray<Tensor>,
  grid: TokenGrid,
  settings: Omit<ChoiceSettings, "isTransposed">
): CellScores | undefined => {
  const network = staged(model, grid)
  const weights = model.trained.weights(tf, ops, tensors)
  const table = network === undefined ? undefined : weights.frozen?.(network.unembedding.name)
  if (network === undefined || table === undefined) return undefined
  const { attend, inputs, places, select } = computed(tf, ops, network.cache, grid)
  const states = network.states(tf, ops, weights, inputs, { attend, select })
  const targets = places === undefined ? cellsFromColumn(grid.targets, grid, grid.firstChoice) : choiceTargets(grid, states.shape[0])
  const scores = ops.choiceScores(states, table, targets, { ...settings, isTransposed: network.unembedding.isTransposed })
  if (places === undefined) return scores
  const { pickRows } = ops
  const spread = (values: Tensor1D): Tensor1D => {
    const column: Tensor2D = tf.reshape(tf.concat([values, tf.zeros([1])]), [values.size + 1, 1])
    return tf.reshape(pickRows!(column, tf.tensor1d(places, "int32")), [places.length])
  }
  return { logProbs: spread(scores.logProbs), entropies: spread(scores.entropies) }
}

/** The targets of the grid's choices in order; 0 for the position that stands where there are none. */
const choiceTargets = (grid: TokenGrid, count: number): Int32Array => {
  const targets = new Int32Array(count)
  let next = 0
  forChoices(grid, (_cell, _token, _setId, target) => {
    targets[next++] = target
  })
  return targets
}

/** Fills in log-probabilities and entropies of the grid's choices from its logits: of choices among all tokens on the device, of few on the host. */
const fillScores = async (
  ops: Ops,
  grid: TokenGrid,
  logits: Tensor2D,
  { sets, speech }: Model,
  temperature: number,
  scores: Scores
): Promise<void> => {
  const { vocabulary } = speech
  if (areAmongAll(grid.setIds, speech)) {
    const targets = new Int32Array(logits.shape[0])
    forChoices(grid, (cell, _token, _setId, target) => {
      targets[cell] = target
    })
    const { entropies, logProbs } = await ops.vocabularyScores(logits, targets, temperature)
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
  if (await fillFromStates(tf, ops, model, weights, grid, temperature, scores)) return
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
  const cellWeights = tf.tensor1d(gather(weights))
  const hasBonus = readsEntropies(objective)
  const values = readsValues(objective) ? { values: await valuesOfGrid(tf, ops, model, parameters, grid, request, cells) } : {}
  const kept: { logits?: Tensor2D; scores?: CellScores; parts: Array<readonly [name: string, loss: Tensor1D]> } = { parts: [] }
  const { layout } = model.trained
  const tensors = toTensors(tf, layout, parameters)
  // What ends before the first parameter that is asked for is a constant: nothing is propagated back to it, nor through what lies before.
  const fixed = layout.entries.filter(({ offset, size }) => offset + size <= (request.from ?? 0)).length
  const scoresFromLogits = (tensors: ReadonlyArray<Tensor>) => {
    const [targets, setIds, allowed] = [ints(grid.targets), ints(grid.setIds), allowedMatrix(tf, model)]
    const logits = choiceLogits(tf, ops, model, tensors, grid)
    kept.logits = tf.keep(logits)
    const scaled = temperature === 1 ? logits : (tf.mul(logits, 1 / temperature) as Tensor2D)
    const logProbs = ops.tokenLogProb(scaled, targets, allowed, setIds)
    return { logProbs, ...(hasBonus ? { entropies: tokenEntropy(tf, scaled, allowed, setIds) } : {}) }
  }
  const { grads } = tf.valueAndGrads((...wanted: Array<Tensor>) => {
    const all = [...tensors.slice(0, fixed), ...wanted]
    const fromStates = cellScores(tf, ops, model, all, grid, { temperature, isEntropyDifferentiated: hasBonus })
    if (fromStates !== undefined) kept.scores = { logProbs: tf.keep(fromStates.logProbs), entropies: tf.keep(fromStates.entropies) }
    const loss = tensorLoss(tf, objective, { ...batch, ...values, ...(fromStates ?? scoresFromLogits(all)) }, partition)
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
  if (kept.scores === undefined) return fillScores(ops, grid, kept.logits!, model, temperature, totals)
  const [logProbs, entropies] = [await kept.scores.logProbs.data<"float32">(), await kept.scores.entropies.data<"float32">()]
  forChoices(grid, (cell, token) => {
    totals.logProbs[token] = logProbs[cell]!
    totals.entropies[token] = entropies[cell]!
  })
}
