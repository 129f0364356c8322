/**
 * The view Compare.
 *
 * @module
 */
import type { ViewProps } from "../App.tsx"

/** The view. */
export const CompareView = ({ overview }: ViewProps) => <p>{overview.sets.length}</p>
