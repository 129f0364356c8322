/**
 * A BLAS of the machine: found, loaded through a foreign function interface, kept to one thread, and told apart by name and version.
 *
 * @module
 */
import { BLAS_VARIABLE, blasPlaces } from "./BlasPlaces.ts"
import { libraryFile } from "./LibraryFile.ts"
import { type Machine, thisMachine } from "./NativeFolder.ts"
import { nodeBuiltin } from "./NodeBuiltins.ts"

/** A place in memory, as a number. */
type Address = number

/**
 * cblas_sgemm: C = alpha · op(A) op(B) + beta · C for float32 matrices; op(A) is [m,k], op(B) [k,n], and the leading
 * dimensions are the lengths of stored rows (order row-major) in numbers.
 */
export type Sgemm = (
  order: number,
  transA: number,
  transB: number,
  m: number,
  n: number,
  k: number,
  alpha: number,
  a: Address,
  lda: number,
  b: Address,
  ldb: number,
  beta: number,
  c: Address,
  ldc: number
) => void

/** A BLAS that is loaded. */
export interface Blas {
  /** Its name and version, and the processor that it chose its code for: "OpenBLAS 0.3.34 for SkylakeX". Its results depend on that. */
  readonly name: string
  /** The shared library. */
  readonly path: string
  /** The number of threads it says that it uses, once it is set to one; undefined where it does not say. */
  readonly threads: number | undefined
  readonly sgemm: Sgemm
}

/** A function of a library. Arguments and results are numbers, strings and buffers. */
type Foreign = (...args: ReadonlyArray<number | Uint8Array>) => unknown

interface Library {
  readonly func: (name: string, result: string, args: ReadonlyArray<string>) => Foreign
}

/** The part in use of the foreign function interface, the package koffi. */
export interface ForeignInterface {
  readonly load: (path: string) => Library
  readonly address: (buffer: ArrayBuffer) => bigint
}

// A constant, not a literal: the package is optional, and its absence must be no type error either.
const packageName = "koffi"
const install = "npm install koffi@3.3.4"

/** Loads the foreign function interface; undefined where the optional package is missing or has no build for this machine. */
export const foreignInterface = async (): Promise<ForeignInterface | undefined> => {
  try {
    const { default: loaded } = (await import(packageName)) as { readonly default: ForeignInterface }
    return loaded
  } catch {
    return undefined
  }
}

/** A function of a library under one of its names; undefined where there is none. */
const oneOf = (library: Library, names: ReadonlyArray<string>, result: string, args: ReadonlyArray<string>): Foreign | undefined => {
  for (const name of names) {
    try {
      return library.func(name, result, args)
    } catch {
      // Not under this name.
    }
  }
  return undefined
}

// Builds may rename their functions: with a prefix (scipy's wheels), and for 64-bit integers with a suffix (OpenBLAS, MKL).
const renamed = (name: string): ReadonlyArray<string> =>
  ["", "scipy_"].flatMap((prefix) => ["", "64_", "_64"].map((suffix) => prefix + name + suffix))

// Integers and addresses as 64-bit ones, whatever the library reads. On the 64-bit processors that Node runs on, each fills a register or a place on
// the stack of its own, whose lower half a library with 32-bit integers takes; so a build with 64-bit integers, which may bear the
// same names, is called rightly too.
const whole = "int64"
const sgemmArguments = ["int", "int", "int", whole, whole, whole, "float", whole, whole, whole, whole, "float", whole, whole]

const text = (value: unknown): string => (typeof value === "string" ? value : "")

/** What a library is, and how it is told to use one thread. */
interface Identity {
  readonly name: string
  /** It was built for one thread alone, which of several workers at once is safe only with locks (OpenBLAS: USE_LOCKING=1), and does not tell. */
  readonly isSingleThreaded?: boolean
  readonly useOneThread: () => void
  readonly threads: () => number | undefined
}

const openBlasIdentity = (library: Library): Identity | undefined => {
  const set = oneOf(library, renamed("openblas_set_num_threads"), "void", ["int"])
  if (set === undefined) return undefined
  const get = oneOf(library, renamed("openblas_get_num_threads"), "int", [])
  const config = text(oneOf(library, renamed("openblas_get_config"), "str", [])?.())
  const core = text(oneOf(library, renamed("openblas_get_corename"), "str", [])?.())
  const version = /^OpenBLAS\s+(\S+)/.exec(config)?.[1]
  const wide = config.includes("USE64BITINT") ? " with 64-bit integers" : ""
  return {
    name: `OpenBLAS${version === undefined ? "" : ` ${version}`}${wide}${core === "" ? "" : ` for ${core}`}`,
    isSingleThreaded: oneOf(library, renamed("openblas_get_parallel"), "int", [])?.() === 0,
    useOneThread: () => set(1),
    threads: () => (get === undefined ? undefined : Number(get()))
  }
}

