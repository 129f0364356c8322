/**
 * Publishing: how an engine comes to compute with the parameters that are trained. A version of them is a file of the adapter, named by the digest of its
 * numbers, so that equal names are equal weights, in this run, in one that goes on, and in the engine's memory.
 *
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex } from "@noble/hashes/utils.js"
import { Effect, FileSystem, Path, type Scope, Semaphore } from "effect"
import { PolicyError } from "../domain/Errors.ts"
import { problemOf } from "../domain/Files.ts"
import type { Parameters } from "../domain/Policy.ts"
import { fold } from "../domain/Seed.ts"
import type { PatientPost, Rejected, Transient } from "./PatientPost.ts"
import type { CompletionsError } from "./Completions.ts"

/** Writes an adapter in an engine's format. */
export interface AdapterWriter {
  /** What else than the numbers decides what the engine computes: rank, α, targets, the model. A part of every version's name. */
  readonly identity: string
  /** Writes the adapter of these parameters to a path that does not exist yet: a folder (peft) or a file (GGUF). */
  readonly write: (parameters: Parameters, path: string) => Effect.Effect<void, { readonly message: string }>
}

/** Makes an engine compute with given parameters. */
export interface AdapterPublisher {
  /**
   * Brings the parameters to the engine, unless it has them, and gives the name by which rollouts ask for them. Fails with PolicyError (`Engine`); an
   * engine that did not take them must not be asked.
   */
  readonly publish: (parameters: Parameters) => Effect.Effect<string, PolicyError>
}

const DIGITS = 16

/** The name of a version: `<prefix>-` and 16 hexadecimal digits of SHA-256 over the writer's identity and the parameters' bytes. */
export const versionOf = (prefix: string, { identity }: AdapterWriter, parameters: Parameters): string => {
  const hash = sha256.create()
  hash.update(new TextEncoder().encode(`${identity}\n`))
  hash.update(new Uint8Array(parameters.buffer, parameters.byteOffset, parameters.byteLength))
  return `${prefix}-${bytesToHex(hash.digest()).slice(0, DIGITS)}`
}

/** Writes the file of a version, in the place of what a run that broke off may have left there. Fails with PolicyError. */
export const writeVersion = Effect.fnUntraced(function* (writer: AdapterWriter, parameters: Parameters, path: string) {
  const files = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  yield* files.remove(path, { recursive: true, force: true }).pipe(
    Effect.andThen(files.makeDirectory(paths.dirname(path), { recursive: true })),
    Effect.andThen(writer.write(parameters, path)),
    Effect.mapError((cause) =>
      new PolicyError({
        operation: "publish",
        reason: "Engine",
        problem: `the adapter cannot be written to ${path} (${problemOf(cause)})`,
        advice: "Is the folder writable, and is there room on the disk?"
      })
    )
  )
})

/** Where adapters are written, and how the server's machine calls that folder. */
export interface AdapterPlace {
  readonly folder: string
  /** Left out: the same path; another where the server runs in a container that mounts the folder elsewhere. */
  readonly folderOnServer?: string
}

const PREFIX = "decision-sampling"

const HOW =
  "Start vLLM with --enable-lora --max-lora-rank of at least the adapter's rank, VLLM_ALLOW_RUNTIME_LORA_UPDATING=True, and a folder of " +
  "adapters that it can read"

/**
 * Publishes to vLLM: POST `/load_lora_adapter` of a folder of peft under a new name, then `/unload_lora_adapter` of the one before, whose folder is
 * removed. A name that the server has already is the same weights. When the scope closes the last one is unloaded.
 */
export const publishToVllm = Effect.fnUntraced(function* (
  server: PatientPost,
  writer: AdapterWriter,
  { folder, folderOnServer = folder }: AdapterPlace
): Effect.fn.Return<AdapterPublisher, never, FileSystem.FileSystem | Path.Path | Scope.Scope> {
  const context = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
  const files = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  const oneAtATime = yield* Semaphore.make(1)
  let current: string | undefined

  const post = (path: string, body: unknown, version: string): Effect.Effect<string, CompletionsError | Rejected> =>
    server.patiently<string, Transient | Rejected | CompletionsError>(
      { id: version, seed: fold(0, version) },
      server.once(path, body, version)
    )

  const failed = (path: string) => (error: CompletionsError | Rejected): PolicyError =>
    new PolicyError({
      operation: "publish",
      reason: "Engine",
      problem: `${server.shown}${path}: ${
        error._tag === "Rejected" ? `the server answers ${error.status}: ${server.clean(error.text.trim())}` : error.problem
      }`,
      advice: HOW
    })

  // Between a load that arrived and an answer that did not, the server has it already.
  const isThere = (error: CompletionsError | Rejected): boolean =>
    error._tag === "Rejected" && error.status === 400 && /already been loaded/i.test(error.text)

  const load = (version: string): Effect.Effect<void, PolicyError> => {
    const path = "/load_lora_adapter"
    return post(path, { lora_name: version, lora_path: `${folderOnServer.replace(/\/+$/, "")}/${version}` }, version).pipe(
      Effect.asVoid,
      Effect.catch((error) => (isThere(error) ? Effect.void : Effect.fail(failed(path)(error))))
    )
  }

  // What stays loaded costs memory there and changes no rollout: it is not the run's end.
  const unload = (version: string): Effect.Effect<void> =>
    post("/unload_lora_adapter", { lora_name: version }, version).pipe(
      Effect.andThen(files.remove(paths.join(folder, version), { recursive: true, force: true })),
      Effect.catch((error) => Effect.logWarning(`the adapter ${version} stays loaded: ${"message" in error ? error.message : error.text}`)),
      Effect.asVoid
    )

  yield* Effect.addFinalizer(() => Effect.suspend(() => (current === undefined ? Effect.void : unload(current))))

  const publish = (parameters: Parameters): Effect.Effect<string, PolicyError> =>
    Effect.gen(function* () {
      const version = versionOf(PREFIX, writer, parameters)
      if (version === current) return version
      yield* writeVersion(writer, parameters, paths.join(folder, version))
      yield* load(version)
      const before = current
      current = version
      if (before !== undefined) yield* unload(before)
      return version
    }).pipe(Effect.provideContext(context), oneAtATime.withPermit)

  return { publish }
})
