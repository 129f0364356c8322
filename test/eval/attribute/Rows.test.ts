import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { startAttribution } from "../../../src/eval/attribute/Accumulate.ts"
import { type AttributionRow, readAttributionRow, readAttributionRows } from "../../../src/eval/attribute/AttributionInput.ts"
import type { ObjectiveReport } from "../../../src/eval/attribute/AttributionReport.ts"
import { processorMs } from "../../support/ProcessorTime.ts"

const STOP = [{ kind: "sample", start: 0, end: 2 }, { kind: "decision", start: 2, end: 3, action: "STOP" }]
const row = { logprobs: [-0.1, -0.2, -0.3], advantage: 1, spans: STOP }

const read = (value: unknown): AttributionRow => Result.getOrThrow(readAttributionRow(JSON.stringify(value), "line 1"))
const reason = (line: string): string => Result.getOrThrow(Result.flip(readAttributionRow(line, "line 1")))
const refusal = (value: unknown): string => reason(JSON.stringify(value))
const pieces = ({ spans }: AttributionRow) => spans.map((span) => [span.kind === "sample" ? "sample" : span.action, span.start, span.end])
const report = (...rows: ReadonlyArray<unknown>) => {
  const accumulator = startAttribution({ gamma: 1, beta: 1, constant: 1 })
  for (const each of rows) accumulator.add(read(each))
  return accumulator.report()
}
const objective = (name: string, ...rows: ReadonlyArray<unknown>): ObjectiveReport =>
  report(...rows).objectives.find((each) => each.name === name)!

const one = (length: number, advantage: number, old?: number) => ({
  logprobs: Array.from({ length: length + 1 }, () => -0.1),
  ...(old === undefined ? {} : { old_logprobs: Array.from({ length: length + 1 }, () => old) }),
  advantage,
  spans: [{ kind: "sample", start: 0, end: length }, { kind: "decision", start: length, end: length + 1, action: "STOP" }]
})

const TEXTS = ["The answer", " is 418", ".", " Wait", ",", " 34 * 12 = 408", ". The answer", " is 408", "."]
const LOGPROBS = [-0.1, -0.2, -0.3, -0.4, -0.1, -0.2, -0.1, -0.2, -0.05]
const SPANS = [["sample", 0, 2], ["RESAMPLE", 2, 5], ["sample", 5, 8], ["STOP", 8, 9]]

describe("log-probabilities that are none", () => {
  it.each<readonly [value: string, message: RegExp]>([
    ["-9999.0", /^logprobs\[1\] is -9999, which stands for −∞/],
    ["-1e30", /^logprobs\[1\] is -1e\+30, which stands for −∞/],
    ["-1000", /^logprobs\[1\] is -1000, which stands for −∞/],
    ["-Infinity", /^logprobs\[1\] is -Infinity: no finite/],
    ["NaN", /^logprobs\[1\] is NaN, no number/],
    ["null", /^logprobs\[1\] is null, but the token is in a span/],
    ["\"-0.1\"", /^logprobs\[1\] is "-0\.1", but the token is in a span/],
    ["2.5", /^logprobs\[1\] is 2\.5, above 0; a log-probability is at most 0/]
  ])("%s is refused by the token and the field", (value, message) => {
    expect(reason(JSON.stringify(row).replace("-0.2", value))).toMatch(message)
    const other = JSON.stringify({ ...row, ref_logprobs: [-0.1, -0.7, -0.1] }).replace("-0.7", value)
    expect(reason(other)).toMatch(new RegExp(message.source.replace("logprobs", "ref_logprobs")))
  })

  it("probabilities are refused with a hint; rounding above 0, zeros and -999 are log-probabilities", () => {
    expect(refusal({ ...row, logprobs: [0.9, 0.8, 1] })).toMatch(/look like probabilities; give their natural logarithms/)
    for (const value of [0, 1e-7, -999]) expect(read({ ...row, logprobs: [-1, value, -1] }).batch.logProbs[1]).toBe(Math.min(0, value))
  })

  it("outside the spans nothing is looked at, and a bare NaN of another field loses no row", () => {
    const spans = [{ kind: "decision", start: 1, end: 2, action: "STOP" }]
    const line = `{"kl": NaN, "note": "a \\" NaN", "logprobs": [-Infinity, -1, -9999], "spans": ${JSON.stringify(spans)}}`
    expect(Result.getOrThrow(readAttributionRow(line, "line 1")).batch.logProbs).toEqual(Float64Array.of(NaN, -1, NaN))
  })

  it("a line of a megabyte that is no JSON is refused at once", () => {
    for (const text of ["[NaN,", "\\\"", "\"", "-Infinity "]) {
      const started = processorMs()
      expect(reason(text.repeat(1e6 / text.length))).toMatch(/^not JSON/)
      expect(processorMs() - started).toBeLessThan(1000)
    }
  })
})

