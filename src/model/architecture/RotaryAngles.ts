/**
 * The angles of rotary positions: how fast each pair of a head turns, and cosines and sines of every position.
 *
 * @module
 */
import type { RopeScaling } from "./LlamaConfig.ts"

/**
 * Radians that pair i of a head turns from one position to the next, i < headWidth / 2: θ^(−2i / headWidth) (Su et al., 2021, section
 * 3.2.2). With a scaling, as Llama 3.1 has it: of wavelength λ = 2π/f, a pair with λ > C/low turns `factor` times slower, one with λ < C/high
 * as before, and between them (1 − s)·f/factor + s·f with s = (C/λ − low) / (high − low), C the original context.
 */
export const rotaryFrequencies = (headWidth: number, base: number, scaling?: RopeScaling): Float64Array =>
  Float64Array.from({ length: headWidth / 2 }, (_, pair) => {
    const frequency = base ** ((-2 * pair) / headWidth)
    if (scaling === undefined) return frequency
    const { factor, highFrequencyFactor: high, lowFrequencyFactor: low, originalContext } = scaling
    const turns = (originalContext * frequency) / (2 * Math.PI)
    if (turns < low) return frequency / factor
    if (turns > high) return frequency
    const share = (turns - low) / (high - low)
    return ((1 - share) * frequency) / factor + share * frequency
  })

/** Cosines and sines of the angles of positions, a row for each of `positions`, [positions, headWidth / 2] row by row. */
export const rotaryTables = (
  frequencies: Float64Array,
  positions: number
): { readonly cosines: Float32Array; readonly sines: Float32Array } => {
  const half = frequencies.length
  const [cosines, sines] = [new Float32Array(positions * half), new Float32Array(positions * half)]
  for (let position = 0; position < positions; position++) {
    for (let pair = 0; pair < half; pair++) {
      // Angles in float64: of float32 a position in the thousands would leave four digits.
      const angle = position * frequencies[pair]!
      cosines[position * half + pair] = Math.cos(angle)
      sines[position * half + pair] = Math.sin(angle)
    }
  }
  return { cosines, sines }
}
