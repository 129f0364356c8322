/**
 * The view Rollouts.
 *
 * @module
 */
import type { ViewProps } from "../App.tsx"

/** The view. */
export const RolloutsView = ({ overview }: ViewProps) => <p>{overview.sets.length}</p>
