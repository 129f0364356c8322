/**
 * Push and drag against the length of answers.
 *
 * @module
 */
import { RESTORED } from "../../../theory/illustration/AppendixC.ts"
import { LOGIT_NAMES } from "../../../theory/illustration/ThreeLogit.ts"
import { Chart } from "../../chart/Chart.tsx"
import { CHOICES } from "../Names.ts"
import { byLength, LONGEST, printedOf, type PushInputs, type Reading } from "./PushAndDrag.ts"

const lengthAxis = { label: "tokens an answer (right and wrong alike)", domain: [1, LONGEST] as const, isLog: true, format: String }

/** The size of the drag, and the net of push and drag; printed values as dots where the inputs are the paper's. */
export const LengthCharts = ({ hasPrinted, inputs, reading }: {
  readonly inputs: PushInputs
  readonly reading: Reading
  readonly hasPrinted: boolean
}) => {
  const rows = byLength(inputs, reading)
  const at = RESTORED.model.lengths.correct
  const printed = (part: "kl" | "net", value: (number: number) => number) =>
    hasPrinted && reading === "trajectory"
      ? LOGIT_NAMES.map((name) => ({
        name: `${CHOICES[name].logit}, printed`,
        color: CHOICES[name].color,
        marks: "dots" as const,
        points: [{ x: at, y: value(printedOf(name)[part]) }]
      }))
      : []
  const lines = (value: (row: (typeof rows)[number], name: (typeof LOGIT_NAMES)[number]) => number) =>
    LOGIT_NAMES.map((name) => ({
      name: CHOICES[name].logit,
      color: CHOICES[name].color,
      dash: CHOICES[name].dash,
      points: rows.map((row) => ({ x: row.length, y: value(row, name) }))
    }))
  const { correct, wrong } = inputs.model.lengths
  const marks = correct === wrong
    ? [{ x: correct, name: `${correct}` }]
    : [{ x: correct, name: `right ${correct}` }, { x: wrong, name: `wrong ${wrong}` }]
  return (
    <div class="charts">
      <Chart
        title="Size of the KL drag on each logit, both axes logarithmic"
        x={lengthAxis}
        y={{ label: "|drag|", isLog: true }}
        series={[...lines(({ drag }, name) => Math.abs(drag[name])), ...printed("kl", Math.abs)]}
        marks={marks}
      />
      <Chart
        title="Net update: the reward's push plus the drag"
        x={lengthAxis}
        y={{ label: "push + drag" }}
        series={[...lines(({ drag, push }, name) => push[name] + drag[name]), ...printed("net", (value) => value)]}
        rules={[{ y: 0, name: "" }]}
      />
    </div>
  )
}
