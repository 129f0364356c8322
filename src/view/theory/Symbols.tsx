/**
 * What the symbols of the theory mean, in a sentence.
 *
 * @module
 */

/** Stands on every page of the theory. */
export const Symbols = () => (
  <p class="dim">
    π_S samples an answer, π_D decides on it. p_S: an attempt is right; p_D|C: a right one is accepted (STOP); p_D|W: a wrong one is
    rejected (RESAMPLE). θ_S, θ_C and θ_W are the logits of the three; π_ref is a KL penalty's reference.
  </p>
)
