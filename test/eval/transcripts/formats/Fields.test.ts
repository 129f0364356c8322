import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type LinePlan, readLine } from "../../../../src/eval/transcripts/Formats.ts"
import { GOLD_FIELDS } from "../../../../src/eval/transcripts/formats/Golds.ts"
import { plain, readSimple } from "../../../../src/eval/transcripts/formats/Plain.ts"
import { userText } from "../../../../src/eval/transcripts/formats/Template.ts"
import type { TranscriptRow } from "../../../../src/eval/transcripts/Grade.ts"
import { parseJson, withoutBareWords } from "../../../../src/eval/transcripts/Json.ts"
import { processorMs } from "../../../support/ProcessorTime.ts"

const readText = (line: string, plan: LinePlan = {}, place = "9") => {
  const reading = readLine(line, plan, place, "file:")
  if ("problem" in reading) throw new Error(reading.problem)
  return reading
}
const one = (row: object, plan: LinePlan = {}): TranscriptRow => readText(JSON.stringify(row), plan).rows[0]!
const base = { prompt: "How many?", response: "The answer is 42." }

const nested = (path: string, value: unknown): object => {
  const [first, ...rest] = path.split(".")
  return { [first!]: rest.length === 0 ? value : nested(rest.join("."), value) }
}

describe("reference answers", () => {
  it.each(GOLD_FIELDS)("are found in %s", (field) => {
    expect(one({ ...base, ...nested(field, "42") })).toEqual({ id: "9", ...base, answer: "42" })
  })

  it("are those of the first field in the stated order that holds one", () => {
    for (const [k, field] of GOLD_FIELDS.entries()) {
      const later = GOLD_FIELDS.slice(k + 1).filter((each) => !each.includes("."))
      const row = { ...base, ...Object.fromEntries(later.map((each) => [each, "7"])), ...nested(field, "42") }
      expect(one(row).answer).toBe("42")
    }
    expect(one({ ...base, gts: null, answer: "", ground_truth: " ", label: "42" }).answer).toBe("42")
  })

  it("are found in objects that are written as JSON text", () => {
    for (
      const [outer, inner] of [["info", "answer"], ["info", "ground_truth"], ["extra_info", "ground_truth"], [
        "reward_model",
        "ground_truth"
      ]]
    ) {
      expect(one({ ...base, [outer!]: JSON.stringify({ [inner!]: 42 }) }).answer).toBe("42")
    }
  })

  it.each<readonly [gold: string, read: object]>([
    ["0.25", { answer: "0.25" }],
    ["408.0", { answer: "408" }],
    ["-0.5e-3", { answer: "-0.0005" }],
    ["9007199254740993", { answer: "9007199254740993" }],
    ["12345678901234567890123", { answer: "12345678901234567890123" }],
    ["0.12345678901234567891", { answer: "0.12345678901234567891" }],
    ["1e400", { answer: "1e400" }],
    ["true", { answer: "true" }],
    [`["42"]`, { answer: "42" }],
    [`[["42"]]`, { answer: "42" }],
    [`["42", "forty-two", "42"]`, { answer: "42", aliases: ["forty-two"] }],
    [`"['42']"`, { answer: "['42']" }],
    [JSON.stringify(`["42"]`), { answer: "42" }],
    [`"[3, 4]"`, { answer: "[3, 4]" }],
    [`{"target": 98, "numbers": [44, 19, 35]}`, { answer: "98", numbers: [44, 19, 35] }],
    [`"{'target': 98, 'numbers': array([44, 19, 35])}"`, { answer: "98", numbers: [44, 19, 35] }],
    [JSON.stringify(JSON.stringify({ numbers: [1, 2], target: 3 })), { answer: "3", numbers: [1, 2] }],
    [`{"value": "Paris", "aliases": ["Paris", "City of Light"]}`, { answer: "Paris", aliases: ["City of Light"] }],
    [`{"text": ["a", "b"], "answer_start": [1, 2]}`, { answer: "a", aliases: ["b"] }]
  ])("%s", (gold, read) => {
    expect(readText(`{"prompt": "How many?", "response": "42", "ground_truth": ${gold}}`).rows)
      .toEqual([{ id: "9", prompt: "How many?", response: "42", ...read }])
  })

  it.each<readonly [what: string, fields: object, read: object]>([
    ["a place", { choices: ["a", "b", "c"], answer: 2 }, { answer: "C" }],
    ["a place as text", { choices: ["a", "b", "c"], answer: "2" }, { answer: "C" }],
    ["a letter", { choices: ["x", "y", "z"], answer: "(b)" }, { answer: "B" }],
    ["an option's words", { choices: ["3", "4", "5"], answer: "4" }, { answer: "B" }],
    ["a number past the places", { choices: ["3", "4", "5"], answer: 5 }, { answer: "C" }],
    ["labels", { choices: { text: ["a", "b", "c"], label: ["1", "2", "3"] }, answerKey: "2" }, { answer: "B" }],
    ["labelled options", { choices: [{ label: "P", text: "a" }, { label: "Q", text: "b" }], answer: "Q" }, { answer: "B" }],
    ["options by letter", { options: { A: "a", B: "b" }, answer: "b" }, { answer: "B" }],
    ["fields A to D", { A: "a", B: "b", C: "c", D: "d", answer: "D" }, { answer: "D" }]
  ])("of multiple choice: %s", (_, fields, read) => {
    const { answer, choices } = one({ ...base, ...fields })
    expect({ answer }).toEqual(read)
    expect(choices?.length).toBeGreaterThanOrEqual(2)
  })

  it("of a countdown in columns come with its numbers", () => {
    expect(one({ ...base, target: 98, nums: [44, 19, 35] })).toMatchObject({ answer: "98", numbers: [44, 19, 35] })
  })

  it("that are missing are named: what was looked for, and what there is", () => {
    const { note, rows } = readText(JSON.stringify({ ...base, reward: 1 }))
    expect(rows).toEqual([{ id: "9", ...base, score: 1 }])
    expect(note).toMatchObject({ kind: "gold" })
    expect(note?.text).toMatch(/looked for gts, answer, ground_truth.*fields prompt, response, reward$/)
    expect(readText(JSON.stringify({ ...base, gts: { style: "rule", tests: 3 } })).note?.text)
      .toBe(`no usable reference answer: "gts" is an object with the fields style, tests`)
    expect(readText(JSON.stringify({ ...base, label: true })).rows[0]).toEqual({ id: "9", ...base })
  })
})

