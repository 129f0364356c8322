/**
 * Leases: which process computes a stage, among processes on any number of machines that share a folder.
 *
 * The lease of a name has generations, files `NAME.lease-1`, `NAME.lease-2`, …; the highest is in force. A generation is made by creating its
 * file, which one process alone can do, and is never deleted before the work is done: whoever was away (a stopped process, a machine whose network was
 * gone) finds a higher one when it comes back, and gives up. A holder that dies is found out by its process's number on the same machine,
 * and elsewhere because its file no longer changes: no clocks are compared.
 *
 * @module
 */
import { readFileSync, readlinkSync } from "node:fs"
import { hostname } from "node:os"
import { Worker } from "node:worker_threads"
import { Context, Deferred, Effect, FileSystem, Option, Path, Schema, type Scope } from "effect"
import { isRunning } from "../../domain/Lock.ts"
import { FileError } from "../../domain/Errors.ts"
import { problemOf } from "../../domain/Files.ts"
import type { BeatAnswer, BeatSettings, BeatTask } from "./LeaseBeat.ts"

/** Who holds a lease. */
const Holder = Schema.Struct({
  host: Schema.String,
  process: Schema.Int,
  /** When the process began: numbers of processes come again. */
  began: Schema.Finite,
  beat: Schema.Int,
  /** Seconds without a beat after which the holder may be taken for lost: it beats at least six times as often. Left out: an observer's own. */
  expiry: Schema.optionalKey(Schema.Finite),
  isReleased: Schema.optionalKey(Schema.Boolean)
})
type Holder = typeof Holder.Type

const HolderText = Schema.fromJsonString(Holder)

/** Somebody else computes this. Whoever asks may wait, or do something else meanwhile. */
export class StageBusy extends Schema.TaggedError<StageBusy>()("StageBusy", {
  /** The stage's name in the cache. */
  name: Schema.String,
  /** Who computes it. */
  holder: Schema.String
}) {
  override get message(): string {
    return `stage ${this.name} is computed by ${this.holder}`
  }
}

/** How a process behaves towards others that share its cache. */
export interface LeaseService {
  /** Whether a stage that somebody else computes is waited for, or fails with StageBusy. */
  readonly onBusy: "wait" | "fail"
  /** Seconds without a beat after which a lease is taken over; one that says more itself, after those. A beat comes six times as often, once a minute at least. */
  readonly expiry: number
  /** What was last seen of others' leases, when, and for how many milliseconds before it had not changed: by file. */
  readonly seen: Map<string, { readonly text: string; readonly at: number; readonly still: number }>
}

/** How a process behaves towards others: by default it waits, and takes over what has not moved for a minute. */
export const Leases = Context.Reference<LeaseService>("decision-sampling/cli/Leases", {
  defaultValue: () => makeLeases({ onBusy: "wait" })
})

/** Seconds without a sign of life after which a lease is taken over, unless told. */
export const EXPIRY = 60

/** Leases of a process. */
export const makeLeases = ({ expiry = EXPIRY, onBusy }: Pick<LeaseService, "onBusy"> & { readonly expiry?: number }): LeaseService => ({
  onBusy,
  expiry,
  seen: new Map()
})

const orNothing = (read: () => string): string => {
  try {
    return read().trim()
  } catch {
    return ""
  }
}

