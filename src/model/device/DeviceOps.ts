/**
 * The operations of a transformer that a device offers besides the tensor library: their shapes, and the rule of what a position sees.
 *
 * @module
 */
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core"

/**
 * Keys and values of the positions a batch of sequences has been through, for decoding one position at a time.
 * Opaque: each implementation keeps its own layout. It lives until `dispose`, or until the device use that made it ends.
 */
export interface KvCache {
  /** Number of sequences decoded side by side. */
  readonly rows: number
  /** Number of positions there is room for in each row. */
  readonly slots: number
  /** Width D of the queries of all heads together. */
  readonly width: number
  /** Heads of queries. */
  readonly heads: number
  /** Heads of keys and values, a divisor of `heads`. */
  readonly keyHeads: number
  readonly dispose: () => void
}

/** What rows of logits come to, nats. */
export interface VocabularyScores {
  readonly logProbs: Float64Array
  readonly entropies: Float64Array
}

/** What choices among all tokens come to as tensors of shape [N], nats. */
export interface ChoiceScores {
  readonly logProbs: Tensor1D
  readonly entropies: Tensor1D
}

/** How choices among all tokens are scored. */
export interface ChoiceSettings {
  readonly temperature: number
  /** The table is [V,D], an embedding that is the unembedding too; else [D,V]. */
  readonly isTransposed: boolean
  /** Whether the entropies are differentiated too, which costs as much again. */
  readonly isEntropyDifferentiated: boolean
}

/** Tokens that were drawn from rows of logits, and their log-probabilities, nats. */
export interface VocabularyDraws {
  readonly tokens: Int32Array
  readonly logProbs: Float64Array
}

/**
 * The operations of a transformer that are worth a kernel of their own. Every device gives the same values
 * (up to rounding); devices differ in speed only. Matrix products stay `tf.matMul`.
 *
 * Visibility: a batch of B sequences of T positions carries an int32 group code per position. Position i sees
 * position j ≤ i when group[j] = 0 (the shared prompt) or group[j] = group[i]. Group −1 marks padding: it sees
 * itself only and no other position sees it. All groups 0 is ordinary causal attention.
 */
export interface Ops {
  /**
   * Scales each row to unit root mean square, then by the gain: x / √(mean(x²) + ε) · gain, ε 1e-6 where it is left out.
   * x [N,D], gain [D] → [N,D]. Differentiable in both. Zhang & Sennrich (2019), eq. 4.
   */
  readonly rmsNorm: (x: Tensor2D, gain: Tensor1D, epsilon?: number) => Tensor2D

  /** Gaussian error linear unit, tanh form: x/2 · (1 + tanh(√(2/π)(x + 0.044715 x³))). Differentiable. Hendrycks & Gimpel (2016). */
  readonly gelu: (x: Tensor2D) => Tensor2D

  /** Gated unit silu(gate) · up with silu(x) = x / (1 + e^(−x)), of two tensors [N,F] → [N,F]. Differentiable in both. Shazeer (2020), eq. 6. */
  readonly swiGlu: (gate: Tensor2D, up: Tensor2D) => Tensor2D

  /**
   * Rotary positions: in each of the heads of x [N, heads·d] turns the pair (i, i + d/2), i < d/2, by the angle whose cosine and sine are
   * given, both [N, d/2] → [N, heads·d]. Differentiable in x. Su et al. (2021), section 3.2.2, with the pairs of Hugging Face's models.
   */
  readonly rotate: (x: Tensor2D, cosines: Tensor2D, sines: Tensor2D, heads: number) => Tensor2D

  /**
   * Multi-head attention with the visibility rule above, scores scaled by 1/√d, d the width of a head.
   * qkv [B·T, (heads + 2·keyHeads)·d] holds queries, keys, values side by side; groups int32 [B,T] → [B·T, heads·d]. heads / keyHeads
   * heads of queries in a row share a head of keys and values (Ainslie et al., 2023); keyHeads left out: each has its own.
   * Differentiable in qkv.
   */
  readonly attention: (qkv: Tensor2D, groups: Tensor2D, heads: number, keyHeads?: number) => Tensor2D

  /**
   * Log-probability of each row's target under the softmax restricted to the row's allowed set:
   * logits[n,y] − ln Σ_{v ∈ set} exp logits[n,v], in nats.
   * logits [N,V], targets int32 [N], allowedSets [S,V] of 0/1, setIds int32 [N] → [N]. Differentiable in logits.
   * A row with set id −1 gives 0 and no gradient; any other row's target must be in its set.
   */
  readonly tokenLogProb: (logits: Tensor2D, targets: Tensor1D, allowedSets: Tensor2D, setIds: Tensor1D) => Tensor1D

