/**
 * The operations of a transformer as fused kernels on the wasm device, with their gradients.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core"
import type { NamedAttrMap, Tensor, Tensor1D, Tensor2D, TensorInfo } from "@tensorflow/tfjs-core"
import { differentiable } from "./Differentiable.ts"
import { attentionHeadWidth, checkRotation, checkSameShape, type Ops, rmsNormEpsilon } from "./Ops.ts"
import { wasmDecoding } from "./WasmDecoding.ts"
import type { WasmKernels } from "./WasmKernels.ts"
import { wasmVocabulary } from "./WasmVocabulary.ts"

/** Names of the kernels in the tensor library's registry; as such they show up in tf.profile. */
const name = {
  rmsNorm: "FusedRmsNorm",
  rmsNormGrad: "FusedRmsNormGrad",
  gelu: "FusedGelu",
  geluKeeping: "FusedGeluKeeping",
  geluGrad: "FusedGeluGrad",
  swiGlu: "FusedSwiGlu",
  swiGluGrad: "FusedSwiGluGrad",
  rotate: "FusedRotate",
  attention: "FusedAttention",
  attentionGrad: "FusedAttentionGrad",
  tokenLogProb: "FusedTokenLogProb",
  tokenLogProbGrad: "FusedTokenLogProbGrad",
  embed: "FusedEmbed",
  embedGrad: "FusedEmbedGrad"
} as const

type Infos<Name extends string> = Readonly<Record<Name, TensorInfo>>

const run = <T>(kernel: string, inputs: Readonly<Record<string, Tensor>>, attributes: NamedAttrMap = {}): T =>
  tf.engine().runKernel(kernel, inputs, attributes) as unknown as T

/** Whether the engine records operations for a gradient. */
const isDifferentiated = (): boolean => tf.engine().state.gradientDepth > 0

const whole = (tensor: Tensor1D | Tensor2D): Tensor => (tensor.dtype === "int32" ? tensor : tf.cast(tensor, "int32"))

/** What the attention kernels are told beside their tensors. */
interface AttentionAttributes {
  readonly heads: number
  readonly keyHeads: number
  readonly headWidth: number
  /** The length of the longest sequence. */
  readonly longest: number
  /** The size of the softmax that is kept. */
  readonly weightCount: number
}

const roundUpToEight = (n: number): number => Math.ceil(n / 8) * 8

