/**
 * Our losses, aggregations and KL estimators, values and derivatives, held against those of verl and TRL on random batches.
 *
 *     PYTHON=path/to/python npm run bench -- objectives
 *
 * PYTHON (default `python3`) needs torch, verl 0.9.1 and TRL 1.16.0 (docs/benchmarks/objectives.md says how). Both sides compute in float64; theirs is
 * their own code with torch's autograd. A difference is taken relative to the larger of 1 and the peer's largest number of the batch.
 */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { draws, fold } from "../src/domain/Seed.ts"
import * as Aggregate from "../src/theory/Aggregate.ts"
import type * as Kl from "../src/theory/Kl.ts"
import * as Objective from "../src/theory/Objective.ts"
import { NOT_OWNED, TWO_STAGE } from "../src/theory/Partition.ts"
import type { TokenBatch } from "../src/theory/TokenBatch.ts"
import { table } from "./Timing.ts"

const [ROWS, COLUMNS, BATCHES] = [6, 8, 12]

/** A rectangle as the peers read it. */
interface Rectangle {
  readonly rows: number
  readonly columns: number
  readonly logProbs: ReadonlyArray<number>
  readonly oldLogProbs: ReadonlyArray<number>
  readonly referenceLogProbs: ReadonlyArray<number>
  readonly advantages: ReadonlyArray<number>
  readonly mask: ReadonlyArray<number>
}

/** What a family of batches has: log-ratios of that size, advantages a token or a sequence, a sequence that is masked as a whole. */
interface Family {
  readonly name: string
  readonly spread: number
  readonly perToken?: boolean
  readonly masked?: boolean
}

const NEAR: Family = { name: "near", spread: 0.6 }
const FAR: Family = { name: "far", spread: 6 }
const BEYOND: Family = { name: "beyond", spread: 28 }
const PER_TOKEN: Family = { name: "per token", spread: 0.6, perToken: true }
const MASKED: Family = { name: "masked", spread: 0.6, masked: true }

const rectangle = ({ masked, name, perToken, spread }: Family, index: number): Rectangle => {
  const { uniform } = draws(fold(20_261_126, name, index))
  const cells = (of: (cell: number) => number) => Array.from({ length: ROWS * COLUMNS }, (_, cell) => of(cell))
  const rowAdvantages = Array.from({ length: ROWS }, (_, row) => (row === 0 ? 0 : 4 * uniform() - 2))
  const oldLogProbs = cells(() => -0.02 - 3 * uniform() - (spread > 10 ? 30 * uniform() : 0))
  // Reflected at 0, not cut off: equal numbers would leave it to chance which of them is among the largest.
  const near = (value: number) => -Math.abs(value + spread * (2 * uniform() - 1)) - 1e-3
  return {
    rows: ROWS,
    columns: COLUMNS,
    oldLogProbs,
    logProbs: oldLogProbs.map(near),
    referenceLogProbs: oldLogProbs.map(near),
    advantages: cells((cell) => (perToken === true ? 4 * uniform() - 2 : rowAdvantages[Math.floor(cell / COLUMNS)]!)),
    mask: cells((cell) =>
      (cell % COLUMNS === 0 || uniform() < 0.75 ? 1 : 0) * (masked === true && Math.floor(cell / COLUMNS) === 2 ? 0 : 1)
    )
  }
}

const batchOf = (given: Rectangle): TokenBatch => ({
  offsets: Int32Array.from({ length: ROWS + 1 }, (_, row) => row * COLUMNS),
  owner: Uint8Array.from(given.mask, (mark) => (mark === 1 ? 0 : NOT_OWNED)),
  logProbs: Float64Array.from(given.logProbs),
  oldLogProbs: Float64Array.from(given.oldLogProbs),
  referenceLogProbs: Float64Array.from(given.referenceLogProbs),
  advantages: Float64Array.from(given.advantages)
})

/** One line of the table: their function with its settings, and what of ours it is held against. */
interface Comparison {
  readonly what: string
  readonly peer: Readonly<Record<string, unknown>>
  readonly ours: Objective.Objective
  readonly aggregation: Aggregate.Aggregation
  readonly families: ReadonlyArray<Family>
}

const verl = (
  name: string,
  ours: Objective.Objective,
  settings: object,
  families: ReadonlyArray<Family> = [NEAR, FAR, PER_TOKEN, MASKED],
  aggregation: Aggregate.Aggregation = Aggregate.tokenMean
): Comparison => ({
  what: `verl \`${name}\``,
  peer: { kind: "verl", name, aggregation: aggregation._tag, settings },
  ours,
  aggregation,
  families
})

