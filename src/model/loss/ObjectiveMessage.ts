/**
 * Objectives that cross threads. Built-in leaves are plain data; a leaf of one's own holds a function, which stays behind: its module's
 * name and its settings go instead, and the other thread builds it anew.
 *
 * @module
 */
import { Effect } from "effect"
import { PolicyError } from "../../domain/Errors.ts"
import { type Custom, type Leaf, leafKind, type LeafModule, type Objective, parts } from "../../theory/Objective.ts"
import { attempt } from "./LossRequests.ts"

/** A leaf of one's own without its function. */
export type EncodedCustom = Omit<Custom, "evaluate" | "module"> & { readonly module: LeafModule }

/** An objective as plain data: it survives structured clone, and JSON if the settings do. */
export type EncodedObjective =
  | Exclude<Leaf, Custom>
  | EncodedCustom
  | { readonly _tag: "Sum"; readonly parts: ReadonlyArray<EncodedObjective> }
  | { readonly _tag: "Scale"; readonly factor: number; readonly objective: EncodedObjective }
  | { readonly _tag: "Restrict"; readonly owners: ReadonlyArray<string>; readonly objective: EncodedObjective }

const refuse = (operation: string, problem: string, advice: string): PolicyError =>
  new PolicyError({ operation, reason: "Request", problem, advice })

const encode = (objective: Objective): EncodedObjective => {
  switch (objective._tag) {
    case "Sum":
      return { ...objective, parts: objective.parts.map(encode) }
    case "Scale":
    case "Restrict":
      return { ...objective, objective: encode(objective.objective) }
    case "Custom": {
      const { evaluate: _, module, ...data } = objective
      if (module !== undefined) return { ...data, module }
      throw refuse(
        "encodeObjective",
        `the loss "${objective.name}" is a function, which other threads cannot be sent`,
        "Give Objective.custom a module: { url: import.meta.url, name: <the export that builds it from its settings> }, or train with one worker"
      )
    }
    default:
      return objective
  }
}

/** Makes an objective fit for another thread. Fails with a PolicyError for a loss of one's own without a module, and for what is no objective. */
export const encodeObjective = (objective: Objective): Effect.Effect<EncodedObjective, PolicyError> =>
  attempt("encodeObjective", () => {
    parts(objective)
    return encode(objective)
  })

const load = ({ module, name, settings }: EncodedCustom): Effect.Effect<Objective, PolicyError> =>
  Effect.gen(function* () {
    const fail = (problem: string) =>
      refuse("decodeObjective", `the loss "${name}" cannot be loaded: ${problem}`, "Export a function that builds it from its settings")
    const loaded: Readonly<Record<string, unknown>> = yield* Effect.tryPromise({
      try: () => import(module.url),
      catch: (cause) => fail(`${module.url}: ${cause instanceof Error ? cause.message : String(cause)}`)
    })
    const build = loaded[module.name]
    if (typeof build !== "function") return yield* fail(`${module.url} has no function "${module.name}"`)
    const leaf: unknown = yield* Effect.try({
      try: () => build(settings),
      catch: (cause) => fail(`${module.name} threw ${cause instanceof Error ? cause.message : String(cause)}`)
    })
    const isSame = typeof leaf === "object" && leaf !== null && "_tag" in leaf && leaf._tag === "Custom" && "name" in leaf &&
      leaf.name === name
    if (!isSame) return yield* fail(`${module.name} of ${module.url} built something else`)
    leafKind(leaf as Custom)
    return leaf as Custom
  })

/** Builds an objective from what another thread sent. Fails with a PolicyError where a module, its export or what that builds is not there. */
export const decodeObjective = (encoded: EncodedObjective): Effect.Effect<Objective, PolicyError> => {
  switch (encoded._tag) {
    case "Sum":
      return Effect.map(Effect.forEach(encoded.parts, decodeObjective), (decoded) => ({ ...encoded, parts: decoded }))
    case "Scale":
    case "Restrict":
      return Effect.map(decodeObjective(encoded.objective), (objective) => ({ ...encoded, objective }))
    case "Custom":
      return load(encoded)
    default:
      return Effect.succeed(encoded)
  }
}
