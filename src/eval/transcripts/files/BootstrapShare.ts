/**
 * A bootstrap in shares, one for each thread.
 *
 * @module
 */
import type { BootstrapOptions, Rounds } from "../../statistics/Bootstrap.ts"
import type { Stratum } from "../CalibrateTallies.ts"
import { roundBlocks } from "../../statistics/GroupedBootstrap.ts"

/** A block of rounds, by the number of its stratum and its own. */
export interface DrawnBlock {
  readonly stratum: number
  readonly block: number
  readonly rounds: Rounds
}

/** Draws the blocks of one share of several: every block of every stratum is in one share. */
export const drawShare = (
  strata: ReadonlyArray<Stratum>,
  options: BootstrapOptions,
  share: number,
  shares: number
): ReadonlyArray<DrawnBlock> =>
  strata.flatMap(({ grouped, name }, stratum) => {
    const { count, draw } = roundBlocks(grouped, name, options)
    return Array.from({ length: count }, (_, block) => block)
      .filter((block) => (stratum + block) % shares === share)
      .map((block) => ({ stratum, block, rounds: draw(block) }))
  })

/** Puts the blocks of all shares together: the rounds of each of so many strata, in order. */
export const joinBlocks = (drawn: ReadonlyArray<DrawnBlock>, strata: number): ReadonlyArray<Rounds> =>
  Array.from(
    { length: strata },
    (_, s) => drawn.filter(({ stratum }) => stratum === s).sort((a, b) => a.block - b.block).flatMap(({ rounds }) => rounds)
  )
