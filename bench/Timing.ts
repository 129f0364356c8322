/** Wall-clock times of things to compare, taken in turns so that whatever else the machine does hits all alike. */
import { cpus } from "node:os"

/** Something to time; each call is one repetition. */
export interface Contender {
  readonly name: string
  readonly run: () => Promise<unknown>
}

/** Milliseconds of one contender. */
export interface Timing {
  readonly name: string
  readonly best: number
  readonly median: number
  readonly repetitions: number
}

/** Times every contender `rounds` times in turns, after `warmUp` rounds that are not counted. */
export const timeInTurns = async (contenders: ReadonlyArray<Contender>, rounds: number, warmUp: number): Promise<ReadonlyArray<Timing>> => {
  const times = contenders.map((): Array<number> => [])
  for (let round = -warmUp; round < rounds; round++) {
    for (const [i, { run }] of contenders.entries()) {
      const start = performance.now()
      await run()
      if (round >= 0) times[i]!.push(performance.now() - start)
    }
  }
  return contenders.map(({ name }, i) => {
    const sorted = times[i]!.sort((a, b) => a - b)
    return { name, best: sorted[0]!, median: sorted[Math.floor(sorted.length / 2)]!, repetitions: rounds }
  })
}

/** One line about the machine. */
export const machine = (): string => `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}, ${process.platform}`

/** A Markdown table. */
export const table = (header: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n")
