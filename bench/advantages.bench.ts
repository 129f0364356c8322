/**
 * Our advantages, corrections, masks and controllers beside verl's and TRL's own functions, on random batches: the largest difference of each.
 *
 *     PYTHON=path/to/python npm run bench -- advantages
 *
 * PYTHON (default `python3`) must have `verl==0.9.1`, `trl==1.16.0`, torch, transformers and tensordict; it needs no GPU.
 */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { draws } from "../src/domain/Seed.ts"
import {
  Advantage,
  Controllers,
  Kl,
  NOT_OWNED,
  Overlong,
  repeatOnTokens,
  RolloutCorrection,
  SAMPLING,
  TokenAdvantage
} from "../src/theory/index.ts"
import { table } from "./Timing.ts"

const BATCHES = 40
const COLUMNS = 12

/** What both sides are given: `rows` responses of at most `columns` tokens, matrices row by row. */
interface Given {
  readonly rows: number
  readonly columns: number
  readonly groupSize: number
  readonly isPrefix: boolean
  readonly uid: ReadonlyArray<number>
  readonly mask: ReadonlyArray<number>
  readonly outcomes: ReadonlyArray<number>
  readonly componentA: ReadonlyArray<number>
  readonly componentB: ReadonlyArray<number>
  readonly outcomeRewards: ReadonlyArray<number>
  readonly tokenRewards: ReadonlyArray<number>
  readonly values: ReadonlyArray<number>
  readonly logProbs: ReadonlyArray<number>
  readonly referenceLogProbs: ReadonlyArray<number>
  readonly samplerLogProbs: ReadonlyArray<number>
  readonly sumSquares: ReadonlyArray<number>
  readonly importance: ReadonlyArray<number>
  readonly entropies: ReadonlyArray<number>
  readonly greedy: ReadonlyArray<number>
  readonly greedyByRow: ReadonlyArray<number>
  readonly klPath: ReadonlyArray<number>
  readonly entropyPath: ReadonlyArray<number>
  readonly buffer: number
}

/** Batches differ in the size of groups (1 to 5), in rewards (0/1 and graded) and in whether tokens inside responses are somebody else's. */
const batch = (seed: number): Given => {
  const stream = draws(seed)
  const groupSize = 1 + (seed % 5)
  const rows = 4 * groupSize
  const isPrefix = seed % 2 === 0
  const between = (low: number, high: number) => low + (high - low) * stream.uniform()
  const many = (count: number, draw: () => number) => Array.from({ length: count }, draw)
  const reward = () => (seed % 3 === 0 ? between(-1, 2) : stream.integer(0, 1))
  const cells = rows * COLUMNS
  const lengths = many(rows, () => stream.integer(1, COLUMNS))
  const mask = lengths.flatMap((length) =>
    Array.from({ length: COLUMNS }, (_, t) => (t < length && (isPrefix || t === 0 || t === length - 1 || stream.uniform() < 0.7) ? 1 : 0))
  )
  const outcomes = many(rows, reward)
  const atEnd = (values: ReadonlyArray<number>) =>
    values.flatMap((value, row) => Array.from({ length: COLUMNS }, (_, t) => (t === lengths[row]! - 1 ? value : 0)))
  const outcomeRewards = atEnd(outcomes)
  const logProbs = many(cells, () => between(-3, -0.01))
  const greedy = many(4, reward)
  return {
    rows,
    columns: COLUMNS,
    groupSize,
    isPrefix,
    uid: Array.from({ length: rows }, (_, row) => Math.floor(row / groupSize)),
    mask,
    outcomes,
    componentA: many(rows, () => stream.integer(0, 1)),
    componentB: many(rows, () => between(-5, 5)),
    outcomeRewards,
    tokenRewards: outcomeRewards.map((value, token) => (mask[token] === 1 ? value + between(-0.3, 0.3) : 0)),
    values: many(cells, () => between(-1, 1)),
    logProbs,
    referenceLogProbs: logProbs.map((value) => Math.min(value + between(-0.5, 0.5), -0.001)),
    samplerLogProbs: logProbs.map((value) => Math.min(value + between(-0.4, 0.4), -0.001)),
    sumSquares: logProbs.map((value) => between(Math.exp(2 * value), 1)),
    importance: many(cells, () => between(0.2, 2)),
    // TRL takes their quantile in single precision.
    entropies: many(cells, () => Math.fround(between(0, 2))),
    greedy,
    greedyByRow: Array.from({ length: rows }, (_, row) => greedy[Math.floor(row / groupSize)]!),
    klPath: many(10, () => between(-0.1, 0.4)),
    entropyPath: many(10, () => between(0, 0.4)),
    buffer: 5
  }
}

