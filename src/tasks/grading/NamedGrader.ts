/**
 * A grader by its name in a configuration: a kind, or a module of one's own.
 *
 * @module
 */
import { Effect } from "effect"
import { ConfigError } from "../../domain/Errors.ts"
import type { GraderService } from "../../domain/Grader.ts"
import { failingAsync } from "../../domain/Throws.ts"
import { graderOf, GRADERS } from "./Graders.ts"
import { loadGrader } from "./OwnGrader.ts"

/** The grader of a kind, or one's own as "module.ts#export". Fails with a ConfigError for any other name. */
export const graderNamed = (name: string, field: string): Effect.Effect<GraderService, ConfigError> => {
  const known = graderOf(name)
  if (known !== undefined) return Effect.succeed(known)
  const expected = `one of ${Object.keys(GRADERS).join(", ")}, or a module such as "./grader.ts#grader"`
  return /[#/]/.test(name)
    ? failingAsync([ConfigError], () => loadGrader(name, field))
    : Effect.fail(new ConfigError({ field, value: JSON.stringify(name), expected }))
}
