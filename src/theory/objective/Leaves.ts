/**
 * The list of all kinds of leaves. A new one is a file beside this and its lines here: everything else reads the list.
 *
 * Sources are with the leaves (this paper and the field's, 1991 to 2026).
 *
 * @module
 */
import { cispoLeaf } from "./Cispo.ts"
import { clipCovLeaf } from "./ClipCov.ts"
import { customLeaf } from "./Custom.ts"
import { dppoLeaf } from "./Dppo.ts"
import { droLeaf } from "./Dro.ts"
import { dftLeaf } from "./DynamicFineTuning.ts"
import { entropyBonusLeaf } from "./EntropyBonus.ts"
import { geometricMeanLeaf } from "./GeometricMean.ts"
import { surrogateLeaf } from "./ImportanceSurrogate.ts"
import { klCovLeaf } from "./KlCov.ts"
import { klInLossLeaf } from "./KlInLoss.ts"
import type { LeafKind } from "./Leaf.ts"
import { nllLeaf } from "./NegativeLogLikelihood.ts"
import { sapoLeaf } from "./Sapo.ts"
import { vespoLeaf } from "./Vespo.ts"

export { type Cispo, cispo } from "./Cispo.ts"
export { type ClipCov, clipCov } from "./ClipCov.ts"
export { type Custom, custom, type CustomToken, type LeafModule } from "./Custom.ts"
export { type Dppo, dppo } from "./Dppo.ts"
export { type Dro, dro } from "./Dro.ts"
export { dft, type DynamicFineTuning } from "./DynamicFineTuning.ts"
export { type EntropyBonus, entropyBonus } from "./EntropyBonus.ts"
export { type GeometricMean, geometricMean } from "./GeometricMean.ts"
export { RATIOS, type Surrogate, surrogate } from "./ImportanceSurrogate.ts"
export { type KlCov, klCov } from "./KlCov.ts"
export { type KlInLoss, klInLoss } from "./KlInLoss.ts"
export { type NegativeLogLikelihood, nll } from "./NegativeLogLikelihood.ts"
export { type Sapo, sapo } from "./Sapo.ts"
export { type Vespo, vespo } from "./Vespo.ts"

/** Every kind of leaf; attribution reports them in this order. */
export const LEAVES = [
  klInLossLeaf,
  surrogateLeaf,
  cispoLeaf,
  geometricMeanLeaf,
  sapoLeaf,
  vespoLeaf,
  dppoLeaf,
  droLeaf,
  clipCovLeaf,
  klCovLeaf,
  nllLeaf,
  dftLeaf,
  entropyBonusLeaf,
  customLeaf
] as const

type LeafOf<Kind> = Kind extends LeafKind<infer L> ? L : never

/** An objective that is no combination of others. */
export type Leaf = LeafOf<(typeof LEAVES)[number]>

const BY_TAG: ReadonlyMap<string, LeafKind<Leaf>> = new Map(LEAVES.map((kind: LeafKind<Leaf>) => [kind.tag, kind]))

/** Finds the kind of a leaf by its tag; undefined for one that is not in the list. */
export const kindOf = (tag: string): LeafKind<Leaf> | undefined => BY_TAG.get(tag)