  /**
   * log π(target) of choices among all tokens, and their entropies, from the states x [N,D] before the unembedding: those of softmax(x·table/τ), nats.
   * targets N ids. Differentiable in x, the entropies where that is asked for; the table is constant.
   */
  readonly choiceScores: (x: Tensor2D, table: Tensor2D, targets: Int32Array, settings: ChoiceSettings) => ChoiceScores

  /**
   * Adds op(a)·op(b) to a tensor in place, op(a) [M,K], op(b) [K,N], into [M,N]. The tensor must be fresh and nobody else's; not differentiable. Offered
   * where memory can be written into.
   */
  readonly addProduct?: (into: Tensor2D, a: Tensor2D, b: Tensor2D, transposeA?: boolean, transposeB?: boolean) => void

  /**
   * A tensor of this shape whose numbers `fill` writes where they lie, without a copy. `fill` may use neither the tensor library nor the device
   * meanwhile. Offered where memory can be written into.
   */
  readonly filled?: (shape: ReadonlyArray<number>, fill: (numbers: Float32Array) => void) => Tensor

  /**
   * Of choices among all tokens: log π(target) and the entropy of softmax(logits/τ) of each row, nats, sums of blocks in float64. logits [N,V], targets N
   * ids. Not differentiable. A promise where the host has to wait for the device; the logits stay where they are.
   */
  readonly vocabularyScores: (logits: Tensor2D, targets: Int32Array, temperature: number) => VocabularyScores | Promise<VocabularyScores>

  /**
   * Draws a token from softmax(logits/τ) of each row: the first at which the distribution function exceeds the row's share, in [0, 1); with its
   * log-probability. See `vocabularyScores`.
   */
  readonly vocabularyDraws: (logits: Tensor2D, shares: Float64Array, temperature: number) => VocabularyDraws | Promise<VocabularyDraws>

  /** Rows of a table: table [V,D], ids int32 [N] in 0..V−1 → [N,D]. Differentiable in the table. */
  readonly embed: (table: Tensor2D, ids: Tensor1D) => Tensor2D

  /**
   * `attention` of sequences of any lengths, one after the other without padding: sequence r is the positions starts[r] … starts[r+1] − 1.
   * qkv [N, (heads + 2·keyHeads)·d], groups int32 [N], starts [B+1] → [N, heads·d]. Differentiable in qkv. Offered with `pickRows` where both cost little, so that a pass computes no
   * padding.
   */
  readonly raggedAttention?: (qkv: Tensor2D, groups: Tensor1D, starts: Int32Array, heads: number, keyHeads?: number) => Tensor2D

  /** Rows of x by their numbers: x [N,D], ids int32 [M] in 0..N−1 → [M,D]. Differentiable in x. See `raggedAttention`. */
  readonly pickRows?: (x: Tensor2D, ids: Tensor1D) => Tensor2D

  /** Allocates an empty cache of `rows` sequences with `slots` positions each. */
  readonly makeCache: (rows: number, slots: number, width: number, heads: number, keyHeads?: number) => KvCache

  /** A cache of at least as many slots with the same contents. The one given is disposed. */
  readonly growCache: (cache: KvCache, slots: number) => KvCache

  /**
   * `attention` that also writes the keys, values and groups of its T positions into slots 0..T−1 of the cache.
   * qkv and groups int32 [B,T] as in `attention` → [B·T, D]. `rows` names the cache row of each sequence, none twice; left out:
   * all rows in order. The rest of the cache stays. Inference only.
   */
  readonly prefillAttention: (qkv: Tensor2D, groups: Tensor2D, cache: KvCache, rows?: Int32Array) => Tensor2D

  /**
   * Attention of one new position per row: writes the row's key, value and group into its slot, then attends to
   * that slot and the visible ones before it. A slot that was filled earlier is overwritten (so padding can be).
   * qkv [B, …] as in `attention`, slots and groups B whole numbers → [B,D]. A row with slot −1 rests: nothing is written and its
   * output is 0. `rows` names the cache row of each sequence, none twice; left out: all rows in order. Inference only.
   */
  readonly decodeAttention: (qkv: Tensor2D, cache: KvCache, slots: Int32Array, groups: Int32Array, rows?: Int32Array) => Tensor2D
}
