/**
 * Reads a finite process from untrusted data, and says at which place it is wrong.
 *
 * @module
 */
import { overlappingAnswers, type PrefixLogits, prefixNodes, type Process, type ProcessAnswer, type ProcessPolicy } from "./Process.ts"

/**
 * Reports data that is no finite process. `path` is the place ("policy.sampling[1]["0,2"]"), `problem` what is wrong there,
 * `advice` what to do; `more` is what else was found to be wrong. `message` has all of it, a line each.
 */
export class ProcessError extends Error {
  readonly _tag = "ProcessError"
  readonly path: string
  readonly problem: string
  readonly advice: string
  readonly more: ReadonlyArray<ProcessError>

  constructor(path: string, problem: string, advice: string, more: ReadonlyArray<ProcessError> = []) {
    const own = `${path} ${problem}; ${advice}`
    super(more.length === 0 ? own : [`${more.length + 1} things are wrong:`, own, ...more.map(({ message }) => message)].join("\n  "))
    this.name = "ProcessError"
    this.path = path
    this.problem = problem
    this.advice = advice
    this.more = more
  }
}

const alone = ({ advice, path, problem }: ProcessError): ProcessError => new ProcessError(path, problem, advice)

/** What all parts give. Throws one ProcessError of all that they throw. */
const every = <const Parts extends ReadonlyArray<() => unknown>>(
  parts: Parts
): { readonly [K in keyof Parts]: ReturnType<Parts[K]> } => {
  const faults: Array<ProcessError> = []
  const given = parts.map((part) => {
    try {
      return part()
    } catch (cause) {
      if (!(cause instanceof ProcessError)) throw cause
      faults.push(alone(cause), ...cause.more)
      return undefined
    }
  })
  const [first, ...more] = faults
  if (first !== undefined) throw new ProcessError(first.path, first.problem, first.advice, more)
  return given as { readonly [K in keyof Parts]: ReturnType<Parts[K]> }
}

type Fields = Readonly<Record<string, unknown>>

// Of what holds others its kind alone: it may be large, and nested deeper than can be written.
const show = (value: unknown): string =>
  Array.isArray(value) ? "a list" : typeof value === "object" && value !== null ? "an object" : JSON.stringify(value) ?? String(value)

const otherThan = (value: unknown, kind: string): string =>
  value === undefined ? "is missing" : `is ${typeof value === "number" ? value : show(value)}, no ${kind}`

const asObject = (value: unknown, path: string): Fields => {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields
  throw new ProcessError(path, otherThan(value, "object"), "see the format of a process")
}

const asArray = (value: unknown, path: string): ReadonlyArray<unknown> => {
  if (Array.isArray(value)) return value
  throw new ProcessError(path, otherThan(value, "array"), "give a list")
}

const asFinite = (value: unknown, path: string): number => {
  if (typeof value === "number" && Number.isFinite(value)) return value
  throw new ProcessError(path, otherThan(value, "finite number"), "give a finite number")
}

const asNumberWhere = (value: unknown, path: string, range: string, holds: (number: number) => boolean): number => {
  const number = asFinite(value, path)
  if (holds(number)) return number
  throw new ProcessError(path, `is ${number}, outside ${range}`, "correct the value")
}

const parseAnswer = (value: unknown, path: string): ProcessAnswer => {
  const fields = asObject(value, path)
  const tokens = asArray(fields["tokens"], `${path}.tokens`)
  if (tokens.length === 0) throw new ProcessError(`${path}.tokens`, "is empty", "an answer has at least one token")
  if (typeof fields["correct"] !== "boolean") {
    throw new ProcessError(`${path}.correct`, otherThan(fields["correct"], "boolean"), "say true or false")
  }
  return {
    tokens: tokens.map((token, index) =>
      asNumberWhere(token, `${path}.tokens[${index}]`, "the integers from 0", (id) => Number.isInteger(id) && id >= 0)
    ),
    correct: fields["correct"]
  }
}

const parseAnswers = (value: unknown): ReadonlyArray<ProcessAnswer> => {
  const answers = every(asArray(value, "answers").map((answer, index) => () => parseAnswer(answer, `answers[${index}]`)))
  if (answers.length === 0) throw new ProcessError("answers", "is empty", "a process has at least one answer")
  const overlap = overlappingAnswers(answers)
  if (overlap === undefined) return answers
  const { longer, shorter } = overlap
  const problem = `= [${answers[shorter]!.tokens.join(",")}] begins answers[${longer}] = [${answers[longer]!.tokens.join(",")}]`
  throw new ProcessError(`answers[${shorter}].tokens`, problem, "no answer may be a prefix of another; end each with a stop token")
}

