/**
 * The view Calibration.
 *
 * @module
 */
import type { ViewProps } from "../App.tsx"

/** The view. */
export const CalibrationView = ({ overview }: ViewProps) => <p>{overview.sets.length}</p>
