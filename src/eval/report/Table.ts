/**
 * Tables of the report: headed columns, headed rows, and a frame that scrolls when the page is narrower than the table.
 *
 * @module
 */
import { html, type HtmlValue, type Markup } from "./Html.ts"

/** A table: `rows` have one cell for each column; the first cell of a row is its header. */
export interface Table {
  readonly caption: string
  readonly columns: ReadonlyArray<HtmlValue>
  readonly rows: ReadonlyArray<ReadonlyArray<HtmlValue>>
}

/** Renders a table. The frame takes the keyboard's focus, so that it can be scrolled without a mouse. */
export const table = ({ caption, columns, rows }: Table): Markup =>
  html`
<div class="scroll" tabindex="0" role="region" aria-label="${caption}">
<table>
<caption>${caption}</caption>
<thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
<tbody>
${
    rows.map(([header, ...cells]) =>
      html`<tr><th scope="row">${header}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>
`
    )
  }</tbody>
</table>
</div>`

/** A cell with a main number and a smaller line below it. */
export const twoLines = (main: HtmlValue, below: HtmlValue): Markup => html`${main}<small>${below}</small>`
