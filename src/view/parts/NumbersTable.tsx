/**
 * A table of numbers that scrolls by itself where it is wide.
 *
 * @module
 */
import type { ComponentChildren } from "preact"

/** A row: what it is of, and its cells. */
export interface NumbersRow {
  readonly name: string
  readonly cells: ReadonlyArray<ComponentChildren>
}

/** The table. The first of `columns` is that of the rows' names. */
export const NumbersTable = ({ caption, columns, rows }: {
  readonly caption: string
  readonly columns: ReadonlyArray<string>
  readonly rows: ReadonlyArray<NumbersRow>
}) => (
  <div class="scroll" role="region" aria-label={caption} tabIndex={0}>
    <table class="numbers">
      <caption>{caption}</caption>
      <thead>
        <tr>{columns.map((column) => <th key={column} scope="col">{column}</th>)}</tr>
      </thead>
      <tbody>
        {rows.map(({ cells, name }, i) => (
          <tr key={i}>
            <th scope="row" title={name}>{name}</th>
            {cells.map((cell, k) => <td key={k}>{cell}</td>)}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)
