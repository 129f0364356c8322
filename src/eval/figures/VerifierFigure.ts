/**
 * Does the sign of reinforcement learning's effect on p_D|W follow from what the base already knew? One point for each base model.
 *
 * @module
 */
import type { AcrossSeeds, VerifierPoint } from "../results/AcrossSeeds.ts"
import type { Figure } from "./Figure.ts"
import { hoverPoints } from "./Hover.ts"
import { modelStyles } from "./ModelStyle.ts"

/** Draws the change of p_D|W by GRPO from the blind start over the balanced accuracy of the base's verifier, one panel a scope, one colour a base. */
export const verifierFigure = ({ seedModels, verifier }: Pick<AcrossSeeds, "seedModels" | "verifier">): Figure => {
  const bases = [...new Set(verifier.map(({ base }) => base))]
  const styleOf = modelStyles(seedModels.map(({ id }) => id))
  const labelOf = (base: string): string => seedModels.find(({ id }) => id === base)?.label ?? base
  const names = bases.map(labelOf)
  const panel = (scope: string) => ({
    title: `${scope} levels`,
    width: 380,
    height: 240,
    data: {
      values: verifier.filter((point) => point.scope === scope).map((point) => ({
        x: point.balancedAccuracy,
        y: 100 * point.change.pResampleGivenWrong,
        base: labelOf(point.base),
        said: describe(point)
      }))
    },
    layer: [
      {
        data: { values: [{ zero: 0 }] },
        mark: { type: "rule" as const, color: "currentColor", opacity: 0.6 },
        encoding: { y: { field: "zero", type: "quantitative" as const } }
      },
      {
        mark: { type: "point" as const, filled: true, size: 70 },
        encoding: {
          x: {
            field: "x",
            type: "quantitative" as const,
            title: "balanced accuracy of the base's verdicts",
            scale: { domain: [0.45, 1] },
            axis: { format: ".0%" }
          },
          y: { field: "y", type: "quantitative" as const, title: "change of p_D|W, points" },
          color: {
            field: "base",
            type: "nominal" as const,
            title: null,
            scale: { domain: names, range: bases.map((base) => styleOf(base).color) }
          },
          shape: {
            field: "base",
            type: "nominal" as const,
            title: null,
            scale: { domain: names, range: bases.map((base) => styleOf(base).shape) }
          }
        }
      },
      hoverPoints({ x: { field: "x", type: "quantitative" as const }, y: { field: "y", type: "quantitative" as const } })
    ]
  })
  return {
    id: "verifier",
    title: "What RL from a blind start makes of p_D|W, over what the base's verifier knew",
    alt: verifier.map(describe).join(" "),
    spec: { spacing: 30, hconcat: [panel("trained"), panel("unseen")] }
  }
}

const describe = ({ balancedAccuracy, base, change, scope, seed }: VerifierPoint): string =>
  `${base}, seed ${seed}, ${scope} levels: verdicts ${(100 * balancedAccuracy).toFixed(0)} %, p_D|W ${
    (100 * change.pResampleGivenWrong).toFixed(1)
  } points.`
