/**
 * How weights are stored, and as which float32 numbers they are read: plain formats, and the blocks of GGUF, to the bit as `dequantize` of
 * gguf-py 0.19 reads them.
 *
 * A block of 32 or 256 weights has a scale (and a least value) of its own in float16; each weight is a small integer. The K formats have
 * scales of 6 or 8 bits for groups of 16 or 32 in it. Products of a scale's 11 bits with those of a group and of a weight are exact in float32 but for
 * the last one of Q6_K, so a weight is rounded once, when it is stored, as it is where every step is float32.
 *
 * Source: ggml-quants.c of ggml, gguf-py/gguf/quants.py.
 *
 * @module
 */

/** A way of storing numbers: `bytes` bytes hold `values` numbers. */
export interface NumberFormat {
  readonly values: number
  readonly bytes: number
  /** Reads whole blocks: the numbers of `source`, as many as fit, into `target`. */
  readonly decode: (source: Uint8Array, target: Float32Array) => void
}

const halfToFloat = (half: number): number => {
  const [sign, exponent, fraction] = [half & 0x8000 ? -1 : 1, (half >> 10) & 31, half & 1023]
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN
  return sign * (1024 + fraction) * 2 ** (exponent - 25)
}

let halves: Float32Array | undefined

/** The float32 of each of the 65,536 float16. */
const halfTable = (): Float32Array => {
  halves ??= Float32Array.from({ length: 0x10000 }, (_, half) => halfToFloat(half))
  return halves
}

const half = (source: Uint8Array, at: number): number => source[at]! | (source[at + 1]! << 8)
const signed = (byte: number): number => (byte << 24) >> 24

const decodeF32 = (source: Uint8Array, target: Float32Array): void => {
  new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(source.subarray(0, target.byteLength))
}

const decodeF16 = (source: Uint8Array, target: Float32Array): void => {
  const table = halfTable()
  for (let i = 0; i < target.length; i++) target[i] = table[half(source, 2 * i)]!
}

const decodeBF16 = (source: Uint8Array, target: Float32Array): void => {
  const words = new Uint32Array(target.buffer, target.byteOffset, target.length)
  for (let i = 0; i < words.length; i++) words[i] = half(source, 2 * i) << 16
}

const Q4_0: NumberFormat = {
  values: 32,
  bytes: 18,
  decode: (source, target) => {
    const table = halfTable()
    for (let from = 0, to = 0; to < target.length; from += 18, to += 32) {
      const scale = table[half(source, from)]!
      for (let i = 0; i < 16; i++) {
        const pair = source[from + 2 + i]!
        target[to + i] = scale * ((pair & 15) - 8)
        target[to + 16 + i] = scale * ((pair >> 4) - 8)
      }
    }
  }
}

const Q4_1: NumberFormat = {
  values: 32,
  bytes: 20,
  decode: (source, target) => {
    const table = halfTable()
    for (let from = 0, to = 0; to < target.length; from += 20, to += 32) {
      const scale = table[half(source, from)]!
      const least = table[half(source, from + 2)]!
      for (let i = 0; i < 16; i++) {
        const pair = source[from + 4 + i]!
        target[to + i] = scale * (pair & 15) + least
        target[to + 16 + i] = scale * (pair >> 4) + least
      }
    }
  }
}

const Q5_0: NumberFormat = {
  values: 32,
  bytes: 22,
  decode: (source, target) => {
    const table = halfTable()
    for (let from = 0, to = 0; to < target.length; from += 22, to += 32) {
      const scale = table[half(source, from)]!
      const high = half(source, from + 2) | (half(source, from + 4) << 16)
      for (let i = 0; i < 16; i++) {
        const pair = source[from + 6 + i]!
        target[to + i] = scale * (((pair & 15) | (((high >>> i) & 1) << 4)) - 16)
        target[to + 16 + i] = scale * (((pair >> 4) | (((high >>> (i + 16)) & 1) << 4)) - 16)
      }
    }
  }
}

const Q5_1: NumberFormat = {
  values: 32,
  bytes: 24,
  decode: (source, target) => {
    const table = halfTable()
    for (let from = 0, to = 0; to < target.length; from += 24, to += 32) {
      const scale = table[half(source, from)]!
      const least = table[half(source, from + 2)]!
      const high = half(source, from + 4) | (half(source, from + 6) << 16)
      for (let i = 0; i < 16; i++) {
        const pair = source[from + 8 + i]!
        target[to + i] = scale * ((pair & 15) | (((high >>> i) & 1) << 4)) + least
        target[to + 16 + i] = scale * ((pair >> 4) | (((high >>> (i + 16)) & 1) << 4)) + least
      }
    }
  }
}

