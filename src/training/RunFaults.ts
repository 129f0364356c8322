/**
 * What is wrong with a configuration that no single field shows: sizes whose product is too large, levels that are none, settings that exclude each
 * other. Everything is found at once, and before anything is built.
 *
 * @module
 */
import { Option, Schema } from "effect"
import type { Fault } from "../domain/Errors.ts"
import { TWO_STAGE } from "../domain/Partition.ts"
import { faultsOfChecks } from "../domain/SchemaFaults.ts"
import * as ArithmeticGrammar from "../model/grammar/ArithmeticGrammar.ts"
import * as CountdownGrammar from "../model/grammar/CountdownGrammar.ts"
import { ColumnsSpec } from "../model/ModelSpec.ts"
import { transformerSizes } from "../model/policy/TransformerPolicy.ts"
import * as Addition from "../tasks/Addition.ts"
import * as Countdown from "../tasks/Countdown.ts"
import * as Multiplication from "../tasks/Multiplication.ts"
import { TaskSpec } from "../tasks/TaskSpec.ts"
import { rolloutsFault } from "./Bounds.ts"
import type { GroupRelativeRun, SupervisedRun } from "./TrainConfig.ts"

const taskOf = Schema.decodeUnknownOption(TaskSpec)
const columnsOf = Schema.decodeUnknownOption(ColumnsSpec)

const at = (json: unknown, field: string): unknown =>
  typeof json === "object" && json !== null ? (json as Readonly<Record<string, unknown>>)[field] : undefined

const ofTask = (json: unknown): ReadonlyArray<Fault> => {
  const spec = Option.getOrUndefined(taskOf(json))
  if (spec === undefined || spec._tag === "Problems" || spec._tag === "Module") return []
  const make = (level: string): unknown => {
    switch (spec._tag) {
      case "Multiplication":
        return Multiplication.make({ ...spec, levels: [level] })
      case "Addition":
        return Addition.make({ ...spec, levels: [level] })
      case "Countdown":
        return Countdown.make({ ...spec, levels: [level] })
    }
  }
  // A level is refused by what makes the task, which does not know where it stands.
  return spec.levels.flatMap((level, i) =>
    faultsOfChecks([() => make(level)]).map((fault) => fault.field === "level" ? { ...fault, field: `task.levels[${i}]` } : fault)
  )
}

const ofModel = (json: unknown): ReadonlyArray<Fault> => {
  const spec = Option.getOrUndefined(columnsOf(json))
  if (spec === undefined || spec.words._tag === "Module") return []
  const { transformer, words } = spec
  return faultsOfChecks([() => {
    const { placement, tokenizer } = words._tag === "Arithmetic" ? ArithmeticGrammar.make(words) : CountdownGrammar.make(words)
    return transformerSizes(transformer, { placement, vocabulary: tokenizer.vocabulary })
  }]).map((fault) => ({ ...fault, field: `model.${fault.field.replace(/^(?:grammar|placement)\./, "words.")}` }))
}

/**
 * The faults of what a configuration says of its task, its network and its groups, where those can be read, whatever else is wrong with it. `groupSize`
 * is that of the preset.
 */
export const faultsOfParts = (json: unknown, groupSize?: number): ReadonlyArray<Fault> => [
  ...rolloutsFault(at(json, "queries"), at(json, "groupSize") ?? groupSize),
  ...ofTask(at(json, "task")),
  ...ofModel(at(json, "model"))
]

/** The faults of settings that exclude each other, and of sub-policies that the partition lacks. */
export function* faultsOfSettings(run: SupervisedRun | GroupRelativeRun): Generator<Fault> {
  const fault = (field: string, value: string, expected: string): Fault => ({ field, value, expected })
  if ("demonstrations" in run && run.demonstrations.kind === "expert" && run.start === undefined) {
    yield fault("start", "missing", "a checkpoint: the expert judges the answers of its model")
  }
  const names = run.partition ?? TWO_STAGE.names
  const listed = names.join(", ")
  if (new Set(names).size < names.length) yield fault("partition", listed, "names that differ")
  const isOfNobody = run.restrict !== undefined && !names.includes(run.restrict)
  if (isOfNobody) yield fault("restrict", String(run.restrict), `one of ${listed}`)
  if (!("weights" in run) || run.weights === undefined) return
  const { weights } = run
  const weighed = Object.keys(weights)
  if (weighed.length === 0) return yield fault("weights", "{}", `a weight for at least one of ${listed}; left out, all weigh 1`)
  const foreign = weighed.filter((name) => !names.includes(name))
  for (const name of foreign) yield fault(`weights.${name}`, "given", `weights of ${listed} alone`)
  if (foreign.length > 0 || isOfNobody) return
  const trained = run.restrict === undefined ? weighed : weighed.filter((name) => name === run.restrict)
  if (!trained.some((name) => weights[name]! > 0)) {
    yield fault("weights", JSON.stringify(weights), `a weight above 0 for ${run.restrict ?? `at least one of ${listed}`}`)
  }
}
