/**
 * Training data of the multiplication experiment: pretraining with a latent verifier, and demonstrations for supervised
 * fine-tuning without reflection, with echoed reflection, and with expert reflection.
 *
 * Every example is a function of (seed, index), so a data set is never stored and never depends on batching.
 *
 * @module
 */
import { type Draws, draws, fold, type Seed } from "../domain/Seed.ts"
import * as Task from "../domain/Task.ts"
import type { Trajectory } from "../domain/Trajectory.ts"
import { type ArithmeticTokens, arithmeticTokens, leastFirst } from "./ArithmeticTokenizer.ts"
import type { TokenizerService } from "../domain/Tokenizer.ts"

/** What every kind of example needs to know. */
export interface DataConfig {
  readonly task: Task.TaskConfig
  /** Training levels; an example's level is drawn uniformly (a balanced mixture, appendix E.2). */
  readonly levels: ReadonlyArray<Task.Level>
  readonly maxAttempts: number
  /** Probability that a digit of the teacher's answer is replaced by a uniform one: it keeps p_S below 1. */
  readonly slip: number
}

/** An attempt of a demonstration: digits least significant first, and the decision after them. */
interface Line {
  readonly digits: ReadonlyArray<number>
  readonly mark: number
}

const promptOf = (task: Task.TaskConfig, problem: Task.Problem, ids: ArithmeticTokens): Array<number> => [
  ...leastFirst(problem.left.toString(task.radix)),
  ids.times,
  ...leastFirst(problem.right.toString(task.radix))
]

/** The true answer's digits, padded to the width that the prompt allows. */
export const trueDigits = (task: Task.TaskConfig, problem: Task.Problem): Array<number> => {
  const width = problem.left.toString(task.radix).length + problem.right.toString(task.radix).length
  return leastFirst(Task.product(task, problem), width)
}

const slipped = (digits: ReadonlyArray<number>, radix: number, slip: number, stream: Draws): Array<number> =>
  digits.map((digit) => (stream.uniform() < slip ? stream.integer(0, radix - 1) : digit))

const sameDigits = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): boolean => a.every((digit, i) => digit === b[i])

const assemble = (
  tokenizer: TokenizerService,
  prompt: ReadonlyArray<number>,
  lines: ReadonlyArray<Line>,
  ids: ArithmeticTokens,
  stream: Draws
): Trajectory => {
  const tokens = [...prompt, ...lines.flatMap(({ digits, mark }) => [ids.equals, ...digits, mark])]
  return {
    tokens,
    promptLength: prompt.length,
    offset: stream.integer(0, tokenizer.largestOffset(prompt)),
    ...tokenizer.spans({ tokens, promptLength: prompt.length })
  }
}

const drawLevel = (config: DataConfig, stream: Draws): Task.Level => stream.pick(config.levels)

/** A wrong answer that is hard to tell from the right one: one digit replaced by another, now and then two. */
const corrupted = (digits: ReadonlyArray<number>, radix: number, stream: Draws): Array<number> => {
  const wrong = [...digits]
  const changes = stream.uniform() < 0.3 ? 2 : 1
  for (let change = 0; change < changes; change++) {
    const at = stream.integer(0, digits.length - 1)
    wrong[at] = (digits[at]! + stream.integer(1, radix - 1)) % radix
  }
  return wrong
}

/** How many answers a pretraining example holds: by the teacher who slips, and made wrong on purpose. */
export interface PretrainingMix {
  readonly taught: number
  readonly corrupted: number
}

/**
 * A pretraining example: a problem and several answers to it, each followed by a verdict OK or BAD. The `taught` answers
 * come from a teacher who slips; their digits teach π_S to answer, with the teacher's error rate. The `corrupted` answers
 * are wrong by a digit or two and only judged; their digits are nobody's and are not trained. The verdicts teach the
 * hidden state to know right from wrong while STOP and RESAMPLE stay untrained: a latent verifier. In Markov context the
 * answers do not see each other, so they share one prompt.
 */
