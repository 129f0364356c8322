/**
 * `theory evaluate FILE`: processes and trajectories from a file, their exact results in the same shape.
 *
 * @module
 */
import { Effect, FileSystem, Result, Schema } from "effect"
import { ConfigError, EntryError, FileError } from "../../domain/Errors.ts"
import { refused } from "../../domain/Files.ts"
import { configErrorOf } from "../../domain/SchemaFaults.ts"
import { failing } from "../../domain/Throws.ts"
import { notFiniteIn } from "../../domain/NotFinite.ts"
import * as Dft from "../../theory/Dft.ts"
import { logProb } from "../../theory/Factorization.ts"
import * as KlPenalty from "../../theory/KlPenalty.ts"
import { evaluateProcess } from "../../theory/process/ProcessEvaluate.ts"
import { parseProcess, ProcessError } from "../../theory/process/ProcessValidation.ts"
import { makeScoredTrajectory } from "../../theory/ScoredTrajectory.ts"
import * as Sft from "../../theory/Sft.ts"
import * as Surrogate from "../../theory/Surrogate.ts"
import { TheoryError } from "../../theory/TheoryError.ts"

const TrajectoryCase = Schema.Struct({
  id: Schema.optionalKey(Schema.String),
  gamma: Schema.Finite,
  beta: Schema.Finite,
  advantage: Schema.Finite,
  /** DFT's constant c. */
  constant: Schema.Finite,
  attempts: Schema.Array(
    Schema.Struct({
      tokenLogProbs: Schema.Array(Schema.Finite),
      referenceTokenLogProbs: Schema.Array(Schema.Finite),
      decision: Schema.Literals(["STOP", "RESAMPLE"]),
      decisionLogProb: Schema.Finite,
      referenceDecisionLogProb: Schema.Finite
    })
  )
})
type TrajectoryCase = typeof TrajectoryCase.Type

/** Q tables of the four objectives along one trajectory, in the shape of the golden data. */
export const evaluateTrajectory = (input: TrajectoryCase) => {
  const { advantage, beta, constant, gamma, id } = input
  const trajectory = makeScoredTrajectory(input)
  const surrogate = Surrogate.qValues(trajectory, { advantage, gamma })
  const penalty = KlPenalty.immediate(trajectory, { beta, gamma })
  const kl = KlPenalty.qValues(trajectory, { beta, gamma })
  const named = (q: typeof kl) => ({ qSampling: q.sampling, qDecision: q.decision, qTokens: q.tokens })
  return {
    ...(id === undefined ? {} : { id }),
    expected: {
      logProb: logProb(trajectory),
      surrogate: { qSampling: surrogate.sampling, qDecision: surrogate.decision },
      kl: { rSampling: penalty.sampling, rDecision: penalty.decision, ...named(kl) },
      sft: named(Sft.qValues(trajectory, { gamma })),
      dft: named(Dft.qValues(trajectory, { constant, gamma }))
    }
  }
}

const isTrajectory = (value: unknown): boolean => typeof value === "object" && value !== null && "attempts" in value
const isProcess = (value: unknown): boolean => typeof value === "object" && value !== null && "answers" in value

/** The theory's own errors become typed ones that name the file and the entry; anything else is a defect. */
const inEntry = <A>(file: string, index: number, body: () => A): Effect.Effect<A, EntryError> =>
  failing([TheoryError, ProcessError, ConfigError], body).pipe(
    Effect.mapError(({ message }) => new EntryError({ file, entry: index, problem: message }))
  )

const decodeTrajectory = Schema.decodeUnknownResult(TrajectoryCase, { errors: "all" })

/** Reads a trajectory. Throws ConfigError of all that is wrong with it. */
const parseTrajectory = (entry: unknown): TrajectoryCase =>
  Result.getOrThrowWith(decodeTrajectory(entry), (error) => configErrorOf(error, entry, "the trajectory"))

const finite = (file: string, index: number) => (result: unknown): Effect.Effect<unknown, EntryError> => {
  const overflow = notFiniteIn(result)
  return overflow === undefined
    ? Effect.succeed(result)
    : Effect.fail(
      new EntryError({
        file,
        entry: index,
        problem: `${overflow.path} is ${overflow.value}: it overflows; give smaller logits, coefficients or log-probabilities`
      })
    )
}

const resultOf = (file: string, entry: unknown, index: number): Effect.Effect<unknown, EntryError> => {
  if (isTrajectory(entry)) return inEntry(file, index, () => evaluateTrajectory(parseTrajectory(entry)))
  if (isProcess(entry)) return inEntry(file, index, () => evaluateProcess(parseProcess(entry)))
  return Effect.fail(
    new EntryError({
      file,
      entry: index,
      problem: "neither a process nor a trajectory; give an object with \"answers\" or with \"attempts\""
    })
  )
}

const evaluateEntry = (file: string) => (entry: unknown, index: number): Effect.Effect<unknown, EntryError> =>
  Effect.flatMap(resultOf(file, entry, index), finite(file, index))

/** Reads a file of one or many processes or trajectories and evaluates each. */
export const evaluateFile = Effect.fn("EvaluateFile.evaluateFile")(function* (file: string) {
  const files = yield* FileSystem.FileSystem
  const text = yield* files.readFileString(file).pipe(
    Effect.mapError(refused(file, "Does the file exist, and may it be read?"))
  )
  const content = yield* failing([SyntaxError, RangeError], (): unknown => JSON.parse(text)).pipe(
    Effect.mapError(({ message }) =>
      new FileError({ file, problem: `not JSON: ${message}`, advice: "Give a JSON file as docs/guide/evaluate-a-process.md describes" })
    )
  )
  const entries: ReadonlyArray<unknown> = Array.isArray(content) ? content : [content]
  return yield* Effect.forEach(entries, evaluateEntry(file))
})
