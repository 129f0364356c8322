/**
 * Compiles the WebAssembly kernels of the wasm device from AssemblyScript, in two builds: with fused multiply-add
 * (relaxed SIMD, Node 22 and later) and without. Both are committed, so that running the library needs no build.
 * The same sources give the same bytes; a test holds them to that. Run as `npm run build:kernels`.
 */
import { readFile, writeFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { main } from "assemblyscript/asc"

const folder = new URL("../src/model/device/", import.meta.url)

/** The committed builds: file name and the compiler's features. */
export const builds = [
  { file: "kernels-relaxed.wasm", features: ["simd", "relaxed-simd"] },
  { file: "kernels-simd.wasm", features: ["simd"] }
] as const

/** Identifiers of the sections of a WebAssembly module, in order. */
const sections = (binary: Uint8Array): ReadonlyArray<number> => {
  const ids: Array<number> = []
  let at = 8
  while (at < binary.length) {
    ids.push(binary[at++]!)
    let size = 0
    let shift = 0
    let byte: number
    do {
      byte = binary[at++]!
      size |= (byte & 127) << shift
      shift += 7
    } while (byte & 128)
    at += size
  }
  return ids
}

const dataSection = 11

/** Compiles one build and returns its bytes. */
export const compileKernels = async (features: ReadonlyArray<string>): Promise<Uint8Array> => {
  const outputs = new Map<string, Uint8Array>()
  const { error, stderr } = await main(
    [
      "index.ts",
      "--outFile",
      "kernels.wasm",
      "--importMemory",
      "--initialMemory",
      "0",
      "--runtime",
      "stub",
      "--noAssert",
      "-O3",
      "--converge",
      "--use",
      "abort=",
      ...features.flatMap((feature) => ["--enable", feature])
    ],
    {
      readFile: (name) => readFile(new URL(`assembly/${name}`, folder), "utf8").catch(() => null),
      writeFile: (name, contents) => {
        outputs.set(name, typeof contents === "string" ? new TextEncoder().encode(contents) : contents)
      },
      listFiles: () => []
    }
  )
  const binary = outputs.get("kernels.wasm")
  if (error !== null || binary === undefined) throw new Error(`The kernels do not compile:\n${stderr.toString()}`)
  if (sections(binary).includes(dataSection)) {
    throw new Error("The kernels place data in linear memory, which belongs to the tensor library. Remove static arrays and strings.")
  }
  return binary
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { file, features } of builds) {
    const binary = await compileKernels(features)
    await writeFile(new URL(file, folder), binary)
    console.log(`${file}: ${binary.length} bytes`)
  }
}