/** Registers the forward and backward kernels for a backend. */
const registerKernels = (kernels: WasmKernels, backendName: string): void => {
  const { exports } = kernels
  const at = (info: TensorInfo): number => kernels.pointer(info)
  const register = <Name extends string>(
    kernelName: string,
    compute: (inputs: Infos<Name>, attributes: NamedAttrMap) => TensorInfo | Array<TensorInfo>
  ): void => tf.registerKernel({ kernelName, backendName, kernelFunc: ({ inputs, attrs }) => compute(inputs as Infos<Name>, attrs ?? {}) })

  register<"x" | "gain">(name.rmsNorm, ({ x, gain }, attributes) => {
    const [n, d] = x.shape as [number, number]
    const y = kernels.output([n, d])
    const inverse = kernels.output([n])
    exports.rmsNorm(at(x), at(gain), at(y), at(inverse), n, d, attributes["epsilon"] as number)
    return [y, inverse]
  })
  register<"x" | "gain" | "inverse" | "dy">(name.rmsNormGrad, ({ x, gain, inverse, dy }) => {
    const [n, d] = x.shape as [number, number]
    const dx = kernels.output([n, d])
    const dgain = kernels.output([d])
    exports.rmsNormGradX(at(x), at(gain), at(inverse), at(dy), at(dx), n, d)
    exports.rmsNormGradGain(at(x), at(inverse), at(dy), at(dgain), n, d)
    return [dx, dgain]
  })

  register<"x">(name.gelu, ({ x }) => {
    const y = kernels.output(x.shape)
    exports.gelu(at(x), at(y), tf.util.sizeFromShape(x.shape))
    return y
  })
  register<"x">(name.geluKeeping, ({ x }) => {
    const [y, gates] = [kernels.output(x.shape), kernels.output(x.shape)]
    exports.geluKeeping(at(x), at(y), at(gates), tf.util.sizeFromShape(x.shape))
    return [y, gates]
  })
  register<"x" | "gates" | "dy">(name.geluGrad, ({ x, gates, dy }) => {
    const dx = kernels.output(x.shape)
    exports.geluGrad(at(x), at(gates), at(dy), at(dx), tf.util.sizeFromShape(x.shape))
    return dx
  })

  register<"gate" | "up">(name.swiGlu, ({ gate, up }) => {
    const y = kernels.output(gate.shape)
    exports.swiGlu(at(gate), at(up), at(y), tf.util.sizeFromShape(gate.shape))
    return y
  })
  register<"gate" | "up" | "dy">(name.swiGluGrad, ({ gate, up, dy }) => {
    const [dgate, dup] = [kernels.output(gate.shape), kernels.output(up.shape)]
    exports.swiGluGrad(at(gate), at(up), at(dy), at(dgate), at(dup), tf.util.sizeFromShape(gate.shape))
    return [dgate, dup]
  })

  register<"x" | "cosines" | "sines">(name.rotate, ({ x, cosines, sines }, attributes) => {
    const { heads, sign } = attributes as Readonly<Record<"heads" | "sign", number>>
    const [n, width] = x.shape as [number, number]
    const y = kernels.output(x.shape)
    exports.rotate(at(x), at(cosines), at(sines), at(y), n, heads, width / heads, sign)
    return y
  })

  register<"qkv" | "groups" | "starts">(name.attention, ({ qkv, groups, starts }, attributes) => {
    const { headWidth, heads, keyHeads, longest, weightCount } = attributes as unknown as AttentionAttributes
    const positions = qkv.shape[0]!
    const width = heads * headWidth
    const out = kernels.output([positions, width])
    const weights = kernels.output([weightCount])
    const scratch = kernels.scratch(exports.attentionScratch(longest, headWidth))
    exports.attention(at(qkv), at(groups), at(starts), at(out), at(weights), starts.shape[0]! - 1, longest, width, heads, keyHeads, scratch)
    return [out, weights]
  })
  register<"qkv" | "weights" | "starts" | "dy">(name.attentionGrad, ({ qkv, weights, starts, dy }, attributes) => {
    const { headWidth, heads, keyHeads, longest } = attributes as unknown as AttentionAttributes
    const width = heads * headWidth
    const dqkv = kernels.output(qkv.shape)
    const scratch = kernels.scratch(exports.attentionGradScratch(longest, headWidth))
    exports.attentionGrad(
      at(qkv),
      at(weights),
      at(starts),
      at(dy),
      at(dqkv),
      starts.shape[0]! - 1,
      longest,
      width,
      heads,
      keyHeads,
      scratch
    )
    return dqkv
  })

  register<"logits" | "targets" | "allowed" | "setIds">(name.tokenLogProb, ({ logits, targets, allowed, setIds }) => {
    const [n, vocabulary] = logits.shape as [number, number]
    const out = kernels.output([n])
    const normalizers = kernels.output([n])
    const wrong = exports.tokenLogProb(
      at(logits),
      at(targets),
      at(allowed),
      at(setIds),
      at(out),
      at(normalizers),
      n,
      vocabulary,
      allowed.shape[0]!
    )
    if (wrong > 0) {
      throw new Error(`tokenLogProb: row ${wrong - 1} names a set that does not exist, or a target that is not in its set.`)
    }
    return [out, normalizers]
  })
  register<"logits" | "targets" | "allowed" | "setIds" | "normalizers" | "dy">(
    name.tokenLogProbGrad,
    ({ logits, targets, allowed, setIds, normalizers, dy }) => {
      const [n, vocabulary] = logits.shape as [number, number]
      const dlogits = kernels.output([n, vocabulary])
      exports.tokenLogProbGrad(
        at(logits),
        at(targets),
        at(allowed),
        at(setIds),
        at(normalizers),
        at(dy),
        at(dlogits),
        n,
        vocabulary
      )
      return dlogits
    }
  )

  register<"table" | "ids">(name.embed, ({ table, ids }) => {
    const [vocabulary, d] = table.shape as [number, number]
    const n = ids.shape[0]!
    const out = kernels.output([n, d])
    const wrong = exports.embed(at(table), at(ids), at(out), n, vocabulary, d)
    if (wrong > 0) throw new Error(`embed: the id at position ${wrong - 1} is not among the table's ${vocabulary} rows.`)
    return out
  })
  register<"ids" | "dy">(name.embedGrad, ({ ids, dy }, attributes) => {
    const vocabulary = attributes["vocabulary"] as number
    const [n, d] = dy.shape as [number, number]
    const dtable = kernels.output([vocabulary, d])
    exports.embedGrad(at(ids), at(dy), at(dtable), n, vocabulary, d)
    return dtable
  })
}

/**
 * The operations as fused kernels on the memory of a wasm backend, but for those that multiply matrices. Each saves what its gradient needs, also inputs it
 * is not differentiated in, since tensors made inside the differentiated function are gone when gradients run.
 */
