/**
 * The compiled kernels of `assembly/`, loaded into the memory of the tensor library's WebAssembly backend.
 *
 * @module
 */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm"
import type { TensorInfo } from "@tensorflow/tfjs-core"
import { nodeBuiltin } from "./NodeBuiltins.ts"
import { type WasmMemory, webAssembly } from "./WebAssembly.ts"

/** A byte offset into the backend's memory. */
type Pointer = number
type Count = number

/** c [m,n] = op(a)·op(b) for row-major float32 matrices, op(a) [m,k], op(b) [k,n], or with `accumulate` that added to c; `c` is neither factor. */
export type MultiplyMatrices<Matrix = Pointer> = (
  a: Matrix,
  b: Matrix,
  c: Matrix,
  m: Count,
  n: Count,
  k: Count,
  transposeA: boolean,
  transposeB: boolean,
  accumulate?: boolean
) => void

/** What the compiled kernels export; the sources in `assembly/` say what each computes. */
export interface KernelExports {
  readonly gemmScratch: (m: Count, n: Count, k: Count, transposeA: boolean) => Count
  readonly gemm: (
    a: Pointer,
    b: Pointer,
    c: Pointer,
    m: Count,
    n: Count,
    k: Count,
    transposeA: boolean,
    transposeB: boolean,
    accumulate: boolean,
    scratch: Pointer
  ) => void
  readonly gemmSymmetric: (
    a: Pointer,
    b: Pointer,
    c: Pointer,
    m: Count,
    k: Count,
    transposeA: boolean,
    transposeB: boolean,
    scratch: Pointer
  ) => void
  readonly combine: (x: Pointer, alpha: number, y: Pointer, beta: number, out: Pointer, count: Count) => void
  readonly rmsNorm: (x: Pointer, gain: Pointer, y: Pointer, inverse: Pointer, n: Count, d: Count, epsilon: number) => void
  readonly rmsNormGradX: (x: Pointer, gain: Pointer, inverse: Pointer, dy: Pointer, dx: Pointer, n: Count, d: Count) => void
  readonly rmsNormGradGain: (x: Pointer, inverse: Pointer, dy: Pointer, dgain: Pointer, n: Count, d: Count) => void
  readonly gelu: (x: Pointer, y: Pointer, count: Count) => void
  readonly geluKeeping: (x: Pointer, y: Pointer, gates: Pointer, count: Count) => void
  readonly geluGrad: (x: Pointer, gates: Pointer, dy: Pointer, dx: Pointer, count: Count) => void
  readonly attentionScratch: (length: Count, headWidth: Count) => Count
  readonly attention: (
    qkv: Pointer,
    groups: Pointer,
    starts: Pointer,
    out: Pointer,
    weights: Pointer,
    rows: Count,
    longest: Count,
    width: Count,
    heads: Count,
    keyHeads: Count,
    scratch: Pointer
  ) => void
  readonly attentionGradScratch: (length: Count, headWidth: Count) => Count
  readonly attentionGrad: (
    qkv: Pointer,
    weights: Pointer,
    starts: Pointer,
    dy: Pointer,
    dqkv: Pointer,
    rows: Count,
    longest: Count,
    width: Count,
    heads: Count,
    keyHeads: Count,
    scratch: Pointer
  ) => void
  readonly swiGlu: (gate: Pointer, up: Pointer, y: Pointer, count: Count) => void
  readonly swiGluGrad: (gate: Pointer, up: Pointer, dy: Pointer, dgate: Pointer, dup: Pointer, count: Count) => void
  readonly rotate: (
    x: Pointer,
    cosines: Pointer,
    sines: Pointer,
    y: Pointer,
    n: Count,
    heads: Count,
    headWidth: Count,
    sign: number
  ) => void
  readonly tokenLogProb: (
    logits: Pointer,
    targets: Pointer,
    allowed: Pointer,
    setIds: Pointer,
    out: Pointer,
    normalizers: Pointer,
    n: Count,
    vocabulary: Count,
    sets: Count
  ) => number
  readonly tokenLogProbGrad: (
    logits: Pointer,
    targets: Pointer,
    allowed: Pointer,
    setIds: Pointer,
    normalizers: Pointer,
    dy: Pointer,
    dlogits: Pointer,
    n: Count,
    vocabulary: Count
  ) => void
  readonly vocabularySums: (logits: Pointer, targets: Pointer, out: Pointer, n: Count, vocabulary: Count, scale: number) => void
  readonly vocabularyGradients: (
    logits: Pointer,
    targets: Pointer,
    out: Pointer,
    entropies: Pointer,
    n: Count,
    vocabulary: Count,
    scale: number
  ) => void
  readonly vocabularyDraws: (
    logits: Pointer,
    shares: Pointer,
    tokens: Pointer,
    out: Pointer,
    n: Count,
    vocabulary: Count,
    scale: number
  ) => void
  readonly embed: (table: Pointer, ids: Pointer, out: Pointer, n: Count, vocabulary: Count, d: Count) => number
  readonly embedGrad: (ids: Pointer, dy: Pointer, dtable: Pointer, n: Count, vocabulary: Count, d: Count) => void
  readonly fillCache: (
    qkv: Pointer,
    groups: Pointer,
    keys: Pointer,
    values: Pointer,
    codes: Pointer,
    rowOf: Pointer,
    rows: Count,
    length: Count,
    slots: Count,
    width: Count,
    heads: Count,
    keyHeads: Count
  ) => void
  readonly growCache: (
    keys: Pointer,
    values: Pointer,
    codes: Pointer,
    slots: Count,
    intoKeys: Pointer,
    intoValues: Pointer,
    intoCodes: Pointer,
    intoSlots: Count,
    rows: Count,
    headWidth: Count,
    keyHeads: Count
  ) => void
  readonly decodeScratch: (slots: Count) => Count
  readonly decodeAttention: (
    qkv: Pointer,
    keys: Pointer,
    values: Pointer,
    codes: Pointer,
    rowOf: Pointer,
    slotOf: Pointer,
    groupOf: Pointer,
    out: Pointer,
    rows: Count,
    slots: Count,
    width: Count,
    heads: Count,
    keyHeads: Count,
    scratch: Pointer
  ) => number
}

