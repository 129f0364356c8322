/**
 * What the accuracy page lets choose.
 *
 * @module
 */
import type { Form } from "../form/Form.ts"

/** The caps on attempts that are offered. */
export const CAPS = [1, 2, 3, 4, 6, 8, 12, 16] as const

/** A choice of the cap. */
export const CAP_CHOICE = {
  name: "cap",
  label: "Attempts allowed",
  options: [{ id: "none", name: "no cap" }, ...CAPS.map((cap) => ({ id: String(cap), name: String(cap) }))],
  initial: "none"
} as const

/** The cap as a number; Infinity: none. */
export const capOf = (chosen: string): number => (chosen === "none" ? Infinity : Number(chosen))

/** Three rates and a cap. */
export const ACCURACY_FORM = {
  quantities: [
    { name: "p", label: "p_S: an attempt is right", least: 0, most: 1, step: 0.01, initial: 0.3 },
    { name: "c", label: "p_D|C: a right one is accepted", least: 0, most: 1, step: 0.01, initial: 0.8 },
    { name: "w", label: "p_D|W: a wrong one is rejected", least: 0, most: 1, step: 0.01, initial: 0.6 }
  ],
  choices: [CAP_CHOICE]
} as const satisfies Form
