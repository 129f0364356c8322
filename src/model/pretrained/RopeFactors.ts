/**
 * The scaling of rotations that Llama 3.1 and later use, found again in the factors that a GGUF file holds in its place.
 *
 * Pair i has the frequency f = θ^(−2i/w) and the wavelength λ = 2π/f. Its factor is 1 where λ < L/h, F where λ > L/l, and between them
 * 1 / ((1 − s)/F + s) with s = (L/λ − l)/(h − l): F the factor, L the original context, l and h the low and the high factor of frequencies.
 *
 * Source: `_compute_llama3_parameters` of transformers; `generate_extra_tensors` of llama.cpp's convert_hf_to_gguf.py.
 *
 * @module
 */
import type { RopeScaling } from "../architecture/LlamaConfig.ts"

/** The factor by which each pair of a head of 2 × `pairs` dimensions turns slower. */
export const ropeFactors = (
  { factor, highFrequencyFactor, lowFrequencyFactor, originalContext }: RopeScaling,
  base: number,
  pairs: number
): ReadonlyArray<number> =>
  Array.from({ length: pairs }, (_, i) => {
    const wavelength = 2 * Math.PI * base ** (i / pairs)
    if (wavelength < originalContext / highFrequencyFactor) return 1
    if (wavelength > originalContext / lowFrequencyFactor) return factor
    const share = (originalContext / wavelength - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor)
    return 1 / ((1 - share) / factor + share)
  })

/** Of the low and high factors only their proportions to the original context show. These are those of every Llama 3. */
const [LOW, HIGH] = [1, 4]

// The factors are float32, and 1 − s loses some of their digits.
const TOLERANCE = 1e-4

const fits = (factors: ReadonlyArray<number>, scaling: RopeScaling, base: number): boolean =>
  ropeFactors(scaling, base, factors.length).every((expected, i) => Math.abs(factors[i]! / expected - 1) < TOLERANCE)

/**
 * The scaling that gives these factors, with the low factor 1 and the high factor 4 of Llama 3; undefined where all are 1, "other" where no
 * such scaling gives them. `original` is the original context where the file says it.
 */
export const scalingOf = (given: ArrayLike<number>, base: number, original: number | undefined): RopeScaling | undefined | "other" => {
  const factors = Array.from(given)
  if (factors.every((each) => each === 1)) return undefined
  const factor = Math.max(...factors)
  if (!(factor > 1)) return "other"
  // Each blended pair tells L: from its factor comes s, and from s and λ, L.
  const told = factors.flatMap((each, i) => {
    if (each <= 1 + TOLERANCE || each >= factor * (1 - TOLERANCE)) return []
    const share = (1 / each - 1 / factor) / (1 - 1 / factor)
    return [Math.round((share * (HIGH - LOW) + LOW) * 2 * Math.PI * base ** (i / factors.length))]
  })
  // Where none is blended, any context between the neighbours is the same model; Llama's own comes first.
  const lastKept = factors.findLastIndex((each) => each <= 1 + TOLERANCE)
  const between = Math.ceil(HIGH * 2 * Math.PI * base ** (lastKept / factors.length)) + 1
  for (const originalContext of [...(original === undefined ? [] : [original]), 8192, ...told, between]) {
    const scaling = { factor, lowFrequencyFactor: LOW, highFrequencyFactor: HIGH, originalContext }
    if (Number.isSafeInteger(originalContext) && originalContext >= 1 && fits(factors, scaling, base)) return scaling
  }
  return "other"
}