/** Our values under the names that the peer gives its own; [rows], or [rows · columns] with 0 where the mask is 0. */
const ours = (given: Given): ReadonlyMap<string, ArrayLike<number>> => {
  const { columns, groupSize, rows } = given
  const offsets = Int32Array.from({ length: rows + 1 }, (_, row) => row * columns)
  const groups = Int32Array.from({ length: rows / groupSize + 1 }, (_, group) => group * groupSize)
  const owner = Uint8Array.from(given.mask, (mark) => (mark === 1 ? SAMPLING : NOT_OWNED))
  const layout = { offsets, owner }
  const lengths = Array.from({ length: rows }, (_, row) => given.mask.slice(row * columns, (row + 1) * columns).reduce((a, b) => a + b, 0))
  const column = (values: ReadonlyArray<number>) => Float64Array.from(values)
  const rewards = column(given.outcomes)
  const found = new Map<string, ArrayLike<number>>()
  const masked = (values: Float64Array) => values.map((value, token) => value * given.mask[token]!)
  const onTokens = (values: Float64Array) => masked(repeatOnTokens(values, offsets))
  const by = (estimator: Advantage.Estimator, more: Advantage.Columns = {}, from: Float64Array = rewards) =>
    Advantage.advantages(estimator, from, groups, { lengths, greedy: given.greedy, ...more })
  const verl = (name: string, estimator: Advantage.Estimator, more: Advantage.Columns = {}, from: Float64Array = rewards) =>
    found.set(`verl ${name}`, onTokens(by(estimator, more, from)))
  const tokenRewards = column(given.tokenRewards)
  for (const [gamma, lambda] of [[1, 1], [0.9, 0.8]] as const) {
    const { advantages, returns } = TokenAdvantage.gae(layout, tokenRewards, column(given.values), { gamma, lambda })
    const name = `γ=${gamma.toFixed(1)} λ=${lambda.toFixed(1)}`
    found.set(`verl gae ${name}`, TokenAdvantage.whiten(advantages, owner))
    found.set(`verl gae returns ${name}`, returns)
  }
  const { estimator: grpo } = Advantage.GRPO_VERL
  verl("grpo", grpo)
  verl("grpo_vectorized", grpo)
  verl("grpo without std", Advantage.groupRelative({ scale: "none", single: "reward" }))
  verl("rloo", Advantage.RLOO_VERL.estimator)
  verl("rloo_vectorized", Advantage.rloo({ single: "zero" }))
  verl("opo", Advantage.OPO.estimator)
  verl("reinforce_plus_plus_baseline", Advantage.REINFORCE_PLUS_PLUS_BASELINE.estimator)
  verl("gpg", Advantage.GPG.estimator)
  verl("remax", Advantage.REMAX.estimator)
  verl("gdpo of one reward", Advantage.gdpo())
  const components = [column(given.componentA), column(given.componentB)]
  verl("gdpo of two rewards", Advantage.gdpo({ weights: [2, 0.5] }), { components })
  for (const gamma of [1, 0.9]) {
    found.set(`verl reinforce_plus_plus γ=${gamma.toFixed(1)}`, TokenAdvantage.reinforcePlusPlus(layout, tokenRewards, { gamma }))
  }
  if (groupSize > 1) {
    verl("grpo_passk", Advantage.GRPO_PASSK.estimator)
    verl("grpo_passk without std", Advantage.passAtK({ scale: "none" }))
  }
  const [logProbs, referenceLogProbs, samplerLogProbs] = [given.logProbs, given.referenceLogProbs, given.samplerLogProbs].map(column) as [
    Float64Array,
    Float64Array,
    Float64Array
  ]
  const baseline = { offsets, owner, rewards: tokenRewards, logProbs, sumSquares: column(given.sumSquares) }
  for (const tail of ["", ", weighted"]) {
    const input = tail === "" ? baseline : { ...baseline, weights: column(given.importance) }
    const values = TokenAdvantage.optimalTokenBaseline(input, groups)
    if (given.isPrefix) found.set(`verl optimal_token_baseline${tail}`, values)
    found.set(`verl tir_optimal_token_baseline${tail}`, values)
  }
  const scored = { offsets, owner, logProbs, referenceLogProbs }
  for (const estimator of ["k1", "k2", "k3"] as const) {
    const penalty = Kl.inReward({ beta: 0.3, estimator, placement: "verl" })
    verl(`grpo after ${estimator} in the reward`, grpo, {}, Kl.penalisedRewards(penalty, scored, rewards))
    const perToken = Kl.tokenRewards(penalty, scored).map((value, token) => value + given.outcomeRewards[token]!)
    found.set(`verl reinforce_plus_plus after ${estimator} in the reward`, TokenAdvantage.reinforcePlusPlus(layout, perToken))
  }
  const controller = Controllers.adaptiveKl()
  let beta = 0.001
  found.set(
    "verl AdaptiveKLController",
    given.klPath.map((kl) => (beta = Controllers.nextKlCoefficient(controller, beta, { kl, rollouts: 256 })))
  )
  const k1 = logProbs.map((value, token) => (value - referenceLogProbs[token]!) * given.mask[token]!)
  const perRow = lengths.map((length, row) => k1.slice(row * columns, (row + 1) * columns).reduce((a, b) => a + b, 0) / length)
  const kl = perRow.reduce((a, b) => a + b, 0) / rows
  found.set("verl AdaptiveKLController after a batch", [Controllers.nextKlCoefficient(controller, 0.001, { kl, rollouts: rows })])
  const policies = { offsets, owner, logProbs, samplerLogProbs }
  for (const level of ["token", "sequence"] as const) {
    for (const [kind, low] of [["TIS", null], ["IcePop", 0.5]] as const) {
      for (const normalize of [false, true]) {
        const settings = RolloutCorrection.importanceWeights({ level, mode: kind === "TIS" ? "truncate" : "mask", low, high: 2, normalize })
        found.set(
          `verl rollout_is ${level} ${kind}${normalize ? " normalised" : ""}`,
          RolloutCorrection.weightsOf(settings, policies)
        )
      }
    }
    for (const mode of ["truncate", "mask"] as const) {
      for (const low of [null, 0.5]) {
        const settings = RolloutCorrection.importanceWeights({ level, mode, low, high: 3 })
        const name = `TRL importance sampling ${level}_${mode}${low === null ? "" : ", clip_min 0.5"}`
        found.set(name, RolloutCorrection.weightsOf(settings, policies))
      }
    }
  }
  const names = { token: "token", sum: "seq_sum", mean: "seq_mean", max: "seq_max" }
  for (const level of ["token", "sum", "mean", "max"] as const) {
    for (const estimator of ["k1", "k2", "k3"] as const) {
      if (level === "max" && estimator === "k1") continue
      const bounds = estimator === "k1" ? { low: 0.6, high: 1.5 } : { high: 0.1 }
      const criterion = RolloutCorrection.rejection({ estimator, level, ...bounds })
      found.set(`verl rollout_rs ${names[level]}_${estimator}`, RolloutCorrection.kept([criterion], policies))
    }
  }
  found.set("verl DAPO overlong", Overlong.punishments(Overlong.overlong({ buffer: given.buffer, factor: 0.7 }), lengths, columns))
  found.set("TRL soft overlong punishment", Overlong.punishments(Overlong.overlong({ buffer: given.buffer }), lengths, columns))
  if (groupSize > 1) {
    for (const scale of ["group", "batch", "none"] as const) {
      found.set(`TRL GRPO scale_rewards=${scale}`, by(Advantage.groupRelative({ scale, epsilon: 1e-4 })))
    }
    found.set("TRL GRPO normalize_then_sum", by(Advantage.gdpo({ variant: "trl", weights: [2, 0.5] }), { components }))
    found.set("TRL RLOO", by(Advantage.RLOO.estimator))
    const penalty = Kl.inReward({ beta: 0.05, placement: "trl" })
    found.set("TRL RLOO with KL", by(Advantage.RLOO.estimator, {}, Kl.penalisedRewards(penalty, scored, rewards)))
  }
  found.set("TRL off_policy_mask", RolloutCorrection.offPolicyKept(0.05, rewards.map((reward) => reward - 0.5), policies))
  for (const share of [0.2, 0.5]) {
    found.set(`TRL top_entropy_quantile=${share}`, RolloutCorrection.highEntropyKept(share, column(given.entropies), owner))
  }
  const bonus = Controllers.adaptiveEntropy({ max: 0.02 })
  let state: Controllers.EntropyState = { coefficient: 0.01, entropy: Infinity }
  found.set(
    "TRL adaptive entropy",
    given.entropyPath.flatMap((entropy) => {
      const inForce = Controllers.entropyCoefficient(bonus, state)
      state = Controllers.nextEntropyState(bonus, state, entropy)
      return [inForce, state.coefficient]
    })
  )
  return found
}

