import * as tf from "@tensorflow/tfjs-core"
import type { NamedAttrMap, Tensor, Tensor1D, Tensor2D, TensorInfo } from "@tensorflow/tfjs-core"
import { rmsNormEpsilon } from "./Ops.ts"
import type { Ops } from "./Ops.ts"
import { checkAttention, wasmDecoding } from "./WasmDecoding.ts"
import type { WasmKernels } from "./WasmKernels.ts"

/** Names of the kernels in the tensor library's registry; as such they show up in tf.profile. */
const name = {
  rmsNorm: "FusedRmsNorm",
  rmsNormGrad: "FusedRmsNormGrad",
  gelu: "FusedGelu",
  geluGrad: "FusedGeluGrad",
  attention: "FusedAttention",
  attentionGrad: "FusedAttentionGrad",
  tokenLogProb: "FusedTokenLogProb",
  tokenLogProbGrad: "FusedTokenLogProbGrad",
  embed: "FusedEmbed",
  embedGrad: "FusedEmbedGrad"
} as const

type Infos = Readonly<Record<string, TensorInfo>>

const run = <T>(kernel: string, inputs: Readonly<Record<string, Tensor>>, attributes: NamedAttrMap = {}): T =>
  tf.engine().runKernel(kernel, inputs, attributes) as unknown as T

interface Differentiable<T extends Tensor> {
  readonly value: T
  /** One gradient per input, from the upstream gradient and the saved tensors. */
  readonly gradients: (dy: Tensor, saved: ReadonlyArray<Tensor>) => Array<Tensor>
}

/** Runs an operation whose gradient is given by hand. */
const differentiable = <T extends Tensor>(
  operation: (inputs: ReadonlyArray<Tensor>, save: (tensors: Array<Tensor>) => void) => Differentiable<T>,
  inputs: Array<Tensor>
): T =>
  tf.customGrad((...args) => {
    const save = args.pop() as unknown as (tensors: Array<Tensor>) => void
    const { value, gradients } = operation(args as Array<Tensor>, save)
    return { value, gradFunc: (dy: Tensor, saved: Array<Tensor>) => gradients(dy, saved) }
  })(...inputs) as T

const whole = (tensor: Tensor1D | Tensor2D): Tensor => (tensor.dtype === "int32" ? tensor : tf.cast(tensor, "int32"))

const roundUpToEight = (n: number): number => Math.ceil(n / 8) * 8

/** Registers the forward and backward kernels for a backend. */
const registerKernels = (kernels: WasmKernels, backendName: string): void => {
  const { exports } = kernels
  const at = (info: TensorInfo | undefined): number => kernels.pointer(info!)
  const register = (kernelName: string, compute: (inputs: Infos, attributes: NamedAttrMap) => TensorInfo | Array<TensorInfo>): void =>
    tf.registerKernel({ kernelName, backendName, kernelFunc: ({ inputs, attrs }) => compute(inputs as Infos, attrs ?? {}) })

  register(name.rmsNorm, ({ x, gain }) => {
    const [n, d] = x!.shape as [number, number]
    const y = kernels.output([n, d])
    const inverse = kernels.output([n])
    exports.rmsNorm(at(x), at(gain), at(y), at(inverse), n, d, rmsNormEpsilon)
    return [y, inverse]
  })
  register(name.rmsNormGrad, ({ x, gain, inverse, dy }) => {
    const [n, d] = x!.shape as [number, number]
    const dx = kernels.output([n, d])
    const dgain = kernels.output([d])
    exports.rmsNormGradX(at(x), at(gain), at(inverse), at(dy), at(dx), n, d)
    exports.rmsNormGradGain(at(x), at(inverse), at(dy), at(dgain), n, d)
    return [dx, dgain]
  })

  register(name.gelu, ({ x }) => {
    const y = kernels.output(x!.shape)
    exports.gelu(at(x), at(y), tf.util.sizeFromShape(x!.shape))
    return y
  })
  register(name.geluGrad, ({ x, dy }) => {
    const dx = kernels.output(x!.shape)
    exports.geluGrad(at(x), at(dy), at(dx), tf.util.sizeFromShape(x!.shape))
    return dx
  })

  register(name.attention, ({ qkv, groups }, attributes) => {
    const heads = attributes["heads"] as number
    const [rows, length] = groups!.shape as [number, number]
    const width = qkv!.shape[1]! / 3
    const out = kernels.output([rows * length, width])
    const weights = kernels.output([rows, heads, length, roundUpToEight(length)])
    const scratch = kernels.scratch(exports.attentionScratch(length, width / heads))
    exports.attention(at(qkv), at(groups), at(out), at(weights), rows, length, width, heads, scratch)
    return [out, weights]
  })
  register(name.attentionGrad, ({ qkv, weights, dy }) => {
    const [rows, heads, length] = weights!.shape as [number, number, number]
    const width = qkv!.shape[1]! / 3
    const dqkv = kernels.output(qkv!.shape)
    const scratch = kernels.scratch(exports.attentionGradScratch(length, width / heads))
    exports.attentionGrad(at(qkv), at(weights), at(dy), at(dqkv), rows, length, width, heads, scratch)
    return dqkv
  })

  register(name.tokenLogProb, ({ logits, targets, allowed, setIds }) => {
    const [n, vocabulary] = logits!.shape as [number, number]
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
      allowed!.shape[0]!
    )
    if (wrong > 0) {
      throw new Error(`tokenLogProb: row ${wrong - 1} names a set that does not exist, or a target that is not in its set.`)
    }
    return [out, normalizers]
  })
  register(name.tokenLogProbGrad, ({ logits, targets, allowed, setIds, normalizers, dy }) => {
    const [n, vocabulary] = logits!.shape as [number, number]
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
  })

  register(name.embed, ({ table, ids }) => {
    const [vocabulary, d] = table!.shape as [number, number]
    const n = ids!.shape[0]!
    const out = kernels.output([n, d])
    const wrong = exports.embed(at(table), at(ids), at(out), n, vocabulary, d)
    if (wrong > 0) throw new Error(`embed: the id at position ${wrong - 1} is not among the table's ${vocabulary} rows.`)
    return out
  })
  register(name.embedGrad, ({ ids, dy }, attributes) => {
    const vocabulary = attributes["vocabulary"] as number
    const [n, d] = dy!.shape as [number, number]
    const dtable = kernels.output([vocabulary, d])
    exports.embedGrad(at(ids), at(dy), at(dtable), n, vocabulary, d)
    return dtable
  })
}

