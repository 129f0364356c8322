/**
 * What the page on dynamics lets choose, and a few settings worth seeing.
 *
 * @module
 */
import { CAP_CHOICE, capOf } from "../accuracy/AccuracyForm.ts"
import { type ChosenOf, type Form, lengthStops, type NumbersOf } from "../form/Form.ts"
import { LEARNERS, type Setting } from "./Flow.ts"

const rate = <const Name extends string>(name: Name, label: string, initial: number) =>
  ({ name, label, least: 0.001, most: 0.999, step: 0.01, initial }) as const

const HORIZONS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] as const

/** Start, learner, penalty, demonstrations and the time that is shown. */
export const DYNAMICS_FORM = {
  quantities: [
    rate("p", "p_S at the start", 0.5),
    rate("c", "p_D|C at the start", 0.7),
    rate("w", "p_D|W at the start", 0.2),
    { name: "time", label: "Time shown", least: 0.1, most: 1000, step: 1, stops: HORIZONS, initial: 100 },
    { name: "G", label: "G, rollouts a group", least: 2, most: 64, step: 1, initial: 8, isWhole: true },
    { name: "beta", label: "β, the KL coefficient", least: 0, most: 1, step: 0.01, initial: 0.1 },
    { name: "L", label: "L, tokens an answer", least: 1, most: 64, step: 1, stops: lengthStops(64), initial: 8, isWhole: true },
    { name: "refresh", label: "Reference replaced every (0: never)", least: 0, most: 1000, step: 1, initial: 0 },
    { name: "dp", label: "p_S of the demonstrations", least: 0.01, most: 1, step: 0.01, initial: 0.7 },
    { name: "dc", label: "p_D|C of the demonstrations", least: 0.01, most: 1, step: 0.01, initial: 0.7 },
    { name: "dw", label: "p_D|W of the demonstrations", least: 0, most: 1, step: 0.01, initial: 0.3 }
  ],
  choices: [
    { name: "by", label: "Taught by", options: LEARNERS, initial: "accuracy" },
    CAP_CHOICE,
    {
      name: "geometry",
      label: "Gradient",
      options: [{ id: "euclidean", name: "plain, in logits" }, { id: "fisher", name: "natural (Fisher)" }],
      initial: "euclidean"
    },
    {
      name: "kl",
      label: "KL penalty to the start",
      options: [{ id: "none", name: "none" }, { id: "reward", name: "k1 in the reward" }, { id: "loss", name: "k3 in the loss" }],
      initial: "none"
    }
  ]
} as const satisfies Form

/** The setting of a filled form. */
export const settingOf = (numbers: NumbersOf<typeof DYNAMICS_FORM>, chosen: ChosenOf<typeof DYNAMICS_FORM>): Setting => ({
  start: { sampleCorrect: numbers.p, stopGivenCorrect: numbers.c, resampleGivenWrong: numbers.w },
  learner: chosen.by,
  groupSize: numbers.G,
  cap: capOf(chosen.cap),
  kl: chosen.kl,
  beta: numbers.beta,
  length: numbers.L,
  refreshEvery: numbers.refresh === 0 ? Infinity : numbers.refresh,
  geometry: chosen.geometry,
  data: { sampleCorrect: numbers.dp, stopGivenCorrect: numbers.dc, resampleGivenWrong: numbers.dw },
  horizon: numbers.time
})

/** Settings worth seeing, as changes of the first one. */
export const PRESETS: ReadonlyArray<{ readonly name: string; readonly values: Readonly<Record<string, number | string>> }> = [
  { name: "hardly rejects", values: { p: 0.5, c: 0.9, w: 0.01, time: 500 } },
  { name: "the same by the natural gradient", values: { p: 0.5, c: 0.9, w: 0.01, time: 20, geometry: "fisher" } },
  { name: "k3 in the loss forbids it", values: { p: 0.5, c: 0.9, w: 0.05, time: 200, kl: "loss", beta: 0.6, L: 1 } },
  {
    name: "figure 1: the reference replaced",
    values: { p: 0.5, c: 0.5, w: 0.5, by: "grpo", G: 64, kl: "reward", beta: 1, L: 8, refresh: 2.5, time: 17.5 }
  },
  { name: "SFT on data that echoes", values: { p: 0.4, c: 0.8, w: 0.6, by: "sft", dp: 0.7, dc: 0.7, dw: 0.3, time: 20 } },
  { name: "DFT on the same data", values: { p: 0.4, c: 0.8, w: 0.6, by: "dft", dp: 0.7, dc: 0.7, dw: 0.3, time: 100 } },
  { name: "wrong samples alone", values: { by: "nsr" } }
]
