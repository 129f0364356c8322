/**
 * A text policy that is nothing but its rates: it writes transcripts with candidate answers and revision markers, so that everything
 * that reads a server's transcripts can be tried, and tested, without a server.
 *
 * @module
 */
import { Effect, Layer } from "effect"
import { ConfigError } from "../domain/Errors.ts"
import { type Draws, draws, fold } from "../domain/Seed.ts"
import { REVISION_MARKERS } from "../tasks/reading/RevisionMarkers.ts"
import { statedProduct } from "../tasks/StatedProduct.ts"
import { type Completion, Completions, CompletionsError } from "./Completions.ts"

/** One rate, or one for each attempt; the last holds for all later attempts. */
export type RateByAttempt = ReadonlyArray<number>

/** The rates of a simulated text policy and its cap: the number of attempts after which it may not try again. */
export interface SimulatedRates {
  readonly pSample: RateByAttempt
  readonly pStopGivenCorrect: RateByAttempt
  readonly pResampleGivenWrong: RateByAttempt
  readonly cap: number
}

/** The cap unless told: with rates like 0.6, 0.9, 0.4 fewer than one response in 100,000 meets it. */
export const DEFAULT_CAP = 8

/**
 * Reads rates as the command line gives them: "0.6,0.9,0.4" is p_S, p_D|C, p_D|W; "0.6:0.5,0.9,0.4" has p_S = 0.5 from the second
 * attempt on. Throws `ConfigError`.
 */
export const parseRates = (text: string, cap: number = DEFAULT_CAP): SimulatedRates => {
  const refuse = (expected: string): never => {
    throw new ConfigError({ field: "rates", value: JSON.stringify(text), expected })
  }
  const parts = text.split(",").map((part) => part.split(":").map((rate) => (rate.trim() === "" ? NaN : Number(rate))))
  if (parts.length !== 3) refuse("three rates p_S,p_D|C,p_D|W such as 0.6,0.9,0.4 (by attempt: 0.6:0.5,0.9,0.4)")
  if (!parts.flat().every((rate) => rate >= 0 && rate <= 1)) refuse("rates from 0 to 1")
  if (!Number.isInteger(cap) || cap < 1) throw new ConfigError({ field: "cap", value: String(cap), expected: "a whole number from 1" })
  const [pSample = [], pStopGivenCorrect = [], pResampleGivenWrong = []] = parts
  return { pSample, pStopGivenCorrect, pResampleGivenWrong, cap }
}

const at = (rates: RateByAttempt, attempt: number): number => rates[Math.min(attempt, rates.length - 1)]!

// One digit is off: what a slip in a written multiplication looks like. The first digit never becomes 0.
const wrongAnswer = (right: string, stream: Draws): string => {
  const place = stream.integer(0, right.length - 1)
  const digit = Number(right[place])
  const shift = stream.integer(1, 9)
  const other = (digit + shift) % 10
  const safe = place === 0 && other === 0 ? (digit === 9 ? 8 : digit + 1) : other
  return right.slice(0, place) + String(safe) + right.slice(place + 1)
}

const grouped = (digits: string): string => digits.replace(/\B(?=(?:\d{3})+$)/g, ",")

const candidateForms: ReadonlyArray<(answer: string) => string> = [
  (answer) => `Multiplying digit by digit and adding the partial products. The answer is ${answer}.`,
  (answer) => `Step 1: split the second factor. Step 2: multiply and add. So the answer is \\boxed{${answer}}.`,
  (answer) => `Adding the rows up gives the total.\nFinal answer: **${grouped(answer)}**`
]

/** Writes one response to a prompt that states a product; the same seed gives the same text. */
export const writeResponse = (rates: SimulatedRates, right: string, seed: number): Completion => {
  const stream = draws(fold(seed, "simulated response"))
  const happens = (probability: number) => stream.uniform() < probability
  let response = ""
  for (let attempt = 0; attempt < rates.cap; attempt++) {
    const correct = happens(at(rates.pSample, attempt))
    const answer = correct ? right : wrongAnswer(right, stream)
    response += stream.pick(candidateForms)(answer)
    const stops = happens(correct ? at(rates.pStopGivenCorrect, attempt) : 1 - at(rates.pResampleGivenWrong, attempt))
    if (stops) return { response, truncated: false }
    response += `\n${stream.pick(REVISION_MARKERS)}\n`
  }
  return { response, truncated: false, hitCap: true }
}

/**
 * The simulated policy as a layer. It needs the product only to be right or wrong on purpose, and reads it from the prompt.
 *
 * Calibration of its transcripts finds the rates again where they do not depend on the attempt; where they do, the two-stage model's
 * assumption is broken and its prediction differs from the observed accuracy. Fails with `BadRequest` for a prompt without a product.
 */
export const layer = (rates: SimulatedRates): Layer.Layer<Completions> =>
  Layer.succeed(Completions, {
    name: `simulated ${
      [rates.pSample, rates.pStopGivenCorrect, rates.pResampleGivenWrong].map((rate) => rate.join(":")).join(",")
    } cap ${rates.cap}`,
    complete: ({ id, prompt, seed }) => {
      const stated = statedProduct(prompt)
      return stated === undefined
        ? Effect.fail(
          new CompletionsError({
            where: `simulated policy, ${id}`,
            reason: "BadRequest",
            problem: `the prompt ${JSON.stringify(prompt.slice(0, 80))} states no product`,
            advice: `Ask for one, e.g. "Calculate 321 * 4."`
          })
        )
        : Effect.sync(() => writeResponse(rates, stated.value, seed))
    }
  })
