/**
 * Compiling the binding between Node and TensorFlow: two C++ files that use TensorFlow's C interface and Node's, and no more.
 *
 * @module
 */
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Effect } from "effect"
import { InstallError, withFiles } from "./InstallError.ts"
import { type Program, run } from "./Programs.ts"

/** The library of stubs that TensorFlow 2.9 is linked with. */
const STUBS = "libpython_stubs.so"

const failed = (what: string, printed: string): InstallError =>
  new InstallError({
    reason: "Compile",
    problem: `${what} failed: ${
      printed.trim().split("\n").filter((line) => /error|undefined|cannot/i.test(line)).slice(0, 3).join("; ") || printed.trim().slice(-300)
    }`,
    advice: "It needs C++17; CXX may name another compiler"
  })

/** Whether a symbol of Python's interface is a variable; all others are functions. */
const isData = (symbol: string): boolean => /^PyExc_|_Type$|^_Py_\w+Struct$/.test(symbol)

/**
 * C that defines Python's interface for a library that mentions it and never uses it: functions end the process, variables are zeroes. Up to
 * version 2.9 the wheel's only library with the C interface is Python's extension module, and loading it needs every symbol.
 */
export const pythonStubs = (symbols: ReadonlyArray<string>): string =>
  [
    "#include <stdlib.h>",
    ...symbols.map((symbol) => (isData(symbol) ? `char ${symbol}[4096];` : `void ${symbol}(void) { abort(); }`)),
    ""
  ].join("\n")

/** The symbols of Python's interface that a library needs from elsewhere, from what `nm` prints of it. */
export const pythonSymbols = (listing: string): ReadonlyArray<string> =>
  listing.split("\n").flatMap((line) => /^\s*U (_?Py\w+)/.exec(line)?.[1] ?? [])

const compileStubs = Effect.fnUntraced(function* (compiler: Program, nm: Program, lib: string, build: string, library: string) {
  const listing = yield* run(nm, ["-D", "--undefined-only", join(lib, library)], { output: "kept" })
  const symbols = pythonSymbols(listing?.stdout ?? "")
  if (symbols.length === 0) return yield* failed("listing the symbols", listing?.stderr ?? "")
  const source = join(build, "stubs.c")
  yield* withFiles(() => writeFile(source, pythonStubs(symbols)), source)
  const ended = yield* run(compiler, ["-x", "c", "-shared", "-fPIC", source, "-o", join(lib, STUBS)], { output: "kept" })
  if (ended?.status !== 0) return yield* failed("compiling the stubs", ended?.stderr ?? "")
})

/** Where everything lies that is compiled. */
export interface Sources {
  /** The unpacked package, with `binding`. */
  readonly binding: string
  /** Folders of headers. */
  readonly include: ReadonlyArray<string>
  /** TensorFlow's libraries; the binding joins them. */
  readonly lib: string
  /** The file in `lib` that has TensorFlow's C interface. */
  readonly library: string
  /** A folder for what is only needed meanwhile. */
  readonly build: string
}

/** Compiles `tfjs_binding.node` into the folder of TensorFlow's libraries; with stubs for Python's interface where `nm` is given. */
export const compileBinding = Effect.fnUntraced(function* (compiler: Program, nm: Program | undefined, sources: Sources) {
  const { binding, build, include, lib, library } = sources
  if (nm !== undefined) yield* compileStubs(compiler, nm, lib, build, library)
  const libraries = [library, "libtensorflow_framework.so.2", ...(nm === undefined ? [] : [STUBS])]
  const includes = [binding, ...include].map((folder) => `-I${folder}`)
  const inputs = ["tfjs_backend.cc", "tfjs_binding.cc"].map((file) => join(binding, "binding", file))
  const options = ["-std=c++17", "-O2", "-shared", "-fPIC", "-DNAPI_VERSION=8", "-DBUILDING_NODE_EXTENSION"]
  const linking = [
    `-L${lib}`,
    "-Wl,--no-as-needed",
    ...libraries.map((name) => `-l:${name}`),
    "-Wl,--allow-shlib-undefined",
    "-Wl,-rpath,$ORIGIN"
  ]
  const output = ["-o", join(lib, "tfjs_binding.node")]
  const ended = yield* run(compiler, [...options, ...includes, ...inputs, ...output, ...linking], { output: "kept" })
  if (ended?.status !== 0) return yield* failed("compiling the binding", ended?.stderr ?? "")
})
