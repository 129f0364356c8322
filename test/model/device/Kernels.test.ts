import { readFile } from "node:fs/promises"
import { describe, expect, it } from "vitest"
import { builds, compileKernels } from "../../../scripts/build-kernels.ts"

describe("the committed kernels", () => {
  it.each(builds)("are what the AssemblyScript sources compile to, byte for byte: $file", async ({ file, features }) => {
    const committed = await readFile(new URL(`../../../src/model/device/${file}`, import.meta.url))
    const compiled = await compileKernels(features)
    expect(Buffer.compare(committed, compiled)).toBe(0)
  })
})
