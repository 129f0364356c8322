/**
 * The operations of a transformer that a device offers besides the tensor library: their shapes, and the rule of what a position sees.
 *
 * @module
 */
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core"

/**
 * Keys and values of the positions a batch of sequences has been through, for decoding one position at a time.
 * Opaque: each implementation keeps its own layout. It lives until `dispose`, or until the device use that made it ends.
 */
export interface KvCache {
  /** Number of sequences decoded side by side. */
  readonly rows: number
  /** Number of positions there is room for in each row. */
  readonly slots: number
  /** Width D of the model; keys and values of all heads together. */
  readonly width: number
  readonly heads: number
  readonly dispose: () => void
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
   * Scales each row to unit root mean square, then by the gain: x / √(mean(x²) + 1e-6) · gain.
   * x [N,D], gain [D] → [N,D]. Differentiable in both. Zhang & Sennrich (2019), eq. 4.
   */
  readonly rmsNorm: (x: Tensor2D, gain: Tensor1D) => Tensor2D

  /** Gaussian error linear unit, tanh form: x/2 · (1 + tanh(√(2/π)(x + 0.044715 x³))). Differentiable. Hendrycks & Gimpel (2016). */
  readonly gelu: (x: Tensor2D) => Tensor2D

  /**
   * Multi-head attention with the visibility rule above, scores scaled by 1/√(D/heads).
   * qkv [B·T, 3D] holds queries, keys, values side by side; groups int32 [B,T] → [B·T, D]. Differentiable in qkv.
   */
  readonly attention: (qkv: Tensor2D, groups: Tensor2D, heads: number) => Tensor2D

  /**
   * Log-probability of each row's target under the softmax restricted to the row's allowed set:
   * logits[n,y] − ln Σ_{v ∈ set} exp logits[n,v], in nats.
   * logits [N,V], targets int32 [N], allowedSets [S,V] of 0/1, setIds int32 [N] → [N]. Differentiable in logits.
   * A row with set id −1 gives 0 and no gradient; any other row's target must be in its set.
   */
  readonly tokenLogProb: (logits: Tensor2D, targets: Tensor1D, allowedSets: Tensor2D, setIds: Tensor1D) => Tensor1D

  /** Rows of a table: table [V,D], ids int32 [N] in 0..V−1 → [N,D]. Differentiable in the table. */
  readonly embed: (table: Tensor2D, ids: Tensor1D) => Tensor2D

  /**
   * `attention` of sequences of any lengths, one after the other without padding: sequence r is the positions starts[r] … starts[r+1] − 1.
   * qkv [N,3D], groups int32 [N], starts [B+1] → [N,D]. Differentiable in qkv. Offered with `pickRows` where both cost little, so that a pass computes no
   * padding.
   */
  readonly raggedAttention?: (qkv: Tensor2D, groups: Tensor1D, starts: Int32Array, heads: number) => Tensor2D

  /** Rows of x by their numbers: x [N,D], ids int32 [M] in 0..N−1 → [M,D]. Differentiable in x. See `raggedAttention`. */
  readonly pickRows?: (x: Tensor2D, ids: Tensor1D) => Tensor2D

  /** Allocates an empty cache of `rows` sequences with `slots` positions each. */
  readonly makeCache: (rows: number, slots: number, width: number, heads: number) => KvCache

  /** A cache of at least as many slots with the same contents. The one given is disposed. */
  readonly growCache: (cache: KvCache, slots: number) => KvCache

  /**
   * `attention` that also writes the keys, values and groups of its T positions into slots 0..T−1 of the cache.
   * qkv [B·T, 3D], groups int32 [B,T] → [B·T, D]. `rows` names the cache row of each sequence, none twice; left out:
   * all rows in order. The rest of the cache stays. Inference only.
   */
  readonly prefillAttention: (qkv: Tensor2D, groups: Tensor2D, cache: KvCache, rows?: Int32Array) => Tensor2D

  /**
   * Attention of one new position per row: writes the row's key, value and group into its slot, then attends to
   * that slot and the visible ones before it. A slot that was filled earlier is overwritten (so padding can be).
   * qkv [B,3D], slots and groups B whole numbers → [B,D]. A row with slot −1 rests: nothing is written and its
   * output is 0. `rows` names the cache row of each sequence, none twice; left out: all rows in order. Inference only.
   */
  readonly decodeAttention: (qkv: Tensor2D, cache: KvCache, slots: Int32Array, groups: Int32Array, rows?: Int32Array) => Tensor2D
}
