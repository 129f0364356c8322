/**
 * The list of all estimators of one advantage a trajectory. A new one is a file beside this and its lines here.
 *
 * Each file gives its equation and source (the field's, 1992 to 2026).
 *
 * @module
 */
import { opoKind, reMaxKind } from "./Baselines.ts"
import type { EstimatorKind } from "./Estimator.ts"
import { groupRelativeKind, leaveOneOutKind } from "./GroupRelative.ts"
import { passAtKKind } from "./PassAtK.ts"
import { reinforceKind } from "./Reinforce.ts"
import { gpgKind, maxRlKind } from "./Rescaled.ts"
import { gdpoKind, reinforcePlusPlusBaselineKind } from "./Whitened.ts"

export { type Opo, opo, type ReMax, reMax } from "./Baselines.ts"
export { drGrpo, type GroupRelative, groupRelative, type LeaveOneOut, rloo } from "./GroupRelative.ts"
export { type PassAtK, passAtK } from "./PassAtK.ts"
export { type Reinforce, reinforce } from "./Reinforce.ts"
export { type Gpg, gpg, type MaxRl, maxRl } from "./Rescaled.ts"
export { type Gdpo, gdpo, type ReinforcePlusPlusBaseline, reinforcePlusPlusBaseline } from "./Whitened.ts"

/** Every kind of estimator. */
export const KINDS = [
  groupRelativeKind,
  leaveOneOutKind,
  reinforceKind,
  passAtKKind,
  opoKind,
  reMaxKind,
  gpgKind,
  maxRlKind,
  reinforcePlusPlusBaselineKind,
  gdpoKind
] as const

type EstimatorOf<Kind> = Kind extends EstimatorKind<infer E> ? E : never

/** An advantage estimator. */
export type Estimator = EstimatorOf<(typeof KINDS)[number]>

const BY_TAG: ReadonlyMap<string, EstimatorKind<Estimator>> = new Map(
  // A kind only ever sees estimators of its own tag.
  KINDS.map((kind) => [kind.tag, kind as unknown as EstimatorKind<Estimator>])
)

/** Finds an estimator's kind. */
export const kindOf = ({ _tag }: Estimator): EstimatorKind<Estimator> => BY_TAG.get(_tag)!