const trl = (
  what: string,
  ours: Objective.Objective,
  settings: object,
  aggregation: Aggregate.Aggregation,
  families: ReadonlyArray<Family> = [NEAR, FAR, PER_TOKEN, MASKED],
  name = "grpo"
): Comparison => ({ what: `TRL \`${what}\``, peer: { kind: "trl", name, settings }, ours, aggregation, families })

const clip = { clip_ratio_low: 0.2, clip_ratio_high: 0.28 }
const bounds = { clipLow: 0.2, clipHigh: 0.28 }
const { klInLoss, surrogate } = Objective
const [seqMean, seqSum] = [Aggregate.seqMeanTokenMean, Aggregate.seqMeanTokenSum].map((mode) => Aggregate.withVariant(mode, "trl")) as [
  Aggregate.Aggregation,
  Aggregate.Aggregation
]

const policyLosses: ReadonlyArray<Comparison> = [
  verl("vanilla", surrogate({ ...bounds, dualClip: 3, logRatioClamp: 20 }), { ...clip, clip_ratio_c: 3 }, [NEAR, FAR, BEYOND, PER_TOKEN]),
  verl(
    "gspo",
    surrogate({ ratio: "sequence-token", ...bounds, logRatioClamp: 10 }),
    clip,
    [NEAR, FAR, PER_TOKEN, MASKED],
    Aggregate.seqMeanTokenMean
  ),
  verl("cispo", Objective.cispo({ ...bounds, logRatioClamp: 20 }), clip, [NEAR, FAR, BEYOND, PER_TOKEN]),
  verl("sapo", Objective.sapo({ logRatioClamp: 20 }), {}, [NEAR, FAR, BEYOND, PER_TOKEN], Aggregate.seqMeanTokenMean),
  verl(
    "geo_mean",
    Objective.geometricMean({ clipLow: 0.4, clipHigh: 0.3 }),
    { clip_ratio_low: 0.4, clip_ratio_high: 0.3 },
    undefined,
    seqMean
  ),
  verl("dppo_tv", Objective.dppo({ truncation: 3 }), { clip_ratio_low: 0.15, clip_ratio_high: 0.15 }, [NEAR, FAR, BEYOND, PER_TOKEN]),
  verl(
    "dppo_kl",
    Objective.dppo({ divergence: "kl", truncation: 20 }),
    { clip_ratio_low: 0.05, clip_ratio_high: 0.05, clip_ratio_c: 20 },
    [NEAR, FAR, BEYOND, PER_TOKEN]
  ),
  verl("dro", Objective.dro({ beta: 0.7 }), { policy_loss: { dro_beta: 0.7 } }),
  verl("gpg", surrogate({ ratio: "none" }), {}),
  verl("clip_cov", Objective.clipCov({ ...bounds, fraction: 1, lower: 0.2, upper: 2 }), {
    ...clip,
    policy_loss: { clip_cov_ratio: 1, clip_cov_lb: 0.2, clip_cov_ub: 2 }
  }),
  verl("kl_cov", Objective.klCov({ fraction: 0.2, coefficient: 0.5 }), { policy_loss: { kl_cov_ratio: 0.2, ppo_kl_coef: 0.5 } }),
  trl("grpo", surrogate(bounds), { loss_type: "grpo", epsilon: 0.2, epsilon_high: 0.28 }, seqMean),
  trl("dapo", surrogate(bounds), { loss_type: "dapo", epsilon: 0.2, epsilon_high: 0.28 }, Aggregate.tokenMean),
  trl("bnpo, delta 3", surrogate({ ...bounds, dualClip: 3 }), { loss_type: "bnpo", epsilon_high: 0.28, delta: 3 }, Aggregate.tokenMean),
  trl("dr_grpo", surrogate(), { loss_type: "dr_grpo" }, Aggregate.seqMeanTokenSumNorm(COLUMNS)),
  trl("grpo, sequence", surrogate({ ratio: "sequence", ...bounds }), {
    loss_type: "grpo",
    importance_sampling_level: "sequence",
    epsilon_high: 0.28
  }, seqMean),
  trl("luspo, sequence", surrogate({ ratio: "sequence", ...bounds }), {
    loss_type: "luspo",
    importance_sampling_level: "sequence",
    epsilon_high: 0.28
  }, seqSum),
  trl("cispo", Objective.cispo(), { loss_type: "cispo", epsilon_high: 5 }, Aggregate.tokenMean),
  trl("sapo", Objective.sapo(), { loss_type: "sapo" }, seqMean),
  trl("vespo", Objective.vespo(), { loss_type: "vespo" }, Aggregate.tokenMean),
  trl("RLOOTrainer", surrogate({ ratio: "product" }), {}, seqSum, [NEAR, FAR], "rloo"),
  trl("GMPOTrainer", Objective.geometricMean(), { epsilon: 0.4 }, seqMean, [NEAR, FAR], "gmpo"),
  trl(
    "grpo, β 0.3",
    Objective.add(surrogate(), klInLoss({ beta: 0.3 })),
    { loss_type: "grpo", beta: 0.3, use_bias_correction_kl: false },
    seqMean
  ),
  trl("grpo, β 0.3, corrected", Objective.add(surrogate(), klInLoss({ beta: 0.3, corrected: true })), {
    loss_type: "grpo",
    beta: 0.3,
    use_bias_correction_kl: true
  }, seqMean),
  trl(
    "grpo, sequence, β 0.3, corrected",
    Objective.add(surrogate({ ratio: "sequence" }), klInLoss({ beta: 0.3, corrected: "sequence" })),
    { loss_type: "grpo", importance_sampling_level: "sequence", beta: 0.3, use_bias_correction_kl: true },
    seqMean
  )
]

