/**
 * The view Theory.
 *
 * @module
 */
import type { ViewProps } from "../App.tsx"

/** The view. */
export const TheoryView = ({ overview }: ViewProps) => <p>{overview.sets.length}</p>
