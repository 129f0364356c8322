/**
 * The flow over time.
 *
 * @module
 */
import { LOGIT_NAMES, type ThreeLogits } from "../../../theory/illustration/ThreeLogit.ts"
import type { TaughtState } from "../../../theory/illustration/TeachingDynamics.ts"
import { Chart, percent } from "../../chart/Chart.tsx"
import { CHOICES, COLORS } from "../Names.ts"

const x = { label: "time (gradient steps × learning rate)" }

/** The three rates and accuracy. */
export const RatesChart = ({ states }: { readonly states: ReadonlyArray<TaughtState> }) => (
  <Chart
    title="Rates and accuracy over time"
    x={{ ...x, domain: [0, states.at(-1)!.time] }}
    y={{ label: "rate", domain: [0, 1], format: percent }}
    series={[
      ...LOGIT_NAMES.map((name) => ({
        name: CHOICES[name].rate,
        color: CHOICES[name].color,
        dash: CHOICES[name].dash,
        points: states.map(({ rates, time }) => ({ x: time, y: rates[name] }))
      })),
      {
        name: "accuracy",
        color: COLORS.accuracy,
        dash: [8, 2, 2, 2],
        points: states.map(({ accuracy, time }) => ({ x: time, y: accuracy }))
      }
    ]}
  />
)

/** How fast each logit moves. */
export const SpeedChart = ({ states, velocities }: {
  readonly states: ReadonlyArray<TaughtState>
  readonly velocities: ReadonlyArray<ThreeLogits>
}) => (
  <Chart
    title="Speed of each logit over time"
    x={{ ...x, domain: [0, states.at(-1)!.time] }}
    y={{ label: "dθ/dt" }}
    rules={[{ y: 0, name: "" }]}
    series={LOGIT_NAMES.map((name) => ({
      name: CHOICES[name].logit,
      color: CHOICES[name].color,
      dash: CHOICES[name].dash,
      points: states.map(({ time }, index) => ({ x: time, y: velocities[index]![name] }))
    }))}
  />
)
