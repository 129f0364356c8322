/**
 * The program in a process that stays: gives what `spawnSync(node, [bin/decision-sampling.mjs, ...args])` gives, without loading it anew each time, which
 * takes longer than most of what tests ask of it. For what a command computes and says; a test of signals, of standard input or of how a process ends
 * starts one of its own. test/cli/WarmProgram.test.ts holds this one to those.
 *
 * @module
 */
import { fstatSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Worker } from "node:worker_threads"

/** A start of the program. */
export interface Start {
  readonly args: ReadonlyArray<string>
  readonly cwd: string
  /** In addition to the environment of the tests. */
  readonly env: Readonly<Record<string, string>>
}

/** How a start of the program ended, and what it printed. */
export interface Ended {
  /** The exit code; -1 where a signal, or something other than the program, ended the process. */
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** What the thread that holds the process is given. */
export interface ProgramHostData {
  /** File descriptors of what the program prints. */
  readonly out: number
  readonly error: number
  /** `[whether it has ended, its exit code]` */
  readonly ended: Int32Array<SharedArrayBuffer>
}

const LIMIT_MS = 240_000

const startHost = () => {
  const folder = mkdtempSync(join(tmpdir(), "decision-sampling-program-"))
  const open = (name: string) => openSync(join(folder, name), "a+")
  const [out, error] = [open("out"), open("error")]
  rmSync(folder, { recursive: true })
  const data: ProgramHostData = { out, error, ended: new Int32Array(new SharedArrayBuffer(8)) }
  const worker = new Worker(new URL("ProgramHost.ts", import.meta.url), { workerData: data, execArgv: [] })
  worker.unref()
  return { ...data, worker }
}
let host: ReturnType<typeof startHost> | undefined

const textOf = (descriptor: number): string => {
  const bytes = Buffer.alloc(fstatSync(descriptor).size)
  readSync(descriptor, bytes, 0, bytes.length, 0)
  return bytes.toString("utf8")
}

const begin = (args: ReadonlyArray<string>, { cwd = process.cwd(), env = {} }: Partial<Start>) => {
  host ??= startHost()
  const { ended, error, out, worker } = host
  ftruncateSync(out)
  ftruncateSync(error)
  Atomics.store(ended, 0, 0)
  const start: Start = { args, cwd, env }
  // eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  worker.postMessage(start)
  const end = (how: "ok" | "not-equal" | "timed-out"): Ended => {
    if (how === "timed-out") throw new Error(`decision-sampling ${args.join(" ")}: no end in ${LIMIT_MS / 1000} s`)
    return { status: Atomics.load(ended, 1), stdout: textOf(out), stderr: textOf(error) }
  }
  return { ended, end }
}

/** Runs the program to its end. */
export const runProgram = (args: ReadonlyArray<string>, options: Partial<Omit<Start, "args">> = {}): Ended => {
  const { end, ended } = begin(args, options)
  return end(Atomics.wait(ended, 0, 0, LIMIT_MS))
}

let last: Promise<unknown> = Promise.resolve()

/** Runs the program to its end while this thread does other things, such as to serve it; several starts run one after the other. */
export const runProgramAside = (args: ReadonlyArray<string>, options: Partial<Omit<Start, "args">> = {}): Promise<Ended> => {
  const done = last.then(async () => {
    const { end, ended } = begin(args, options)
    return end(await Atomics.waitAsync(ended, 0, 0, LIMIT_MS).value)
  })
  last = done.catch(() => undefined)
  return done
}
