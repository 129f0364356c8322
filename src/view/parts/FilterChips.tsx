/**
 * What a filter asks for, each with a button that takes it out.
 *
 * @module
 */
import type { Filter } from "../Api.ts"
import { filterParts } from "./FilterParts.ts"

/** The parts of a filter; nothing where it asks for nothing. */
export const FilterChips = ({ filter, onChange }: { readonly filter: Filter; readonly onChange: (filter: Filter) => void }) => {
  const parts = filterParts(filter)
  if (parts.length === 0) return null
  return (
    <ul class="chips filters" aria-label="Filters in force">
      {parts.map(({ without, words }) => (
        <li key={words}>
          <button type="button" class="chip" onClick={() => onChange(without)} aria-label={`Take out the filter: ${words}`}>
            {words} <span aria-hidden="true">×</span>
          </button>
        </li>
      ))}
      {parts.length > 1 && (
        <li>
          <button type="button" class="chip" onClick={() => onChange({})}>Take out all</button>
        </li>
      )}
    </ul>
  )
}
