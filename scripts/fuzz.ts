/**
 * Fuzzes the readers of all that comes from outside, for as long as it is let:
 *
 *     npm run fuzz -- [--target NAME] [--inputs N | --minutes M] [--seed S]
 *
 * `--target` takes the target of that name, or all whose name holds it; without it, all. `--inputs` is of each target (1,000 unless told), `--minutes` of all together, in
 * turns. The seed is drawn unless told, and printed: with it the same inputs come again. Inputs that are neither read nor refused are made small
 * and kept in test/fuzz/corpus, which `npm test` tries ever after; then the exit code is 1.
 */
import { parseArgs } from "node:util"
import { keep } from "../test/fuzz/Corpus.ts"
import { addCounts, type Counts, makeFuzzer } from "../test/fuzz/FuzzRun.ts"
import { TARGETS } from "../test/fuzz/Targets.ts"
import { fold } from "../src/domain/Seed.ts"

const { values } = parseArgs({
  options: { target: { type: "string" }, inputs: { type: "string" }, minutes: { type: "string" }, seed: { type: "string" } }
})
const whole = (name: "inputs" | "minutes" | "seed", otherwise: number): number => {
  const given = values[name]
  if (given === undefined) return otherwise
  if (/^\d{1,9}$/.test(given)) return Number(given)
  throw new Error(`--${name} is ${JSON.stringify(given)}, expected a whole number`)
}

const named = TARGETS.filter(({ name }) => name === values.target)
const targets = named.length > 0 ? named : TARGETS.filter(({ name }) => name.includes(values.target ?? ""))
if (targets.length === 0) throw new Error(`--target ${values.target}: none of ${TARGETS.map(({ name }) => name).join(", ")}`)
const seed = whole("seed", Math.floor(2 ** 30 * Math.random()))
const until = values.minutes === undefined ? undefined : performance.now() + 60_000 * whole("minutes", 1)
const wanted = until === undefined ? whole("inputs", 1000) : Infinity
const BATCH = 500

console.log(`seed ${seed}, ${targets.length} targets, ${until === undefined ? `${wanted} inputs each` : `${values.minutes} minutes`}`)

const counts = new Map<string, Counts>()
const fuzzer = makeFuzzer()
const isOver = (): boolean => until !== undefined && performance.now() > until
for (let turn = 0; turn * BATCH < wanted && !isOver(); turn++) {
  for (const { cost = 1, name } of targets) {
    if (isOver()) break
    const count = Math.min(until === undefined ? BATCH : Math.ceil(BATCH / cost), wanted - turn * BATCH)
    const before = counts.get(name)
    const found = await fuzzer.fuzz(
      { target: name, seed: fold(seed, name, turn) % 2 ** 31, count },
      before?.failures.map(({ kind }) => kind) ?? []
    )
    counts.set(name, before === undefined ? found : addCounts(before, found))
    for (const failure of found.failures) {
      console.error(`${name}: ${failure.problem.split("\n").slice(0, 4).join("\n  ")}\n  kept as test/fuzz/corpus/${keep(failure)}`)
    }
  }
}
await fuzzer.close()

const rows = [...counts].map(([name, { accepted, crashes, hangs, inputs, refused }]) => {
  const kinds = Object.entries(refused).toSorted(([, a], [, b]) => b - a).map(([kind, count]) => `${kind} ${count}`).join(", ")
  return [name, inputs, accepted, Object.values(refused).reduce((sum, count) => sum + count, 0), kinds, crashes, hangs]
})
console.log(
  [
    "| Reader | Inputs | Accepted | Refused | by | Crashes | Hangs |",
    "| --- | --: | --: | --: | --- | --: | --: |",
    ...rows.map((row) => `| ${row.join(" | ")} |`)
  ].join("\n")
)
process.exitCode = rows.some(([, , , , , crashes, hangs]) => Number(crashes) + Number(hangs) > 0) ? 1 : 0
