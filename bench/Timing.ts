/** Wall-clock times of things to compare, taken in turns so that whatever else the machine does hits all alike. */
import { cpus } from "node:os"

export { table } from "../scripts/MarkdownTable.ts"

/** Something to time; each call is one repetition. */
export interface Contender {
  readonly name: string
  readonly run: () => Promise<unknown>
  /** Milliseconds of processor time that the work has used so far, where another process does it; left out: this process'. */
  readonly processor?: () => number
}

/** Milliseconds of one contender. */
export interface Timing {
  readonly name: string
  readonly best: number
  readonly median: number
  /** Median processor time of the process that works, all its threads: what remains of `median` when nobody else wants the cores. */
  readonly processor: number
  readonly repetitions: number
}

const ownProcessor = (): number => {
  const { system, user } = process.cpuUsage()
  return (user + system) / 1000
}

/**
 * Times every contender `rounds` times in turns, after `warmUp` rounds that are not counted. One that has used up `budget` milliseconds sits
 * out the rest, after at least one round that counts.
 */
export const timeInTurns = async (
  contenders: ReadonlyArray<Contender>,
  rounds: number,
  warmUp: number,
  budget = Infinity
): Promise<ReadonlyArray<Timing>> => {
  const spent = contenders.map(() => 0)
  const times = contenders.map((): Array<number> => [])
  const processorTimes = contenders.map((): Array<number> => [])
  for (let round = -warmUp; round < rounds; round++) {
    for (const [i, { processor = ownProcessor, run }] of contenders.entries()) {
      if (round > 0 && spent[i]! > budget) continue
      const used = processor()
      const start = performance.now()
      await run()
      const time = performance.now() - start
      spent[i]! += time
      if (round < 0) continue
      times[i]!.push(time)
      processorTimes[i]!.push(processor() - used)
    }
  }
  const median = (numbers: ReadonlyArray<number>): number => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!
  return contenders.map(({ name }, i) => ({
    name,
    best: Math.min(...times[i]!),
    median: median(times[i]!),
    processor: median(processorTimes[i]!),
    repetitions: times[i]!.length
  }))
}

/** One line about the machine. */
export const machine = (): string => `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}, ${process.platform}`
