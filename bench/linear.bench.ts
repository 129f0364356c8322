/**
 * Time of reading texts that are made to be slow: what 10 kB, 100 kB and 1 MB take, in ms of the processor.
 *
 *     npm run bench -- linear [all [READERS]]
 *
 * With `all`, every reader of a text (those whose names match the expression READERS, if given) reads texts of every fragment, up to 100 kB; what breaks the law
 * (ten times the text takes at most twenty times the time) is printed, and the ten that take longest. That takes an hour.
 */
import { FRAGMENTS, ONCE_SLOW, textsOf } from "../test/support/AdversarialTexts.ts"
import { breaks, readingMs } from "../test/support/LinearTime.ts"
import { READERS, wordReaders } from "../test/support/TextReaders.ts"
import { machine, table } from "./Timing.ts"

const SIZES = [10_000, 100_000, 1_000_000]
// What takes longer for one size is not read at the next; more than this is not measured twice.
const LONGEST_MS = 1000
const FEW_MS = 200

const PLACES: ReadonlyArray<readonly [text: keyof typeof ONCE_SLOW, reader: keyof typeof READERS]> = [
  ["1.111.111…111.1", "a row: prompt"],
  ["1.111.111…111.1", "number: a response, in full"],
  ["=1=1…=1 x", "number: a response, in full"],
  ["=1*1…", "number: a response, in full"],
  ["=1   …z", "number: a response, in full"],
  ["=====… x", "number: a response, in full"],
  ["= = =", "number: a response, in full"],
  ["digits", "a row: prompt"],
  ["1 1 1…", "a row: prompt"],
  ["1,111,111…", "a row: prompt"],
  ["the answer is 0.000…01", "a row: response"],
  ["1   …x", "a row: answer"],
  ["$.$.…x", "a row: answer"],
  ["\\boxed{\\boxed{…", "number: a response, in full"],
  ["wait, wait, …", "number: a response, in full"],
  ["Calculate 99999*99999*…", "a row: prompt"],
  ["a reference of spaces", "the kind of a reference"],
  ["blank lines after an equation", "number: a response, in full"],
  ["a label and spaces", "number: a response, in full"],
  ["dollars and spaces as a formula", "number: a response, in full"],
  ["turns of a conversation", "a line: many messages"],
  ["所以所以…", "number: a response, in full"],
  ["options of digits", "a line: choices"]
]

const shown = (ms: number | undefined): string => (ms === undefined ? "longer" : ms >= 100 ? ms.toFixed(0) : ms.toFixed(1))

const printPlaces = (): void => {
  const rows = PLACES.map(([text, reader]) => {
    const times: Array<number> = []
    for (const size of SIZES) {
      if ((times.at(-1) ?? 0) > LONGEST_MS) break
      const [read, make] = [READERS[reader]!, ONCE_SLOW[text]!]
      const first = readingMs(read, make, size, 0, 1)
      times.push(first > FEW_MS ? first : Math.min(first, readingMs(read, make, size, 0, 4)))
    }
    return [text, reader, ...SIZES.map((_, i) => shown(times[i]))]
  })
  console.log(table(["text", "read as", "10 kB, ms", "100 kB, ms", "1 MB, ms"], rows))
}

const printAll = async (named: RegExp): Promise<void> => {
  const readers = { ...READERS, ...await wordReaders() }
  const makers = [...Object.entries(ONCE_SLOW), ...FRAGMENTS.flatMap((fragment) => Object.entries(textsOf(fragment)))]
  const slow: Array<readonly [ms: number, text: string, reader: string]> = []
  for (const [reader, read] of Object.entries(readers).filter(([name]) => named.test(name))) {
    for (const [text, make] of makers) {
      const broken = breaks(read, make, [100, 1000, 10_000, 100_000])
      if (broken !== undefined) console.log(`${reader}: ${text}: ${broken}`)
      else slow.push([readingMs(read, make, 100_000, 0, 1), text, reader])
    }
    slow.sort(([a], [b]) => b - a).splice(10)
  }
  console.log(table(["100 kB, ms", "text", "read as"], slow.map(([ms, ...what]) => [ms.toFixed(0), ...what])))
}

console.log(`${machine()}, ${new Date().toISOString().slice(0, 10)}\n`)
const [, , , all, named = ""] = process.argv
if (all === "all") await printAll(new RegExp(named))
else printPlaces()
