/**
 * How a model is drawn: by its id, the same in every figure, in reports of one run and of several seeds, and for the paper's own models.
 *
 * @module
 */
import { seriesDashes, type SeriesStyle, seriesStyle } from "./Theme.ts"

/** The models that every preset has, in the order of the colours: what learned from checked demonstrations is warm, from blind ones violet. */
const MAIN = ["base", "sft-none", "sft-echo", "sft-expert", "dft-expert", "grpo-echo", "grpo-expert", "grpo-echo-decision"]

/** The model of ours that has the part of each of the paper's models (table 1). */
const PAPER: Readonly<Record<string, string>> = {
  Base: "base",
  "SFT (no reflection)": "sft-none",
  "SFT (reflection)": "sft-expert",
  RL: "grpo-echo"
}

/** The id whose colour one of the paper's models has; its own name where it has no counterpart. */
export const counterpartOf = (paperModel: string): string => PAPER[paperModel] ?? paperModel

/**
 * The styles of models by their ids. The models of every preset have the same ones wherever they are; others take the places that are left,
 * in the order of `ids`, which is why all figures of a report are to be given all of its ids.
 */
export const modelStyles = (ids: ReadonlyArray<string>): (id: string) => SeriesStyle => {
  const own = [...new Set(ids)].filter((id) => !MAIN.includes(id))
  // Where the models are none of ours, the first colours are theirs.
  const first = own.length === new Set(ids).size ? 0 : MAIN.length
  return (id) => {
    const main = MAIN.indexOf(id)
    return seriesStyle(main >= 0 ? main : first + Math.max(0, own.indexOf(id)))
  }
}

/** Dashes that tell lines of neighbouring models apart where they have no points. */
export const lineDash = (position: number): Array<number> => [...seriesDashes[position % seriesDashes.length]!]
