/**
 * prime-rl's rollouts (traces.jsonl, since August 2026): episodes of verifiers v1, which keep each agent's conversation as a graph of messages.
 *
 * @module
 */
import { goldOf } from "./Golds.ts"
import { promptOfMessages, turnsOf } from "./Messages.ts"
import { isRow, kindOf, type Reading, type Row, type RowContext, type RowFormat, scalarText } from "./Row.ts"
import { transcripts } from "./Samples.ts"
import { isCutOff } from "./Truncation.ts"

const isTrace = (value: unknown): value is Row => isRow(value) && Array.isArray(value["nodes"]) && isRow(value["task"])

// The way from the first message to the last one that was added. Where a conversation was shortened on the way, that is what the model saw at its end.
const branchOf = (nodes: ReadonlyArray<unknown>): ReadonlyArray<Row> => {
  const branch: Array<Row> = []
  for (let place: unknown = nodes.length - 1; typeof place === "number" && branch.length < nodes.length;) {
    const node = nodes[place]
    if (!isRow(node)) break
    branch.push(node)
    place = node["parent"]
  }
  return branch.toReversed()
}

// A reward of its own that is 1 or 0 is a verdict; a sum of several is not.
const verdictOf = ({ rewards }: Row): number | undefined => {
  const [reward, ...others] = isRow(rewards) ? Object.values(rewards).filter(isRow) : []
  const score = reward?.["score"]
  return others.length === 0 && (score === 0 || score === 1) ? score : undefined
}

const readTrace = (trace: Row, context: RowContext): Reading => {
  const branch = branchOf(trace["nodes"] as ReadonlyArray<unknown>)
  const messages = branch.map((node) => node["message"])
  const first = branch.findIndex((node) => node["sampled"] === true)
  const said = first < 0 ? undefined : turnsOf(messages, first)
  if (said === undefined) {
    const condition = scalarText(trace["stop_condition"])
    return { problem: `a trace without a message of the model${condition === undefined ? "" : ` (stop_condition ${condition})`}` }
  }
  const { calls, task } = trace
  const data = isRow(task) && isRow(task["data"]) ? task["data"] : {}
  const last = Array.isArray(calls) ? calls.findLast(isRow) : undefined
  const score = verdictOf(trace)
  const id = scalarText(trace["id"])
  const level = scalarText(data["level"])
  return transcripts(trace, context, {
    prompt: promptOfMessages(messages.slice(0, first)),
    samples: [said],
    gold: goldOf(data),
    ...(id === undefined ? {} : { id }),
    ...(level === undefined ? {} : { level }),
    ...(last !== undefined && isCutOff(last) ? { isTruncated: true } : {}),
    ...(score === undefined ? {} : { score })
  })
}

const NOTHING_SAID: Reading = { problem: "an episode without a trace of the trained model: it failed before the model said anything" }

/** Episodes with their agents' traces, or one trace. Agents that are not trained (judges, users) are left out. */
export const primeRl = {
  name: "prime-rl",
  of: "prime-rl's rollouts, verifiers v1's traces",
  fits: (row) => isTrace(row) || (Array.isArray(row["traces"]) && isRow(row["task"])),
  read: (row, context) => {
    const { traces: episode } = row
    // A format that was named is asked to read rows that do not fit it, too.
    if (!isTrace(row) && !Array.isArray(episode)) return { problem: `"traces" is ${kindOf(episode)}, expected a list of traces` }
    const traces = isTrace(row) ? [row] : (episode as ReadonlyArray<unknown>).filter(isTrace)
    const trained = traces.filter(({ agent }) => !(isRow(agent) && agent["trainable"] === false))
    const readings = trained.map((trace) => readTrace(trace, context))
    const problem = readings.find((reading) => "problem" in reading)
    if (problem !== undefined) return problem
    const [first] = readings
    return first === undefined || "problem" in first
      ? NOTHING_SAID
      : { ...first, rows: readings.flatMap((reading) => ("rows" in reading ? reading.rows : [])) }
  }
} as const satisfies RowFormat
