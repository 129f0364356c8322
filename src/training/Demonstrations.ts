/**
 * Training data of the experiments, for any task with a teacher: pretraining with a latent verifier, and demonstrations for supervised
 * fine-tuning without reflection, with echoed reflection, and with expert reflection.
 *
 * Every example is a function of (seed, index), so a data set is never stored and never depends on batching.
 *
 * @module
 */
import { Result } from "effect"
import { ConfigError, TokenizerError } from "../domain/Errors.ts"
import type { WrittenAttempt } from "../domain/Grammar.ts"
import type { Query } from "../domain/Query.ts"
import { type Draws, draws, fold, type Seed } from "../domain/Seed.ts"
import { caught } from "../domain/Throws.ts"
import type { TaskService, Teacher } from "../domain/Task.ts"
import type { Span, Trajectory } from "../domain/Trajectory.ts"
import type { Words } from "../model/grammar/Words.ts"

/** What every kind of example needs to know. */
export interface DataConfig {
  /** The task; an example's level is drawn uniformly from its levels (a balanced mixture, appendix E.2). */
  readonly task: TaskService
  /** The words that examples are written in. */
  readonly words: Pick<Words, "grammar" | "placement">
  readonly maxAttempts: number
  /** Probability that a part of the teacher's answer (a digit) is replaced by a random one: it keeps p_S below 1. */
  readonly slip: number
  /** What wrong attempts are to the loss: `trained` as all else, or `context` that is seen and not learnt. Left out: trained. */
  readonly wrongAttempts?: WrongAttempts
}

/** What wrong attempts of a demonstration are to the loss. */
export type WrongAttempts = "trained" | "context"

/** Makes example `index` of a seed. */
export type Demonstration = (seed: Seed, index: number) => Trajectory

const teacherOf = ({ name, teacher }: TaskService): Teacher => {
  if (teacher !== undefined) return teacher
  throw new ConfigError({ field: "task", value: name, expected: "a task with a teacher: demonstrations are made of right answers" })
}

const assemble = (
  { task, words: { grammar, placement }, wrongAttempts }: DataConfig,
  query: Query,
  attempts: ReadonlyArray<WrittenAttempt>,
  stream: Draws
): Trajectory => {
  const written = Result.getOrThrow(grammar.write(query, attempts))
  const prompt = written.tokens.slice(0, written.promptLength)
  const offset = stream.integer(0, placement.largestOffset(prompt))
  if (wrongAttempts !== "context") return { ...written, offset }
  const isLearnt = (span: Span): boolean =>
    span.kind === "decision" || span.answer === undefined || task.check(query, span.answer) === "Correct"
  return { ...written, offset, spans: written.spans.filter(isLearnt) }
}

// So many problems in a row may be such that the reading of text does not find their attempts.
const MOST_UNREADABLE = 100

/**
 * Text that would not be read as it was meant (a solution that takes an answer of its own back) teaches the wrong spans: the next
 * problem is taken in its place. Where that goes on, what is wrong with the last is thrown.
 */
const readable = ({ words: { grammar } }: DataConfig, make: Demonstration): Demonstration =>
  grammar.writesText !== true ? make : (seed, index) => {
    for (let tried = 0;; tried++) {
      const made = caught([TokenizerError], () => make(tried === 0 ? seed : fold(seed, "again", tried), index))
      if (Result.isSuccess(made)) return made.success
      if (tried === MOST_UNREADABLE) throw made.failure
    }
  }

/** An attempt of a teacher who slips: where the words are text, with its working. */
const attempt = ({ slip, words: { grammar } }: DataConfig, { attempt: bare, work }: Teacher, query: Query, stream: Draws): WrittenAttempt =>
  grammar.writesText === true && work !== undefined ? work(query, { slip, isWrong: false }, stream) : { answer: bare(query, slip, stream) }

/** An attempt that is wrong on purpose. */
const wrong = ({ slip, words: { grammar } }: DataConfig, { corrupt, work }: Teacher, query: Query, stream: Draws): WrittenAttempt =>
  grammar.writesText === true && work !== undefined ? work(query, { slip, isWrong: true }, stream) : { answer: corrupt(query, stream) }

const draw = ({ task }: DataConfig, stream: Draws, seed: Seed): Query => task.training(stream.pick(task.levels), seed)

/** How many answers a pretraining example holds: by the teacher who slips, and made wrong on purpose. */
export interface PretrainingMix {
  readonly taught: number
  readonly corrupted: number
}

/**
 * A pretraining example: a problem and several answers to it, each followed by a verdict OK or BAD. The `taught` answers
 * come from a teacher who slips; their tokens teach π_S to answer, with the teacher's error rate. The `corrupted` answers
 * are wrong by a little and only judged; their tokens are nobody's and are not trained. The verdicts teach the
 * hidden state to know right from wrong while STOP and RESAMPLE stay untrained: a latent verifier. In Markov context the
 * answers do not see each other, so they share one prompt.
 */