const estimators: ReadonlyArray<readonly [theirs: string, ours: Kl.Estimator]> = [
  ["k1", "k1"],
  ["k1+", "k1-straight-through"],
  ["abs", "abs"],
  ["abs+", "abs-straight-through"],
  ["k2", "k2"],
  ["k3", "k3"],
  ["k3+", "k3-straight-through"]
]

const klEstimators = estimators.map(([theirs, estimator]): Comparison => ({
  what: `verl \`kl_penalty\` ${theirs}`,
  peer: { kind: "verl-kl", name: theirs, aggregation: "token-mean" },
  ours: klInLoss({ beta: 1, estimator, ...(estimator.startsWith("k3") ? { logRatioClamp: 20, clamp: 10 } : {}) }),
  aggregation: Aggregate.tokenMean,
  families: [NEAR, FAR, BEYOND]
}))

const modes: ReadonlyArray<Aggregate.Aggregation> = [
  Aggregate.tokenMean,
  Aggregate.tokenSum,
  Aggregate.seqMeanTokenMean,
  Aggregate.seqMeanTokenSum,
  Aggregate.seqMeanTokenSumNorm(COLUMNS, "verl")
]

const aggregations = modes.flatMap((mode) =>
  (["verl", "trl"] as const).map((variant): Comparison => ({
    what: `verl \`agg_loss\` ${mode._tag}, ${variant === "verl" ? "alone" : "as its trainer calls it"}`,
    peer: { kind: "verl-aggregation", aggregation: mode._tag, wholeBatch: variant === "trl" },
    ours: Objective.nll(),
    aggregation: Aggregate.withVariant(mode, variant),
    families: [NEAR, MASKED]
  }))
)

/** Where we differ on purpose, or they from each other: ours is what the name promises, theirs another thing of the same name. */
const apart: ReadonlyArray<Comparison> = [
  verl("gspo", surrogate({ ratio: "sequence", ...bounds }), clip, [NEAR], Aggregate.seqMeanTokenMean),
  verl("gspo", surrogate({ ratio: "sequence", ...bounds }), clip, [PER_TOKEN], Aggregate.seqMeanTokenMean),
  trl("GMPOTrainer", Objective.geometricMean(), { epsilon: 0.4 }, seqMean, [MASKED], "gmpo"),
  { ...trl("grpo", surrogate(), { loss_type: "grpo" }, Aggregate.seqMeanTokenMean, [MASKED]), what: "TRL `grpo`, variant `verl`" },
  trl("cispo, epsilon_high left out", Objective.cispo({ clipLow: null, clipHigh: 0.2 }), { loss_type: "cispo" }, Aggregate.tokenMean, [
    NEAR
  ]),
  trl(
    "grpo, sequence, β 0.3, corrected",
    Objective.add(surrogate({ ratio: "sequence" }), klInLoss({ beta: 0.3, corrected: true })),
    { loss_type: "grpo", importance_sampling_level: "sequence", beta: 0.3, use_bias_correction_kl: true },
    seqMean,
    [NEAR]
  )
]

