/** What each tool writes, and what is read of it. */
import type { Format } from "../../src/eval/transcripts/Formats.ts"

export const prompt = "A tray holds 6 rows of 7 cups. How many cups?"
export const response = "6 * 7 = 42. The answer is 42."
export const second = "I think it is 48. The answer is 48."
export const answer = "42"
export const user = { role: "user", content: prompt }
export const model = { role: "assistant", content: response }
export const same = { prompt, response, answer }

export const choice = (index: number, content: string, finish_reason = "stop") => ({
  index,
  finish_reason,
  message: { role: "assistant", content }
})

/** The format, what is particular about the row, the row, and what is read of it. */
export const cases: ReadonlyArray<readonly [format: Format, what: string, row: object, rows: ReadonlyArray<object>]> = [
  ["rollouts", "our own", { uid: "u", prompt, completion: response, gts: answer, spans: [], ending: "cap", score: 0 }, [
    { ...same, id: "u", hitCap: true, score: 0 }
  ]],
  ["attempts", "attempts ready made", {
    prompt,
    attempts: [{ answer: 41, correct: false, decision: "RESAMPLE" }, { correct: 1, decision: "STOP" }]
  }, [
    {
      id: "9",
      prompt,
      response: "",
      attempts: [{ answer: "41", correct: false, decision: "RESAMPLE" }, { correct: true, decision: "STOP" }]
    }
  ]],
  ["lm-eval", "two responses to a document", {
    doc_id: 4,
    doc: { question: "other words", level: 3 },
    doc_hash: "abc",
    target: answer,
    arguments: { gen_args_0: { arg_0: prompt, arg_1: {} } },
    resps: [[response, second]],
    filter: "none",
    exact_match: 1
  }, [
    { ...same, id: "4#0", level: "3", query: "doc abc" },
    { ...same, id: "4#1", level: "3", query: "doc abc", response: second }
  ]],
  ["lm-eval", "a chat model's messages as JSON text", {
    doc_id: 4,
    doc: { question: "other words", choices: ["41", "42"] },
    target: 1,
    arguments: [[JSON.stringify([{ role: "system", content: "Be brief." }, user]), {}]],
    resps: [[response]]
  }, [{ id: "4", prompt, response, answer: "B", choices: ["41", "42"] }]],
  ["lighteval", "texts with reasoning beside them", {
    doc: { query: prompt, choices: [answer], gold_index: [0], task_name: "t" },
    model_response: { text: ["The answer is 42.", second], reasonings: ["6 * 7", null], truncated_tokens_count: [0, 5] },
    metric: { extractive_match: 0.5 }
  }, [
    { ...same, id: "9#0", response: "<think>\n6 * 7\n</think>\n\nThe answer is 42." },
    { ...same, id: "9#1", response: second, truncated: true }
  ]],
  ["lighteval", "multiple choice", {
    doc: { query: prompt, choices: ["41", "42", "43"], gold_index: 1 },
    model_response: { text: [response] },
    metric: { acc: 1 }
  }, [{ id: "9", prompt, response, answer: "B", choices: ["41", "42", "43"], score: 1 }]],
  ["inspect", "a sample, its reasoning as a part of the content", {
    id: 3,
    epoch: 2,
    input: [{ role: "system", content: "Be brief." }, user],
    target: [answer, "forty-two"],
    messages: [
      user,
      { role: "assistant", content: "Example.", source: "input" },
      { role: "assistant", content: [{ type: "reasoning", reasoning: "6 * 7" }, { type: "text", text: response }], source: "generate" }
    ],
    output: { model: "m", choices: [{ message: model, stop_reason: "max_tokens" }] },
    scores: { match: { value: "C" } },
    metadata: { level: "easy" }
  }, [{
    ...same,
    id: "3#2",
    aliases: ["forty-two"],
    level: "easy",
    response: `<think>\n6 * 7\n</think>\n\n${response}`,
    score: 1,
    truncated: true
  }]],
  ["inspect", "texts kept beside the messages", {
    input: prompt,
    target: answer,
    messages: [user, { role: "assistant", content: "attachment://h1" }],
    attachments: { h1: response },
    output: { choices: [{ message: { role: "assistant", content: "attachment://h1" }, stop_reason: "stop" }] }
  }, [{ ...same, id: "9" }]],
  ["evalscope", "a review", {
    index: 0,
    target: answer,
    messages: [user, model],
    sample_score: { sample_id: 0, score: { value: { acc: 1 }, prediction: response } }
  }, [{ ...same, id: "9", score: 1 }]],
  ["evalscope", "a review of an older version", {
    index: 0,
    raw_input: { question: prompt, answer: "6 * 7 = 42\n#### 42" },
    choices: [{ index: 0, message: model, review: { gold: answer, pred: answer, result: 1 } }]
  }, [{ ...same, id: "9" }]],
  ["openai", "an answer with its request, two choices", {
    messages: [user],
    answer,
    choices: [choice(0, response), choice(1, second, "length")]
  }, [
    { ...same, id: "9#0" },
    { ...same, id: "9#1", response: second, truncated: true }
  ]],
  ["openai", "text completions, whose choices are no options", {
    prompt,
    answer: 42,
    choices: [{ text: response, index: 0, finish_reason: "stop" }, { text: second, index: 1, finish_reason: "stop" }]
  }, [{ ...same, id: "9#0" }, { ...same, id: "9#1", response: second }]],
  ["openai", "the Responses API, incomplete", {
    request: { input: [user], metadata: { answer } },
    response: {
      object: "response",
      status: "incomplete",
      incomplete_details: { reason: "max_output_tokens" },
      output: [{ type: "reasoning", summary: [{ type: "summary_text", text: "6 * 7" }] }, {
        type: "message",
        role: "assistant",
        content: [{ type: "output_text", text: response }]
      }]
    }
  }, [{ ...same, id: "9", response: `<think>\n6 * 7\n</think>\n\n${response}`, truncated: true }]],
  ["openai", "Ollama", { model: "m", message: { ...model, thinking: "6 * 7" }, done_reason: "length", question: prompt, answer }, [
    { ...same, id: "9", response: `<think>\n6 * 7\n</think>\n\n${response}`, truncated: true }
  ]],
  ["openai-batch", "a line with its request joined", {
    custom_id: "q1",
    body: { messages: [user] },
    answer,
    response: { status_code: 200, body: { object: "chat.completion", choices: [choice(0, response)] } },
    error: null
  }, [{ ...same, id: "q1" }]],
  ["sglang", "cut off", { text: response, prompt, answer, meta_info: { finish_reason: { type: "length", length: 9 } } }, [
    { ...same, id: "9", truncated: true }
  ]],
  ["slime", "truncated", {
    index: 1,
    prompt: [user],
    response,
    label: answer,
    reward: { score: 1 },
    status: "truncated",
    rollout_log_probs: []
  }, [
    { ...same, id: "9", score: 1, truncated: true }
  ]],
  ["verifiers", "metrics beside the fields", {
    example_id: 0,
    prompt: [{ role: "system", content: "Be brief." }, user],
    completion: [model],
    answer,
    reward: 0.5,
    is_truncated: false,
    stop_condition: "prompt_too_long",
    metrics: { correct_answer: 1 },
    correct_answer: 1
  }, [{ ...same, id: "9", score: 0.5, truncated: true }]],
  ["prime-rl", "an episode, with a trace of a judge", {
    id: "e",
    task: { type: "T", data: { prompt, answer } },
    run: { type: "train", id: "r", work: { type: "train", step: 3 } },
    ok: true,
    traces: [
      { id: "j", task: { type: "J", data: {} }, agent: { name: "judge", trainable: false }, nodes: [{ message: model, sampled: true }] },
      {
        id: "9",
        task: { type: "T", data: { prompt, answer } },
        agent: { name: "agent", trainable: true },
        nodes: [
          { message: { role: "system", content: "Be brief." }, sampled: false },
          { parent: 0, message: user, sampled: false },
          { parent: 1, message: { role: "assistant", content: "another branch" }, sampled: true },
          { parent: 1, message: model, sampled: true }
        ],
        calls: [{ node: 3, finish_reason: "length" }],
        rewards: { correct: { score: 1, weight: 1 } },
        stop_condition: "agent_completed",
        ok: true
      }
    ]
  }, [{ ...same, id: "9", score: 1, truncated: true }]],
  ["prime-rl", "a trace alone", {
    id: "9",
    task: { type: "T", data: { answer } },
    nodes: [{ message: user, sampled: false }, { parent: 0, message: model, sampled: true }],
    rewards: { a: { score: 1 }, b: { score: 0 } },
    stop_condition: "max_output_tokens"
  }, [{ ...same, id: "9", truncated: true }]],
  ["tinker", "a trajectory", {
    idx: 0,
    benchmark: "b",
    example_id: "e",
    turns: [{ role: "user", content: prompt, token_count: 3 }, { role: "assistant", content: response }, { role: "grader", content: "no" }],
    reward: 1,
    metrics: { correct: 1, overlong: 1 },
    logs: { expected: answer }
  }, [{ ...same, id: "9", score: 1, truncated: true }]],
  ["math-harness", "lists of code, pred and score", {
    idx: 0,
    question: prompt,
    gt: answer,
    code: [response, second],
    pred: ["42", "48"],
    score: [true, false]
  }, [
    { ...same, id: "9#0", score: 1 },
    { ...same, id: "9#1", response: second, score: 0 }
  ]],
  ["nemo", "NeMo-Skills", { problem: prompt, generation: response, expected_answer: answer, is_correct: true }, [{
    ...same,
    id: "9",
    score: 1
  }]],
  ["samples", "OpenR1's generations", {
    problem: prompt,
    answer,
    solution: "six sevens",
    generations: [response, second],
    finish_reasons: ["stop", "length"],
    correctness_math_verify: [true, false],
    messages: [user, model]
  }, [
    { ...same, id: "9#0", score: 1 },
    { ...same, id: "9#1", response: second, score: 0, truncated: true }
  ]],
  ["samples", "verl's parquet", {
    data_source: "d",
    prompt: [user],
    responses: [response],
    reward_model: { style: "rule", ground_truth: answer }
  }, [
    { ...same, id: "9" }
  ]],
  ["samples", "vLLM's outputs", { prompt, outputs: [{ index: 0, text: response, finish_reason: "length" }], label: answer }, [
    { ...same, id: "9", truncated: true }
  ]],
  ["samples", "Gemini's candidates", {
    prompt,
    answer,
    candidates: [{ content: { role: "model", parts: [{ text: "6 * 7", thought: true }, { text: response }] }, finishReason: "MAX_TOKENS" }]
  }, [{ ...same, id: "9", response: `<think>\n6 * 7\n</think>\n\n${response}`, truncated: true }]],
  ["verl", "a dump", {
    input: `system\nYou are helpful.\nuser\n${prompt}\nassistant\n`,
    output: response,
    gts: answer,
    score: 1,
    step: 2,
    uid: "u"
  }, [
    { ...same, id: "u", score: 1 }
  ]],
  ["trl", "chat rows with a second turn", {
    prompt: [user],
    completion: [
      { role: "assistant", content: second },
      { role: "user", content: "The answer is 500. Are you sure?" },
      { role: "assistant", content: null, reasoning_content: "6 * 7", tool_calls: [{ id: "t" }] },
      { role: "tool", content: "The answer is 600." },
      model
    ],
    solution: answer
  }, [{
    ...same,
    id: "9",
    response: `${second}\n\n<think>\n6 * 7\n</think>\n\n${response}`,
    turns: [second.length + 2]
  }]],
  ["plain", "other names", { instruction: "Answer with a number.", input: prompt, output: response, reference: answer }, [
    { ...same, id: "9", prompt: `Answer with a number.\n\n${prompt}` }
  ]],
  ["plain", "an instruction without an input", { instruction: prompt, input: "", output: response, answer }, [{ ...same, id: "9" }]],
  [
    "messages",
    "one list",
    { messages: [{ role: "system", content: "Be brief." }, user, model, { role: "user", content: "48?" }], answer },
    [
      { ...same, id: "9" }
    ]
  ],
  ["sharegpt", "from and value", {
    conversations: [{ from: "system", value: "s" }, { from: "human", value: prompt }, { from: "gpt", value: response }],
    answer
  }, [{ ...same, id: "9" }]]
]