describe("advantages", () => {
  it("one a token is read where it is one number on the tokens that somebody chose", () => {
    expect(read({ ...row, advantage: [0.5, 0.5, 0.5] }).advantage).toBe(0.5)
    expect(
      read({
        ...row,
        logprobs: [null, ...row.logprobs],
        advantage: undefined,
        advantages: [0, 2, 2, 2],
        spans: [{ kind: "decision", start: 1, end: 4, action: "STOP" }]
      }).advantage
    ).toBe(2)
    expect(refusal({ ...row, advantage: [1, 1, 2] })).toMatch(/differs from token to token \(1 at 0, 2 at 2\)/)
    expect(refusal({ ...row, advantage: [1, null, 1] })).toMatch(/advantage\[1\] is null/)
    expect(refusal({ ...row, advantage: [1, 1] })).toMatch(/2 entries for 3 tokens/)
    expect(reason(JSON.stringify(row).replace("\"advantage\":1", "\"advantage\":NaN"))).toMatch(
      /"advantage" is NaN, expected a finite number/
    )
  })

  it("that are zero everywhere give shares that are undefined, and the verdict that there is nothing to attribute", () => {
    for (const name of ["surrogate", "surrogate-clipped"]) {
      const { scoreWeights, undefinedBecause, verdict } = objective(name, one(2, 0, -0.1), one(8, 0, -0.1))
      expect([scoreWeights!.decisionShare, undefinedBecause]).toEqual([null, undefined])
      expect(verdict).toMatchObject({
        verdict: "none",
        towards: null,
        weightRatio: null,
        evidence: ["All advantages are 0: nothing to attribute"]
      })
    }
    expect(objective("sft", one(2, 0), one(8, 0)).verdict).toMatchObject({ verdict: "unbalanced", towards: "sampling" })
    expect(objective("surrogate", one(2, 0), one(8, 1)).verdict!.verdict).toBe("balanced")
  })
})

describe("the surrogate and its clipped loss", () => {
  const shares = ({ aggregation, scoreWeights }: ObjectiveReport) => [
    scoreWeights!.decisionShare,
    aggregation.find(({ mode }) => mode === "seq-mean-token-mean")!.decisionShare
  ]

  it("weigh two rollouts of 2 + 1 and 8 + 1 tokens by tokens: 2/12 and (1/3 + 1/9)/2, and have equal verdicts at ratio 1", () => {
    const rows = [one(2, 1, -0.1), one(8, -1, -0.1)]
    for (const name of ["surrogate", "surrogate-clipped"]) {
      const [whole, mean] = shares(objective(name, ...rows))
      expect(whole).toBeCloseTo(2 / 12, 12)
      expect(mean).toBeCloseTo((1 / 3 + 1 / 9) / 2, 12)
    }
    const [plain, clipped] = ["surrogate", "surrogate-clipped"].map((name) => objective(name, ...rows))
    expect(clipped!.verdict).toEqual(plain!.verdict)
    expect(clipped!.immediate).toEqual(plain!.immediate)
  })

  it("beyond the clip a token of a positive advantage weighs 0, one of a negative e^0.5 times it", () => {
    const [up, down] = [objective("surrogate-clipped", one(2, 1, -0.6)), objective("surrogate-clipped", one(2, -1, -0.6))]
    expect(up.scoreWeights!.sampling.total).toBe(0)
    expect(down.scoreWeights!.sampling.total).toBeCloseTo(-2 * Math.exp(0.5), 12)
    expect(up.undefinedBecause).toBe(undefined)
  })

  it("ratios that scatter around 1 do not make the clipped loss unbalanced", () => {
    const noisy = [2, 5, 11, 23].map((length) => {
      const plain = one(length, 1)
      return { ...plain, old_logprobs: plain.logprobs.map((value, i) => value - 0.002 * length * (i % 2)) }
    })
    expect(objective("surrogate-clipped", ...noisy).verdict!.verdict).toBe("balanced")
  })
})

