/**
 * What changes out of distribution: observed accuracy and the three rates, unseen levels minus trained ones (Chu et al. 2025).
 *
 * @module
 */
import type { DistributionShift } from "../calibration/Calibration.ts"
import { differenceFigure } from "./DifferenceFigure.ts"
import type { Figure } from "./Figure.ts"
import { roleColors } from "./Theme.ts"

/** Draws one model's change out of distribution. */
export const shiftFigure = (model: { readonly id: string; readonly label: string; readonly shift: DistributionShift }): Figure => {
  const { accuracy, pResampleGivenWrong, pSample, pStopGivenCorrect } = model.shift
  return differenceFigure({
    id: `shift-${model.id}`,
    title: `Out of distribution: ${model.label}`,
    axis: "unseen − trained levels, points",
    rows: [
      { name: "observed accuracy", ...accuracy, color: roleColors.accuracy, shape: "circle" },
      { name: "p_S", ...pSample, color: roleColors.sampling, shape: "diamond" },
      { name: "p_D|C", ...pStopGivenCorrect, color: roleColors.stop, shape: "square" },
      { name: "p_D|W", ...pResampleGivenWrong, color: roleColors.resample, shape: "triangle-up" }
    ]
  })
}
