import { Effect } from "effect"
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { MOST_HEADER, openSafetensors, openSafetensorsIndex, writeSafetensors } from "../../../src/model/pretrained/Safetensors.ts"
import { readTensor } from "../../../src/model/pretrained/StoredTensor.ts"
import { copyOf, PRETRAINED, refusalOf, run, safetensorsBytes } from "../../support/PretrainedFiles.ts"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "safetensors-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const fileOf = (bytes: Uint8Array): string => {
  const file = join(folder, "made.safetensors")
  writeFileSync(file, bytes)
  return file
}
const made = (header: string, data: Uint8Array = new Uint8Array(0)): string => fileOf(safetensorsBytes(header, data))
const entry = (change: object = {}): object => ({ dtype: "F32", shape: [1], data_offsets: [0, 4], ...change })
const FOUR = new Uint8Array(4)

describe("safetensors", () => {
  it("what is written is read again to the bit, in order, with its texts; the numbers begin at a multiple of 8", () => {
    const file = join(folder, "written.safetensors")
    const odd = Float32Array.of(0, -0, 1e-45, -3.4e38, 0.1)
    run(writeSafetensors(
      file,
      new Map([
        ["b", { shape: [5], values: odd }],
        ["a", { shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) }],
        ["scalar", { shape: [], values: Float32Array.of(7) }],
        ["empty", { shape: [0, 3], values: new Float32Array(0) }]
      ]),
      { format: "pt" }
    ))
    const { files, metadata, tensors } = run(openSafetensors(file))
    expect([...tensors.keys()]).toEqual(["b", "a", "scalar", "empty"])
    expect(metadata).toEqual({ format: "pt" })
    expect(files.get(file)).toBe(statSync(file).size)
    expect(tensors.get("b")!.offset % 8).toBe(0)
    const read = run(readTensor(tensors.get("b")!))
    expect(new Uint32Array(read.buffer)).toEqual(new Uint32Array(odd.buffer))
    expect([...run(readTensor(tensors.get("a")!, { isTransposed: true }))]).toEqual([1, 4, 2, 5, 3, 6])
    expect([...run(readTensor(tensors.get("a")!, { rowOf: (row) => 1 - row }))]).toEqual([4, 5, 6, 1, 2, 3])
    expect([...run(readTensor(tensors.get("scalar")!))]).toEqual([7])
    expect(run(readTensor(tensors.get("empty")!))).toHaveLength(0)
    expect(() => writeSafetensors(file, new Map([["a", { shape: [3], values: new Float32Array(2) }]]))).toThrow(RangeError)
  })

  it("large tensors are read in parts, and turned, as small ones are", () => {
    const [rows, columns] = [700, 501]
    const values = Float32Array.from({ length: rows * columns }, (_, i) => i)
    const file = join(folder, "large.safetensors")
    run(writeSafetensors(file, new Map([["large", { shape: [rows, columns], values }]])))
    const tensor = run(openSafetensors(file)).tensors.get("large")!
    expect(run(readTensor(tensor)).findIndex((value, i) => value !== values[i])).toBe(-1)
    const turned = run(readTensor(tensor, { isTransposed: true, rowOf: (row) => rows - 1 - row }))
    const expected = Float32Array.from({ length: rows * columns }, (_, i) => (rows - 1 - (i % rows)) * columns + Math.floor(i / rows))
    // Comparing element by element says where they differ in a moment; a difference in words takes minutes.
    expect(turned.findIndex((value, i) => value !== expected[i])).toBe(-1)
  })

  it("a file that is cut off anywhere is refused, and so is one that has more", () => {
    const whole = readFileSync(join(PRETRAINED, "llama", "golden", "adapter", "adapter_model.safetensors"))
    const length = Number(new DataView(whole.buffer, whole.byteOffset).getBigUint64(0, true))
    for (const end of [0, 1, 7, 8, 9, 8 + length - 1, 8 + length, 8 + length + 1, whole.length - 1]) {
      const { reason } = refusalOf(openSafetensors(fileOf(whole.subarray(0, end))))
      expect([end, reason]).toEqual([end, "CutOff"])
    }
    expect(refusalOf(openSafetensors(fileOf(Uint8Array.from([...whole, 0])))).reason).toBe("Format")
    expect(run(openSafetensors(fileOf(whole))).tensors.size).toBe(28)
  })

  it.each<[string, () => string, string]>([
    ["a header of 2^63 bytes", () => fileOf(Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 128, 123])), "a header of 9223372036854775808 bytes"],
    ["a header beyond the bound", () => {
      const bytes = new Uint8Array(MOST_HEADER + 100)
      new DataView(bytes.buffer).setBigUint64(0, BigInt(MOST_HEADER + 1), true)
      return fileOf(bytes)
    }, "at most"],
    ["no JSON", () => made("{nonsense"), "it is no JSON"],
    ["JSON that is no object", () => made("[1]"), "does not begin with {"],
    ["JSON nested without end", () => made(`{"a":${"[".repeat(100_000)}`), "it is no JSON"],
    [
      "a name twice",
      () => made(`{"a":${JSON.stringify(entry())},"a":${JSON.stringify(entry())}}`, FOUR),
      "2 tensors with 1 different names"
    ],
    ["no entry", () => made(JSON.stringify({ a: 5 })), "no object"],
    ["a shape of text", () => made(JSON.stringify({ a: entry({ shape: ["1"] }) }), FOUR), "with whole numbers"],
    ["a negative length", () => made(JSON.stringify({ a: entry({ shape: [-1] }) }), FOUR), "with whole numbers"],
    [
      "a product beyond whole numbers, of a kind that is not known",
      () => made(JSON.stringify({ a: entry({ dtype: "F4", shape: [2 ** 40, 2 ** 40] }) }), FOUR),
      "for [1099511627776"
    ],
    ["a product beyond whole numbers", () => made(JSON.stringify({ a: entry({ shape: [2 ** 40, 2 ** 40] }) }), FOUR), "for [1099511627776"],
    ["bytes that are not the shape's", () => made(JSON.stringify({ a: entry({ shape: [2] }) }), FOUR), "expected 8 bytes"],
    ["an end before the beginning", () => made(JSON.stringify({ a: entry({ data_offsets: [4, 0] }) }), FOUR), "bytes 4 to 0"],
    ["a gap", () => made(JSON.stringify({ a: entry({ data_offsets: [4, 8] }) }), new Uint8Array(8)), "where those before it end"],
    ["an overlap", () => made(JSON.stringify({ a: entry(), b: entry() }), FOUR), "where those before it end"],
    ["bytes of nobody", () => made(JSON.stringify({ a: entry() }), new Uint8Array(5)), "where the last tensor ends"],
    ["metadata that are no texts", () => made(JSON.stringify({ __metadata__: { a: 1 } })), "__metadata__"]
  ])("refuses %s", (_, file, part) => {
    expect(refusalOf(openSafetensors(file())).message).toContain(part)
  })

  it("an entry named __proto__ is a tensor like any other", () => {
    const { tensors } = run(openSafetensors(made(`{"__proto__":${JSON.stringify(entry())}}`, FOUR)))
    expect([...tensors.keys()]).toEqual(["__proto__"])
  })

  it("other kinds of numbers are listed, and refused when they are read, with those that are read", () => {
    const { tensors } = run(openSafetensors(made(JSON.stringify({ a: entry({ dtype: "I32" }) }), FOUR)))
    expect(refusalOf(readTensor(tensors.get("a")!))).toMatchObject({ reason: "Quantisation", tensor: "a", found: "numbers stored as I32" })
  })

  it.each([["F32", [0, 0, 192, 127]], ["F32", [0, 0, 128, 255]], ["BF16", [192, 127]], ["F16", [0, 124]]])(
    "%s that are not finite are refused with their place",
    (dtype, bytes) => {
      const data = Uint8Array.from([...bytes.map(() => 0), ...bytes])
      const file = made(JSON.stringify({ a: { dtype, shape: [2], data_offsets: [0, data.length] } }), data)
      const error = refusalOf(readTensor(run(openSafetensors(file)).tensors.get("a")!))
      expect(error.reason).toBe("NotFinite")
      expect(error.found).toMatch(/^number 1 is (NaN|-?Infinity)$/)
    }
  )

  it("a file that has shrunk since it was opened is refused", () => {
    const file = made(JSON.stringify({ a: entry() }), FOUR)
    const { tensors } = run(openSafetensors(file))
    writeFileSync(file, readFileSync(file).subarray(0, -1))
    expect(refusalOf(readTensor(tensors.get("a")!)).reason).toBe("CutOff")
  })

  it("no file, and a folder, are said to be that", () => {
    expect(refusalOf(openSafetensors(join(folder, "none"))).reason).toBe("Missing")
    expect(refusalOf(openSafetensors(folder)).found).toBe("it is a folder")
  })

  describe("an index of several files", () => {
    const index = (name: string): string => join(copyOf("llama", join(folder, name)), "model.safetensors.index.json")
    const change = (file: string, edit: (map: Record<string, string>) => unknown): string => {
      const { weight_map: map } = JSON.parse(readFileSync(file, "utf8")) as { readonly weight_map: Record<string, string> }
      writeFileSync(file, JSON.stringify({ weight_map: edit(map) }))
      return file
    }

    it("gives the tensors of all", () => {
      const { files, tensors } = run(openSafetensorsIndex(index("whole")))
      expect(tensors.size).toBe(21)
      expect(files.size).toBe(3)
    })

    it("is refused where it and the files disagree, or it leads elsewhere", () => {
      const renamed = change(index("renamed"), (map) => ({ ...map, other: Object.values(map)[0] }))
      expect(refusalOf(openSafetensorsIndex(renamed))).toMatchObject({ reason: "Missing", tensor: "other" })
      const left = change(index("left"), (map) => Object.fromEntries(Object.entries(map).filter(([name]) => name !== "model.norm.weight")))
      expect(refusalOf(openSafetensorsIndex(left))).toMatchObject({
        reason: "Format",
        tensor: "model.norm.weight",
        found: "it is not listed"
      })
      const outside = change(index("outside"), (map) => ({ ...map, other: "../secret.safetensors" }))
      expect(refusalOf(openSafetensorsIndex(outside)).found).toBe("the file \"../secret.safetensors\"")
      const long = change(index("long"), (map) => ({ ...map, other: "x".repeat(5000) }))
      expect(refusalOf(openSafetensorsIndex(long)).found).toBe(`the file "${"x".repeat(80)}…"`)
      const lost = index("lost")
      rmSync(join(lost, "..", "model-00002-of-00003.safetensors"))
      expect(refusalOf(openSafetensorsIndex(lost)).file).toMatch(/model-00002-of-00003\.safetensors$/)
    })
  })

  it("a folder that cannot be written is a FileError", () => {
    const failed = Effect.runSync(Effect.flip(writeSafetensors(join(folder, "no", "such", "file"), new Map())))
    expect(failed.message).toContain("Is the folder writable")
  })
})