export const pretraining = (config: DataConfig, mix: PretrainingMix): Demonstration => {
  const teacher = teacherOf(config.task)
  return (seed, index) => {
    const stream = draws(fold(seed, "pretraining", index))
    const query = draw(config, stream, fold(seed, "problem", index))
    const answers = [
      ...Array.from({ length: mix.taught }, () => teacher.attempt(query, config.slip, stream)),
      ...Array.from({ length: mix.corrupted }, () => teacher.corrupt(query, stream))
    ]
    const attempts = answers.map((answer) => ({ answer, verdict: config.task.check(query, answer) === "Correct" }))
    const example = assemble(config, query, attempts, stream)
    // Spans alternate: the tokens of answer i are span 2i.
    return { ...example, spans: example.spans.filter((span, i) => span.kind === "decision" || i < 2 * mix.taught) }
  }
}

/** A demonstration without reflection: the teacher's answer and STOP (appendix E.2, "SFT (no reflection)"). */
export const withoutReflection = (config: DataConfig): Demonstration => {
  const teacher = teacherOf(config.task)
  return readable(config, (seed, index) => {
    const stream = draws(fold(seed, "none", index))
    const query = draw(config, stream, fold(seed, "problem", index))
    return assemble(config, query, [{ ...attempt(config, teacher, query, stream), decision: "STOP" }], stream)
  })
}

/**
 * A demonstration with echoed reflection: RESAMPLE follows an attempt with a fixed probability whether it was right or
 * wrong, as in transcripts whose revisions confirm rather than correct (Kang et al., 2025). It teaches the form of
 * reflection and says nothing of when to reflect.
 */
export const withEcho = (config: DataConfig, resampleRate: number): Demonstration => {
  const teacher = teacherOf(config.task)
  return readable(config, (seed, index) => {
    const stream = draws(fold(seed, "echo", index))
    const query = draw(config, stream, fold(seed, "problem", index))
    const attempts: Array<WrittenAttempt> = []
    do {
      const isLast = attempts.length + 1 === config.maxAttempts
      const decision = !isLast && stream.uniform() < resampleRate ? "RESAMPLE" : "STOP"
      const made = attempt(config, teacher, query, stream)
      attempts.push({ ...made, decision })
    } while (attempts.at(-1)?.decision === "RESAMPLE")
    return assemble(config, query, attempts, stream)
  })
}

/** How often wrong attempts come first, and how many at most; they are drawn uniformly from 1 on. */
export interface Corrections {
  readonly rate: number
  readonly wrong: number
}

/**
 * A demonstration with corrections: with a fixed probability one or more wrong attempts of a teacher, each taken back, and then the
 * right one and STOP. It teaches the form of correction by mistakes that nobody made: of the model's own it says nothing.
 */
export const withCorrections = (config: DataConfig, { rate, wrong: most }: Corrections): Demonstration => {
  const teacher = teacherOf(config.task)
  if (config.maxAttempts < 2) {
    throw new ConfigError({
      field: "demonstrations.maxAttempts",
      value: String(config.maxAttempts),
      expected: "at least 2: a wrong attempt and the right one"
    })
  }
  return readable(config, (seed, index) => {
    const stream = draws(fold(seed, "corrections", index))
    const query = draw(config, stream, fold(seed, "problem", index))
    const count = stream.uniform() < rate ? stream.integer(1, Math.min(most, config.maxAttempts - 1)) : 0
    const attempts: Array<WrittenAttempt> = []
    for (let i = 0; i < count; i++) attempts.push({ ...wrong(config, teacher, query, stream), decision: "RESAMPLE" })
    attempts.push({ ...attempt({ ...config, slip: 0 }, teacher, query, stream), decision: "STOP" })
    return assemble(config, query, attempts, stream)
  })
}

/** An answer of a model, and the text of the attempt where its words are text. */
export interface OwnAnswer {
  readonly answer: string
  readonly text?: string
}

/** A problem with the model's own answers to it, in the order drawn. */
export interface OwnAnswers {
  readonly query: Query
  readonly answers: ReadonlyArray<OwnAnswer>
}

/**
 * A demonstration with expert reflection: the model's own answers to a problem, drawn until one is right, with a
 * checker's decision after each: RESAMPLE after a wrong one, STOP after the right one.
 */
export const withExpert = (config: Omit<DataConfig, "slip">, pool: ReadonlyArray<OwnAnswers>): Demonstration => {
  if (pool.length === 0) {
    throw new ConfigError({
      field: "demonstrations",
      value: "no answer of the model",
      expected: "a model that answers: none of its responses put an answer forward"
    })
  }
  const data = { ...config, slip: 0 }
  return readable(data, (seed, index) => {
    const stream = draws(fold(seed, "expert", index))
    const { answers, query } = stream.pick(pool)
    const start = stream.integer(0, answers.length - 1)
    const attempts: Array<WrittenAttempt> = []
    do {
      const own = answers[(start + attempts.length) % answers.length]!
      attempts.push({ ...own, decision: config.task.check(query, own.answer) === "Correct" ? "STOP" : "RESAMPLE" })
    } while (attempts.at(-1)?.decision === "RESAMPLE" && attempts.length < config.maxAttempts)
    return assemble(data, query, attempts, stream)
  })
}
