import { spawn, spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { ENDING_SIGNALS, type EndingSignal } from "../../src/cli/EndingSignals.ts"
import { tinyConfiguration } from "../support/TinyConfiguration.ts"

const program = fileURLToPath(new URL("../../bin/decision-sampling.mjs", import.meta.url))
const runMain = pathToFileURL(fileURLToPath(new URL("../../src/cli/RunMain.ts", import.meta.url))).href
const effect = import.meta.resolve("effect")

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "decision-sampling-signals-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

interface End {
  /** The exit code, or the signal that ended it. */
  readonly end: number | NodeJS.Signals | null
  readonly output: string
}

// What does not answer a signal never ends, or after minutes; two seconds are what is promised, and a busy machine may take its time.
const MOST_MS = 8_000

/** Starts Node, sends a signal when it has printed `ready`, and says how it ended; "late" where it did not. */
const ended = (args: ReadonlyArray<string>, signal: EndingSignal, ready = "ready"): Promise<End> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] })
    let output = ""
    let deadline: NodeJS.Timeout | undefined
    const hear = (text: string): void => {
      output += text
      if (deadline !== undefined || !output.includes(ready)) return
      child.kill(signal)
      deadline = setTimeout(() => {
        child.kill("SIGKILL")
        reject(new Error(`still there ${MOST_MS} ms after ${signal}; it had printed: ${output}`))
      }, MOST_MS)
    }
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", hear)
    child.on("close", (status, by) => {
      clearTimeout(deadline)
      resolve({ end: status ?? by, output })
    })
  })

const CODES: Readonly<Record<EndingSignal, number>> = { SIGINT: 130, SIGTERM: 143 }

let scripts = 0
// A program that is an Effect; it begins when the thread that listens is there.
const script = (body: string): string => {
  const file = join(folder, `program-${scripts++}.ts`)
  writeFileSync(
    file,
    `import { Effect } from ${JSON.stringify(effect)}
    import { runMain } from ${JSON.stringify(runMain)}
    import { writeSync } from "node:fs"
    const say = (text: string) => Effect.sync(() => process.stdout.write(text + "\\n"))
    const started = Effect.andThen(Effect.sleep("1500 millis"), say("ready"))
    runMain(${body})`
  )
  return file
}

// Each starts a process of its own and mostly waits.
describe.concurrent.each(ENDING_SIGNALS)("%s", (signal) => {
  it("ends a program that waits, at once, after what it has to do then, with the code that shells have for it", async () => {
    const waits = script(`Effect.onInterrupt(Effect.andThen(started, Effect.never), () => Effect.andThen(Effect.sleep(100), say("saved")))`)
    expect(await ended([waits], signal)).toEqual({ end: CODES[signal], output: "ready\nsaved\n" })
  })

  it.each([
    ["a loop", "for (;;) {}"],
    ["one expression", `/^(a+)+$/.test("a".repeat(50) + "b")`],
    ["a lock that nobody opens", "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)"]
  ])("ends a program that never comes back from %s, by the signal", async (_, work) => {
    // It says so from within: a signal that comes before is answered in time.
    const begins = `setTimeout(() => { writeSync(1, "ready\\n"); ${work} }, 0)`
    const computes = script(
      `Effect.andThen(Effect.sleep("1500 millis"), Effect.sync(() => ${begins}).pipe(Effect.andThen(Effect.never)))`
    )
    expect(await ended([computes], signal)).toEqual({ end: signal, output: "ready\n" })
  })

  it("ends a program whose last words take too long", async () => {
    const lingers = script(`Effect.onInterrupt(Effect.andThen(started, Effect.never), () => Effect.never)`)
    expect(await ended([lingers], signal)).toEqual({ end: signal, output: "ready\n" })
  })

  it("ends a program before anybody listens", async () => {
    const early = script(`Effect.sync(() => { process.stdout.write("ready\\n"); for (;;) {} })`)
    expect(await ended([early], signal)).toEqual({ end: signal, output: "ready\n" })
  })

  it("is heard by the thread that computes where Node allows no other", async () => {
    const waits = script(`Effect.onInterrupt(Effect.andThen(started, Effect.never), () => say("saved"))`)
    expect(await ended(["--permission", "--allow-fs-read=*", waits], signal)).toEqual({ end: CODES[signal], output: "ready\nsaved\n" })
  })
})

const rows = (count: number): string =>
  Array.from({ length: count }, (_, k) => JSON.stringify({ prompt: `Calculate ${k} * 7.`, response: `${7 * k}`, answer: String(7 * k) }))
    .join("\n")

describe.concurrent("commands that compute end, too", () => {
  it("calibrate, in a grader of one's own", async () => {
    writeFileSync(join(folder, "rows.jsonl"), rows(10))
    writeFileSync(
      join(folder, "loop.ts"),
      `export const grader = { kind: "loop", value: () => undefined, reference: () => { console.log("ready"); for (;;) {} } }`
    )
    expect((await ended([program, "calibrate", "rows.jsonl", "--grade", "./loop.ts"], "SIGTERM")).end).toBe("SIGTERM")
  })

  it("train, in a step, and what it had saved is there", async () => {
    writeFileSync(
      join(folder, "loop-task.ts"),
      `let asked = 0
      export const task = () => ({
        name: "loop", levels: ["one"],
        training: () => {
          if (++asked > 40) { console.log("ready"); for (;;) {} }
          return { id: String(asked), level: "one", prompt: "Calculate 1 * 1. Think step by step.", answer: "1" }
        },
        test: () => ({ queries: [] }),
        check: () => "Correct"
      })`
    )
    const config = {
      ...tinyConfiguration(),
      steps: 1000,
      checkpointEvery: 2,
      task: { _tag: "Module", module: "./loop-task.ts" },
      schedule: { peak: 0.003, warmup: 10, decay: "cosine", floor: 0.1, total: 300 },
      queries: 4,
      maxTokens: 32
    }
    writeFileSync(join(folder, "run.json"), JSON.stringify(config))
    const { end, output } = await ended([program, "train", "grpo", "--config", "run.json", "--out", "run"], "SIGINT")
    expect({ end, output }).toMatchObject({ end: "SIGINT" })
    expect(readdirSync(join(folder, "run"))).toContainEqual(expect.stringMatching(/\.checkpoint$/))
  })

  it.skipIf(process.platform === "win32")("whatever opens a pipe that nobody writes to", async () => {
    spawnSync("mkfifo", [join(folder, "pipe")])
    // It says nothing while it waits: the signal comes after two seconds.
    const child = spawn(process.execPath, [program, "calibrate", "pipe"], { cwd: folder, stdio: "ignore" })
    await new Promise((resolve) => setTimeout(resolve, 2000))
    const gone = new Promise((resolve) => child.once("close", (status, by) => resolve(status ?? by)))
    child.kill("SIGTERM")
    const late = setTimeout(() => child.kill("SIGKILL"), MOST_MS)
    expect(["SIGTERM", 143]).toContain(await gone)
    clearTimeout(late)
  })

  it("view, which waits", async () => {
    writeFileSync(join(folder, "seen.jsonl"), rows(10))
    expect((await ended([program, "view", "seen.jsonl", "--port", "0"], "SIGTERM", "http://")).end).toBe(143)
  })
})
