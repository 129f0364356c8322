/**
 * The two actions of the decision policy.
 *
 * @module
 */
import { Schema } from "effect"

/**
 * An action of π_D(d_t | s_t): STOP ends the trajectory with the current candidate answer, RESAMPLE asks π_S for another.
 * Decision-Sampling (this paper, 2026), section 3.1.
 */
export const Decision = Schema.Literals(["STOP", "RESAMPLE"])
export type Decision = typeof Decision.Type
