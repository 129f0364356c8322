/** A Python process that does its part of a measurement when told to (bench/peers/serve.py is its side). */
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import type { Contender } from "./Timing.ts"

/** What a peer answers: its wall-clock and processor milliseconds, and what else it measured. */
export type PeerAnswer = Readonly<Record<string, number | string>>

/** A running peer. */
export interface Peer {
  /** Its first answer: versions, and how far its model's numbers are from ours. */
  readonly hello: PeerAnswer
  readonly ask: (work: string) => Promise<PeerAnswer>
  /** One of its works as something to time. */
  readonly contender: (name: string, work: string) => Contender
  readonly stop: () => void
}

/** Starts `peers/<script>` under PYTHON (default python3); the reason as a string where it does not get to its first answer. */
export const startPeer = (script: string, args: ReadonlyArray<string>): Promise<Peer | string> =>
  startProcess(process.env["PYTHON"] ?? "python3", script, [fileURLToPath(new URL(`peers/${script}`, import.meta.url)), ...args])

/** Starts a program that answers as a peer does, called `script` in complaints. */
export const startProcess = async (command: string, script: string, args: ReadonlyArray<string>): Promise<Peer | string> => {
  const child = spawn(command, [...args], { stdio: ["pipe", "pipe", "pipe"] })
  const complaints: Array<string> = []
  child.stderr.on("data", (data) => complaints.push(String(data)))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = new Promise<never>((_, reject) => {
    child.on("error", reject)
    child.on(
      "close",
      (code) => reject(new Error(`${script} ended with ${code}: ${complaints.join("").trim().split("\n").slice(-3).join(" / ")}`))
    )
  })
  ended.catch(() => undefined)
  const next = async (): Promise<PeerAnswer> => {
    const line = await Promise.race([lines.next(), ended])
    return line.done === true ? await ended : (JSON.parse(line.value) as PeerAnswer)
  }
  const ask = (work: string): Promise<PeerAnswer> => {
    child.stdin.write(`${work}\n`)
    return next()
  }
  const hello = await next().catch((error: unknown) => String(error))
  if (typeof hello === "string") return hello
  let used = 0
  return {
    hello,
    ask,
    contender: (name, work) => ({
      name,
      run: async () => {
        used += Number((await ask(work))["processor"])
      },
      processor: () => used
    }),
    stop: () => {
      child.kill()
    }
  }
}

/** Starts a peer and says how far its model's numbers are from ours; none, with the reason on standard error, where it does not start. */
export const introducedPeer = async (script: string, args: ReadonlyArray<string>): Promise<ReadonlyArray<Peer>> => {
  const peer = await startPeer(script, args)
  if (typeof peer === "string") {
    console.error(`left out: ${peer}`)
    return []
  }
  const { gradient, logProbs, version } = peer.hello
  console.log(
    `${version}: log-probabilities differ from ours by ${Number(logProbs).toExponential(0)}, the gradient by ${
      Number(gradient).toExponential(0)
    } of its largest entries`
  )
  return [peer]
}