// Machines may share a name, and two containers of one number their processes apart.
const HOST = [
  hostname(),
  orNothing(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8")),
  orNothing(() => readlinkSync("/proc/self/ns/pid"))
].join(", ")

/** This process as a holder. */
const OWN: Holder = { host: HOST, process: process.pid, began: performance.timeOrigin, beat: 0 }

const named = ({ host, process }: Holder): string => `process ${process} on ${host.split(",")[0]}`

/** A lease that is held. */
export interface Lease {
  /** 1 for the first holder; each that takes it over has the next. */
  readonly generation: number
  /** Succeeds when the lease has become somebody else's; fails with FileError when nothing keeps it alive any more. */
  readonly lost: Effect.Effect<void, FileError>
  /** Whether it still is this process's. */
  readonly isHeld: Effect.Effect<boolean>
  /** The work is done and kept: nobody needs the lease any more. */
  readonly finish: Effect.Effect<void>
}

const BEATS = 6
// However long others wait: a timer of more than 24 days would not be one.
const LONGEST_PAUSE = 60_000
const isSource = import.meta.url.endsWith(".ts")

interface Beats {
  /** `onLost` is told why where the thread has ended, else nothing. */
  readonly hold: (file: string, next: string, holder: Holder, onLost: (problem?: string) => void) => void
  readonly release: (file: string) => Promise<void>
}

// One thread of a process serves all its leases of one pace; it does not keep the process alive.
const startBeats = (milliseconds: number): Beats => {
  const worker = new Worker(new URL(`./LeaseBeat${isSource ? ".ts" : ".js"}`, import.meta.url), {
    workerData: { milliseconds } satisfies BeatSettings,
    resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 32 },
    ...(isSource ? { execArgv: ["--disable-warning=ExperimentalWarning"] } : {})
  })
  worker.unref()
  const tell = (task: BeatTask): void => worker.postMessage(task, [])
  const onLost = new Map<string, (problem?: string) => void>()
  const onReleased = new Map<string, () => void>()
  let hasEnded = false
  worker.on("message", ({ file, kind }: BeatAnswer) => (kind === "lost" ? onLost : onReleased).get(file)?.())
  // Without beats others would take these over: better to stop at once.
  worker.on("error", (cause) => {
    hasEnded = true
    beatsOf.delete(milliseconds)
    for (const each of onLost.values()) each(cause instanceof Error ? cause.message : String(cause))
    for (const each of onReleased.values()) each()
  })
  return {
    hold: (file, next, holder, lost) => {
      onLost.set(file, lost)
      tell({ kind: "hold", file, next, holder })
    },
    release: (file) =>
      new Promise((resolve) => {
        onLost.delete(file)
        if (hasEnded) return resolve()
        // The answer is waited for, and an unreferenced thread alone would let the process end before it.
        worker.ref()
        onReleased.set(file, () => {
          onReleased.delete(file)
          if (onReleased.size === 0) worker.unref()
          resolve()
        })
        tell({ kind: "release", file })
      })
  }
}
const beatsOf = new Map<number, Beats>()
const beats = (milliseconds: number): Beats => {
  const there = beatsOf.get(milliseconds) ?? startBeats(milliseconds)
  beatsOf.set(milliseconds, there)
  return there
}

const failed = (file: string) => (cause: Error): FileError =>
  new FileError({ file, problem: problemOf(cause), advice: "Is the folder there and writable, and is there room on the disk?" })

/** The generations of a name in a folder, lowest first: of its leases (`lease`) or of its run folders (`run`). */
export const generationsOf = Effect.fnUntraced(function* (folder: string, name: string, kind: "lease" | "run") {
  const files = yield* FileSystem.FileSystem
  const start = `${name}.${kind}-`
  const entries = yield* Effect.orElseSucceed(files.readDirectory(folder), (): ReadonlyArray<string> => [])
  return entries.filter((entry) => entry.startsWith(start)).map((entry) => Number(entry.slice(start.length))).filter((generation) =>
    Number.isInteger(generation) && generation > 0
  ).toSorted((a, b) => a - b)
})

/** Removes what leases and interrupted runs of a name have left, once its work is kept. */
export const tidy = Effect.fnUntraced(function* (folder: string, name: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const entries = yield* Effect.orElseSucceed(files.readDirectory(folder), (): ReadonlyArray<string> => [])
  for (const entry of entries) {
    if (!entry.startsWith(`${name}.lease-`) && !entry.startsWith(`${name}.run-`)) continue
    yield* Effect.ignore(files.remove(path.join(folder, entry), { recursive: true, force: true }))
  }
})