describe("the KL penalty in the reward and in the loss", () => {
  it("one rollout by hand: Q counts backwards in the reward, in the loss a token pays for itself", () => {
    const logprobs = [null, -0.4, -0.1, -0.2, -0.3, -0.1]
    const ref_logprobs = [null, -0.2, -0.2, -0.3, -0.1, -0.1]
    const spans = [
      { kind: "sample", start: 1, end: 3 },
      { kind: "decision", start: 3, end: 4, action: "RESAMPLE" },
      { kind: "sample", start: 4, end: 5 },
      { kind: "decision", start: 5, end: 6, action: "STOP" }
    ]
    const rewarded = objective("kl-reward-k1", { logprobs, ref_logprobs, spans }).scoreWeights!
    // r = .2, −.1 | −.1 | .2 | 0; Q = .2, 0 | .1 | .2 | 0.
    expect([rewarded.sampling.total, rewarded.decision.total]).toEqual([expect.closeTo(0.4, 12), expect.closeTo(0.1, 12)])
    expect(objective("kl-loss-k1", { logprobs, ref_logprobs, spans }).scoreWeights!.sampling.total).toBeCloseTo(-3, 12)
    expect(objective("kl-loss-k2", { logprobs, ref_logprobs, spans }).scoreWeights!.sampling.total).toBeCloseTo(0.3, 12)
  })
})

describe("rows that end without STOP", () => {
  it("are counted, their last answer in the sums alone", () => {
    const cut = {
      ...one(2, 1),
      logprobs: [-0.1, -0.2, -0.3, 0, -0.4],
      spans: [
        { kind: "sample", start: 0, end: 2 },
        { kind: "decision", start: 2, end: 3, action: "RESAMPLE" },
        { kind: "sample", start: 4, end: 5 }
      ]
    }
    const { objectives, unfinished } = report(cut, one(2, 1))
    expect(unfinished).toBe(1)
    const { immediate, verdict } = objectives.find(({ name }) => name === "dft")!
    expect([immediate!.sampling.actions, immediate!.decision.actions, immediate!.sampling.tokens]).toEqual([3, 2, 5])
    expect(verdict!.rows).toBe(2)
  })

  it.each([
    { finish_reason: "length" },
    { truncated: true },
    { meta_info: { finish_reason: { type: "length", length: 9 } } },
    { choices: [{ finish_reason: "max_tokens", logprobs: { tokens: TEXTS, token_logprobs: LOGPROBS } }] }
  ])("%j: what stands behind the last answer is no STOP", (more) => {
    expect(pieces(read({ tokens: TEXTS, logprobs: LOGPROBS, ...more }))).toEqual(SPANS.slice(0, 3))
    expect(report({ tokens: TEXTS, logprobs: LOGPROBS, ...more }).unfinished).toBe(1)
  })

  it("a row whose spans have no decision is refused", () => {
    expect(refusal({ ...row, spans: [STOP[0]] })).toMatch(/no decision/)
  })
})

const content = TEXTS.map((token, i) => ({ token, logprob: LOGPROBS[i]!, top_logprobs: [] }))