export const pretraining =
  (config: DataConfig, tokenizer: TokenizerService, mix: PretrainingMix) => (seed: Seed, index: number): Trajectory => {
    const stream = draws(fold(seed, "pretraining", index))
    const { radix } = config.task
    const ids = arithmeticTokens(radix)
    const problem = Task.trainProblem(config.task, drawLevel(config, stream), fold(seed, "problem", index))
    const truth = trueDigits(config.task, problem)
    const answers = [
      ...Array.from({ length: mix.taught }, () => slipped(truth, radix, config.slip, stream)),
      ...Array.from({ length: mix.corrupted }, () => corrupted(truth, radix, stream))
    ]
    const lines = answers.map((digits): Line => ({ digits, mark: sameDigits(digits, truth) ? ids.ok : ids.bad }))
    const example = assemble(tokenizer, promptOf(config.task, problem, ids), lines, ids, stream)
    // Spans alternate: the digits of answer i are span 2i.
    return { ...example, spans: example.spans.filter((span, i) => span.kind === "decision" || i < 2 * mix.taught) }
  }

/** A demonstration without reflection: the teacher's answer and STOP (appendix E.2, "SFT (no reflection)"). */
export const withoutReflection = (config: DataConfig, tokenizer: TokenizerService) => (seed: Seed, index: number): Trajectory => {
  const stream = draws(fold(seed, "none", index))
  const ids = arithmeticTokens(config.task.radix)
  const problem = Task.trainProblem(config.task, drawLevel(config, stream), fold(seed, "problem", index))
  const digits = slipped(trueDigits(config.task, problem), config.task.radix, config.slip, stream)
  return assemble(tokenizer, promptOf(config.task, problem, ids), [{ digits, mark: ids.stop }], ids, stream)
}

/**
 * A demonstration with echoed reflection: RESAMPLE follows an attempt with a fixed probability whether it was right or
 * wrong, as in transcripts whose revisions confirm rather than correct (Kang et al., 2025). It teaches the form of
 * reflection and says nothing of when to reflect.
 */
export const withEcho =
  (config: DataConfig, tokenizer: TokenizerService, resampleRate: number) => (seed: Seed, index: number): Trajectory => {
    const stream = draws(fold(seed, "echo", index))
    const ids = arithmeticTokens(config.task.radix)
    const problem = Task.trainProblem(config.task, drawLevel(config, stream), fold(seed, "problem", index))
    const truth = trueDigits(config.task, problem)
    const lines: Array<Line> = []
    do {
      const isLast = lines.length + 1 === config.maxAttempts
      const mark = !isLast && stream.uniform() < resampleRate ? ids.resample : ids.stop
      lines.push({ digits: slipped(truth, config.task.radix, config.slip, stream), mark })
    } while (lines.at(-1)?.mark === ids.resample)
    return assemble(tokenizer, promptOf(config.task, problem, ids), lines, ids, stream)
  }

/** A problem with the model's own answers to it, in the order drawn. */
export interface OwnAnswers {
  readonly problem: Task.Problem
  readonly answers: ReadonlyArray<ReadonlyArray<number>>
}

/**
 * A demonstration with expert reflection: the model's own answers to a problem, drawn until one is right, with a
 * checker's decision after each: RESAMPLE after a wrong one, STOP after the right one.
 */
export const withExpert =
  (config: DataConfig, tokenizer: TokenizerService, pool: ReadonlyArray<OwnAnswers>) => (seed: Seed, index: number): Trajectory => {
    const stream = draws(fold(seed, "expert", index))
    const ids = arithmeticTokens(config.task.radix)
    const { answers, problem } = stream.pick(pool)
    const truth = trueDigits(config.task, problem)
    const start = stream.integer(0, answers.length - 1)
    const lines: Array<Line> = []
    do {
      const digits = answers[(start + lines.length) % answers.length]!
      lines.push({ digits, mark: sameDigits(digits, truth) ? ids.stop : ids.resample })
    } while (lines.at(-1)?.mark === ids.resample && lines.length < config.maxAttempts)
    return assemble(tokenizer, promptOf(config.task, problem, ids), lines, ids, stream)
  }
