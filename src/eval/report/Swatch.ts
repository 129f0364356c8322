/**
 * A model's name with its colour, the one of its lines and marks in every figure.
 *
 * @module
 */
import { modelStyles } from "../figures/ModelStyle.ts"
import { html, type Markup } from "./Html.ts"

/** What names the models of a report by their ids; an id that is none of them stands for itself. */
export const swatches = (models: ReadonlyArray<{ readonly id: string; readonly label: string }>): (id: string) => Markup => {
  const styleOf = modelStyles(models.map(({ id }) => id))
  return (id) => {
    const model = models.find((other) => other.id === id)
    if (model === undefined) return html`${id}`
    return html`<span class="model"><span class="swatch" style="background:${styleOf(id).color}"></span>${model.label}</span>`
  }
}