describe("a server's own answers", () => {
  it.each<readonly [shape: string, value: unknown]>([
    ["OpenAI's chat", { id: "c", choices: [{ index: 0, message: { content: TEXTS.join("") }, logprobs: { content } }] }],
    ["OpenAI's completions", {
      id: "c",
      choices: [{ text: TEXTS.join(""), logprobs: { tokens: TEXTS, token_logprobs: LOGPROBS, top_logprobs: null } }]
    }],
    ["a line of a batch", { custom_id: "c", response: { status_code: 200, body: { choices: [{ logprobs: { content } }] } } }],
    ["vLLM's objects", { id: "c", tokens: TEXTS, logprobs: content }],
    ["vLLM's objects by id", {
      id: "c",
      logprobs: content.map(({ logprob, token }, i) => ({ [i]: { logprob, rank: 1, decoded_token: token } }))
    }],
    ["objects without texts of their own", { id: "c", tokens: TEXTS, logprobs: LOGPROBS.map((logprob) => ({ logprob })) }],
    ["the chat API's field alone", { id: "c", logprobs: { content } }],
    ["SGLang's triples", {
      id: "c",
      text: TEXTS.join(""),
      meta_info: { output_token_logprobs: TEXTS.map((text, i) => [LOGPROBS[i], i, text]) }
    }],
    ["a trainer's column with texts", { id: "c", tokens: TEXTS, rollout_log_probs: LOGPROBS }]
  ])("%s are read", (_, value) => {
    const found = read(value)
    expect(found.id).toBe("c")
    expect(pieces(found)).toEqual(SPANS)
    expect([...found.batch.logProbs]).toEqual(LOGPROBS)
  })

  it("several choices are several rows, and what is wrong with one says in which", () => {
    const choice = (logprobs: ReadonlyArray<number>, advantage: number) => ({
      advantage,
      logprobs: { tokens: TEXTS, token_logprobs: logprobs }
    })
    const line = JSON.stringify({ id: "q", choices: [choice(LOGPROBS, 1), choice(LOGPROBS.with(3, -9999), 0), choice(LOGPROBS, -1)] })
    const rows = readAttributionRows(line, "line 1")
    expect(rows.map((each) => (Result.isSuccess(each) ? [each.success.id, each.success.advantage] : each.failure.slice(0, 51)))).toEqual([
      ["q#0", 1],
      "choices[1].logprobs.token_logprobs[3] is -9999, whi",
      ["q#2", -1]
    ])
    expect(reason(line)).toMatch(/3 rows in one line/)
    expect(readAttributionRows(JSON.stringify([row, row, 3]), "line 1").map(Result.isSuccess)).toEqual([true, true, false])
  })

  it("numbers beside the choices are one for each, and a choice without log-probabilities spoils no other", () => {
    const choice = { logprobs: { tokens: TEXTS, token_logprobs: LOGPROBS } }
    const line = JSON.stringify({ choices: [choice, { text: "4" }, choice], advantages: [1, 0, -1] })
    const rows = readAttributionRows(line, "line 1")
    expect(rows.map((each) => (Result.isSuccess(each) ? [each.success.id, each.success.advantage] : each.failure.slice(0, 30)))).toEqual([
      ["line 1#0", 1],
      "choices[1].logprobs is missing",
      ["line 1#2", -1]
    ])
    expect(read({ choices: [choice], advantages: TEXTS.map(() => 0.5) }).advantage).toBe(0.5)
  })

  it.each<readonly [what: string, value: unknown, message: RegExp]>([
    [
      "ids within tokens",
      { prompt: "q", tokens: { completion_ids: [1], completion_logprobs: [-1] } },
      /"tokens\.completion_logprobs" without "spans".*add "tokens" as texts/
    ],
    [
      "ids alone",
      { token_ids: [1, 2], loss_mask: [false, true], inference_logprobs: [0, -1] },
      /"inference_logprobs" without "spans".*add "tokens" as texts/
    ],
    ["ids as tokens", { tokens: [1, 2], rollout_log_probs: [-1, -1], response_length: 2 }, /"tokens" that are ids: add "tokens" as texts/],
    [
      "lists of sequences",
      { content: ["4"], token_ids: [[1, 2]], generation_logprobs: [[0, -1]] },
      /generation_logprobs\[0\] is a list: give one row for each sequence/
    ],
    [
      "a server that was not asked",
      { choices: [{ message: { content: "4" }, logprobs: null }] },
      /choices\[0\]\.logprobs is missing or empty; ask the server/
    ],
    ["SGLang without texts", { meta_info: { output_token_logprobs: [[-1, 5, null]] } }, /add "tokens" as texts/],
    ["another row", { prompt: "q", response: "a" }, /no "logprobs".*the row has prompt, response/]
  ])("%s are refused with what to add", (_, value, message) => {
    expect(refusal(value)).toMatch(message)
  })

  it("a mask says where the response begins, and is not guessed at within it", () => {
    const masked = { tokens: ["34 * 12 = 408? ", ...TEXTS], logprobs: [0, ...LOGPROBS], loss_mask: [0, ...TEXTS.map(() => 1)] }
    expect(pieces(read(masked))).toEqual(SPANS.map(([kind, start, end]) => [kind, Number(start) + 1, Number(end) + 1]))
    expect(refusal({ ...masked, loss_mask: masked.loss_mask.with(4, 0) })).toMatch(/loss_mask\[4\] leaves a token out within the response/)
  })
})

describe("rows of a tokenizer's pieces", () => {
  const sentence = ["The", "_answer", "_is", "_418", ".", "_Wait", ",", "_The", "_answer", "_is", "_408", "."]

  it.each(["Ġ", "▁", " "])("with %j for a space have their marker found", (mark) => {
    const tokens = sentence.map((token) => token.replace("_", mark))
    expect(pieces(read({ tokens, logprobs: tokens.map(() => -0.1) }))).toEqual([
      ["sample", 0, 4],
      ["RESAMPLE", 4, 7],
      ["sample", 7, 11],
      ["STOP", 11, 12]
    ])
  })

  it("mixed with texts are refused", () => {
    const tokens = ["The answer", "Ġis", "Ġ418", "."]
    expect(refusal({ tokens, logprobs: tokens.map(() => -0.1) })).toMatch(/mix pieces of byte-level BPE \("Ġis"\) with texts/)
  })
})
