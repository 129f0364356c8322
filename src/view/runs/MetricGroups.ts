/**
 * Which curves are drawn, in groups as a person who trains thinks of them.
 *
 * @module
 */
import { rateSeries, roleColors } from "../../eval/figures/Theme.ts"
import { type AttributionName, attributionName } from "./MetricWords.ts"

/** A metric as it is drawn. */
export interface Curve {
  readonly metric: string
  readonly label: string
  /** Its colour where one run alone is shown, and its dashes; left out: those of the run. */
  readonly color?: string
  readonly dash?: ReadonlyArray<number>
}

/** A chart: of one metric, or of several that are read together. */
export interface Curves {
  /** What the address calls it. */
  readonly id: string
  readonly title: string
  readonly unit: string
  readonly curves: ReadonlyArray<Curve>
}

/** Charts under one heading. */
export interface CurveGroup {
  readonly name: string
  readonly charts: ReadonlyArray<Curves>
  /** Shown when asked for. */
  readonly isFolded: boolean
}

const one = (metric: string, unit: string, title = metric): Curves => ({
  id: metric,
  title,
  unit,
  curves: [{ metric, label: title }]
})

const BY_SUB_POLICY: Readonly<Record<string, Pick<Curve, "color" | "dash">>> = {
  sampling: { color: roleColors.sampling },
  decision: { color: roleColors.resample, dash: [6, 3] }
}

const SYMBOLS: ReadonlyMap<string, string> = new Map([["sampling", "S"], ["decision", "D"]])

const RATES: Curves = {
  id: "rates",
  title: "p_S, p_D|C and p_D|W",
  unit: "share",
  curves: [
    { metric: "p_sample", label: rateSeries.pSample.name, color: rateSeries.pSample.color },
    {
      metric: "p_stop_given_correct",
      label: rateSeries.pStopGivenCorrect.name,
      color: rateSeries.pStopGivenCorrect.color,
      dash: rateSeries.pStopGivenCorrect.dash
    },
    {
      metric: "p_resample_given_wrong",
      label: rateSeries.pResampleGivenWrong.name,
      color: rateSeries.pResampleGivenWrong.color,
      dash: rateSeries.pResampleGivenWrong.dash
    }
  ]
}

const ENTROPIES: Curves = {
  id: "entropies",
  title: "Entropy of π_S and of π_D",
  unit: "nats",
  curves: [
    { metric: "entropy/sampling", label: "entropy of π_S", ...BY_SUB_POLICY["sampling"] },
    { metric: "entropy/decision", label: "entropy of π_D", ...BY_SUB_POLICY["decision"] }
  ]
}

// Names of this library and TRL, then those of verl. A name that ends in "/" stands for all that begin with it.
const KNOWN: ReadonlyArray<{ readonly name: string; readonly charts: ReadonlyArray<Curves | readonly [prefix: string, unit: string]> }> = [
  {
    name: "Reward",
    charts: [
      one("reward", "reward"),
      one("critic/score/mean", "reward"),
      one("critic/rewards/mean", "reward"),
      one("reward_std", "reward"),
      one("frac_reward_zero_std", "share of groups"),
      one("frac_advantage_zero", "share of tokens"),
      ["reward/", "reward"],
      ["rewards/", "reward"]
    ]
  },
  { name: "Sampling and deciding", charts: [RATES, one("attempts/mean", "attempts")] },
  {
    name: "Policy: entropy, KL, clipping",
    charts: [
      ENTROPIES,
      one("entropy", "nats"),
      one("actor/entropy", "nats"),
      one("kl", "nats a token"),
      one("actor/kl_loss", "nats a token"),
      one("actor/ppo_kl", "nats a token"),
      one("rollout_corr/kl", "nats a token"),
      ["clip_ratio/", "share of tokens"],
      one("actor/pg_clipfrac", "share of tokens")
    ]
  },
  {
    name: "Optimizer",
    charts: [
      one("loss", "loss"),
      one("loss/nll", "nats a token"),
      ["loss/part/", "loss"],
      one("actor/pg_loss", "loss"),
      one("grad_norm", "‖g‖"),
      one("actor/grad_norm", "‖g‖"),
      one("learning_rate", "rate"),
      one("actor/lr", "rate")
    ]
  }
]

const partName = (part: string): string => (part === "total" ? "the whole objective" : part)

const isKind = (kind: AttributionName["kind"]) => (found: { readonly name: AttributionName }): boolean => found.name.kind === kind

const gradientCharts = (metrics: ReadonlyArray<string>): ReadonlyArray<Curves> => {
  const found = metrics.flatMap((metric) => {
    const name = attributionName(metric)
    return name === undefined ? [] : [{ metric, name }]
  })
  const parts = [...new Set(found.map(({ name }) => name.part))]
  return parts.flatMap((part) => {
    const ofPart = found.filter(({ name }) => name.part === part)
    const norms = ofPart.filter(isKind("norm"))
    const symbols = norms.map(({ name }) => `‖g_${SYMBOLS.get(name.of) ?? name.of}‖`)
    return [
      ...(norms.length === 0 ? [] : [{
        id: `norms/${part}`,
        title: `${symbols.join(", ")} of ${partName(part)}`,
        unit: "norm of the gradient",
        curves: norms.map(({ metric, name }, i) => ({ metric, label: `${symbols[i]} of ${partName(part)}`, ...BY_SUB_POLICY[name.of] }))
      }]),
      ...ofPart.filter(isKind("cosine")).map(({ metric, name }) =>
        one(metric, "cosine", `${name.of === "" ? "cos(g_S, g_D)" : `cosine of ${name.of.replace("_", " and ")}`} of ${partName(part)}`)
      )
    ]
  })
}

/**
 * The charts of the metrics that runs have: reward, sampling and deciding, the gradient by sub-policy, the policy, the optimizer, and everything else folded.
 * What none has is not drawn.
 */
export const curveGroups = (metrics: ReadonlyArray<string>): ReadonlyArray<CurveGroup> => {
  const known = new Set(metrics)
  const used = new Set<string>()
  const take = (chart: Curves): ReadonlyArray<Curves> => {
    const curves = chart.curves.filter(({ metric }) => known.has(metric) && !used.has(metric))
    for (const { metric } of curves) used.add(metric)
    if (curves.length === 0) return []
    // Where not all was measured the chart is named by what was.
    const title = curves.length === chart.curves.length ? chart.title : curves.map(({ label }) => label).join(", ")
    return [{ ...chart, title, curves }]
  }
  const groups = KNOWN.map(({ charts, name }) => ({
    name,
    isFolded: false,
    charts: charts.flatMap((chart) => {
      if ("curves" in chart) return take(chart)
      const [prefix, unit] = chart
      return metrics.filter((metric) => metric.startsWith(prefix)).flatMap((metric) => take(one(metric, unit)))
    })
  }))
  const gradient = { name: "Gradient by sub-policy", isFolded: false, charts: gradientCharts(metrics).flatMap(take) }
  const rest = { name: "Everything else", isFolded: true, charts: metrics.flatMap((metric) => take(one(metric, ""))) }
  return [...groups.slice(0, 2), gradient, ...groups.slice(2), rest].filter(({ charts }) => charts.length > 0)
}

/** A chart for each metric: where several runs are shown, a colour tells the run. */
export const apart = (chart: Curves): ReadonlyArray<Curves> =>
  chart.curves.length === 1 ? [chart] : chart.curves.map((curve) => ({ ...one(curve.metric, chart.unit, curve.label) }))