interface Answer {
  readonly loss: number
  readonly gradient: ReadonlyArray<number>
}

const ours = ({ aggregation, ours: objective }: Comparison, given: Rectangle): Answer => {
  const plain = batchOf(given)
  const batch = Objective.readsSelection(objective) ? { ...plain, selected: Objective.select(objective, plain, 1) } : plain
  const weights = Aggregate.weights(aggregation, batch.offsets, batch.owner)
  const { derivative, loss } = Objective.evaluate(objective, batch, TWO_STAGE)
  return {
    loss: Aggregate.aggregate(weights, loss),
    gradient: Array.from(derivative, (slope, token) => (weights[token] === 0 ? 0 : slope * weights[token]!))
  }
}

/** A leaf by its name; a surrogate by its ratio too, a corrected penalty by what corrects it. */
const wordsOf = ({ leaf, name }: Objective.Part): string => {
  if (leaf._tag === "Surrogate") return `\`${name}\` (${leaf.ratio})`
  if (leaf._tag === "KlInLoss" && leaf.corrected !== false) {
    return `\`${name}\` (corrected by ${leaf.corrected === true ? "token" : "sequence"})`
  }
  return `\`${name}\``
}

const sections = { "Policy losses": policyLosses, "KL estimators": klEstimators, Aggregations: aggregations, "Apart on purpose": apart }
const comparisons = Object.values(sections).flat()
const rectangles: Array<Rectangle> = []
const runs = comparisons.flatMap((comparison) =>
  comparison.families.flatMap((family) =>
    Array.from({ length: BATCHES }, (_, index) => {
      const given = rectangle(family, index)
      rectangles.push(given)
      const peer = { ...comparison.peer, batch: rectangles.length - 1, tokenAdvantages: family.perToken === true }
      return { comparison, peer, given }
    })
  )
)

const script = fileURLToPath(new URL("peers/objectives_peer.py", import.meta.url))
const request = JSON.stringify({ batches: rectangles, cases: runs.map(({ peer }) => peer) })
const python = spawnSync(process.env["PYTHON"] ?? "python3", [script], { input: request, encoding: "utf8", maxBuffer: 1 << 28 })
if (python.status !== 0) {
  console.error(`verl and TRL do not run: ${python.error?.message ?? python.stderr.trim().split("\n").slice(-4).join("\n")}`)
  process.exitCode = 1
} else {
  const lines = python.stdout.trim().split("\n").filter((line) => line.startsWith("{"))
  const versions = JSON.parse(lines.at(-1)!) as Readonly<Record<string, string>>
  const answers = lines.slice(0, -1).map((line) => JSON.parse(line) as Answer)
  if (answers.length !== runs.length) throw new Error(`${answers.length} answers to ${runs.length} cases`)
  const relative = (mine: ReadonlyArray<number>, theirs: ReadonlyArray<number>): number => {
    const scale = Math.max(1, ...theirs.map(Math.abs))
    return Math.max(...mine.map((value, i) => Math.abs(value - theirs[i]!) / scale))
  }
  const worst = (comparison: Comparison) => {
    const found = runs.flatMap((run, i) => {
      if (run.comparison !== comparison) return []
      const [mine, theirs] = [ours(comparison, run.given), answers[i]!]
      return [{ loss: relative([mine.loss], [theirs.loss]), gradient: relative(mine.gradient, theirs.gradient) }]
    })
    const largest = (of: "loss" | "gradient") => {
      const values = found.map((each) => each[of])
      // A NaN on either side is a difference, not a number to be passed over.
      return values.some((value) => !Number.isFinite(value)) ? "not finite" : Math.max(...values).toExponential(1)
    }
    return [largest("loss"), largest("gradient")]
  }
  const shape = `${BATCHES} batches of ${ROWS} × ${COLUMNS} tokens a family`
  console.log(
    `verl ${versions["verl"]}, TRL ${versions["trl"]}, PyTorch ${versions["torch"]}, Python ${
      versions["python"]
    }, Node ${process.version}; ${shape}\n`
  )
  for (const [section, list] of Object.entries(sections)) {
    console.log(`## ${section}\n`)
    console.log(
      table(
        ["peer", "ours", "batches", "loss", "derivative"],
        list.map((each) => [
          each.what,
          [...Objective.parts(each.ours).map(wordsOf), `\`${each.aggregation._tag}\``].join(", "),
          each.families.map(({ name }) => name).join(", "),
          ...worst(each)
        ])
      )
    )
    console.log("")
  }
}