// The generation in force, 0 where there is none, and who holds it with signs of life.
const inForce = Effect.fnUntraced(function* (folder: string, name: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const { expiry, seen } = yield* Leases
  const latest = (yield* generationsOf(folder, name, "lease")).at(-1) ?? 0
  if (latest === 0) return { latest, busy: undefined }
  const file = path.join(folder, `${name}.lease-${latest}`)
  const text = yield* Effect.orElseSucceed(files.readFileString(file), () => "")
  const holder = Option.getOrUndefined(Schema.decodeUnknownOption(HolderText)(text))
  if (holder?.isReleased === true) return { latest, busy: undefined }
  const last = seen.get(file)
  const now = performance.now()
  const needed = 1000 * Math.max(expiry, holder?.expiry ?? 0)
  // Whoever did not look for long may have been stopped, and the holder with it: it gets the time to beat again.
  const still = last?.text === text ? last.still + Math.min(now - last.at, needed / 2) : 0
  seen.set(file, { text, at: now, still })
  // Of a process that is gone no beat will come.
  const isDead = holder !== undefined && holder.host === HOST &&
    (holder.process === OWN.process ? holder.began !== OWN.began : !isRunning(holder.process))
  const isAlive = !isDead && still < needed
  return { latest, busy: isAlive ? new StageBusy({ name, holder: holder === undefined ? JUST_BEGUN : named(holder) }) : undefined }
})

const JUST_BEGUN = "a process that has just begun"

/** Who computes the stage of a name now; undefined where the lease is free to be taken. */
export const busyWith = (folder: string, name: string): Effect.Effect<StageBusy | undefined, never, FileSystem.FileSystem | Path.Path> =>
  Effect.map(inForce(folder, name), ({ busy }) => busy)

/**
 * Takes the lease of a name in a folder until the scope closes. Fails with StageBusy where somebody else holds it and shows signs of life,
 * with FileError where the folder cannot be written.
 */
export const take: (
  folder: string,
  name: string
) => Effect.Effect<Lease, StageBusy | FileError, FileSystem.FileSystem | Path.Path | Scope.Scope> = Effect.fn("Lease.take")(
  function* (folder: string, name: string) {
    const files = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const { expiry, seen } = yield* Leases
    const fileOf = (generation: number): string => path.join(folder, `${name}.lease-${generation}`)
    yield* Effect.mapError(files.makeDirectory(folder, { recursive: true }), failed(folder))
    const { busy, latest } = yield* inForce(folder, name)
    if (busy !== undefined) return yield* busy
    const me: Holder = { ...OWN, expiry }
    const generation = latest + 1
    const file = fileOf(generation)
    const next = fileOf(generation + 1)
    const write = (more: Partial<Holder>) => Schema.encodeSync(HolderText)({ ...me, ...more })
    // Created by one process alone; another that was faster holds it. A file that could be created but not written (a full disk) is nobody's.
    const create = files.writeFileString(file, write({}), { flag: "wx" }).pipe(
      Effect.catch((cause): Effect.Effect<never, StageBusy | FileError> =>
        cause.reason._tag === "AlreadyExists"
          ? Effect.fail(new StageBusy({ name, holder: JUST_BEGUN }))
          : Effect.andThen(Effect.ignore(files.remove(file, { force: true })), Effect.fail(failed(file)(cause)))
      )
    )
    const isLost = yield* Deferred.make<void, FileError>()
    const ended = (problem: string) =>
      new FileError({
        file,
        problem: `the thread that keeps this lease alive has ended: ${problem}`,
        advice: "Are there threads and memory for it? Begin again: what was saved is not lost"
      })
    const onLost = (problem?: string): void => {
      Deferred.doneUnsafe(isLost, problem === undefined ? Effect.void : Effect.fail(ended(problem)))
    }
    const pace = beats(Math.min((1000 * expiry) / BEATS, LONGEST_PAUSE))
    let isFinished = false
    yield* Effect.acquireRelease(
      Effect.tap(create, () => Effect.sync(() => pace.hold(file, next, me, onLost))),
      () =>
        Effect.gen(function* () {
          yield* Effect.promise(() => pace.release(file))
          seen.delete(fileOf(latest))
          if (isFinished) yield* tidy(folder, name)
          else if (yield* isHeld) yield* Effect.ignore(files.writeFileString(file, write({ isReleased: true })))
        })
    )
    const isHeld = Effect.orElseSucceed(
      Effect.gen(function* () {
        const there = Schema.decodeUnknownOption(HolderText)(yield* files.readFileString(file))
        const isOwn = Option.isSome(there) && there.value.host === me.host && there.value.process === me.process &&
          there.value.began === me.began
        return isOwn && !(yield* files.exists(next))
      }),
      () => false
    )
    return {
      generation,
      lost: Deferred.await(isLost),
      isHeld,
      finish: Effect.sync(() => {
        isFinished = true
      })
    }
  }
)
