import { describe, expect, it } from "vitest"
import { detectFormat, readLine } from "../../../src/eval/transcripts/Formats.ts"
import { readBlock } from "../../../src/eval/transcripts/ReadBlock.ts"
import { hashText } from "../../../src/eval/transcripts/QueryIndex.ts"
import { defaultReader } from "../../../src/eval/transcripts/Reader.ts"

const prompt = "Calculate 12 * 34."
const response = "The answer is 408."

const rows = {
  rollouts: {
    uid: "m/2x2/12*34#0",
    step: 0,
    level: "2x2",
    prompt,
    completion: response,
    gts: "408",
    score: 1,
    spans: [],
    ending: "stop",
    truncated: false
  },
  verl: { input: prompt, output: response, gts: "408", score: 1, step: 3, uid: "u1" },
  "lm-eval": {
    doc_id: 7,
    doc: { question: "ignored" },
    target: "408",
    arguments: [[prompt, { until: [] }]],
    resps: [[response, "The answer is 9."]],
    filtered_resps: ["408"]
  },
  trl: {
    step: 1,
    prompt: [{ role: "user", content: prompt }],
    completion: [{ role: "assistant", content: response }],
    answer: 408,
    advantage: 0.5
  },
  plain: { prompt, response, answer: "408", level: "hard", id: "p1", truncated: true }
} as const

describe("row formats", () => {
  it.each(Object.entries(rows))("%s is recognised and read", (format, row) => {
    expect(detectFormat(row)).toBe(format)
    const reading = readLine(JSON.stringify(row), {}, "line")
    expect("rows" in reading ? reading.rows[0] : reading.problem).toMatchObject({ prompt, response, answer: "408" })
  })

  it("keeps ids, levels and truncation; takes every response of an lm-eval row", () => {
    const read = (row: object) => {
      const reading = readLine(JSON.stringify(row), {}, "17")
      return "rows" in reading ? reading.rows : []
    }
    expect(read(rows.plain)).toEqual([{ prompt, response, answer: "408", level: "hard", id: "p1", truncated: true }])
    expect(read({ prompt, response })).toEqual([{ prompt, response, id: "17" }])
    expect(read(rows.verl)[0]).toMatchObject({ id: "u1" })
    expect(read(rows["lm-eval"]).map(({ id, response }) => [id, response])).toEqual([["7#0", response], ["7#1", "The answer is 9."]])
    expect(read({ ...rows["lm-eval"], arguments: { gen_args_0: { arg_0: prompt } } })[0]).toMatchObject({ prompt })
    expect(read({ ...rows["lm-eval"], arguments: undefined })[0]).toMatchObject({ prompt: "ignored" })
    expect(read({ ...rows.rollouts, ending: "cap" })[0]).toMatchObject({ hitCap: true })
    expect(read({ ...rows.trl, finish_reason: "length" })[0]).toMatchObject({ truncated: true })
  })

  it.each<readonly [line: string, reason: RegExp]>([
    ["{not json", /not JSON/],
    ["[1]", /a list, expected a JSON object/],
    ["null", /null, expected a JSON object/],
    [`{"a": 1}`, /fields a; name one with --format/],
    [`{"prompt": "p", "response": {"text": 1}}`, /"response" is an object/],
    [`{"doc": {}, "resps": [[]]}`, /"resps"/]
  ])("says what is wrong with %s", (line, reason) => {
    const reading = readLine(line, {}, "1")
    expect("problem" in reading ? reading.problem : "").toMatch(reason)
  })

  it("counts bad rows of a block with their lines; blank lines are lines", () => {
    const block = [JSON.stringify(rows.plain), "", "{oops", JSON.stringify(rows.plain), `{"prompt": 1}`].join("\n")
    const { badRows, lines, marks } = readBlock(Buffer.from(block), { format: "plain" }, defaultReader)
    expect(lines).toBe(5)
    expect(badRows.map(({ line }) => line)).toEqual([3, 5])
    expect(marks.kinds).toEqual([{ level: "hard", pattern: "4j" }])
    expect([...marks.kind]).toEqual([0, 0])
    expect([...marks.query]).toEqual([hashText(prompt), hashText(prompt)])
  })
})
