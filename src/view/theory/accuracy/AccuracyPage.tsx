/**
 * The page on accuracy: closed form, cap, and what gains most from here.
 *
 * @module
 */
import { twoStageAccuracy, type TwoStageRates } from "../../../theory/Accuracy.ts"
import { LOGIT_NAMES } from "../../../theory/illustration/ThreeLogit.ts"
import { Chart, percent } from "../../chart/Chart.tsx"
import { Controls } from "../form/Controls.tsx"
import { useForm } from "../form/useForm.ts"
import { Grounds } from "../Grounds.tsx"
import { CHOICES, COLORS } from "../Names.ts"
import type { PageProps } from "../Pages.ts"
import { Problems } from "../Problems.tsx"
import { ACCURACY_FORM, capOf } from "./AccuracyForm.ts"
import { GainTable } from "./GainTable.tsx"
import { LeverageMap } from "./LeverageMap.tsx"
import { curves } from "./Sensitivity.ts"
import { accuracySentence } from "./Words.ts"

const share = { domain: [0, 1] as const, format: percent }
const MOST_ATTEMPTS = 16

/** The page. */
export const AccuracyPage = (props: PageProps) => {
  const { change, chosen, numbers, problems } = useForm("accuracy", ACCURACY_FORM, props)
  const cap = capOf(chosen.cap)
  const rates: TwoStageRates = { sampleCorrect: numbers.p, stopGivenCorrect: numbers.c, resampleGivenWrong: numbers.w }
  const accuracy = twoStageAccuracy(rates, cap)
  const along = curves(rates, cap)
  return (
    <>
      <h1>Accuracy from three rates</h1>
      <p>
        π_S samples an answer, right with probability p_S. π_D accepts a right one with probability p_D|C (STOP) and rejects a wrong one
        with p_D|W (RESAMPLE), until one is accepted.
      </p>
      <Problems problems={problems} />
      <Controls legend="From here" form={ACCURACY_FORM} names={["p", "c", "w", "cap"]} {...{ numbers, chosen, change }} />
      <p class="answer" role="status">{accuracySentence(rates, cap)}</p>
      <div class="charts">
        <Chart
          title="Accuracy when one rate moves and the others stay"
          x={{ label: "the rate that moves", ...share }}
          y={{ label: "accuracy", ...share }}
          series={[
            ...LOGIT_NAMES.map((name) => ({
              name: CHOICES[name].rate,
              color: CHOICES[name].color,
              dash: CHOICES[name].dash,
              points: along[name]
            })),
            {
              name: "here",
              color: "currentColor",
              marks: "dots" as const,
              points: [...new Set(LOGIT_NAMES.map((name) => rates[name]))].map((x) => ({ x, y: accuracy }))
            }
          ]}
        />
        <Chart
          title="Accuracy by the number of attempts allowed"
          x={{ label: "attempts allowed", domain: [1, MOST_ATTEMPTS] }}
          y={{ label: "accuracy", ...share }}
          series={[{
            name: "with the cap",
            color: COLORS.accuracy,
            marks: "both",
            points: Array.from({ length: MOST_ATTEMPTS }, (_, i) => ({ x: i + 1, y: twoStageAccuracy(rates, i + 1) }))
          }]}
          rules={[
            { y: twoStageAccuracy(rates), name: `no cap ${percent(twoStageAccuracy(rates))}` },
            ...(Math.abs(twoStageAccuracy(rates) - rates.sampleCorrect) < 0.07
              ? []
              : [{ y: rates.sampleCorrect, name: `answering once ${percent(rates.sampleCorrect)}` }])
          ]}
        />
        <LeverageMap rates={rates} cap={cap} move={(p, w) => change({ p, w }, "replace")} />
      </div>
      <h2>What gains most from here</h2>
      <p>
        ∂acc/∂rate: points of accuracy for a point of the rate. Elasticity: percent of accuracy for a percent of the rate. ∂acc/∂θ: the same
        by the rate's logit, what plain gradient ascent sees; without a cap its three values are as 1 : 1 − p_D|C : p_D|W.
      </p>
      <GainTable rates={rates} cap={cap} />
      <Grounds
        equations={[
          "accuracy = p·c / S,   S = p·c + (1 − p)·(1 − w)          with p = p_S, c = p_D|C, w = p_D|W",
          "with at most m attempts: p·c·(1 − (1 − S)^m) / S;         attempts on average: (1 − (1 − S)^m) / S",
          "∂acc/∂p = c·(1 − w)/S²,   ∂acc/∂c = p·(1 − p)·(1 − w)/S²,   ∂acc/∂w = p·c·(1 − p)/S²",
          "acc ≥ p  iff  c + w ≥ 1"
        ]}
        source="The paper's section 4.2 has the closed form; docs/theory/4.2-calibration.md its laws and limits. Claims C41 and C42."
        assumed={[
          "Attempts are independent and have the same three rates. Problems of unequal difficulty break this: pooled rates then predict too much (C42).",
          "A RESAMPLE in the last attempt that the cap allows is a failure.",
          "A derivative speaks of small changes, and says nothing about what raising a rate costs."
        ]}
      />
    </>
  )
}
