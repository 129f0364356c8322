/**
 * The view Runs.
 *
 * @module
 */
import type { ViewProps } from "../App.tsx"

/** The view. */
export const RunsView = ({ overview }: ViewProps) => <p>{overview.sets.length}</p>