describe("reasoning in a field of its own", () => {
  const thought = "6 * 7"
  const said = (message: object): string => one({ prompt: "p", completion: [{ role: "assistant", ...message }], answer: "42" }).response

  it.each(["reasoning_content", "reasoning", "thinking"])("%s comes before the content, and is not said twice", (field) => {
    const whole = `<think>\n${thought}\n</think>\n\nSo 42.`
    expect(said({ content: "So 42.", [field]: thought })).toBe(whole)
    expect(said({ content: "\n\nSo 42.", [field]: `\n${thought}\n` })).toBe(whole)
    expect(said({ content: whole, [field]: thought })).toBe(whole)
    expect(said({ content: `${thought}\n</think>\nSo 42.`, [field]: thought })).toBe(`${thought}\n</think>\nSo 42.`)
    expect(one({ prompt: "p", response: "So 42.", [field]: thought, answer: "42" }).response).toBe(whole)
    expect(one({ prompt: "p", responses: ["So 42.", "So 43."], [field]: [thought, null], answer: "42" }).response).toBe(whole)
  })

  it.each([null, "", undefined])("without a content (%s) is left open: the model was cut off in its thought", (content) => {
    expect(said({ content, reasoning_content: thought })).toBe(`<think>\n${thought}`)
    expect(one({ prompt: "p", response: content ?? null, reasoning_content: thought, answer: "42" }).response).toBe(`<think>\n${thought}`)
  })

  it("is read from harmony, with its marks and without", () => {
    const whole = `<think>\n${thought}\n</think>\n\nSo 42.`
    const marks = `<|channel|>analysis<|message|>${thought}<|end|><|start|>assistant<|channel|>final<|message|>So 42.<|return|>`
    expect(one({ prompt: "p", response: marks, answer: "42" }).response).toBe(whole)
    expect(one({ prompt: "p", response: `analysis${thought}assistantfinalSo 42.`, answer: "42" }).response).toBe(whole)
  })

  it("marks of the end are not the model's words", () => {
    for (const mark of ["<|im_end|>", "<|eot_id|>\n", "</s></s>", "<|endoftext|> <|endoftext|>"]) {
      expect(one({ ...base, response: base.response + mark, answer: "42" }).response).toBe(base.response)
    }
    expect(one({ ...base, response: "x <b>\n", answer: "42" }).response).toBe("x <b>\n")
  })
})