/**
 * The operations as fused kernels on the memory of a wasm backend. Each saves what its gradient needs, also inputs it
 * is not differentiated in, since tensors made inside the differentiated function are gone when gradients run.
 */
export const wasmOps = (kernels: WasmKernels, backendName: string): Ops => {
  registerKernels(kernels, backendName)

  const rmsNorm = (x: Tensor2D, gain: Tensor1D): Tensor2D =>
    differentiable(([x, gain], save) => {
      const [y, inverse] = run<[Tensor2D, Tensor]>(name.rmsNorm, { x: x!, gain: gain! })
      save([x!, gain!, inverse])
      return {
        value: y,
        gradients: (dy, [x, gain, inverse]) => run<Array<Tensor>>(name.rmsNormGrad, { x: x!, gain: gain!, inverse: inverse!, dy })
      }
    }, [x, gain])

  const gelu = (x: Tensor2D): Tensor2D =>
    differentiable(([x], save) => {
      save([x!])
      return { value: run<Tensor2D>(name.gelu, { x: x! }), gradients: (dy, [x]) => [run<Tensor>(name.geluGrad, { x: x!, dy })] }
    }, [x])

  const attention = (qkv: Tensor2D, groups: Tensor2D, heads: number): Tensor2D => {
    checkAttention(qkv, groups.size, heads)
    return differentiable(([qkv], save) => {
      const [out, weights] = run<[Tensor2D, Tensor]>(name.attention, { qkv: qkv!, groups: whole(groups) }, { heads })
      save([qkv!, weights])
      return {
        value: out,
        gradients: (dy, [qkv, weights]) => [run<Tensor>(name.attentionGrad, { qkv: qkv!, weights: weights!, dy })]
      }
    }, [qkv])
  }

  const tokenLogProb = (logits: Tensor2D, targets: Tensor1D, allowedSets: Tensor2D, setIds: Tensor1D): Tensor1D =>
    differentiable(([logits], save) => {
      const constants = [whole(targets), tf.cast(allowedSets, "float32"), whole(setIds)] as const
      const inputs = ([logits, targets, allowed, setIds]: ReadonlyArray<Tensor>) => ({
        logits: logits!,
        targets: targets!,
        allowed: allowed!,
        setIds: setIds!
      })
      const [out, normalizers] = run<[Tensor1D, Tensor]>(name.tokenLogProb, inputs([logits!, ...constants]))
      save([logits!, ...constants, normalizers])
      return {
        value: out,
        gradients: (dy, saved) => [run<Tensor>(name.tokenLogProbGrad, { ...inputs(saved), normalizers: saved[4]!, dy })]
      }
    }, [logits])

  const embed = (table: Tensor2D, ids: Tensor1D): Tensor2D =>
    differentiable(([table], save) => {
      const vocabulary = table!.shape[0]!
      const rows = whole(ids)
      save([rows])
      return {
        value: run<Tensor2D>(name.embed, { table: table!, ids: rows }),
        gradients: (dy, [ids]) => [run<Tensor>(name.embedGrad, { ids: ids!, dy }, { vocabulary })]
      }
    }, [table])

  return { rmsNorm, gelu, attention, tokenLogProb, embed, ...wasmDecoding(kernels, backendName, attention) }
}