export const wasmOps = (kernels: WasmKernels, backendName: string): Omit<Ops, "choiceScores" | "addProduct" | "filled"> => {
  registerKernels(kernels, backendName)

  const rmsNorm = (x: Tensor2D, gain: Tensor1D, epsilon = rmsNormEpsilon): Tensor2D =>
    differentiable(
      [x, gain],
      (x, gain) => {
        const [value, inverse] = run<[Tensor2D, Tensor]>(name.rmsNorm, { x, gain }, { epsilon })
        return { value, saved: [x, gain, inverse] }
      },
      (dy, [x, gain, inverse]) => run<Array<Tensor>>(name.rmsNormGrad, { x, gain, inverse, dy })
    )

  // Where nothing is differentiated, as in sampling, there is nothing to keep for a gradient.
  const gelu = (x: Tensor2D): Tensor2D =>
    isDifferentiated()
      ? differentiable(
        [x],
        (x) => {
          const [value, gates] = run<[Tensor2D, Tensor]>(name.geluKeeping, { x })
          return { value, saved: [x, gates] }
        },
        (dy, [x, gates]) => [run<Tensor>(name.geluGrad, { x, gates, dy })]
      )
      : run<Tensor2D>(name.gelu, { x })

  const swiGlu = (gate: Tensor2D, up: Tensor2D): Tensor2D => {
    checkSameShape("swiGlu", gate, up)
    return differentiable(
      [gate, up],
      (gate, up) => ({ value: run<Tensor2D>(name.swiGlu, { gate, up }), saved: [gate, up] }),
      (dy, [gate, up]) => run<Array<Tensor>>(name.swiGluGrad, { gate, up, dy })
    )
  }

  const rotate = (x: Tensor2D, cosines: Tensor2D, sines: Tensor2D, heads: number): Tensor2D => {
    checkRotation(x, cosines, sines, heads)
    return differentiable(
      [x],
      (x) => ({ value: run<Tensor2D>(name.rotate, { x, cosines, sines }, { heads, sign: 1 }), saved: [cosines, sines] }),
      (dy, [cosines, sines]) => [run<Tensor>(name.rotate, { x: dy, cosines, sines }, { heads, sign: -1 })]
    )
  }

  const raggedAttention = (qkv: Tensor2D, groups: Tensor1D | Tensor2D, starts: Int32Array, heads: number, keyHeads = heads): Tensor2D => {
    const headWidth = attentionHeadWidth(qkv, groups.size, heads, keyHeads)
    let longest = 0
    let weightCount = 0
    for (let row = 1; row < starts.length; row++) {
      const length = starts[row]! - starts[row - 1]!
      if (length < 0) throw new Error(`attention: sequence ${row - 1} ends before it starts.`)
      longest = Math.max(longest, length)
      weightCount += heads * length * roundUpToEight(length)
    }
    if (starts[0] !== 0 || starts.at(-1) !== groups.size) throw new Error(`attention: the sequences do not cover ${groups.size} positions.`)
    const attributes = { heads, keyHeads, headWidth, longest, weightCount } satisfies AttentionAttributes
    return differentiable(
      [qkv],
      (qkv) => {
        const begun = tf.tensor1d(starts, "int32")
        const [value, weights] = run<[Tensor2D, Tensor]>(name.attention, { qkv, groups: whole(groups), starts: begun }, attributes)
        return { value, saved: [qkv, weights, begun] }
      },
      (dy, [qkv, weights, starts]) => [run<Tensor>(name.attentionGrad, { qkv, weights, starts, dy }, attributes)]
    )
  }

  const attention = (qkv: Tensor2D, groups: Tensor2D, heads: number, keyHeads = heads): Tensor2D => {
    const [rows, length] = groups.shape
    return raggedAttention(qkv, groups, Int32Array.from({ length: rows + 1 }, (_, row) => row * length), heads, keyHeads)
  }

  const tokenLogProb = (logits: Tensor2D, targets: Tensor1D, allowedSets: Tensor2D, setIds: Tensor1D): Tensor1D =>
    differentiable(
      [logits],
      (logits) => {
        const constants = { targets: whole(targets), allowed: tf.cast(allowedSets, "float32"), setIds: whole(setIds) }
        const [value, normalizers] = run<[Tensor1D, Tensor]>(name.tokenLogProb, { logits, ...constants })
        return { value, saved: [logits, constants.targets, constants.allowed, constants.setIds, normalizers] }
      },
      (dy, [logits, targets, allowed, setIds, normalizers]) => [
        run<Tensor>(name.tokenLogProbGrad, { logits, targets, allowed, setIds, normalizers, dy })
      ]
    )

  const embed = (table: Tensor2D, ids: Tensor1D): Tensor2D =>
    differentiable(
      [table],
      (table) => {
        const rows = whole(ids)
        return { value: run<Tensor2D>(name.embed, { table, ids: rows }), saved: [rows] }
      },
      (dy, [ids]) => [run<Tensor>(name.embedGrad, { ids, dy }, { vocabulary: table.shape[0] })]
    )

  return {
    rmsNorm,
    gelu,
    swiGlu,
    rotate,
    attention,
    raggedAttention,
    tokenLogProb,
    embed,
    pickRows: embed,
    ...wasmVocabulary(kernels),
    ...wasmDecoding(kernels, backendName, attention)
  }
}