describe("cut-off responses", () => {
  const flags: ReadonlyArray<readonly [fields: object, cut: boolean]> = [
    [{ truncated: true }, true],
    [{ truncated: 1 }, true],
    [{ is_truncated: true }, true],
    [{ finish_reason: "length" }, true],
    [{ finish_reason: { type: "length" } }, true],
    [{ finish_reasons: ["length"] }, true],
    [{ stop_reason: "max_tokens" }, true],
    [{ stop_reason: "model_length" }, true],
    [{ stop_reason: "MAX_OUTPUT_TOKENS" }, true],
    [{ stop_condition: "max_output_tokens" }, true],
    [{ done_reason: "length" }, true],
    [{ status: "truncated" }, true],
    [{ status: "Status.TRUNCATED" }, true],
    [{ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } }, true],
    [{ truncated_tokens_count: 3 }, true],
    [{ meta_info: { finish_reason: { type: "length" } } }, true],
    [{ truncated: false, finish_reason: "stop", status: "completed", stop_condition: "max_turns_reached" }, false],
    [{ truncated: 0, finish_reason: { type: "stop", matched: 1 }, incomplete_details: null, truncated_tokens_count: 0 }, false],
    [{ stop_reason: "end_turn" }, false]
  ]
  it.each(flags)("%j", (fields, cut) => {
    expect(one({ ...base, answer: "42", ...fields }).truncated).toBe(cut ? true : undefined)
  })

  it("are marked sample by sample, and in the message that ends a conversation", () => {
    const samples = readText(JSON.stringify({ prompt: "p", responses: ["a", "b"], truncated: [false, true], answer: "1" })).rows
    expect(samples.map(({ truncated }) => truncated)).toEqual([undefined, true])
    const inner = { prompt: "p", response: { text: "a", truncated: true }, answer: "1" }
    expect(one(inner)).toMatchObject({ response: "a", truncated: true })
  })
})

describe("the row's own verdict", () => {
  it.each<readonly [fields: object, score: number | undefined]>([
    [{ score: 1 }, 1],
    [{ reward: 0.1 }, 0.1],
    [{ acc: true }, 1],
    [{ is_correct: false }, 0],
    [{ exact_match: "0.0" }, 0],
    [{ correct: "C" }, undefined],
    [{ scores: { match: { value: "I" } } }, 0],
    [{ metric: { extractive_match: 1 } }, 1],
    [{ metrics: { length: 340 } }, undefined],
    [{ score: null, reward: "none", correct: true }, 1]
  ])("%j", (fields, score) => {
    expect(one({ ...base, answer: "42", ...fields }).score).toBe(score)
  })

  it("is that of the named field, which must be there", () => {
    const row = { ...base, answer: "42", score: 1, judge: { verdicts: [{ ok: false }] } }
    expect(one(row, { scoreField: "judge.verdicts.0.ok" }).score).toBe(0)
    expect(() => one(row, { scoreField: "judge.none" })).toThrow(/no verdict in "judge.none"/)
    expect(
      readText(JSON.stringify({ prompt: "p", responses: ["a", "b"], ok: [1, 0] }), { scoreField: "ok" }).rows.map(({ score }) => score)
    ).toEqual([1, 0])
  })
})

