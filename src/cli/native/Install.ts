/**
 * Installing a native library: everything in a folder that gets its name only when it is whole and has been tried.
 *
 * @module
 */
import { existsSync, statSync } from "node:fs"
import { mkdir, readdir, readFile, rename, rm, rmdir, stat, statfs, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { Console, Effect } from "effect"
import { nativeFolder } from "../../model/device/NativeFolder.ts"
import { CURRENT, LIBRARY_MODULE, LIBRARY_PACKAGES, MANIFEST, type Manifest } from "../../model/device/TensorFlowInstallation.ts"
import { compileBinding } from "./Build.ts"
import { checkOpenBlas, checkTensorFlow } from "./Check.ts"
import { binding, type Download, headers, type Plan, planOf, protobuf, type Request } from "./Downloads.ts"
import { type Fetchers, fetchFile, findFetchers, removed } from "./Fetch.ts"
import { InstallError, withFiles } from "./InstallError.ts"
import { findCompiler, findNm, findTar, type Program, run } from "./Programs.ts"
import { unzip } from "./Unzip.ts"

/** How to install what is asked for. */
export interface InstallOptions extends Request {
  /** A folder that holds the files, or some of them; the rest is downloaded. */
  readonly from?: string
  /** Install again what is there. */
  readonly isForced: boolean
  /** The folder in which "openblas" and "tensorflow" are made; left out: the user's cache. */
  readonly root?: string
}

const OPENBLAS_LIBRARY = /^scipy_openblas32\/lib\/([^/]+\.(?:dll|so(?:\.[\d.]+)?))$/
const HEADERS = /^tensorflow\/include\/((?:tensorflow\/c|tensorflow\/core\/platform|tsl\/platform|xla\/tsl\/c)\/(?:.*\/)?[^/]+\.h)$/

/** The file of a TensorFlow that has its C interface: up to 2.9 that is Python's extension module. */
const libraryOf = ({ tensorflow }: Request): string => tensorflow === "2.9.1" ? "_pywrap_tensorflow_internal.so" : "libtensorflow_cc.so.2"

/** Where an entry of a wheel belongs in the installation, if it is needed. */
export const placeOf = (request: Request, { name: wheel }: Download) => (entry: string): string | undefined => {
  const licence = /^[^/]+\.dist-info\/(?:licenses\/)?(licen[cs]e(?:\.txt)?)$/i.exec(entry)
  if (licence !== null) return `licences/${wheel}.txt`
  // The wheel for Windows on ARM calls it by another name; it is looked for by one.
  if (wheel === "scipy-openblas32") return OPENBLAS_LIBRARY.exec(entry)?.[1]?.replace(/^scipy_openblas/, "libscipy_openblas")
  if (wheel.startsWith("nvidia-")) return /^nvidia\/[^/]+\/lib\/[^/]+\.so[\d.]*$/.test(entry) ? entry : undefined
  if (entry === "tensorflow/libtensorflow_framework.so.2") return "lib/libtensorflow_framework.so.2"
  if (entry.startsWith("tensorflow/") && entry.endsWith(`/${libraryOf(request)}`)) return `lib/${libraryOf(request)}`
  if (entry === "tensorflow/THIRD_PARTY_NOTICES.txt") return "licences/tensorflow-third-parties.txt"
  if (entry === "tensorflow/include/LICENSE") return "licences/tensorflow.txt"
  const header = HEADERS.exec(entry)?.[1]
  return header === undefined ? undefined : `build/include/${header}`
}

const megabytes = (
  bytes: number
): string => (bytes < 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.round(bytes / 1e6).toLocaleString("en")} MB`)

const total = (downloads: ReadonlyArray<Download>): number => downloads.reduce((sum, { bytes }) => sum + bytes, 0)

/** The folders of an installation. */
interface Folders {
  readonly kind: string
  readonly final: string
  /** Finished downloads, until the installation is whole. */
  readonly downloads: string
  readonly staging: string
}

const foldersOf = (plan: Plan, root: string | undefined): Folders => {
  const name = plan.target === "openblas" ? "openblas" : "tensorflow"
  const kind = root === undefined ? nativeFolder(name) : join(root, name)
  const final = plan.part === "" ? kind : join(kind, plan.part)
  return { kind, final, downloads: join(dirname(kind), "downloads"), staging: `${final}.partial-${process.pid}` }
}

const planned = (request: Request): Effect.Effect<Plan, InstallError> => {
  const plan = planOf(request)
  return plan instanceof InstallError ? Effect.fail(plan) : Effect.succeed(plan)
}

/** What would be downloaded, from where, under which licences, and where it would go. */
export const describePlan = (plan: Plan, final: string): string =>
  [
    `${plan.title}: ${megabytes(total(plan.downloads))} to download, ${megabytes(plan.installed)} on disk, in`,
    `  ${final}`,
    "You download these files from the package index that pip, and the registry that npm, is configured for; nothing is redistributed:",
    ...plan.downloads.map(({ bytes, file, from, licence, name, sha256, version }) =>
      `  ${from === "pip" ? `${name}==${version}` : `${name}@${version}`} by ${from}, ${
        megabytes(bytes)
      }; ${licence}\n    ${file}\n    SHA-256 ${sha256}`
    )
  ].join("\n")

/** What a request would do, in words too. */
export const preview = Effect.fnUntraced(function* (options: InstallOptions) {
  const plan = yield* planned(options)
  const folder = foldersOf(plan, options.root).final
  return { folder, plan, text: describePlan(plan, folder) }
})

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Removes what processes that ended badly left half-made, and says what another process is making now. */
const sweep = Effect.fnUntraced(function* ({ downloads, kind }: Folders) {
  const root = dirname(kind)
  let underWay: string | undefined
  for (const folder of [root, downloads, ...["openblas", "tensorflow"].map((name) => join(root, name))]) {
    const names = yield* Effect.promise(() => readdir(folder).catch((): Array<string> => []))
    for (const name of names) {
      const [, pid] = /\.partial-(\d+)$/.exec(name) ?? []
      if (pid === undefined || Number(pid) === process.pid) continue
      if (isAlive(Number(pid))) underWay = join(folder, name)
      else yield* removed(join(folder, name))
    }
  }
  return underWay
})

/** Two installations at once would take each other's downloads away. */
const busy = (underWay: string): InstallError =>
  new InstallError({
    reason: "Busy",
    problem: `another installation is under way, in ${underWay}`,
    advice: "Run this again when it has ended. If nothing is being installed, delete that folder"
  })

const nearestFolder = (path: string): string => (existsSync(path) ? path : nearestFolder(dirname(path)))

const checkRoom = Effect.fnUntraced(function* ({ downloads, installed }: Plan, folders: Folders, given: string | undefined) {
  const fetched = downloads.filter(({ file }) =>
    ![given, folders.downloads].some((folder) => folder !== undefined && existsSync(join(folder, file)))
  )
  const needed = total(fetched) + installed
  const folder = nearestFolder(folders.kind)
  const { bavail, bsize } = yield* withFiles(() => statfs(folder), folder)
  if (bavail * bsize >= needed) return
  return yield* new InstallError({
    reason: "Disk",
    problem: `it needs ${megabytes(needed)} in ${folder}, where ${megabytes(bavail * bsize)} are free`,
    advice: process.platform === "linux" ? "Make room, or let XDG_CACHE_HOME name a folder with more" : "Make room"
  })
})

const unpackWheel = (plan: Plan, download: Download, file: string, staging: string): Effect.Effect<unknown, InstallError> => {
  const place = placeOf(plan, download)
  return withFiles(
    () =>
      unzip(file, (entry) => {
        const target = place(entry)
        return target === undefined ? undefined : join(staging, target)
      }),
    `unpacking ${download.file}`,
    "Archive"
  )
}

const untar = Effect.fnUntraced(function* (tar: Program, archive: string, target: string) {
  yield* withFiles(() => mkdir(target, { recursive: true }), target)
  const ended = yield* run(tar, ["-xzf", archive, "-C", target, "--strip-components=1"], { output: "kept" })
  if (ended?.status !== 0) {
    return yield* new InstallError({
      reason: "Archive",
      problem: `unpacking ${archive}: ${ended?.stderr.trim() ?? ""}`,
      advice: "Run it again"
    })
  }
})

/** The programs that unpack and compile. */
interface Builders {
  readonly tar: Program
  readonly compiler: Program
  readonly nm: Program | undefined
}

const findBuilders = Effect.fnUntraced(function* ({ target, tensorflow }: Plan) {
  if (target === "openblas") return undefined
  const builders: Builders = { tar: yield* findTar, compiler: yield* findCompiler, nm: tensorflow === "2.9.1" ? yield* findNm : undefined }
  return builders
})

/** Makes the binding in the folder: JavaScript, what stands for packages of this process, and the native part. */
const makeBinding = Effect.fnUntraced(
  function* (plan: Plan, { compiler, nm, tar }: Builders, archives: ReadonlyMap<Download, string>, staging: string) {
    const [packageFolder, headerFolder, modules] = [join(staging, "package"), join(staging, "build", "node"), join(staging, "node_modules")]
    yield* untar(tar, archives.get(binding)!, packageFolder)
    yield* untar(tar, archives.get(protobuf)!, join(modules, protobuf.name))
    yield* untar(tar, archives.get(headers)!, headerFolder)
    for (const name of LIBRARY_PACKAGES) {
      yield* withFiles(async () => {
        await mkdir(join(modules, name), { recursive: true })
        await writeFile(join(modules, name, "index.js"), LIBRARY_MODULE)
      }, name)
    }
    yield* Console.error("Compiling the binding …")
    yield* compileBinding(compiler, nm, {
      binding: packageFolder,
      include: [join(headerFolder, "include"), join(staging, "build", "include")],
      lib: join(staging, "lib"),
      library: libraryOf(plan),
      build: join(staging, "build")
    })
    yield* withFiles(() => rm(join(staging, "build"), { recursive: true }), "removing the headers")
  }
)

const manifestOf = (plan: Plan): Partial<Manifest> => ({
  ...(plan.target === "openblas" ? {} : { tensorflow: plan.tensorflow, build: plan.target === "tensorflow" ? "cpu" : "gpu" }),
  files: Object.fromEntries(plan.downloads.map(({ file, sha256 }) => [file, sha256]))
})

const text = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

const isInstalled = (plan: Plan, final: string): Effect.Effect<boolean> =>
  Effect.promise(() => readFile(join(final, MANIFEST), "utf8").then((found) => found === text(manifestOf(plan)), () => false))

const check = (plan: Plan, folder: string) =>
  plan.target === "openblas"
    ? checkOpenBlas(join(folder, `libscipy_openblas.${process.platform === "win32" ? "dll" : "so"}`))
    : checkTensorFlow(folder)

/** A folder that someone names is there: else everything would be downloaded, as if none were named. */
const checkGiven = (given: string | undefined): Effect.Effect<void, InstallError> =>
  given === undefined || (existsSync(given) && statSync(given).isDirectory())
    ? Effect.void
    : Effect.fail(
      new InstallError({ reason: "File", problem: `--from names ${given}, which is no folder`, advice: "Name the folder with the files" })
    )

/** Gives the folder its name, in place of an older one. */
const putInPlace = (staging: string, final: string): Effect.Effect<void, InstallError> => {
  const old = `${final}.old.partial-${process.pid}`
  return withFiles(async () => {
    if (existsSync(final)) await rename(final, old)
    await rename(staging, final)
    await rm(old, { recursive: true, force: true })
  }, final)
}

/** Makes the TensorFlow that was installed last the one in use. */
const makeCurrent = ({ kind }: Folders, { part, target }: Plan): Effect.Effect<void, InstallError> => {
  if (target === "openblas") return Effect.void
  const draft = join(kind, `${CURRENT}.partial-${process.pid}`)
  return withFiles(() => writeFile(draft, `${part}\n`).then(() => rename(draft, join(kind, CURRENT))), CURRENT)
}

const bytesOf = async (folder: string): Promise<number> => {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  const sizes = await Promise.all(
    entries.filter((entry) => entry.isFile()).map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size)
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

const build = Effect.fnUntraced(function* (plan: Plan, folders: Folders, options: InstallOptions) {
  const { downloads, final, kind, staging } = folders
  // All that can be missing is asked for before anything is downloaded.
  const builders = yield* findBuilders(plan)
  const fetchers: Fetchers = yield* findFetchers(plan.downloads, [options.from, downloads])
  yield* checkRoom(plan, folders, options.from)
  yield* withFiles(() => Promise.all([mkdir(downloads, { recursive: true }), mkdir(staging, { recursive: true })]), kind)
  // Asked again now that this one can be seen: of two that began together, not both go on.
  const underWay = yield* sweep(folders)
  if (underWay !== undefined) return yield* busy(underWay)
  const archives = new Map<Download, string>()
  for (const download of plan.downloads) archives.set(download, yield* fetchFile(download, fetchers, downloads, options.from))
  yield* Console.error("Unpacking …")
  for (const [download, file] of archives) if (download.from === "pip") yield* unpackWheel(plan, download, file, staging)
  if (builders !== undefined) yield* makeBinding(plan, builders, archives, staging)
  yield* withFiles(() => writeFile(join(staging, MANIFEST), text(manifestOf(plan))), MANIFEST)
  yield* Console.error("Trying it in a process of its own …")
  const description = yield* check(plan, staging)
  yield* putInPlace(staging, final)
  yield* withFiles(() => Promise.all(plan.downloads.map(({ file }) => rm(join(downloads, file), { force: true }))), downloads)
  return description
})

/** Other installations beside this one, with their sizes. */
const others = ({ final, kind }: Folders, { target }: Plan): Effect.Effect<ReadonlyArray<string>, InstallError> =>
  withFiles(async () => {
    if (target === "openblas") return []
    const names = await readdir(kind, { withFileTypes: true })
    const folders = names.filter((entry) => entry.isDirectory()).map(({ name }) => join(kind, name)).filter((path) => path !== final)
    return Promise.all(folders.map(async (path) => `${path} (${megabytes(await bytesOf(path))})`))
  }, kind)

/**
 * Installs a native library, or finds that it is installed and works. What is half-made has another name and is removed, whatever happens;
 * downloads that are whole stay for the next try until one succeeds. Returns where it is and what it says of itself.
 */
export const install = Effect.fn("install")(function* (options: InstallOptions) {
  const plan = yield* planned(options)
  const folders = foldersOf(plan, options.root)
  const { downloads, final, kind, staging } = folders
  yield* checkGiven(options.from)
  const underWay = yield* sweep(folders)
  const isThere = !options.isForced && (yield* isInstalled(plan, final))
  if (!isThere && underWay !== undefined) return yield* busy(underWay)
  if (!isThere) yield* Console.error(describePlan(plan, final))
  const description = isThere
    ? yield* check(plan, final)
    : yield* build(plan, folders, options).pipe(
      Effect.ensuring(Effect.promise(async () => {
        await rm(staging, { recursive: true, force: true }).catch(() => undefined)
        // They stay if they hold anything: downloads, other installations.
        for (const folder of [downloads, kind]) await rmdir(folder).catch(() => undefined)
      }))
    )
  yield* makeCurrent(folders, plan)
  const bytes = yield* withFiles(() => bytesOf(final), final)
  return { title: plan.title, folder: final, isNew: !isThere, description, bytes, others: yield* others(folders, plan) }
})

/** What became of it, in words. */
export const installedText = (done: Effect.Success<ReturnType<typeof install>>): string =>
  [
    `${done.title}: ${done.isNew ? "installed" : "was installed already"}, ${megabytes(done.bytes)} in ${done.folder}`,
    done.description,
    ...(done.others.length === 0 ? [] : [`Not in use: ${done.others.join(", ")}.`]),
    "To remove it, delete that folder. `decision-sampling doctor` says what it is good for."
  ].join("\n")
