import { BackendWasm } from "@tensorflow/tfjs-backend-wasm"
import * as tf from "@tensorflow/tfjs-core"
import { describe, expect, it } from "vitest"
import type { Sgemm } from "../../../src/model/device/Blas.ts"
import { flawOf, NATIVE_FROM, nativeProducts } from "../../../src/model/device/NativeProducts.ts"
import { linkKernels, type WasmKernels } from "../../../src/model/device/WasmKernels.ts"
import { ownProducts } from "../../../src/model/device/WasmMatMul.ts"

const start = async (): Promise<WasmKernels> => {
  await tf.setBackend("wasm")
  const backend = tf.backend()
  const kernels = backend instanceof BackendWasm ? linkKernels(backend, "relaxed") : "another backend started"
  if (typeof kernels === "string") throw new Error(kernels)
  return kernels
}
const kernels = await start()
const own = ownProducts(kernels)

/** Addresses in these tests are offsets from a base that no memory has. */
const BASE = 2 ** 40
const foreign = { address: () => BigInt(BASE) }

/** What a stand-in for a library does wrong. */
interface Mistakes {
  readonly reads?: "c"
  readonly writesFurther?: boolean
  readonly ignores?: "transA" | "transB" | "beta"
  readonly drops?: "zeros" | "last" | "deep"
  readonly rounds?: number
}

/** sgemm in JavaScript, in double precision, with mistakes. */
const standIn = ({ drops, ignores, reads, rounds = 1, writesFurther = false }: Mistakes = {}): { readonly sgemm: Sgemm } => ({
  sgemm: (order, transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc) => {
    expect([order, alpha, ldc]).toEqual([101, 1, n])
    const memory = new Float32Array(kernels.memory.buffer)
    const [A, B, C] = [a, b, c].map((address) => (address - BASE) / 4) as [number, number, number]
    const isA = transA === 112 && ignores !== "transA"
    const isB = transB === 112 && ignores !== "transB"
    const depth = drops === "last" && k > 100 ? k - 1 : drops === "deep" && k > 256 ? 256 : k
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        const before = memory[C + i * ldc + j]!
        const isAdded = beta === 1 && ignores !== "beta"
        let sum = isAdded || (reads === "c" && Number.isNaN(before)) ? before : 0
        for (let t = 0; t < depth; t++) {
          const [x, y] = [memory[A + (isA ? t * lda + i : i * lda + t)]!, memory[B + (isB ? j * ldb + t : t * ldb + j)]!]
          if (drops !== "zeros" || y !== 0) sum += x * y
        }
        memory[C + i * ldc + j] = sum * rounds
      }
    }
    if (writesFurther) memory[C + m * ldc] = 0
  }
})

const flaw = (mistakes?: Mistakes) => flawOf(kernels, standIn(mistakes), foreign, own)

describe("flawOf", () => {
  it("finds none in a library that computes rightly, though it rounds otherwise", () => expect(flaw()).toBeUndefined())

  it.each<readonly [string, Mistakes, RegExp]>([
    ["takes no notice of the first transposition", { ignores: "transA" }, /first transposed wrongly/],
    ["takes no notice of the second", { ignores: "transB" }, /second transposed wrongly/],
    ["takes no notice of what it is to add to", { ignores: "beta" }, /wrongly/],
    ["reads the result before it is written", { reads: "c" }, /wrongly: NaN/],
    ["writes beyond the result", { writesFurther: true }, /writes outside a product/],
    ["loses the last of an odd depth", { drops: "last" }, /\[33,519\]·\[519,17\] wrongly/],
    ["stops at a block of depth", { drops: "deep" }, /\[33,519\]·\[519,17\] wrongly/],
    ["takes 0 times NaN for 0", { drops: "zeros" }, /wrongly: .* where NaN is right/],
    ["is off by a hundred-thousandth", { rounds: 1 + 1e-4 }, /wrongly/]
  ])("refuses one that %s", (_what, mistakes, reason) => expect(flaw(mistakes)).toMatch(reason))
})

describe("nativeProducts", () => {
  const calls: Array<ReadonlyArray<number>> = []
  const recording = { sgemm: (...args: ReadonlyArray<number>) => void calls.push(args) } as unknown as { readonly sgemm: Sgemm }

  it("leaves small products to the own kernel, among them those with nothing to add", () => {
    const made: Array<string> = []
    const product = nativeProducts(kernels, recording, foreign, (_a, _b, _c, m, n, k) => void made.push(`${m} ${n} ${k}`))
    calls.length = 0
    product(0, 0, 0, 100, 100, 0, false, false)
    product(0, 0, 0, 1, 1, NATIVE_FROM - 1, false, false)
    product(0, 0, 0, 1, 1, NATIVE_FROM, false, false)
    expect(made).toEqual(["100 100 0", `1 1 ${NATIVE_FROM - 1}`])
    expect(calls.length).toBe(1)
  })

  it("asks for the address of the memory once, and again when the buffer is another one", () => {
    const buffers = [new ArrayBuffer(1e6), new ArrayBuffer(2e6)]
    let current = buffers[0]!
    const memory = {
      get buffer() {
        return current
      }
    }
    const asked: Array<ArrayBuffer> = []
    const product = nativeProducts(
      { memory } as unknown as WasmKernels,
      recording,
      { address: (buffer) => (asked.push(buffer), BigInt(buffer === buffers[0] ? 1000 : 5000)) },
      own,
      0
    )
    calls.length = 0
    product(4, 8, 12, 2, 3, 4, false, true)
    product(4, 8, 12, 2, 3, 4, true, false)
    current = buffers[1]!
    product(4, 8, 12, 2, 3, 4, false, false)
    expect(asked).toEqual(buffers)
    // order, transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc
    expect(calls).toEqual([
      [101, 111, 112, 2, 3, 4, 1, 1004, 4, 1008, 4, 0, 1012, 3],
      [101, 112, 111, 2, 3, 4, 1, 1004, 2, 1008, 3, 0, 1012, 3],
      [101, 111, 111, 2, 3, 4, 1, 5004, 4, 5008, 3, 0, 5012, 3]
    ])
  })

  it("refuses what lies outside the memory, and takes negative offsets for those beyond 2 GiB", () => {
    const sized = (byteLength: number) =>
      nativeProducts({ memory: { buffer: { byteLength } } } as unknown as WasmKernels, recording, { address: () => 0n }, own, 0)
    calls.length = 0
    sized(4 * 12)(0, 0, 0, 2, 3, 4, false, false)
    for (const [a, b, c] of [[20, 0, 0], [0, 4, 0], [0, 0, 28]] as const) {
      expect(() => sized(4 * 12)(a, b, c, 2, 3, 4, false, false)).toThrow(/lies outside the memory of 48 bytes/)
    }
    sized(2 ** 32)(-4096, 0, 2 ** 31, 2, 3, 4, false, false)
    expect(calls.map((args) => [args[7], args[9], args[12]])).toEqual([[0, 0, 0], [2 ** 32 - 4096, 0, 2 ** 31]])
  })
})
