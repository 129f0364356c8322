import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { dirname } from "node:path"
import { describe, expect, it } from "vitest"
import { compileGrading, GRADING } from "../../../scripts/reward/Build.ts"
import { readTranscript } from "../../../src/eval/transcripts/Grade.ts"
import { type AnswerRow, answerTable } from "../../support/AnswerTable.ts"

const hasPython = spawnSync("python3", ["-c", "import sys; sys.exit(sys.version_info < (3, 10))"]).status === 0
if (!hasPython) console.warn("SKIPPED: no python3 of 3.10 or later, so reward.py is not held against calibrate")

// On Python's own words for texts and numbers: JSON both ways.
const python = (program: string, input: unknown): unknown => {
  const { status, stderr, stdout } = spawnSync("python3", [
    "-c",
    `import json, sys\nsys.path.insert(0, ${JSON.stringify(dirname(GRADING))})\n${program}`
  ], {
    input: JSON.stringify(input),
    encoding: "utf8",
    maxBuffer: 1 << 28,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1", PYTHONIOENCODING: "utf-8" }
  })
  expect([status, stderr]).toEqual([0, ""])
  return JSON.parse(stdout)
}

const GRADE = `
from decision_sampling_grading import grade_text
out = []
for row in json.load(sys.stdin):
    graded = grade_text(row["prompt"], row["response"], row["answer"], row["truncated"])
    out.append([graded["outcome"], graded["kind"], graded["level"], [[each["answer"], each["correct"], each["decision"]] for each in graded["attempts"]]])
print(json.dumps(out))
`

const ours = ({ answer, prompt, response, truncated }: AnswerRow) => {
  const { counts, rollout } = readTranscript({ id: "", prompt, response, answer, ...(truncated ? { truncated } : {}) })
  return [
    rollout.outcome,
    counts.kind,
    rollout.level,
    rollout.attempts.map(({ answer, correct, decision }) => [answer, correct, decision ?? null])
  ]
}

const differences = (rows: ReadonlyArray<AnswerRow>) => {
  const theirs = python(GRADE, rows) as ReadonlyArray<unknown>
  return rows.flatMap((row, i) => {
    const [mine, other] = [JSON.stringify(ours(row)), JSON.stringify(theirs[i])]
    return mine === other ? [] : [{ row, mine, other }]
  })
}

describe("the grading in Python", () => {
  it("is what the TypeScript compiles to", async () => {
    expect(await compileGrading()).toBe(readFileSync(GRADING, "utf8"))
  })

  it.skipIf(!hasPython)("reads 2,500 generated answers as calibrate does: outcome, kind, level and every attempt", () => {
    const rows = answerTable(2500, 16)
    const outcomes = new Map<unknown, number>()
    for (const row of rows) {
      const [outcome] = ours(row)
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
    // No table of one outcome.
    for (const outcome of ["Correct", "Wrong", "Truncated", "Unparsable"]) expect(outcomes.get(outcome)).toBeGreaterThan(40)
    expect(differences(rows).slice(0, 3)).toEqual([])
  })

  it.skipIf(!hasPython)("reads labelled responses of every kind as calibrate does, but for what the compute engine alone reads", () => {
    const labelled = readFileSync(new URL("../../../bench/data/reading/labelled.jsonl", import.meta.url), "utf8").trim().split("\n")
      .map((line) => JSON.parse(line) as { readonly prompt: string; readonly response: string; readonly gold: unknown })
    const pairs = readFileSync(new URL("../../../bench/data/mathematics-pairs.jsonl", import.meta.url), "utf8").trim().split("\n")
      .map((line) => JSON.parse(line) as { readonly gold: string; readonly answer: string })
    const rows = [
      ...labelled.map(({ gold, prompt, response }) => ({ prompt, response, answer: String(gold), truncated: false })),
      ...pairs.map(({ answer, gold }) => ({
        prompt: "Find it.",
        response: `So it is $\\boxed{${answer}}$.`,
        answer: gold,
        truncated: false
      }))
    ]
    const isForEngine = ({ row }: { readonly row: AnswerRow }) => /\\sum|\\int|\\lim|!/.test(row.answer)
    expect(differences(rows).filter((each) => !isForEngine(each)).slice(0, 3)).toEqual([])
  })
})

const CALLS = `
import io, contextlib
from reward import compute_score, grade, reward
errors = io.StringIO()
hostile = [None, 7, float("nan"), float("inf"), True, b"x", ["a", {"content": "\\\\boxed{7}"}], {"content": None}, "(" * 5000, "=" * 5000, "\\ud800", "9" * 9000, "1e999", "\\\\frac{1}{0}"]
with contextlib.redirect_stderr(errors):
    scores = [grade(p, r, a)["score"] for r in hostile for a in [None, "7", 7, 7.0, "", "9" * 9000, "\\\\sum_{k}", "\\ud800"] for p in ["Calculate 7 * 1.", None]]
    given = json.load(sys.stdin)
    verl = compute_score("x", given["response"], "1284", {"problem": "Calculate 321 * 4.", "truncated": False, "level": "3x1"})
    cut = compute_score("x", given["response"], "1284", {"problem": "Calculate 321 * 4.", "truncated": True})
    columns = {}
    trl = reward([[{"role": "assistant", "content": given["response"]}], "It is 5."], prompts=["Calculate 321 * 4.", "q"], answer=["1284", "5"], completion_ids=[[1, 2, 3], [1, 2, 9]],
                 max_completion_length=3, eos={9}, log_extra=lambda name, values: columns.__setitem__(name, values))
print(json.dumps({"scores": sorted(set(scores)), "verl": verl, "cut": cut, "trl": trl, "columns": columns}))
`

describe.skipIf(!hasPython)("reward.py", () => {
  it("answers verl and TRL in their words, says what was cut off, and never raises", () => {
    const response = "321*4 = 1274, so the answer is 1274. Wait, I made a mistake. Let me recompute. The answer is 1,284."
    expect(python(CALLS, { response })).toEqual({
      scores: [0, 1],
      verl: { score: 1, truncated: 0, attempt_count: 2, outcome: "Correct", verdicts: "×R ✓S", level: "3x1" },
      cut: { score: 0, truncated: 1, attempt_count: 2, outcome: "Truncated", verdicts: "×R ✓?", level: "3x1" },
      // The first reached the limit without the token that ends it.
      trl: [0, 1],
      columns: {
        answer: ["1284", "5"],
        level: ["3x1", "all"],
        truncated: [true, false],
        outcome: ["Truncated", "Correct"],
        verdicts: ["×R ✓?", "✓S"]
      }
    })
  })
})