const batches = Array.from({ length: BATCHES }, (_, seed) => batch(seed))
const script = fileURLToPath(new URL("peers/advantages_peer.py", import.meta.url))
const run = spawnSync(process.env["PYTHON"] ?? "python3", [script], {
  input: batches.map((each) => JSON.stringify(each)).join("\n") + "\n",
  encoding: "utf8",
  maxBuffer: 1 << 28
})
if (run.status !== 0) {
  console.log(`The peers are left out: ${run.stderr?.trim().split("\n").slice(-3).join(" / ") || run.error?.message}`)
  process.exitCode = 1
} else {
  const lines = run.stdout.trim().split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as unknown)
  const theirs = lines.slice(0, -1) as ReadonlyArray<Readonly<Record<string, ReadonlyArray<number>>>>
  const last = lines.at(-1) as { readonly registered: ReadonlyArray<string>; readonly versions: Readonly<Record<string, string>> }
  console.log(Object.entries(last.versions).map(([name, version]) => `${name} ${version}`).join(", "))
  console.log(`registered advantage estimators: ${last.registered.join(", ")}`)
  const rows = new Map<string, { batches: number; numbers: number; largest: number; size: number }>()
  const missing = new Set<string>()
  batches.forEach((each, i) => {
    const found = ours(each)
    for (const name of new Set([...found.keys(), ...Object.keys(theirs[i]!)])) {
      const [own, peer] = [found.get(name), theirs[i]![name]]
      if (own === undefined || peer === undefined || own.length !== peer.length) {
        missing.add(`${name} (ours ${own?.length ?? "none"}, theirs ${peer?.length ?? "none"})`)
        continue
      }
      const row = rows.get(name) ?? { batches: 0, numbers: 0, largest: 0, size: 0 }
      row.batches++
      row.numbers += peer.length
      peer.forEach((value, at) => {
        row.largest = Math.max(row.largest, Math.abs(value - own[at]!))
        row.size = Math.max(row.size, Math.abs(value))
      })
      rows.set(name, row)
    }
  })
  for (const each of missing) console.log(`without a counterpart: ${each}`)
  console.log(
    table(
      ["what", "batches", "numbers", "largest value", "largest difference"],
      [...rows].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([name, row]) => [
        name,
        String(row.batches),
        String(row.numbers),
        row.size.toPrecision(3),
        row.largest === 0 ? "0" : row.largest.toExponential(1)
      ])
    )
  )
}