describe("which problem a row is of", () => {
  it.each<readonly [what: string, templated: string]>([
    ["ChatML", "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHow many?<|im_end|>\n<|im_start|>assistant\n"],
    [
      "Llama 3",
      "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nHow many?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"
    ],
    ["Mistral", "<s>[INST] How many? [/INST]"],
    ["Llama 2", "[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHow many? [/INST]"],
    ["Gemma", "<bos><start_of_turn>user\nHow many?<end_of_turn>\n<start_of_turn>model\n"],
    ["Phi", "<|system|>\nBe brief.<|end|>\n<|user|>\nHow many?<|end|>\n<|assistant|>\n"],
    ["DeepSeek", "<｜begin▁of▁sentence｜>Be brief.<｜User｜>How many?<｜Assistant｜><think>\n"],
    ["harmony", "<|start|>system<|message|>Be brief.<|end|><|start|>user<|message|>How many?<|end|><|start|>assistant"],
    ["decoded ChatML", "system\nBe brief.\nuser\nHow many?\nassistant\n"],
    ["decoded ChatML with a thought begun", "user\nHow many?\nassistant\n<think>\n"],
    [
      "R1-Zero's words",
      "A conversation between User and Assistant. The User asks, the Assistant thinks.\nUser: How many?\nAssistant: Let me see.\n<think>"
    ],
    ["decoded Llama 3", "system\n\nBe brief.user\n\nHow many?assistant\n\n"]
  ])("is what the user said: %s", (_, templated) => {
    expect(userText(templated)).toBe("How many?")
  })

  it.each(["user friendly?", "system\nof equations", "user\nis a word", "<b>bold</b> 3 < 4", "[3, 4] and </s>", "How many?"])(
    "leaves %j alone",
    (text) => {
      expect(userText(text)).toBe(text)
    }
  )

  it("all that users said before the model's answer: equal last messages make no equal problems", () => {
    const chat = (
      first: string
    ) => [{ role: "user", content: first }, { role: "assistant", content: "Sure." }, { role: "user", content: "Now." }]
    expect(one({ prompt: chat("3 + 4?"), completion: "7", answer: "7" }).prompt).toBe("3 + 4?\n\nNow.")
    expect(
      one({
        prompt:
          "<|im_start|>user\n3 + 4?<|im_end|>\n<|im_start|>assistant\nSure.<|im_end|>\n<|im_start|>user\nNow.<|im_end|>\n<|im_start|>assistant\n",
        completion: "7"
      }).prompt
    )
      .toBe("3 + 4?\n\nNow.")
  })

  it("is told by an id, or by the place, where there is no text", () => {
    const rows = [{ response: "a", answer: "1", example_id: 3 }, { response: "a", answer: "1", prompt: " " }, {
      input: "",
      output: "a",
      answer: "1"
    }]
    expect(rows.map((row) => one(row).query)).toEqual(["#3", "file:9", "file:9"])
    expect(readText(JSON.stringify(rows[0])).note).toMatchObject({ kind: "problem" })
  })

  it("does not depend on white space around the prompt; the reference tells apart only where the plan says so", () => {
    expect(one({ ...base, prompt: "How many?\n", answer: "42" }).query).toBe("How many?")
    expect(one({ ...base, answer: "42" }).query).toBeUndefined()
    const [a, b, c] = ["7", "7.0", "8"].map((answer) => one({ ...base, answer }, { isPartedByGold: true }).query)
    expect(a).toBe(b)
    expect(a).not.toBe(c)
  })
})

describe("JSON as Python writes it", () => {
  it("keeps words within strings, and is JSON elsewhere", () => {
    const text = String.raw`{"a": NaN, "b": [-Infinity, Infinity], "NaN \" Infinity \\": "NaN"}`
    expect(parseJson(text)).toEqual({ a: null, b: [null, null], [String.raw`NaN " Infinity \ `.trim()]: "NaN" })
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      expect(withoutBareWords(JSON.stringify(value))).toBe(JSON.stringify(value))
    }))
  })

  it("nested by the thousand is a bad row", () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000)
    const deepObject = `${`{"a":`.repeat(100_000)}1${"}".repeat(100_000)}`
    for (
      const line of [
        `{"prompt": ${deep}, "response": "x"}`,
        `{"doc": ${deepObject}, "resps": ["x"]}`,
        `{"prompt": "p", "response": ${deep}}`
      ]
    ) {
      expect("problem" in readLine(line, {}, "1")).toBe(true)
    }
    expect(readText(`{"prompt": "p", "response": "x", "answers": ${deep}}`).note).toMatchObject({ kind: "gold" })
  })
})