const Q8_0: NumberFormat = {
  values: 32,
  bytes: 34,
  decode: (source, target) => {
    const table = halfTable()
    for (let from = 0, to = 0; to < target.length; from += 34, to += 32) {
      const scale = table[half(source, from)]!
      for (let i = 0; i < 32; i++) target[to + i] = scale * signed(source[from + 2 + i]!)
    }
  }
}

/** Scale and least value, 6 bits each, of group j of eight, from the 12 bytes at `at`. */
const groupScale = (source: Uint8Array, at: number, j: number): number =>
  j < 4 ? source[at + j]! & 63 : (source[at + 4 + j]! & 15) | ((source[at + j - 4]! >> 6) << 4)
const groupLeast = (source: Uint8Array, at: number, j: number): number =>
  j < 4 ? source[at + 4 + j]! & 63 : (source[at + 4 + j]! >> 4) | ((source[at + j]! >> 6) << 4)

const Q4_K: NumberFormat = {
  values: 256,
  bytes: 144,
  decode: (source, target) => {
    const table = halfTable()
    for (let from = 0, to = 0; to < target.length; from += 144, to += 256) {
      const scale = table[half(source, from)]!
      const least = table[half(source, from + 2)]!
      for (let group = 0; group < 8; group++) {
        const d = scale * groupScale(source, from + 4, group)
        const m = least * groupLeast(source, from + 4, group)
        const at = from + 16 + 32 * (group >> 1)
        const shift = 4 * (group & 1)
        for (let i = 0; i < 32; i++) target[to + 32 * group + i] = d * ((source[at + i]! >> shift) & 15) - m
      }
    }
  }
}

const Q5_K: NumberFormat = {
  values: 256,
  bytes: 176,
  decode: (source, target) => {
    const table = halfTable()
    for (let from = 0, to = 0; to < target.length; from += 176, to += 256) {
      const scale = table[half(source, from)]!
      const least = table[half(source, from + 2)]!
      for (let group = 0; group < 8; group++) {
        const d = scale * groupScale(source, from + 4, group)
        const m = least * groupLeast(source, from + 4, group)
        const at = from + 48 + 32 * (group >> 1)
        const shift = 4 * (group & 1)
        for (let i = 0; i < 32; i++) {
          const high = (source[from + 16 + i]! >> group) & 1
          target[to + 32 * group + i] = d * (((source[at + i]! >> shift) & 15) | (high << 4)) - m
        }
      }
    }
  }
}

const Q6_K: NumberFormat = {
  values: 256,
  bytes: 210,
  decode: (source, target) => {
    const table = halfTable()
    for (let from = 0, to = 0; to < target.length; from += 210, to += 256) {
      const scale = table[half(source, from + 208)]!
      for (let group = 0; group < 16; group++) {
        const d = scale * signed(source[from + 192 + group]!)
        for (let i = 0; i < 16; i++) {
          // Within each half of 128: four rows of 32, whose low bits share 64 bytes and whose high bits share 32.
          const value = 16 * group + i
          const part = value >> 7
          const row = (value >> 5) & 3
          const column = value & 31
          const low = (source[from + 64 * part + 32 * (row & 1) + column]! >> (4 * (row >> 1))) & 15
          const high = (source[from + 128 + 32 * part + column]! >> (2 * row)) & 3
          target[to + value] = d * ((low | (high << 4)) - 32)
        }
      }
    }
  }
}

/** The formats that are read, by the names that safetensors and GGUF give them. */
export const NUMBER_FORMATS = {
  F32: { values: 1, bytes: 4, decode: decodeF32 },
  F16: { values: 1, bytes: 2, decode: decodeF16 },
  BF16: { values: 1, bytes: 2, decode: decodeBF16 },
  Q8_0,
  Q4_0,
  Q4_1,
  Q5_0,
  Q5_1,
  Q4_K,
  Q5_K,
  Q6_K
} as const satisfies Readonly<Record<string, NumberFormat>>

/** The name of a format that is read. */
export type NumberFormatName = keyof typeof NUMBER_FORMATS

/** Whether a name is that of a format that is read. */
export const isNumberFormat = (name: string): name is NumberFormatName => Object.hasOwn(NUMBER_FORMATS, name)