const blisIdentity = (library: Library): Identity | undefined => {
  const set = oneOf(library, ["bli_thread_set_num_threads"], "void", [whole])
  if (set === undefined) return undefined
  const get = oneOf(library, ["bli_thread_get_num_threads"], whole, [])
  const version = text(oneOf(library, ["bli_info_get_version_str"], "str", [])?.())
  const architecture = oneOf(library, ["bli_arch_query_id"], "int", [])
  const core = text(oneOf(library, ["bli_arch_string"], "str", ["int"])?.(Number(architecture?.() ?? 0)))
  return {
    name: `BLIS${version === "" ? "" : ` ${version}`}${core === "" || architecture === undefined ? "" : ` for ${core}`}`,
    useOneThread: () => set(1),
    threads: () => (get === undefined ? undefined : Number(get()))
  }
}

const mklIdentity = (library: Library): Identity | undefined => {
  const set = oneOf(library, ["MKL_Set_Num_Threads"], "void", ["int"])
  if (set === undefined) return undefined
  const get = oneOf(library, ["MKL_Get_Max_Threads"], "int", [])
  const said = new Uint8Array(200)
  oneOf(library, ["MKL_Get_Version_String"], "void", ["void *", "int"])?.(said, said.length)
  const sentence = new TextDecoder().decode(said.subarray(0, Math.max(0, said.indexOf(0)))).trim()
  return {
    name: sentence === "" ? "MKL" : sentence,
    useOneThread: () => set(1),
    threads: () => (get === undefined ? undefined : Number(get()))
  }
}

// Before macOS 15 there is no way to set its threads; the products of this device are too small for it to use several.
const accelerateIdentity = (library: Library, path: string): Identity | undefined => {
  if (!path.includes("Accelerate.framework")) return undefined
  const set = oneOf(library, ["BLASSetThreading"], "int", ["int"])
  const get = oneOf(library, ["BLASGetThreading"], "int", [])
  const singleThreaded = 1
  return {
    name: `Accelerate of Darwin ${nodeBuiltin("node:os", "naming a BLAS").release()}`,
    useOneThread: () => set?.(singleThreaded),
    threads: () => (get !== undefined && Number(get()) === singleThreaded ? 1 : undefined)
  }
}

/** The path that a library was loaded from, where Linux tells it; else the name it was asked for by. */
const loadedFrom = (asked: string, { platform }: Machine): string => {
  if (platform !== "linux" || asked.includes("/")) return asked
  try {
    const maps = nodeBuiltin("node:fs", "naming a BLAS").readFileSync("/proc/self/maps", "utf8")
    const stem = asked.replace(/\.so.*$/, "")
    const paths = maps.split("\n").map((line) => line.slice(line.indexOf("/"))).filter((path) => path.startsWith("/"))
    return paths.find((path) => path.endsWith(`/${asked}`)) ?? paths.find((path) => path.includes(`/${stem}`)) ?? asked
  } catch {
    return asked
  }
}

/** Whether a library comes with the system: Debian's and Fedora's builds for one thread have locks. */
const isOfSystem = (path: string): boolean => /^\/(?:usr\/)?lib/.test(path)

/** Why a library cannot be used: it does not load, or it loads and is not what is needed. */
export interface Refusal {
  /** It loads, or there is a file of its path. */
  readonly isThere: boolean
  readonly reason: string
}

/** How a library is judged. */
export interface OpenOptions {
  /** A library that someone named is taken even if nothing is known of it, its threads included. */
  readonly isNamed?: boolean
  readonly machine?: Machine
}

/**
 * Loads a BLAS and sets it to one thread: the device computes on one core, and threads of its own that wait for each other take the cores from the
 * workers. So a library that cannot be told so is refused, unless it was named. So is an OpenBLAS built for one thread alone that is not the system's: without
 * locks it gives two workers that call at once the same buffer, and both wrong numbers (OpenBLAS issues 1761 and 2126).
 */
