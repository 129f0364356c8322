/**
 * Deliberate mistakes, one to a line of the theory: a flipped sign, a wrong operator, a dropped factor.
 *
 * Each must make one of its tests fail; a mistake that no test notices is a law that cannot fail. `original` occurs exactly once in
 * `file`. Every module of `src/theory` that computes something has at least one.
 */

/** A mistake, and the tests that have to notice it. */
export interface Mutation {
  readonly file: string
  readonly original: string
  readonly mutated: string
  readonly tests: ReadonlyArray<string>
}

const theory = (
  module: string,
  tests: ReadonlyArray<string>,
  changes: ReadonlyArray<readonly [original: string, mutated: string]>
): ReadonlyArray<Mutation> =>
  changes.map(([original, mutated]) => ({
    file: `src/theory/${module}.ts`,
    original,
    mutated,
    tests: tests.map((test) => `test/${test}.test.ts`)
  }))

export const MUTATIONS: ReadonlyArray<Mutation> = [
  ...theory("Accuracy", ["laws/Accuracy", "theory/Accuracy"], [
    ["return p * c + (1 - p) * (1 - w)\n", "return p * c + (1 - p) * w\n"],
    ["(c / stop) * ((1 - w) / stop)", "(c / stop) * ((1 + w) / stop)"],
    ["(c / stop) * ((1 - w) / stop)", "(c * (1 - w)) / (stop * stop)"],
    ["resampleGivenWrong >= 1", "resampleGivenWrong > 1"],
    ["(c + w - 1)", "(c - w - 1)"],
    ["reached *= 1 - stopProbability", "reached *= stopProbability"]
  ]),
  ...theory("Advantage", ["theory/Advantage"], [
    ["Math.abs(reward) > LARGEST_REWARD", "Number.isNaN(reward)"],
    ["if (size < needed) throw", "if (size < 0) throw"]
  ]),
  ...theory("advantage/GroupRelative", ["laws/Advantage"], [
    ["group.map((reward) => (reward - centre) / spread)", "group.map((reward) => (reward + centre) / spread)"],
    ["(total - reward) / (group.length - 1)", "(total - reward) / group.length"]
  ]),
  ...theory("advantage/Moments", ["laws/Advantage", "theory/Advantage"], [
    ["kind === \"sample\" ? values.length - 1 : values.length", "kind === \"sample\" ? values.length : values.length - 1"],
    ["high - low <= ROUNDING", "high - low <= 0 * ROUNDING"],
    ["const ROUNDING = 2 ** -48", "const ROUNDING = 2 ** -30"],
    ["isSafe ? 1 : 2 **", "isSafe || largest > 0 ? 1 : 2 **"]
  ]),
  ...theory("advantage/Baselines", ["theory/Advantage"], [
    ["reward - sum / tokens", "reward - sum / group.length"],
    ["reward - input.greedy![index]!", "reward + input.greedy![index]!"]
  ]),
  ...theory("advantage/Estimator", ["theory/Advantage"], [
    [
      "result.set(compute(rewards.slice(from, groups[group + 1]), from, group), from)",
      "result.set(compute(rewards.slice(from, groups[group + 1]), 0, group), from)"
    ]
  ]),
  ...theory("advantage/PassAtK", ["theory/Advantage"], [
    ["(group[best]! - second)", "group[best]!"],
    ["reward > group[at]!", "reward < group[at]!"]
  ]),
  ...theory("advantage/Reinforce", ["theory/Advantage"], [
    ["rewards.map((reward) => reward - centre)", "rewards.map((reward) => reward + centre)"]
  ]),
  ...theory("advantage/Rescaled", ["theory/Advantage"], [
    ["(alpha * (reward - centre)) / norm", "(reward - centre) / norm"],
    ["(reward - centre) / (centre + epsilon)", "(reward - centre) / (1 + epsilon)"]
  ]),
  ...theory("advantage/Whitened", ["theory/Advantage"], [
    ["(weights?.[index] ?? 1) * value", "value"],
    ["if (variant === \"verl\") return whitened(sum, input.lengths!)", ""],
    ["return group.map((reward) => reward - centre)", "return group"]
  ]),
  ...theory("advantage/Actions", ["theory/TokenAdvantage", "laws/TokenAdvantage"], [
    ["if (previous === decisionOwner) cycle++", "cycle++"],
    ["sums[action]! += values[token]!", "sums[action]! = values[token]!"]
  ]),
  ...theory("advantage/Gae", ["theory/TokenAdvantage", "laws/TokenAdvantage"], [
    ["discount * lambda * nextAdvantage", "discount * nextAdvantage"],
    ["discount * nextValue - values[step]!", "discount * nextValue + values[step]!"],
    ["actions.cycle[action + 1] === cycle + 1 ? gamma : 1", "gamma"],
    ["while (last >= offsets[sequence]! && owner[last] === NOT_OWNED) last--", ""]
  ]),
  ...theory("advantage/OptimalTokenBaseline", ["theory/TokenAdvantage", "laws/TokenAdvantage"], [
    ["1 - 2 * Math.exp(logProbs[token]!)", "1 - Math.exp(logProbs[token]!)"],
    ["numerator += returns[token]! * energy[token]!", "numerator += returns[token]!"],
    ["if (zeroTail && here.length === 1) continue", ""]
  ]),
  ...theory("advantage/TurnCredit", ["theory/TokenAdvantage", "laws/TokenAdvantage"], [
    ["(correct ? -settings.potential : 0)", "(correct ? settings.potential : 0)"],
    ["stops === correct ? settings.decision : 0", "stops !== correct ? settings.decision : 0"],
    ["(laterCycle > cycle ? gamma : 1) * later", "later"],
    ["      tally(sequence, -1)\n", ""],
    ["correct ? 2 : 1", "1"]
  ]),
  ...theory("Controllers", ["theory/Shaping"], [
    ["measured.kl / target - 1, -0.2), 0.2)", "measured.kl / target - 1, -0.2), 2)"],
    ["(error * measured.rollouts) / horizon", "error / horizon"],
    ["state.entropy <= target ? state.coefficient : 0", "state.coefficient"],
    ["Math.max(state.coefficient - delta, min)", "Math.max(state.coefficient + delta, min)"]
  ]),
  ...theory("DynamicSampling", ["theory/Shaping", "laws/GroupPush"], [
    [".filter((group) => !allEqual(", ".filter((group) => allEqual("],
    [".slice(0, Math.max(0, needed))", ""],
    ["- rarer ** groupSize", ""]
  ]),
  ...theory("Overlong", ["theory/Shaping"], [
    ["Math.max((free - length) / buffer, -1)", "(free - length) / buffer"],
    ["length <= free ? 0", "length < 0 ? 0"],
    ["const free = maxTokens - buffer", "const free = maxTokens"]
  ]),
  ...theory("correction/HighEntropy", ["theory/RolloutCorrection"], [
    ["quantile(owned.toSorted(), 1 - share)", "quantile(owned.toSorted(), share)"],
    ["entropies[token]! >= least", "entropies[token]! > least"]
  ]),
  ...theory("correction/ImportanceWeights", ["theory/RolloutCorrection"], [
    ["return Math.min(Math.max(ratio, low), high)", "return Math.max(ratio, low)"],
    ["ratio < low || ratio > high ? 0 : ratio", "ratio < low ? 0 : ratio"],
    ["weights.map((weight) => weight / mean)", "weights"],
    ["(sum * sum) / (count * squares)", "sum / squares"]
  ]),
  ...theory("correction/Ratios", ["theory/RolloutCorrection"], [
    ["logProb - samplerLogProbs[token]!", "samplerLogProbs[token]! - logProb"],
    ["Math.min(Math.max(logRatio, -BOUND), BOUND)", "logRatio"]
  ]),
  ...theory("correction/Rejection", ["theory/RolloutCorrection"], [
    ["estimator === \"k1\" ? -x", "estimator === \"k1\" ? x"],
    ["level === \"mean\" ? sum / values.length : sum", "sum"],
    ["advantages[sequence]! >= 0 || drift <= threshold", "drift <= threshold"],
    ["ratios[token]! >= Math.log(threshold)", "ratios[token]! >= threshold"]
  ]),
  ...theory("DecisionWeights", ["laws/TeachingDynamics"], [
    ["sampleCorrect: c * (1 - w), stopGivenCorrect", "sampleCorrect: c, stopGivenCorrect"],
    ["stopGivenCorrect: (1 - p) * (1 - w)", "stopGivenCorrect: 1 - p"],
    ["j === column ? y[LOGIT_NAMES[i]!] : entry", "i === column ? y[LOGIT_NAMES[i]!] : entry"]
  ]),
  ...theory("GroupPush", ["laws/GroupPush"], [
    ["* ((groupSize - 1) / groupSize))", ")"],
    ["if (estimator._tag === \"LeaveOneOut\") return groupSize / (groupSize - 1)", "if (estimator._tag === \"LeaveOneOut\") return 1"],
    ["estimator.std === \"sample\" ? groupSize - 1 : groupSize", "groupSize"],
    ["weight *= (k + 1) / (odds * (trials - k))", "weight *= k / (odds * (trials - k))"],
    ["contrast(estimator, k + 1, groupSize) / groupSize", "contrast(estimator, k + 1, groupSize) / (groupSize - 1)"]
  ]),
  ...theory("illustration/RungeKutta", ["laws/TeachingDynamics"], [
    ["[3 / 40, 9 / 40]", "[9 / 40, 3 / 40]"],
    ["-71 / 16695", "71 / 16695"],
    ["if (error <= tolerance) {", "if (true) {"]
  ]),
  ...theory("illustration/TeachingDynamics", ["laws/TeachingDynamics"], [
    ["-beta * visits[name] * (rates[name] - sigmoid(reference[name]))", "-beta * (rates[name] - sigmoid(reference[name]))"],
    ["(w - Math.exp(-w))", "(w + Math.exp(-w))"],
    ["net[name] / fisher[name]", "net[name] * fisher[name]"],
    ["2 * a * rest * odds", "a * rest * odds"],
    ["(right - wrong) / (beta * length)", "(right - wrong) / beta"],
    ["if (kl !== undefined) held = ", "if (kl === undefined) held = "],
    ["stateAt(times[index]!, vector, maxCycles))", "stateAt(index, vector, maxCycles))"]
  ]),
  ...theory("Aggregate", ["theory/Aggregate"], [
    ["return 1 / total.tokens", "return 1 / total.sequences"],
    ["return 1 / (counted(aggregation.variant, total) * length)", "return 1 / (total.rows * length)"],
    ["return 1 / (counted(aggregation.variant, total) * aggregation.length)", "return 1 / aggregation.length"],
    ["case \"token-sum\":\n      return 1\n", "case \"token-sum\":\n      return 1 / total.rows\n"],
    ["sequences: left.sequences + right.sequences", "sequences: left.sequences"],
    ["variant === \"verl\" ? total.sequences : total.rows", "variant === \"trl\" ? total.sequences : total.rows"]
  ]),
  ...theory("illustration/AppendixC", ["laws/AppendixC", "theory/illustration/AppendixC"], [
    ["lengths: { correct: 8, wrong: 8 }", "lengths: { correct: 9, wrong: 8 }"],
    ["advantage: 0.5,\n  gamma: 1", "advantage: -0.5,\n  gamma: 1"]
  ]),
  ...theory("Attribution", ["laws/Attribution", "theory/Attribution"], [
    [
      "largest.sampling * pair.decision - pair.sampling * largest.decision",
      "largest.sampling * pair.decision + pair.sampling * largest.decision"
    ],
    ["x.reduce((sum, value) => sum + (value - meanX) ** 2, 0)", "x.reduce((sum, value) => sum + value ** 2, 0)"],
    ["intercept: meanY - exponent * meanX", "intercept: meanY + exponent * meanX"],
    ["largest.sampling / size) * (pair.decision / magnitude(pair))", "largest.sampling / size) * pair.decision"],
    ["magnitude(pair) > DUST * size && ", ""],
    // The unit of comparison: scores of a token, in size, summed over cycles.
    ["total(cycles.map((cycle) => mean(cycle.sampling.map(size))))", "total(cycles.map((cycle) => total(cycle.sampling.map(size))))"],
    ["const size = (weight: number): number => Math.abs(weight / unit)", "const size = (weight: number): number => weight / unit"],
    ["meanSize(values) }))\n  return points.length", "Math.abs(mean(values)) }))\n  return points.length"],
    ["options.ratioBound ?? 2\n", "options.ratioBound ?? 2.05\n"],
    ["value < 1 / ratioBound ? \"decision\" : null", "value < 0 ? \"decision\" : null"],
    ["value > ratioBound ? \"sampling\"", "value > 1e9 ? \"sampling\""],
    ["if (largest === 0) {", "if (false) {"],
    ["decision[index]! / decisionTotal) ** 2", "1 / draws) ** 2"],
    ["options.level === \"action\" ? ", "options.level !== \"action\" ? "]
  ]),
  ...theory("Attribution", ["laws/Kl"], [
    ["Math.abs(pair.sampling - pair.decision) >", "Math.abs(pair.sampling + pair.decision) >"]
  ]),
  ...theory("BatchedRecursion", ["laws/BatchedRecursion", "theory/Kl"], [
    ["future *= gamma", "future *= 1"],
    [" && laterOwner !== decisionOwner", ""],
    ["-beta * (logProbs[token]! - ", "-beta * (logProbs[token]! + "],
    ["while (last > from && layout.owner[last] === NOT_OWNED) last--", ""],
    ["if (last >= from) terms", "terms"]
  ]),
  ...theory("CensoredRates", ["laws/CensoredRates"], [
    ["isCut && decision === \"STOP\" ? undefined : decision", "decision"],
    ["correct ? (decision === \"STOP\" ? \"correctStop\"", "correct ? (decision !== \"STOP\" ? \"correctStop\""],
    ["share(counts.wrongResample, counts.wrongStop)", "share(counts.wrongStop, counts.wrongResample)"],
    ["part + other === 0 ? null", "false ? null"],
    ["(stops ? 1 : finishing[used + tokens]!)\n    }\n  }\n  const [seen", "(stops ? 1 : 0)\n    }\n  }\n  const [seen"],
    ["if (used + tokens > maxTokens) continue", "if (used + tokens >= maxTokens) continue"],
    ["seen[kind] += reached\n      finished[kind] += ends", "seen[kind] += reached\n      finished[kind] += reached"],
    ["if (used === 0) {", "if (used >= 0) {"],
    ["truncated: 1 - finishing[0]!", "truncated: finishing[0]!"],
    ["share(finished.correctStop, finished.wrongStop)", "share(finished.correctStop, finished.wrongResample)"]
  ]),
  ...theory("ClippedRatio", ["laws/Surrogate", "theory/Objective"], [
    ["ratio > 1 + clipHigh", "ratio > 1 - clipHigh"],
    ["return { loss: -(1 - clipLow) * advantage, slope: 0 }", "return { loss: -(1 - clipLow) * advantage, slope: -advantage }"],
    ["advantage < 0 && dualClip !== null", "advantage > 0 && dualClip !== null"],
    ["Math.sign(logRatio) * clamp", "clamp"]
  ]),
  ...theory("ClippedRatio", ["theory/ClippedRatio"], [
    ["ratio > 1 + clipHigh", "ratio >= 1 + clipHigh"],
    ["ratio < 1 - clipLow", "ratio <= 1 - clipLow"],
    ["ratio > dualClip", "ratio >= dualClip"],
    ["Math.abs(logRatio) <= clamp", "Math.abs(logRatio) < clamp"],
    ["if (advantage === 0) return { loss: 0, slope: 0 }", ""],
    ["inside && slope !== 0 ? slope * ratio : 0", "inside ? slope * ratio : 0"],
    ["inside && slope !== 0 ? slope * ratio : 0", "slope * ratio"]
  ]),
  ...theory("Dft", ["laws/Dft"], [
    ["const { constant = 1 } = options", "const { constant = 0.9 } = options"],
    ["constant * (lengths[cycle]! - token)", "constant * (lengths[cycle]! + token)"],
    ["1 + gamma * (toCome[cycle + 1] ?? 0)", "1 + (toCome[cycle + 1] ?? 0)"],
    ["tokenLogProbs.map(() => constant)", "tokenLogProbs.map((logProb) => constant * Math.exp(logProb))"],
    ["attempt.tokenLogProbs.map(Math.exp)", "attempt.tokenLogProbs.map((logProb) => Math.exp(-logProb))"]
  ]),
  ...theory("illustration/Dynamics", ["laws/Dynamics", "theory/illustration/Dynamics"], [
    ["step % refreshEvery === 0", "step % refreshEvery === 1"],
    ["policy = addLogits(policy, net, learningRate)", "policy = addLogits(policy, net, -learningRate)"]
  ]),
  ...theory("Entropy", ["laws/Entropy"], [
    ["sum -= Math.exp(logProb) * logProb", "sum += Math.exp(logProb) * logProb"],
    ["if (logProb !== -Infinity) sum", "sum"],
    ["-Math.exp(logProb) * (logProb + total)", "-Math.exp(logProb) * (logProb - total)"],
    ["(logProb === -Infinity ? 0 : -Math.exp", "(false ? 0 : -Math.exp"]
  ]),
  ...theory("estimator/ScoredChain", ["laws/Estimator"], [
    ["(token === taken ? 1 : 0) - probability", "(token === taken ? 1 : 0) + probability"],
    ["score: decisionScore(answer, -stop) }", "score: decisionScore(answer, stop) }"],
    ["changed[column]! += slope * score[index]!", "changed[column]! = slope * score[index]!"],
    ["correct && decision === \"STOP\" ? 1 : 0", "decision === \"STOP\" ? 1 : 0"]
  ]),
  ...theory("estimator/ChainMoments", ["laws/Estimator"], [
    ["const rho = [r - less.sampling,", "const rho = [decision.term - less.sampling,"],
    ["squared * s[i]! + 2 * r * gs +", "squared * s[i]! + r * gs +"],
    ["dot(sk, later, vectors[l]) + dot(sl, later, vectors[k])", "2 * dot(sk, later, vectors[l])"],
    ["const g2 = gamma * gamma * later[at.gg]!", "const g2 = gamma * later[at.gg]!"],
    ["(rho[k] * rho[l] + (rho[k] + rho[l]) * g1 + g2)", "(rho[k] * rho[l] + rho[k] * g1 + g2)"],
    ["(1 - factor) * probability", "0 * probability"]
  ]),
  ...theory("Vectors", ["laws/Estimator"], [
    ["sum += a[i]! * b[i]!", "sum += a[i]! * a[i]!"]
  ]),
  ...theory("estimator/EstimatorMoments", ["laws/Estimator"], [
    ["(returnVariance * m.scoreScore[pair] + mean[pair]) / (n - 1)", "(returnVariance * m.scoreScore[pair] - mean[pair]) / (n - 1)"],
    ["gram[0] + 2 * gram[1] + gram[2]", "gram[0] + gram[1] + gram[2]"],
    ["- (b[k] + b[l]) * m.returnScoreScore[pair]", "- b[k] * m.returnScoreScore[pair]"],
    ["quotient(m.returnScoreScore[2], m.scoreScore[2])", "quotient(m.returnScoreScore[0], m.scoreScore[0])"],
    ["sampling: at(left)[state]!, decision", "sampling: 0, decision"],
    ["const next = at(left === Infinity ? left : left - 1)", "const next = at(left)"]
  ]),
  ...theory("estimator/GradientNoise", ["laws/Estimator"], [
    ["(whole - ofBlocks) / (1 - same)", "(whole - ofBlocks) * (1 - same)"],
    ["sum + (size / groups) ** 2", "sum + 1 / sizes.length ** 2"],
    ["covariance: whole - mean", "covariance: whole"]
  ]),
  ...theory("estimator/FisherMetric", ["laws/Estimator"], [
    ["for (const { score } of [sampling, decision]) {", "for (const { score } of [sampling]) {"],
    ["value -= columns[earlier]![pivot]! * y[earlier]!", "value += columns[earlier]![pivot]! * y[earlier]!"],
    ["const RANK_TOLERANCE = 1e-12", "const RANK_TOLERANCE = -1"],
    ["total[state]! += visits", "total[state]! = visits"]
  ]),
  ...theory("estimator/ThreeLogitFisher", ["laws/Estimator"], [
    ["stopGivenCorrect: (at.wrong * at.stopGivenWrong) / at.stop", "stopGivenCorrect: (at.wrong * at.resampleGivenWrong) / at.stop"],
    ["gradient[name] / fisher[name]", "gradient[name] * fisher[name]"],
    ["(at.correct * at.resampleGivenWrong) / at.stopGivenWrong", "at.resampleGivenWrong / at.stopGivenWrong"],
    [
      "stopGivenCorrect: cycles * at.correct * at.stopGivenCorrect * at.resampleGivenCorrect",
      "stopGivenCorrect: cycles * at.stopGivenCorrect * at.resampleGivenCorrect"
    ]
  ]),
  ...theory("Factorization", ["laws/Factorization"], [
    ["(sum, value) => sum + value, 0) + attempt.decisionLogProb", "(sum, value) => sum + value, 0) - attempt.decisionLogProb"],
    ["decision: parts.decision + gamma ** cycle * attempt.decisionLogProb", "decision: parts.decision + attempt.decisionLogProb"],
    ["if (owner !== NOT_OWNED) sums[owner]!", "if (owner !== NOT_OWNED) sums[0]!"],
    ["(owner[token] === index ? value : 0)", "(owner[token] !== index ? value : 0)"]
  ]),
  ...theory("Kl", ["laws/Kl"], [
    [
      "const x = referenceLogProb - logProb\n  switch (estimator) {\n    case \"k1\":\n    case \"k1-straight-through\":\n      return -x",
      "const x = logProb - referenceLogProb\n  switch (estimator) {\n    case \"k1\":\n    case \"k1-straight-through\":\n      return -x"
    ],
    ["return Math.expm1(x) - x", "return Math.expm1(x) + x"],
    ["return -Math.expm1(x)", "return Math.expm1(x)"],
    ["return x === 0 ? 0 : -Math.sign(x)", "return x === 0 ? 0 : Math.sign(x)"],
    ["weighed(-penalty.beta, value(", "weighed(penalty.beta, value("],
    ["if (ends[token] === 1) discount *= gamma", "discount *= gamma"]
  ]),
  ...theory("Kl", ["theory/Kl"], [
    ["if (owner[token] === NOT_OWNED) continue", ""]
  ]),
  ...theory("KlChoice", ["laws/KlTable"], [
    [": slope + value", ": slope - value"],
    ["estimator === \"k3\" ? logProb - referenceLogProb", "estimator === \"k3\" ? referenceLogProb - logProb"],
    ["* (weight - mean))", "* weight)"],
    ["* (ratio - total)", "* ratio"],
    [
      "\"2 reverse KL - forward KL\": plus(plus(reverse, 1, reverse), -1, forward)",
      "\"2 reverse KL - forward KL\": plus(plus(reverse, 1, reverse), 1, forward)"
    ]
  ]),
  ...theory("KlPenalty", ["laws/Kl"], [
    ["-options.beta * (logProb - reference)", "-options.beta * (logProb + reference)"],
    ["const gamma = discountOf(\"KlPenalty\", options)", "const gamma = 1 + 0 * discountOf(\"KlPenalty\", options)"]
  ]),
  ...theory("KlTable", ["laws/KlTable"], [
    ["(options[name].weight[decided] + future)", "options[name].weight[decided]"],
    [
      "future + options[name].weight[decided] + otherTokens * mean(sampling, sampling.weight)",
      "future + otherTokens * mean(sampling, sampling.weight)"
    ],
    ["(decision === \"STOP\") === correct ? 0 : 1", "decision === \"STOP\" ? 0 : 1"],
    ["cycles * (length + 1)", "cycles * length"],
    ["decisionShare: nothing ? null : decision / (sampling + decision)", "decisionShare: nothing ? null : sampling / (sampling + decision)"]
  ]),
  ...theory("LogSpace", ["theory/LogSpace"], [
    ["return largest + Math.log(sum)", "return largest - Math.log(sum)"],
    ["Math.log1p(Math.exp(-Math.abs(a - b)))", "Math.log1p(Math.exp(-Math.abs(a + b)))"],
    ["x > -Math.LN2 ? Math.log(-Math.expm1(x))", "x > -Math.LN2 ? Math.log(Math.expm1(x))"],
    ["Math.min(x, 0) - Math.log1p", "Math.min(x, 0) + Math.log1p"],
    ["(logP[index]! - logQ[index]!)", "(logP[index]! + logQ[index]!)"]
  ]),
  ...theory("NamedParts", ["laws/NamedParts"], [
    ["if (mine === current?.owner) {", "if (false) {"],
    ["let current: Action | undefined\n", "let current: Action | undefined = actions.at(-1)\n"],
    ["perAction: mean(actionTerms.map(Math.abs))", "perAction: Math.abs(mean(actionTerms))"],
    ["if (only !== undefined && second === undefined) return only", "if (only !== undefined) return only"],
    ["total === 0 ? 0 : sum / total", "total === 0 ? 0 : sum"]
  ]),
  ...theory("NegativeReinforcement", ["theory/NegativeReinforcement"], [
    ["settings.kind === \"psr\" ? 0 : -1", "settings.kind === \"psr\" ? 0 : 1"],
    ["settings.kind === \"nsr\" ? 0 : settings.lambda", "settings.kind === \"nsr\" ? 0 : 1"],
    ["(settings.kind === \"psr\") === (rewards[index] === 1)", "(settings.kind === \"psr\") === (rewards[index] === 0)"]
  ]),
  ...theory("ImmediateTerms", ["theory/ImmediateTerms", "laws/Kl"], [
    ["backward(immediate(trajectory, ...options), discount(...options))", "backward(immediate(trajectory, ...options), 1)"],
    ["forward(immediate(trajectory, ...options), discount(...options))", "forward(immediate(trajectory, ...options), 1)"],
    ["gamma >= 0 && gamma <= 1", "gamma >= 0"]
  ]),
  ...theory("Objective", ["theory/Objective"], [
    ["const times = (value: number) => objective.factor * value", "const times = (value: number) => -objective.factor * value"],
    ["(kept.has(batch.owner[token]!) ? value : 0)", "(kept.has(batch.owner[token]!) ? 0 : value)"]
  ]),
  ...theory("Objective", ["laws/Entropy"], [
    ["entropyDerivative: whole.entropyDerivative.map(change)", "entropyDerivative: whole.entropyDerivative"],
    ["sum.entropyDerivative[token]! += term.entropyDerivative[token]!", ""]
  ]),
  ...theory("objective/Custom", ["laws/Objectives"], [
    ["const term = leaf.evaluate({ logProb: batch.logProbs[token]!", "const term = leaf.evaluate({ logProb: -batch.logProbs[token]!"],
    ["algebra.multiply(algebra.constant(Float32Array.from(derivative)), frame.logProbs)", "frame.logProbs"],
    ["(term.entropyDerivative ?? 0) !== 0 && !leaf", "(term.entropyDerivative ?? 0) !== 0 && leaf"]
  ]),
  ...theory("objective/DynamicFineTuning", ["theory/Objective"], [
    [
      "return { loss: -probabilityFixed * batch.logProbs[token]!, derivative: -probabilityFixed }",
      "return { loss: -probabilityFixed * batch.logProbs[token]!, derivative: -probabilityFixed * (1 + batch.logProbs[token]!) }"
    ]
  ]),
  ...theory("objective/DynamicFineTuning", ["laws/Objectives"], [
    ["algebra.stopGradient(algebra.exp(logProbs))", "algebra.exp(logProbs)"]
  ]),
  ...theory("objective/EntropyBonus", ["laws/Entropy"], [
    ["loss: -coefficient * batch.entropies![token]!", "loss: coefficient * batch.entropies![token]!"],
    ["entropyDerivative: -coefficient\n", "entropyDerivative: coefficient\n"]
  ]),
  ...theory("objective/ImportanceSurrogate", ["theory/Objective"], [
    [
      "loss: -advantages[token]! * batch.logProbs[token]!,\n      derivative: -advantages[token]!",
      "loss: -advantages[token]! * batch.logProbs[token]!,\n      derivative: advantages[token]!"
    ],
    ["terms.reduce((sum, term) => sum + term.slope, 0) / tokens.length", "(terms[0]?.slope ?? 0)"],
    ["leaf.ratio === \"product\" ? total : total / tokens.length", "total"]
  ]),
  ...theory("objective/ImportanceSurrogate", ["model/loss/TensorObjective"], [
    ["algebra.minimum(logRatios, algebra.constant(ceilings.map((ceiling) => Math.log(ceiling) + 1)))", "logRatios"],
    ["if (advantage === 0) return 1", ""]
  ]),
  ...theory("objective/ImportanceSurrogate", ["laws/PolicyLosses"], [
    ["leaf.ratio === \"product\" ? total : total / tokens.length", "total / tokens.length"],
    ["terms[index]!.loss / (leaf.ratio === \"product\" ? tokens.length : 1)", "terms[index]!.loss"],
    ["leaf.ratio === \"sequence-token\" ? terms[index]!.slope : shared", "shared"],
    ["algebra.withDerivativeOf(means, frame.logProbs)", "means"],
    ["leaf.ratio === \"sequence\" ? cost : algebra.multiply(cost, shareOfRow(algebra, frame))", "cost"]
  ]),
  ...theory("objective/Cispo", ["laws/PolicyLosses"], [
    ["clipLow === null ? 0 : 1 - clipLow", "clipLow === null ? 0 : 1 + clipLow"],
    ["Math.min(Math.max(ratio, low), high)", "Math.max(ratio, low)"],
    ["algebra.clip(tokenRatio(algebra, frame, leaf.logRatioClamp), low, high)", "tokenRatio(algebra, frame, leaf.logRatioClamp)"]
  ]),
  ...theory("objective/GeometricMean", ["laws/PolicyLosses"], [
    [
      "if (advantage > 0) return [-Infinity, clipHigh ?? Infinity]",
      "if (advantage > 0) return [-(clipLow ?? Infinity), clipHigh ?? Infinity]"
    ],
    ["sum + x, 0) / tokens.length)", "sum + x, 0))"],
    ["clipped[index]!.moves && advantage", "advantage"],
    ["(a === 0 || frame.owned[i] === 0 ? 0 : 1)", "1"]
  ]),
  ...theory("objective/Sapo", ["laws/PolicyLosses"], [
    ["advantage > 0 ? leaf.temperaturePositive : leaf.temperatureNegative", "leaf.temperaturePositive"],
    ["4 * ratio * gate * rest", "4 * ratio * gate * gate"],
    ["(advantage) => 4 / temperatureOf(leaf, advantage)", "() => 4"]
  ]),
  ...theory("objective/Vespo", ["laws/PolicyLosses"], [
    ["advantage >= 0 ? leaf.kPositive : leaf.kNegative", "leaf.kPositive"],
    ["* logRatio - decayOf(leaf, advantage) * Math.expm1(logRatio)", "* logRatio - decayOf(leaf, advantage) * logRatio"],
    ["Math.min(Math.max(total, LOWEST), HIGHEST)", "total"],
    ["overRows(algebra, frame, tokens, \"sum\")", "overRows(algebra, frame, tokens, \"mean\")"]
  ]),
  ...theory("objective/Dppo", ["laws/PolicyLosses"], [
    ["p - before <= high : p - before >= -low", "p - before <= high : p - before <= -low"],
    ["|| p <= before", ""],
    ["distance <= low || p >= before", "distance <= high || p >= before"],
    ["(a) => (a > 0 ? 1 : -1)", "() => 1"],
    ["leaf.truncation ?? Infinity) * advantage", "Infinity) * advantage"]
  ]),
  ...theory("objective/Dro", ["laws/PolicyLosses"], [
    ["derivative: beta * x - advantage", "derivative: (beta / 2) * x - advantage"],
    ["beta / 2), reward)", "beta), reward)"]
  ]),
  ...theory("objective/ClipCov", ["laws/PolicyLosses"], [
    ["(batch.selected![token] === 1 ? 0 : value)", "(batch.selected![token] === 1 ? value : 0)"],
    ["algebra.subtract(1, frame.column(\"selected\"))", "frame.column(\"selected\")"]
  ]),
  ...theory("objective/KlCov", ["laws/PolicyLosses"], [
    ["gain + leash * Math.sign(x)", "gain + leash"],
    ["algebra.multiply(size, frame.column(\"selected\"))", "size"]
  ]),
  ...theory("Covariance", ["laws/PolicyLosses"], [
    ["* (batch.logProbs[token]! - meanLogProb)", "* batch.logProbs[token]!"],
    ["covariance[token]! < band.upper && !isClipped(token)", "covariance[token]! < band.upper"],
    ["ordered.slice(0, count).map(({ token }) => token)", "ordered.map(({ token }) => token)"],
    ["covariance[right]! - covariance[left]!", "covariance[left]! - covariance[right]!"],
    ["left.at - right.at || left.token - right.token", "left.token - right.token"],
    ["Math.max(1, Math.floor(fraction * count))", "Math.max(1, Math.ceil(fraction * count))"]
  ]),
  ...theory("objective/KlInLoss", ["laws/PolicyLosses"], [
    ["terms.reduce((sum, term) => sum + term.loss, 0) / tokens.length : 0", "terms.reduce((sum, term) => sum + term.loss, 0) : 0"],
    ["clampedRatio(total / tokens.length", "clampedRatio(total"],
    ["!Kl.isStraightThrough(leaf.estimator) && ", ""]
  ]),
  ...theory("objective/Leaf", ["laws/Objectives"], [
    ["return algebra.withDerivativeOf(algebra.multiply(whole, mask), whole)", "return algebra.multiply(whole, mask)"]
  ]),
  ...theory("objective/KlInLoss", ["theory/Objective"], [
    ["-x : slope + value", "-x : slope - value"],
    ["leaf.estimator === \"k3\" && !isConstant ? -x : slope", "slope"],
    ["weighed(leaf.beta, weighed(ratio, estimate.loss))", "leaf.beta * ratio * estimate.loss"]
  ]),
  ...theory("objective/KlInLoss", ["laws/Kl"], [
    ["derivative: weighed(leaf.beta, estimate.derivative)", "derivative: weighed(-leaf.beta, estimate.derivative)"]
  ]),
  ...theory("objective/KlInLoss", ["laws/Objectives"], [
    ["algebra.multiply(x, algebra.stopGradient(algebra.sign(x)))", "algebra.sign(x)"]
  ]),
  ...theory("objective/Leaf", ["theory/Objective"], [
    ["if (batch.owner[token] === NOT_OWNED) continue", ""],
    ["derivative[token] = scalar.derivative", "derivative[token] = -scalar.derivative"]
  ]),
  ...theory("objective/NegativeLogLikelihood", ["theory/Objective"], [
    ["({ loss: -batch.logProbs[token]!, derivative: -1 })", "({ loss: -batch.logProbs[token]!, derivative: 1 })"]
  ]),
  ...theory("OnPolicyDrift", ["laws/OnPolicyDrift"], [
    ["variance / (mean * mean)", "variance / mean"],
    ["probability * (x - mean) ** 2", "probability * x ** 2"],
    ["Math.expm1(-values.down) / Math.expm1", "Math.expm1(-values.up) / Math.expm1"],
    ["(Math.expm1(-x) / x + 1) / x", "Math.expm1(-x) / x + 1"],
    ["(Math.expm1(-x) / x + 1) / x", "1.01 * (Math.expm1(-x) / x + 1) / x"],
    ["(Math.expm1(-x) / x + 1) / x", "0.99 * (Math.expm1(-x) / x + 1) / x"],
    ["< 1e-4 ? 0.5 - x / 6", "< 1e-4 ? 0.5 + x / 6"],
    ["ups * values.up - (length - ups) * values.down", "ups * values.up + (length - ups) * values.down"],
    ["Math.log(length - ups + 1) - Math.log(ups)", "Math.log(length - ups) - Math.log(ups)"],
    ["total + probability * Math.abs(sum)", "total + probability * sum"],
    ["Math.abs(sum) > decision + 1e-12", "Math.abs(sum) > decision - 1e-12"],
    ["filter(([probability]) => probability > 0)", "filter(() => true)"]
  ]),
  ...theory("Partition", ["theory/TokenBatch"], [
    ["new Set(names).size !== names.length", "new Set(names).size === names.length"],
    ["if (index < 0) throw", "if (index <= 0) throw"]
  ]),
  ...theory("process/Process", ["laws/Process", "theory/process/ProcessEvaluate", "theory/process/ProcessValidation"], [
    ["prefix.length <= of.length", "prefix.length > of.length"],
    ["tokens.slice(0, position).join", "tokens.slice(0, position + 1).join"]
  ]),
  ...theory("process/ProcessBellman", ["laws/Process"], [
    ["term + gamma * nextValues[answer + 1]!", "term + gamma * nextValues[answer]!"],
    ["term + decided[answer]!", "term - decided[answer]!"]
  ]),
  ...theory("process/ProcessEnumeration", ["laws/Process"], [
    ["return gamma * resample * sampled", "return resample * sampled"],
    ["context === 0 ? 1 : 0", "context === 1 ? 1 : 0"]
  ]),
  ...theory("process/ProcessEvaluate", ["theory/process/ProcessEvaluate"], [
    ["[stop, q.resample[answer]!]", "[q.resample[answer]!, stop]"]
  ]),
  ...theory("process/ProcessGradient", ["laws/Process"], [
    ["(q.stop[answer]! - q.resample[answer]!)", "(q.stop[answer]! + q.resample[answer]!)"],
    ["value - probabilities[token]! * sum(taken)", "value + probabilities[token]! * sum(taken)"]
  ]),
  ...theory("process/ProcessLinearSolve", ["laws/Process"], [
    ["going[row + target]! += share", "going[row + target]! -= share"],
    ["y[state]! += y[other]! * going[other * n + state]!", "y[state]! -= y[other]! * going[other * n + state]!"]
  ]),
  ...theory("process/ProcessSolve", ["laws/Process"], [
    ["stop + (1 - gamma) * tables.resample[answer]!", "stop - (1 - gamma) * tables.resample[answer]!"],
    ["tables.resample[answer]! * terms.resample[answer]!", "tables.stop[answer]! * terms.resample[answer]!"]
  ]),
  ...theory("process/ProcessTables", ["laws/Process", "theory/process/ProcessEvaluate"], [
    ["-beta * (logProb - right[index]!)", "beta * (logProb - right[index]!)"],
    ["answer.correct ? 1 : 0", "answer.correct ? 0 : 1"]
  ]),
  ...theory("process/ProcessValidation", ["theory/process/ProcessValidation"], [
    ["if (holds(number)) return number", "return number"],
    ["const contexts = answers.length + 1", "const contexts = answers.length"]
  ]),
  ...theory("PropertyTable", ["laws/Attribution"], [
    ["likely: likely[cycle]! - q, unlikely: unlikely[cycle]! - q", "likely: likely[cycle]! - q, unlikely: likely[cycle]! - q"],
    ["mapLogProbs(trajectory, (logProb) => logProb / 2)", "mapLogProbs(trajectory, (logProb) => logProb)"]
  ]),
  ...theory("QTable", ["laws/Surrogate", "laws/Sft"], [
    ["immediate.decision[cycle]! + gamma * nextSampling", "immediate.decision[cycle]! - gamma * nextSampling"],
    ["next = term + next", "next = term + gamma * next"],
    [
      "sampling: q.sampling.map((value, cycle) => gamma ** cycle * value)",
      "sampling: q.sampling.map((value, cycle) => gamma ** (cycle + 1) * value)"
    ],
    ["term + gamma * (toCome[cycle + 1] ?? 0)", "term + (toCome[cycle + 1] ?? 0)"],
    ["tails[index]! += gamma * tails[index + 1]!", "tails[index]! += tails[index + 1]!"]
  ]),
  ...theory("ScoredTrajectory", ["theory/ScoredTrajectory"], [
    ["attempt.tokenLogProbs.length + 1, 0)", "attempt.tokenLogProbs.length, 0)"],
    ["stops !== last &&", "stops && !last &&"]
  ]),
  ...theory("Sft", ["laws/Sft"], [
    ["attempt.tokenLogProbs.map((logProb) => Math.exp(-logProb))", "attempt.tokenLogProbs.map((logProb) => Math.exp(logProb))"],
    ["Math.exp(-attempt.decisionLogProb)", "-Math.exp(-attempt.decisionLogProb)"],
    ["decision: trajectory.attempts.map(() => 1)", "decision: trajectory.attempts.map(() => -1)"],
    ["before = sampling - decisionLogProb", "before = sampling + decisionLogProb"],
    ["(total -= logProb)", "(total += logProb)"],
    ["const sampling = tokens.at(-1) ?? before", "const sampling = tokens[0] ?? before"],
    ["decision: before }", "decision: sampling }"]
  ]),
  ...theory("Shapley", ["laws/Shapley", "theory/Shapley"], [
    ["share *= k / (players - k)", "share *= k / (players + k)"],
    ["(worth[bits | (1 << player)]! - worth[bits]!)", "(worth[bits | (1 << player)]! + worth[bits]!)"]
  ]),
  ...theory("Surrogate", ["laws/Surrogate"], [
    ["cycle === last ? options.advantage : 0", "options.advantage"],
    ["gamma ** (last - cycle) * options.advantage", "gamma ** cycle * options.advantage"]
  ]),
  ...theory("TheoryError", ["theory/TokenBatch", "theory/QTable"], [
    ["if (value > 0) throw", "if (value < 0) throw"],
    ["if (!Number.isFinite(value)) throw", "if (Number.isFinite(value)) throw"],
    ["if (!holds) throw", "if (holds) throw"]
  ]),
  ...theory("illustration/ThreeLogit", ["laws/ThreeLogit", "theory/illustration/ThreeLogit"], [
    [
      "const stop = correct * stopGivenCorrect + wrong * stopGivenWrong",
      "const stop = correct * stopGivenCorrect - wrong * stopGivenWrong"
    ],
    ["const sampling = (-beta * samplingKl) / stop", "const sampling = (beta * samplingKl) / stop"]
  ]),
  ...theory("illustration/ThreeLogitChain", ["laws/AppendixC", "theory/illustration/ThreeLogitChain"], [
    [
      "taken ? sigmoid(-logits[parameter]) : -sigmoid(logits[parameter])",
      "taken ? sigmoid(-logits[parameter]) : sigmoid(logits[parameter])"
    ],
    ["tables.gamma ** index * q * score", "tables.gamma ** index * immediate * score"]
  ]),
  ...theory("illustration/ThreeLogitFeedback", ["laws/ThreeLogitFeedback", "theory/illustration/ThreeLogitFeedback"], [
    ["(rewards.correct - rewards.wrong) * gradient[name]", "(rewards.correct + rewards.wrong) * gradient[name]"],
    ["sampleCorrect: -mirrored.sampleCorrect", "sampleCorrect: mirrored.sampleCorrect"],
    ["(demonstrations[name] - sigmoid(policy[name]))", "(demonstrations[name] + sigmoid(policy[name]))"],
    ["(2 * demonstrations[name] - 1) * ", "(demonstrations[name] - 1) * "]
  ]),
  ...theory("illustration/ThreeLogitGradient", ["laws/ThreeLogit", "theory/illustration/ThreeLogitGradient"], [
    ["(lengths.correct * ratio.taken - lengths.wrong * ratio.other)", "(lengths.correct * ratio.taken + lengths.wrong * ratio.other)"],
    ["stopGivenCorrect: -stopWeight * newCycle", "stopGivenCorrect: stopWeight * newCycle"]
  ]),
  ...theory("TokenBatch", ["theory/TokenBatch"], [
    ["owner[token] === NOT_OWNED ? 0 : value", "value"],
    ["offsets[index]! < offsets[index - 1]!", "offsets[index]! > offsets[index - 1]!"],
    ["if (keep[sequence] === 0)", "if (keep[sequence] !== 0)"],
    ["if (value < 0) throw", "if (value > 0) throw"]
  ]),
  ...theory("WorkedPartitions", ["laws/NamedParts"], [
    ["offsets[index]! + row.length", "offsets[index]! + row.length - 1"],
    ["{ name: \"verify\", tokens: verify }", "{ name: \"verify\", tokens: plan }"],
    ["`digit ${position + 1}`), \"decision\"]", "`digit ${position + 1}`)]"]
  ])
]
