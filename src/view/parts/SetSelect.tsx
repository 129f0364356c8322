/**
 * A choice among the sets of rollouts.
 *
 * @module
 */
import type { SetInfo } from "../Api.ts"

/** The set that an address names, else the first that has rollouts. */
export const setOf = (sets: ReadonlyArray<SetInfo>, id: string | null): SetInfo | undefined =>
  id === null ? sets.find(({ rows }) => rows > 0) ?? sets[0] : sets.find((set) => set.id === id)

/** The choice. */
export const SetSelect = ({ label, onChange, sets, value }: {
  readonly label: string
  readonly sets: ReadonlyArray<SetInfo>
  readonly value: string
  readonly onChange: (id: string) => void
}) => (
  <label>
    {label}
    <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
      {sets.some(({ id }) => id === value) ? null : <option value={value}>(none)</option>}
      {sets.map(({ id, name, rows }) => <option key={id} value={id}>{`${name} (${rows.toLocaleString("en")})`}</option>)}
    </select>
  </label>
)
