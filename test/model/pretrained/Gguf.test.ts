import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { openGguf } from "../../../src/model/pretrained/Gguf.ts"
import { NUMBER_FORMATS } from "../../../src/model/pretrained/NumberFormats.ts"
import { openSafetensors } from "../../../src/model/pretrained/Safetensors.ts"
import { readTensor } from "../../../src/model/pretrained/StoredTensor.ts"
import { ggufBytes, type GgufTensor, type Metadata, PRETRAINED, refusalOf, run } from "../../support/PretrainedFiles.ts"

const blocks = join(PRETRAINED, "..", "gguf")

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gguf-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const fileOf = (bytes: Uint8Array): string => {
  const file = join(folder, "made.gguf")
  writeFileSync(file, bytes)
  return file
}

describe("GGUF", () => {
  const stored = run(openGguf(join(blocks, "blocks.gguf"))).tensors
  const expected = run(openSafetensors(join(blocks, "blocks.safetensors"))).tensors

  it("has every format that is read among the blocks that gguf-py decoded", () => {
    expect([...stored.keys()].sort()).toEqual(Object.keys(NUMBER_FORMATS).sort())
  })

  it.each(Object.keys(NUMBER_FORMATS))("%s is decoded as gguf-py does, to the bit", (format) => {
    const ours = run(readTensor(stored.get(format)!))
    const theirs = run(readTensor(expected.get(format)!))
    expect(stored.get(format)!.format).toBe(format)
    expect(new Uint32Array(ours.buffer)).toEqual(new Uint32Array(theirs.buffer))
  })

  it("metadata of every type are read", () => {
    const bytes = ggufBytes(
      [
        ["u8", { type: 0, bytes: [255] }],
        ["i8", { type: 1, bytes: [255] }],
        ["u16", { type: 2, bytes: [1, 2] }],
        ["i16", { type: 3, bytes: [254, 255] }],
        ["u32", 7],
        ["i32", { type: 5, bytes: [255, 255, 255, 255] }],
        ["f32", { type: 6, bytes: [0, 0, 128, 63] }],
        ["yes", { type: 7, bytes: [1] }],
        ["text", "zwölf"],
        ["u64", { type: 10, bytes: [1, 0, 0, 0, 1, 0, 0, 0] }],
        ["large", { type: 10, bytes: [255, 255, 255, 255, 255, 255, 255, 255] }],
        ["i64", { type: 11, bytes: [255, 255, 255, 255, 255, 255, 255, 255] }],
        ["f64", { type: 12, bytes: [0, 0, 0, 0, 0, 0, 240, 63] }],
        ["list", { type: 9, bytes: [4, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0] }]
      ],
      [],
      []
    )
    expect(Object.fromEntries(run(openGguf(fileOf(bytes))).metadata)).toEqual({
      u8: 255,
      i8: -1,
      u16: 513,
      i16: -2,
      u32: 7,
      i32: -1,
      f32: 1,
      yes: true,
      text: "zwölf",
      u64: 2 ** 32 + 1,
      large: 2n ** 64n - 1n,
      i64: -1,
      f64: 1,
      list: [1, 2]
    })
  })

  it("a file that is cut off at any byte of its head is refused, and one whose numbers are", () => {
    const whole = readFileSync(join(blocks, "blocks.gguf"))
    for (let end = 0; end < 1200; end += end < 200 ? 1 : 7) {
      const { reason } = refusalOf(openGguf(fileOf(whole.subarray(0, end))))
      expect([end, reason]).toEqual([end, "CutOff"])
    }
    expect(refusalOf(openGguf(fileOf(whole.subarray(0, -32))))).toMatchObject({ reason: "CutOff", tensor: "Q6_K" })
  })

  const tensor = (change: Partial<GgufTensor> = {}): GgufTensor => ({ name: "a", dimensions: [1], type: 0, offset: 0, ...change })
  const EIGHT = [0, 0, 0, 0, 0, 0, 0, 0]
  const listOf = (length: ReadonlyArray<number>, type = 8): Metadata => ({ type: 9, bytes: [type, 0, 0, 0, ...length] })
  const HUGE = [255, 255, 255, 255, 255, 255, 255, 127]
  const text = (metadata: ReadonlyArray<readonly [string, Metadata]>, tensors: ReadonlyArray<GgufTensor> = []): string =>
    fileOf(ggufBytes(metadata, tensors, EIGHT))

  it.each<[string, () => string, string]>([
    ["another magic", () => fileOf(ggufBytes([], [], [], { magic: "GGML" })), "the magic GGUF"],
    ["version 1", () => fileOf(ggufBytes([], [], [], { version: 1 })), "version 1;"],
    ["the other byte order", () => fileOf(ggufBytes([], [], [], { version: 0x03000000 })), "the other byte order"],
    ["metadata twice", () => text([["a", 1], ["a", 2]]), "a comes twice"],
    ["metadata of an unknown type", () => text([["a", { type: 13, bytes: [] }]]), "a value of type 13"],
    ["a text of 2^63 bytes", () => text([["a", { type: 8, bytes: HUGE }]]), "the length of a of 9223372036854775807"],
    ["a list of 2^63 texts", () => text([["a", listOf(HUGE)]]), "the length of a of 9223372036854775807"],
    [
      "lists in lists without end",
      () => text([["a", { type: 9, bytes: Array.from({ length: 40 }, () => [9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]).flat() }]]),
      "4 deep"
    ],
    ["a tensor twice", () => text([], [tensor(), tensor({ offset: 32 })]), "it comes twice"],
    ["five dimensions", () => text([], [tensor({ dimensions: [1, 1, 1, 1, 1] })]), "5 dimensions"],
    ["more numbers than there are", () => text([], [tensor({ dimensions: [2n ** 62n, 4] })]), "the shape"],
    ["an offset that is not aligned", () => text([], [tensor({ offset: 4 })]), "a multiple of 32"],
    ["an offset beyond the file", () => text([], [tensor({ offset: 2n ** 60n })]), "begin 115292150460684"],
    ["tensors that overlap", () => text([], [tensor(), tensor({ name: "b" })]), "where those before it end"],
    ["rows that are no whole blocks", () => text([], [tensor({ type: 8, dimensions: [33] })]), "a multiple of 32"],
    ["an alignment of 0", () => text([["general.alignment", 0]], [tensor()]), "general.alignment 0"]
  ])("refuses %s", (_, file, part) => {
    expect(refusalOf(openGguf(file())).message).toContain(part)
  })

  it("numbers of tensors and metadata that the file cannot hold are refused at once", () => {
    const bytes = ggufBytes([], [], EIGHT)
    for (const place of [8, 16]) {
      const changed = Uint8Array.from(bytes)
      changed.set(HUGE, place)
      expect(refusalOf(openGguf(fileOf(changed))).message).toContain("9223372036854775807")
    }
  })

  it("formats that are not read are named when they are read", () => {
    const { tensors } = run(openGguf(text([], [tensor({ type: 16 }), tensor({ name: "b", type: 99 })])))
    expect(refusalOf(readTensor(tensors.get("a")!)).found).toBe("numbers stored as IQ2_XXS")
    expect(refusalOf(readTensor(tensors.get("b")!)).found).toBe("numbers stored as format 99")
  })
})