const parseLogits = (value: unknown, path: string, tokens: ReadonlyArray<number>): ReadonlyArray<number> => {
  const advice = `give one logit for each of the tokens ${tokens.join(", ")}`
  if (value === undefined) throw new ProcessError(path, "is missing", advice)
  const logits = asArray(value, path)
  if (logits.length !== tokens.length) throw new ProcessError(path, `has ${logits.length} logits`, advice)
  return logits.map((logit, index) => asFinite(logit, `${path}[${index}]`))
}

const parseSampling = (value: unknown, path: string, answers: ReadonlyArray<ProcessAnswer>): PrefixLogits => {
  const fields = asObject(value, path)
  const nodes = prefixNodes(answers)
  const unknown = Object.keys(fields).find((prefix) => nodes.every((node) => node.prefix !== prefix))
  if (unknown !== undefined) {
    throw new ProcessError(`${path}["${unknown}"]`, "begins no answer", "remove it, or add the answer that it begins")
  }
  return Object.fromEntries(
    nodes.map(({ prefix, tokens }) => [prefix, parseLogits(fields[prefix], `${path}["${prefix}"]`, tokens)])
  )
}

const parsePolicy = (value: unknown, path: string, answers: ReadonlyArray<ProcessAnswer>): ProcessPolicy => {
  const fields = asObject(value, path)
  const sampling = asArray(fields["sampling"], `${path}.sampling`)
  const contexts = answers.length + 1
  if (sampling.length !== contexts) {
    const advice = `give ${contexts}: one for the query, then one for each answer`
    throw new ProcessError(`${path}.sampling`, `has ${sampling.length} contexts`, advice)
  }
  const decision = asArray(fields["decision"], `${path}.decision`)
  if (decision.length !== answers.length) {
    const advice = `give ${answers.length}: one STOP logit for each answer`
    throw new ProcessError(`${path}.decision`, `has ${decision.length} logits`, advice)
  }
  const [contextLogits, stopLogits] = every([
    () => every(sampling.map((context, index) => () => parseSampling(context, `${path}.sampling[${index}]`, answers))),
    () => decision.map((logit, index) => asFinite(logit, `${path}.decision[${index}]`))
  ])
  return { sampling: contextLogits, decision: stopLogits }
}

/**
 * Values that a capped process may have: one for each cycle, context and answer. So many take a second and some hundred megabytes; a longer
 * process differs from one without a cap by less than that rounds.
 */
export const MOST_CAPPED_VALUES = 1_000_000

const parseCap = (value: unknown, answers: number): number => {
  const cap = asNumberWhere(value, "maxCycles", "the integers from 1", (number) => Number.isInteger(number) && number >= 1)
  const most = Math.max(1, Math.floor(MOST_CAPPED_VALUES / (answers * (answers + 1))))
  if (cap <= most) return cap
  throw new ProcessError(
    "maxCycles",
    `is ${cap}, more than the ${most} that are computed for ${answers} answers`,
    "lower it; results without a cap are \"stationary\""
  )
}

/**
 * Parses a finite process and returns it, fields that it does not know left out.
 *
 * Checked: γ ∈ [0, 1], β ≥ 0, a cap from 1 to what {@link MOST_CAPPED_VALUES} allows; answers with a token each, none a prefix of another; both policies with
 * finite logits for every prefix and decision, of the right number. Errors: `ProcessError` of all that is wrong; of a list of logits the first alone.
 */
export const parseProcess = (input: unknown): Process => {
  const fields = asObject(input, "process")
  const parseId = (id: unknown): string | undefined => {
    if (id === undefined || typeof id === "string") return id
    throw new ProcessError("id", `is ${show(id)}, no string`, "name it or leave it out")
  }
  // Of other answers than were meant the policies cannot be looked at.
  let known: ReadonlyArray<ProcessAnswer> | undefined
  const ofAnswers = <A>(parse: (answers: ReadonlyArray<ProcessAnswer>) => A) => () => known && parse(known)
  const [answers, id, gamma, beta, maxCycles, policy, reference] = every([
    () => (known = parseAnswers(fields["answers"])),
    () => parseId(fields["id"]),
    () => asNumberWhere(fields["gamma"], "gamma", "[0, 1]", (gamma) => gamma >= 0 && gamma <= 1),
    () => asNumberWhere(fields["beta"], "beta", "[0, ∞)", (beta) => beta >= 0),
    ofAnswers(({ length }) => parseCap(fields["maxCycles"], length)),
    ofAnswers((answers) => parsePolicy(fields["policy"], "policy", answers)),
    ofAnswers((answers) => parsePolicy(fields["reference"], "reference", answers))
  ])
  return { ...(id === undefined ? {} : { id }), gamma, beta, maxCycles: maxCycles!, answers, policy: policy!, reference: reference! }
}