describe("laws", () => {
  const words = fc.string({ minLength: 1, maxLength: 30, unit: "grapheme" }).map((text) => `Q ${text.trim()} ?`)
  const said = fc.string({ maxLength: 60 }).map((text) => `So ${text} it is.`)
  const gold = fc.oneof(fc.integer().map(String), fc.string({ minLength: 1, maxLength: 8 }).map((text) => `x${text}`))

  it("one transcript in any format reads to the same prompt, response and reference", () => {
    fc.assert(
      fc.property(words, said, gold, (prompt, response, answer) => {
        const user = { role: "user", content: prompt }
        const model = { role: "assistant", content: response }
        const written: ReadonlyArray<object> = [
          { prompt, response, answer },
          { question: prompt, output: response, ground_truth: answer },
          { input: prompt, output: response, gts: answer },
          { input: `system\nBe brief.\nuser\n${prompt}\nassistant\n`, output: response, gts: answer },
          { prompt: `<|im_start|>user\n${prompt}<|im_end|>\n<|im_start|>assistant\n`, completion: `${response}<|im_end|>`, answer },
          { prompt: [user], completion: [model], answer },
          { messages: [user, model], answer },
          { messages: [user], answer, choices: [{ message: model, finish_reason: "stop" }] },
          { conversations: [{ from: "human", value: prompt }, { from: "gpt", value: response }], answer },
          { prompt, responses: [response], answer: [answer] },
          { problem: prompt, generation: response, expected_answer: answer },
          { doc: { question: prompt }, target: answer, resps: [[response]] },
          { doc: { query: prompt, choices: [answer], gold_index: [0] }, model_response: { text: [response] } },
          { input: prompt, target: answer, messages: [user, model], output: { choices: [{ message: model }] } },
          { text: response, prompt, answer, meta_info: {} },
          { question: prompt, gt: answer, code: [response] }
        ]
        for (const row of written) {
          const { answer: found, prompt: asked, query, response: read } = one(row)
          expect({ asked, read, found, query }).toEqual({ asked: prompt, read: response, found: answer, query: undefined })
        }
      }),
      { numRuns: 60 }
    )
  })

  it("the short way for plain rows reads what the long way reads", () => {
    const field = fc.oneof(
      fc.string(),
      fc.constantFrom("", " a ", "<|im_start|>user\nx<|im_end|>", "b</s>", `["7"]`, "analysis1assistantfinal2")
    )
    const row = fc.record(
      {
        prompt: field,
        response: field,
        answer: field,
        level: field,
        id: field,
        truncated: fc.boolean(),
        ending: fc.constantFrom("cap", "stop")
      },
      { requiredKeys: ["prompt", "response"] }
    )
    fc.assert(
      fc.property(row, fc.boolean(), (each, isPartedByGold) => {
        const context = { place: "1", source: "f:", plan: { isPartedByGold } }
        const simple = readSimple(each, context)
        if (simple !== undefined) expect(simple).toEqual(plain.read(each, context))
      }),
      { numRuns: 500 }
    )
    expect(readSimple({ ...base, answer: "42" }, { place: "1", source: "", plan: {} })).toBeDefined()
  })

  it("no JSON value makes a format throw", () => {
    const names = fc.constantFrom(
      "prompt",
      "response",
      "messages",
      "choices",
      "doc",
      "resps",
      "output",
      "input",
      "answer",
      "attempts",
      "completion",
      "turns",
      "score",
      "responses",
      "role",
      "content",
      "type",
      "text",
      "finish_reason"
    )
    const tree = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.string(),
        fc.integer(),
        fc.constant(null),
        fc.boolean(),
        fc.array(tie("value"), { maxLength: 3 }),
        tie("row")
      ),
      row: fc.dictionary(names, tie("value"), { maxKeys: 6 })
    }))
    fc.assert(
      fc.property(tree.row, (row) => {
        const reading = readLine(JSON.stringify(row), {}, "1")
        for (const { prompt, response } of "rows" in reading ? reading.rows : []) {
          expect([typeof prompt, typeof response]).toEqual(["string", "string"])
        }
      }),
      { numRuns: 2000 }
    )
  })

  it("takes time in proportion to the text", () => {
    const long = (piece: string): string => piece.repeat(Math.ceil(1e6 / piece.length))
    const start = processorMs()
    const parts = Array.from(
      { length: 100_000 },
      (_, k) => (k % 2 === 0 ? { type: "thinking", thinking: "t" } : { type: "text", text: " " })
    )
    const turns = Array.from({ length: 100_000 }, (_, k) => ({ role: k % 2 === 0 ? "user" : "assistant", content: "c" }))
    readLine(JSON.stringify({ prompt: "p", completion: [{ role: "assistant", content: parts }], answer: "1" }), {}, "1")
    readLine(JSON.stringify({ messages: turns, answer: turns.map((_, k) => String(k)) }), {}, "1")
    readLine(
      JSON.stringify({ prompt: "p", responses: turns.map(() => "c"), finish_reasons: turns.map(() => "stop"), score: turns.map(() => 1) }),
      {},
      "1"
    )
    for (
      const piece of [
        "<|im_end|>",
        "<|im_start|>user\n",
        "user\n",
        "\\\"",
        "<think>",
        "[",
        "{'target': ",
        "</s> ",
        "NaN",
        "<|channel|>analysis<|message|>",
        "assistant\n\n"
      ]
    ) {
      const text = long(piece)
      for (
        const row of [{ prompt: text, response: text, answer: text }, { input: `user\n${text}`, output: `<|${text}`, gts: text }, {
          prompt: [{ role: "user", content: text }],
          completion: [{ role: "assistant", content: text, reasoning: text }]
        }]
      ) {
        readLine(JSON.stringify(row).replace("\"prompt\"", "\"x\": NaN, \"prompt\""), {}, "1")
      }
    }
    expect(processorMs() - start).toBeLessThan(5000)
  })
})
