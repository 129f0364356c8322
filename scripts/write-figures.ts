// Draws the figures of docs/theory from the theory itself: node scripts/write-figures.ts
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { Effect } from "effect"
import { figure1 } from "../src/cli/reproduce/TheoryResults.ts"
import { dynamicsFigure } from "../src/eval/figures/DynamicsFigure.ts"
import { type Figure, renderFigure } from "../src/eval/figures/Figure.ts"
import { palette, roleColors } from "../src/eval/figures/Theme.ts"
import { Aggregate, appendixC, estimatorMoments, klTable, RESTORED, ScoredChain, ThreeLogit } from "../src/theory/index.ts"

const folder = join(dirname(fileURLToPath(import.meta.url)), "..", "docs", "theory", "figures")

const LENGTHS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]

const { policy, reference } = RESTORED.model
const table = klTable({ policy, reference, maxCycles: 12 }, { aggregations: [Aggregate.seqMeanTokenSum], lengths: LENGTHS })

const SHOWN: ReadonlyArray<readonly [estimator: string, placement: string, name: string]> = [
  ["k1", "reward", "k1 in the reward (the analysis)"],
  ["k2", "loss", "k2 in the loss"],
  ["k3", "loss", "k3 in the loss (the runs)"]
]

const ratios = SHOWN.flatMap(([estimator, placement, name]) =>
  table
    .filter((row) => row.estimator === estimator && row.placement === placement)
    .flatMap(({ entries }) => entries.map(({ length, ratio }) => ({ name, length, ratio })))
)

const ratioFigure: Figure = {
  id: "ratio-by-length",
  title: "Sampling : decision part of the KL gradient, by length of the answer",
  alt:
    "In the loss the ratio grows in proportion to the length; in the reward it levels off, because a decision also pays for the answers to come.",
  spec: {
    width: 460,
    height: 260,
    data: { values: ratios },
    mark: { type: "line", point: true },
    encoding: {
      x: { field: "length", type: "quantitative", scale: { type: "log", base: 2 }, title: "tokens of an answer" },
      y: { field: "ratio", type: "quantitative", scale: { type: "log" }, title: "‖g_S‖ : ‖g_D‖" },
      color: {
        field: "name",
        type: "nominal",
        title: null,
        scale: { range: [palette.blue, palette.ochre, palette.vermillion] },
        legend: { orient: "top", columns: 1, labelLimit: 400 }
      },
      strokeDash: { field: "name", type: "nominal" }
    }
  }
}

const NAMES = { s: "θ_S (sampling)", resampleGivenWrong: "θ_W (RESAMPLE | wrong)", stopGivenCorrect: "θ_C (STOP | correct)" } as const

const { expectation, update } = appendixC()
const pushes = [
  ...update.map((row) => ({ ...row, panel: "the paper's trajectory" })),
  ...expectation.update.map((row) => ({ ...row, panel: "expectation over all trajectories" }))
].flatMap(({ kl, panel, parameter, reward }) => [
  { panel, parameter: NAMES[parameter], part: "reward push", value: reward },
  { panel, parameter: NAMES[parameter], part: "KL drag", value: kl }
])

const pushFigure: Figure = {
  id: "push-and-drag",
  title: "Appendix C: reward push and KL drag on the three logits",
  alt:
    "On the paper's single trajectory the drag on θ_S is 2.4 times that on θ_W and 85 times that on θ_C; in expectation 13 and 19 times.",
  spec: {
    data: { values: pushes },
    facet: {
      column: { field: "panel", type: "nominal", title: null, sort: ["the paper's trajectory", "expectation over all trajectories"] }
    },
    spec: {
      width: 300,
      height: 200,
      mark: "bar",
      encoding: {
        y: { field: "parameter", type: "nominal", title: null, sort: Object.values(NAMES), axis: { labelLimit: 240 } },
        yOffset: { field: "part", type: "nominal" },
        x: { field: "value", type: "quantitative", title: "contribution to the update" },
        color: {
          field: "part",
          type: "nominal",
          title: null,
          scale: { range: [palette.pink, roleColors.accuracy] },
          legend: { orient: "top" }
        }
      }
    },
    resolve: { scale: { x: "independent" } }
  }
}

// What the penalty and the reward tell each sub-policy: one policy, one distance from its reference, lengths from 1 on.
const policyOfPage = ThreeLogit.logitsOf({ sampleCorrect: 0.3, stopGivenCorrect: 0.8, resampleGivenWrong: 0.6 })
const momentsOf = (terms: ScoredChain.CycleTerms) => estimatorMoments(ScoredChain.chainOfThreeLogit(policyOfPage, terms))["reward-to-go"]
const penaltyAt = (length: number) =>
  ScoredChain.klPenaltyTerms({
    policy: policyOfPage,
    reference: ThreeLogit.mapLogits((name) => policyOfPage[name] - 0.5),
    lengths: { correct: length, wrong: length },
    beta: 1
  })
const signals = LENGTHS.flatMap((length) =>
  ([["KL penalty", penaltyAt(length)], ["0/1 reward", ScoredChain.accuracyTerms]] as const).flatMap(([objective, terms]) => {
    const { decision, sampling } = momentsOf(terms)
    return [
      { length, objective, part: "g_S", value: sampling.signalToNoise },
      { length, objective, part: "g_D", value: decision.signalToNoise }
    ]
  })
)

const signalFigure: Figure = {
  id: "signal-to-noise",
  title: "Signal : noise of the two parts of a gradient, by length of the answer",
  alt:
    "Under the KL penalty the decision part's signal-to-noise falls from 0.33 at one token to 0.0065 at 512, the sampling part's rises from 0.76 to 1.46 and levels off at 1.20; under the reward both are flat, at 0.14 and 0.43.",
  spec: {
    width: 460,
    height: 260,
    data: { values: signals },
    mark: { type: "line", point: true },
    encoding: {
      x: { field: "length", type: "quantitative", scale: { type: "log", base: 2 }, title: "tokens of an answer" },
      y: { field: "value", type: "quantitative", scale: { type: "log" }, title: "|E g|² : tr Cov(g), one trajectory" },
      color: {
        field: "part",
        type: "nominal",
        title: null,
        scale: { domain: ["g_S", "g_D"], range: [roleColors.sampling, roleColors.resample] }
      },
      strokeDash: { field: "objective", type: "nominal", title: null, legend: { symbolType: "stroke" } }
    }
  }
}

/** Figures in a page of their own have no text colour to take: dark on white. */
const standAlone = (svg: string): string =>
  svg.replaceAll("currentColor", "#222222").replace(/<svg [^>]*>/, (open) => `${open}<rect width="100%" height="100%" fill="#ffffff"/>`)

mkdirSync(folder, { recursive: true })
for (const figure of [dynamicsFigure(figure1().rows), ratioFigure, pushFigure, signalFigure]) {
  writeFileSync(join(folder, `${figure.id}.svg`), standAlone(await Effect.runPromise(renderFigure(figure))) + "\n")
}