/** The undocumented parts of the backend that own kernels need: its memory and its allocator (tfjs 4.22). */
interface BackendInternals {
  readonly asm?: { readonly memory?: unknown }
  readonly _malloc: (bytes: number) => number
  readonly _free: (pointer: Pointer) => void
}

/** The memory the kernels share with the backend. */
interface SharedMemory {
  readonly memory: WasmMemory
  readonly allocate: (bytes: number) => number
  readonly free: (pointer: Pointer) => void
}

const sharedMemory = (backend: BackendWasm): SharedMemory | undefined => {
  const { asm, _malloc: allocate, _free: free } = backend.wasm as unknown as BackendInternals
  const memory = asm?.memory
  return memory instanceof webAssembly.Memory ? { memory, allocate, free } : undefined
}

/** The kernels at work on one backend's memory. */
export class WasmKernels {
  readonly exports: KernelExports
  /** Whether products are added with one rounding (fused multiply-add). */
  readonly relaxed: boolean
  readonly #backend: BackendWasm
  readonly #shared: SharedMemory
  #scratch = 0
  #scratchBytes = 0

  constructor(backend: BackendWasm, shared: SharedMemory, exports: KernelExports, relaxed: boolean) {
    this.#backend = backend
    this.#shared = shared
    this.exports = exports
    this.relaxed = relaxed
  }

  /** Where a tensor's numbers lie. */
  pointer({ dataId }: TensorInfo): Pointer {
    return this.#backend.dataIdMap.get(dataId).memoryOffset
  }

  /** A new tensor with undefined numbers, for a kernel to fill. */
  output(shape: ReadonlyArray<number>, dtype: "float32" | "int32" = "float32"): TensorInfo {
    return this.#backend.makeOutput([...shape], dtype)
  }

  /** At least so many bytes that hold nothing between two kernels. */
  scratch(bytes: number): Pointer {
    if (bytes > this.#scratchBytes) {
      if (this.#scratch !== 0) this.#shared.free(this.#scratch)
      this.#scratch = this.#scratchBytes = 0
      this.#scratch = this.#shared.allocate(bytes) >>> 0
      this.#scratchBytes = bytes
    }
    return this.#scratch
  }

  /** The memory that the kernels and the backend share. */
  get memory(): WasmMemory {
    return this.#shared.memory
  }

  /** The numbers at a pointer, until the memory grows. */
  view(pointer: Pointer, count: Count): Float32Array {
    return new Float32Array(this.#shared.memory.buffer, pointer, count)
  }

  /** Float64 numbers at a pointer that is a multiple of eight, until the memory grows. */
  doubles(pointer: Pointer, count: Count): Float64Array {
    return new Float64Array(this.#shared.memory.buffer, pointer, count)
  }

  /** Whole numbers at a pointer, until the memory grows. */
  integers(pointer: Pointer, count: Count): Int32Array {
    return new Int32Array(this.#shared.memory.buffer, pointer, count)
  }

  /** So many bytes of one's own, to be given back with `free`. */
  allocate(bytes: number): Pointer {
    return this.#shared.allocate(bytes) >>> 0
  }

  /** Gives back what `allocate` gave. */
  free(pointer: Pointer): void {
    this.#shared.free(pointer)
  }

  /** Copies whole numbers into the backend's memory. */
  write(pointer: Pointer, values: Int32Array): void {
    new Int32Array(this.#shared.memory.buffer, pointer, values.length).set(values)
  }
}

const binaries = [
  { file: "./kernels-relaxed.wasm", relaxed: true },
  { file: "./kernels-simd.wasm", relaxed: false }
] as const

/** The compiled builds: with fused multiply-add where the Node has it, or always without. */
export type KernelBuild = "relaxed" | "simd"

/**
 * Links the kernels to a backend's memory, in the fastest build this Node compiles. Gives the reason as a string where
 * they cannot be used.
 */
export const linkKernels = (backend: BackendWasm, build: KernelBuild): WasmKernels | string => {
  const shared = sharedMemory(backend)
  if (shared === undefined) return "the tensor library does not expose its memory"
  for (const { file, relaxed } of binaries) {
    if (relaxed && build === "simd") continue
    const bytes = nodeBuiltin("node:fs", "reading the WebAssembly kernels").readFileSync(new URL(file, import.meta.url))
    if (!webAssembly.validate(bytes)) continue
    const instance = new webAssembly.Instance(new webAssembly.Module(bytes), { env: { memory: shared.memory } })
    return new WasmKernels(backend, shared, instance.exports as KernelExports, relaxed)
  }
  return "this Node has no WebAssembly SIMD"
}