export const openBlas = (
  { load }: Pick<ForeignInterface, "load">,
  path: string,
  { isNamed = false, machine = thisMachine() }: OpenOptions = {}
): Blas | Refusal => {
  const file = libraryFile(path)
  if (file === "cut off") return { isThere: true, reason: "its file is cut off: it ends before the library does" }
  let library: Library
  try {
    library = load(path)
  } catch (cause) {
    return { isThere: file !== "none", reason: `it cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}` }
  }
  const sgemm = oneOf(library, renamed("cblas_sgemm"), "void", sgemmArguments)
  if (sgemm === undefined) return { isThere: true, reason: "it has no function cblas_sgemm" }
  const identity = openBlasIdentity(library) ?? blisIdentity(library) ?? mklIdentity(library) ?? accelerateIdentity(library, path)
  if (identity === undefined && !isNamed) return { isThere: true, reason: "it is neither OpenBLAS, BLIS, MKL nor Accelerate" }
  identity?.useOneThread()
  const threads = identity?.threads()
  if (threads !== undefined && threads > 1 && !isNamed) {
    return { isThere: true, reason: `it does not let itself be set to one thread (${threads})` }
  }
  const from = loadedFrom(path, machine)
  if (identity?.isSingleThreaded === true && !isNamed && !isOfSystem(from)) {
    const reason = `it is built for one thread, and with USE_LOCKING=1 or not: if so, name it in ${BLAS_VARIABLE}`
    return { isThere: true, reason }
  }
  return {
    name: identity?.name ?? "a BLAS of unknown name, whose threads cannot be set",
    path: from,
    threads,
    sgemm: sgemm as unknown as Sgemm
  }
}

/** What the environment asks for cannot be had. */
export class BlasVariableError extends Error {}

/** What there is: a BLAS, or why none, and what was refused on the way. */
export interface Found {
  readonly blas?: Blas
  readonly foreign?: ForeignInterface
  /** Why there is none. */
  readonly missing: string
  /** Libraries that are there and cannot be used, each with its reason. */
  readonly refusals: ReadonlyArray<string>
}

/** How to find a BLAS. Everything can be replaced in tests. */
export interface FindOptions {
  readonly machine?: Machine
  readonly loadInterface?: () => Promise<ForeignInterface | undefined>
  /** Why a BLAS that loads must not be used, after it has been tried; undefined where it computes rightly. */
  readonly flaw?: (blas: Blas, foreign: ForeignInterface) => string | undefined
}

const advice = `Name one in ${BLAS_VARIABLE}, or install one: docs/guide/devices.md, "Native products"`

/**
 * Finds a BLAS: the one that the environment names, else the first of `blasPlaces` that loads and has no flaw. Throws a `BlasVariableError`
 * where the one that the environment names cannot be used.
 */
export const findBlas = async (options: FindOptions = {}): Promise<Found> => {
  const { flaw = () => undefined, loadInterface = foreignInterface, machine = thisMachine() } = options
  const named = machine.env[BLAS_VARIABLE]
  if (named === "none") return { missing: `the environment variable ${BLAS_VARIABLE} is none`, refusals: [] }
  const foreign = await loadInterface()
  if (foreign === undefined) {
    const missing = `the optional package ${packageName} is not installed, or has no build for this machine. Install it: ${install}`
    if (named !== undefined && named !== "") throw new BlasVariableError(`${BLAS_VARIABLE} names ${named}, but ${missing}`)
    return { missing, refusals: [] }
  }
  if (named !== undefined && named !== "") {
    const opened = openBlas(foreign, named, { isNamed: true, machine })
    const reason = "reason" in opened ? opened.reason : flaw(opened, foreign)
    if (reason === undefined) return { blas: opened as Blas, foreign, missing: "", refusals: [] }
    throw new BlasVariableError(
      `${BLAS_VARIABLE} names ${named}, which cannot be used: ${reason}. Name a shared library with cblas_sgemm, or none`
    )
  }
  const refusals: Array<string> = []
  for (const place of blasPlaces(machine)) {
    const opened = openBlas(foreign, place, { machine })
    if ("reason" in opened) {
      if (opened.isThere) refusals.push(`${place} (${opened.reason})`)
      continue
    }
    const reason = flaw(opened, foreign)
    if (reason === undefined) return { blas: opened, foreign, missing: "", refusals }
    refusals.push(`${opened.name}, ${opened.path} (${reason})`)
  }
  return { foreign, missing: `no BLAS was found. ${advice}`, refusals }
}
