/**
 * The operations written out in float64 with plain loops, straight from their definitions: what every device must give.
 *
 * @module
 */

/** A tensor's numbers, row by row. */
export type Numbers = ReadonlyArray<number>

/** y = x / √(mean x² + ε) · gain, over each row as wide as the gain. */
export const rmsNorm = (x: Numbers, gain: Numbers, epsilon = 1e-6): Array<number> => {
  const width = gain.length
  return x.map((value, i) => {
    const row = x.slice(i - (i % width), i - (i % width) + width)
    const meanSquare = row.reduce((sum, v) => sum + v * v, 0) / width
    return (value / Math.sqrt(meanSquare + epsilon)) * gain[i % width]!
  })
}

/** y = x/2 · (1 + tanh(√(2/π)·(x + 0.044715 x³))). */
export const gelu = (x: Numbers): Array<number> => x.map((v) => (v / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3))))

/** Whether position i of a row sees position j. */
export const sees = (groups: Numbers, i: number, j: number): boolean =>
  i === j || (j < i && groups[i]! >= 0 && (groups[j] === 0 || groups[j] === groups[i]))

/** y = g / (1 + e^(−g)) · u. */
export const swiGlu = (gate: Numbers, up: Numbers): Array<number> => gate.map((g, i) => (g / (1 + Math.exp(-g))) * up[i]!)

/** Pairs (i, i + d/2) of each head turned by angles of which cosines and sines [N, d/2] are given; x [N, heads·d] flat. */
export const rotate = (x: Numbers, cosines: Numbers, sines: Numbers, count: number, heads: number): Array<number> => {
  const half = cosines.length / count
  return x.map((value, n) => {
    const place = n % (2 * half)
    const angle = Math.floor(n / (2 * half * heads)) * half + (place % half)
    const other = x[place < half ? n + half : n - half]!
    return value * cosines[angle]! + (place < half ? -1 : 1) * other * sines[angle]!
  })
}

/**
 * softmax(q·kᵀ/√d)·v over the positions seen, by head; qkv [B·T, (heads + 2·keyHeads)·d] and groups [B,T], both flat. Head h of the
 * queries takes keys and values of head ⌊h·keyHeads/heads⌋.
 */
export const attention = (qkv: Numbers, groups: Numbers, rows: number, heads: number, keyHeads = heads): Array<number> => {
  const length = groups.length / rows
  const all = qkv.length / (rows * length)
  const headWidth = all / (heads + 2 * keyHeads)
  const width = heads * headWidth
  const out = Array.from({ length: rows * length * width }, () => 0)
  const at = (part: number, row: number, position: number, head: number, d: number): number => {
    const first = part === 0 ? head : heads + (part - 1) * keyHeads + Math.floor((head * keyHeads) / heads)
    return qkv[(row * length + position) * all + first * headWidth + d]!
  }
  for (let row = 0; row < rows; row++) {
    const codes = groups.slice(row * length, (row + 1) * length)
    for (let head = 0; head < heads; head++) {
      for (let i = 0; i < length; i++) {
        const seen = codes.map((_, j) => j).filter((j) => sees(codes, i, j))
        const weights = seen.map((j) => {
          let dot = 0
          for (let d = 0; d < headWidth; d++) dot += at(0, row, i, head, d) * at(1, row, j, head, d)
          return Math.exp(dot / Math.sqrt(headWidth))
        })
        const total = weights.reduce((sum, w) => sum + w, 0)
        seen.forEach((j, n) => {
          for (let d = 0; d < headWidth; d++) {
            out[(row * length + i) * width + head * headWidth + d]! += (weights[n]! / total) * at(2, row, j, head, d)
          }
        })
      }
    }
  }
  return out
}

/** x[target] − log Σ exp x over the allowed set; 0 where there was no choice (set −1). */
export const tokenLogProb = (logits: Numbers, targets: Numbers, allowed: Numbers, setIds: Numbers): Array<number> => {
  const vocabulary = logits.length / targets.length
  return targets.map((target, n) => {
    const set = setIds[n]!
    if (set < 0) return 0
    let total = 0
    for (let v = 0; v < vocabulary; v++) {
      if (allowed[set * vocabulary + v] === 1) total += Math.exp(logits[n * vocabulary + v]!)
    }
    return logits[n * vocabulary + target]! - Math.log(total)
  })
}

/** The table's rows at the ids. */
export const embed = (table: Numbers, ids: Numbers, width: number): Array<number> =>
  ids.flatMap((id) => table.slice(id * width, (id + 1) * width))

/** a [M,K] · b [K,N]. */
export const matMul = (a: Numbers, b: Numbers, inner: number): Array<number> => {
  const columns = b.length / inner
  const out: Array<number> = []
  for (let m = 0; m < a.length / inner; m++) {
    for (let n = 0; n < columns; n++) {
      let sum = 0
      for (let k = 0; k < inner; k++) sum += a[m * inner + k]! * b[k * columns + n]!
      out.push(sum)
    }
  }
  return out
}

/** log π(target) and the entropy of softmax(x·table/τ) of each state x, as wide as the table has numbers a token. */
export const choiceScores = (
  x: Numbers,
  table: Numbers,
  targets: Numbers,
  vocabulary: number,
  temperature: number,
  isTransposed: boolean
): { readonly logProbs: Array<number>; readonly entropies: Array<number> } => {
  const width = table.length / vocabulary
  const rows = targets.map((target, n) => {
    const logits = Array.from({ length: vocabulary }, (_, v) => {
      let sum = 0
      for (let d = 0; d < width; d++) sum += x[n * width + d]! * table[isTransposed ? v * width + d : d * vocabulary + v]!
      return sum / temperature
    })
    const top = Math.max(...logits)
    const normalizer = top + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - top), 0))
    const logProbs = logits.map((logit) => logit - normalizer)
    return { logProb: logProbs[target]!, entropy: -logProbs.reduce((sum, logProb) => sum + Math.exp(logProb) * logProb, 0) }
  })
  return { logProbs: rows.map(({ logProb }) => logProb), entropies: rows.map(({ entropy }) => entropy) }
}
