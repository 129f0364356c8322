/**
 * The first screen of the page about several seeds: what each run changed in all of them, what the words mean, and a sentence a run.
 *
 * @module
 */
import type { AcrossSeeds, SeedsModel, Spread } from "../results/AcrossSeeds.ts"
import { html, type HtmlValue, type Markup } from "./Html.ts"
import type { Section } from "./Page.ts"
import { terms } from "./Terms.ts"
import { list, points, pointsInterval } from "./Words.ts"

/** What was trained and tested, in a sentence. */
export const seedsUsed = ({ preset, problems, seeds, task }: AcrossSeeds): HtmlValue =>
  html`Preset <strong>${preset}</strong> under ${seeds.length} seeds (${
    seeds.join(", ")
  }), each of which trains everything anew. Tested on ${task.testLevels.length} levels (${list(task.trainLevels)} trained): ${
    problems ?? `${task.testPerLevel.toLocaleString("en")} problems a level, or all there are`
  }, at most ${task.cap} attempts. Numbers are means over seeds.`

const inPoints = ({ interval, mean }: Spread): string => `${points(mean)}${interval === null ? "" : ` (${pointsInterval(interval)})`}`

const direction = ({ values }: Spread): string => {
  const known = values.filter((value) => value !== null)
  const up = known.filter((value) => value > 0).length
  const down = known.filter((value) => value < 0).length
  if (known.length === 0) return "not known"
  return up === known.length
    ? `up in all ${up}`
    : down === known.length
    ? `down in all ${down}`
    : `up in ${up}, down in ${down} of ${known.length}`
}

const sentence = (model: SeedsModel, name: (id: string) => Markup): Markup | null => {
  const at = (scope: string) => model.change?.find((row) => row.scope === scope)
  const [trained, unseen] = [at("trained"), at("unseen")]
  if (trained === undefined || unseen === undefined) return null
  return html`<li><strong>${name(model.id)}</strong>: accuracy ${inPoints(trained.observed)} points on trained and ${
    inPoints(unseen.observed)
  } on unseen levels; p_D|W ${points(trained.pResampleGivenWrong.mean)} on trained ones, ${
    direction(trained.pResampleGivenWrong)
  } seeds.</li>
`
}

/** Renders the first screen. */
export const seedsSummarySection = (
  { seedModels }: AcrossSeeds,
  { figure, name }: { readonly figure: Markup; readonly name: (id: string) => Markup }
): Section => ({
  id: "summary",
  title: "What all seeds say",
  short: "Summary",
  body: html`
<div class="first">
<div>${figure}</div>
${terms("run")}
</div>
<ul class="sentences">
${seedModels.filter(({ change, variant }) => variant !== true && change !== undefined).map((model) => sentence(model, name))}</ul>
<p class="soft">Against the model that each started from; in parentheses the 95 % interval of the mean over seeds (Student's t), which few seeds make wide.</p>`
})
