/** What steers a terminal, in every field that comes from outside, of every command: none of it is printed as it is. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { gzipSync } from "node:zlib"
import { type FaultyServer, startFaultyServer } from "../engine/FaultyServer.ts"
import { ggufBytes, PRETRAINED, safetensorsBytes } from "../support/PretrainedFiles.ts"
import { syntheticResults } from "../support/SyntheticResults.ts"
import { runProgramAside } from "../support/WarmProgram.ts"
import { tinyConfiguration } from "../support/TinyConfiguration.ts"

// The clipboard, a colour, a cleared screen, a bell, the line anew, the same in one byte, and the order of what follows reversed.
const STEERING = "\u001b]52;c;cm0gLXJm\u0007\u001b[31m\u001b[2J\r\u009b2J\u202e\u2066\u200b\u2028"

// eslint-disable-next-line no-control-regex
const RAW = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/

let folder = ""
let server: FaultyServer
const path = (...names: ReadonlyArray<string>): string => join(folder, ...names)
const written = (name: string, content: unknown): string => {
  writeFileSync(path(name), typeof content === "string" || content instanceof Uint8Array ? content : JSON.stringify(content))
  return path(name)
}
const lines = (...rows: ReadonlyArray<unknown>): string => rows.map((row) => JSON.stringify(row) + "\n").join("")

const row = (k: number, change: object = {}) => ({
  prompt: `How many${STEERING}? ${k}`,
  response: `It is 5.${STEERING} Wait, no. The answer is 4.${STEERING}`,
  answer: "4",
  level: `level${STEERING}`,
  id: `${k}${STEERING}`,
  ...change
})
const rows = lines(row(1), row(2), row(3, { [`field${STEERING}`]: STEERING }))
const badRows = `{"prompt": ${STEERING}\n${STEERING}\n${
  lines({ [`nothing${STEERING}`]: STEERING }, { custom_id: STEERING, response: { status_code: STEERING }, error: { message: STEERING } })
}`

const configuration = {
  ...tinyConfiguration(8),
  steps: 1,
  checkpointEvery: 1,
  task: { _tag: "Multiplication", radix: 2, levels: ["1x1"] },
  schedule: { peak: 0.003, warmup: 1, decay: "cosine", floor: 0.1, total: 1 },
  queries: 2,
  maxTokens: 16
}
const attributed = {
  logprobs: [-0.1, -0.2, -0.3],
  score: 1,
  id: STEERING,
  spans: [{ kind: "sample", start: 0, end: 2 }, { kind: "decision", start: 2, end: 3, action: "STOP" }]
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "steering-"))
  mkdirSync(path("empty"))
  server = await startFaultyServer((_, earlier) =>
    earlier % 2 === 0 ? { status: 400, text: JSON.stringify({ error: { message: STEERING } }), headers: {} } : { body: STEERING }
  )
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

type Arguments = () => ReadonlyArray<string>
const train = (change: object): Arguments => () => [
  "train",
  "grpo",
  "--config",
  written("run.json", { ...configuration, ...change }),
  "--out",
  path(`run${STEERING}`)
]
const model = (name: string, change: (folder: string) => void): Arguments => () => {
  const copy = path(`model-${name}`)
  cpSync(join(PRETRAINED, "llama-tied"), copy, { recursive: true, filter: (each) => !each.includes("golden") })
  change(copy)
  return ["model", "info", copy]
}
const evaluated = (...more: ReadonlyArray<string>): Arguments => () => [
  "eval",
  "--endpoint",
  server.endpoint,
  "--model",
  `m${STEERING}`,
  "--prompts",
  written("prompts.jsonl", lines({ prompt: "2 + 2?", answer: "4", id: STEERING, level: STEERING })),
  "--retries",
  "0",
  "--out",
  path("evaluated.jsonl"),
  ...more
]

const calls: ReadonlyArray<readonly [what: string, args: Arguments, status?: 0]> = [
  ["a command that is none", () => [STEERING]],
  ["a flag that is none", () => ["calibrate", `--${STEERING}`]],
  ["a flag's value", () => ["sweep", "--seeds", STEERING]],
  ["a choice of several", () => ["reproduce", "--preset", STEERING]],
  ["a file that is not there", () => ["calibrate", path(STEERING)]],
  ["calibrate: levels, ids and texts", () => ["calibrate", written(`t${STEERING}.jsonl`, rows), "--rounds", "10"], 0],
  ["calibrate: JSON", () => ["calibrate", written("t.jsonl", rows), "--rounds", "10", "--json"], 0],
  ["calibrate: bad rows", () => ["calibrate", written("bad.jsonl", rows + badRows), "--rounds", "10"], 0],
  ["calibrate: bad rows alone", () => ["calibrate", written("worse.jsonl", badRows)]],
  ["calibrate: strict", () => ["calibrate", written("bad.jsonl", rows + badRows), "--strict"]],
  ["calibrate: gzip", () => ["calibrate", written("t.jsonl.gz", gzipSync(rows).subarray(0, 60))]],
  ["calibrate: explain", () => ["calibrate", written("t.jsonl", rows), "--explain", `1${STEERING}`]],
  ["calibrate: explain a line", () => ["calibrate", written("t.jsonl", rows), "--explain", "2"]],
  ["calibrate: train levels", () => ["calibrate", written("t.jsonl", rows), "--trained", STEERING]],
  ["calibrate: a field of scores", () => ["calibrate", written("t.jsonl", rows), "--score-field", STEERING]],
  [
    "calibrate: markers",
    () => ["calibrate", written("t.jsonl", rows), "--markers", written("markers.txt", `wait${STEERING}\n(${STEERING}`), "--rounds", "10"]
  ],
  ["calibrate: a part", () => ["calibrate", written("t.jsonl", rows), "--partial", path(`a${STEERING}.part`)]],
  [
    "calibrate: by step",
    () => [
      "calibrate",
      written("steps.jsonl", lines(row(1, { step: 1 }), row(2, { step: 2 }), row(3, { step: 2 }))),
      "--by",
      "step",
      "--rounds",
      "10"
    ]
  ],
  ["merge", () => ["calibrate", "merge", written("none.part", `decision-sampling part of a calibration, version ${STEERING}\n`)]],
  ["compare", () => ["compare", written("t.jsonl", rows), written("u.jsonl", rows), "--rounds", "10"], 0],
  [
    "theory evaluate",
    () => ["theory", "evaluate", written("theory.json", [{ [STEERING]: 1, attempts: STEERING }, { id: STEERING, answers: STEERING }])]
  ],
  ["theory evaluate: no JSON", () => ["theory", "evaluate", written("theory.json", STEERING)]],
  [
    "theory evaluate: a process",
    () => [
      "theory",
      "evaluate",
      written("theory.json", {
        id: STEERING,
        gamma: 1,
        beta: 1,
        maxCycles: 1,
        answers: [{ tokens: [STEERING], correct: true }],
        policy: { [STEERING]: 1 }
      })
    ]
  ],
  ["theory evaluate: where to", () => ["theory", "evaluate", written("theory.json", "[]"), "--out", path("theory.json", STEERING)]],
  [
    "attribute",
    () => [
      "attribute",
      written("attributed.jsonl", lines(attributed, { ...attributed, logprobs: [STEERING, 0, 0] }, { [STEERING]: STEERING }) + STEERING)
    ],
    0
  ],
  ["attribute: tables", () => ["attribute", written("attributed.jsonl", lines(attributed)), "--tables"], 0],
  [
    "attribute: parts",
    () => [
      "attribute",
      written("attributed.jsonl", lines({ ...attributed, spans: [{ kind: "sample", start: 0, end: 3, part: STEERING }] })),
      "--parts",
      `a,${STEERING}`
    ]
  ],
  ["train: a field that is none", train({ [STEERING]: STEERING })],
  ["train: a value", train({ task: { _tag: STEERING, levels: [STEERING] } })],
  ["train: a level", train({ task: { ...configuration.task, levels: [STEERING] } })],
  ["train: a module that is none", train({ reward: { _tag: "Module", module: `./${STEERING}.ts` } })],
  ["train: a module that throws", () => {
    written("throws.mjs", `export const reward = () => { throw new Error(${JSON.stringify(STEERING)}) }`)
    return train({ reward: { _tag: "Module", module: "./throws.mjs", settings: STEERING } })()
  }],
  ["train: no JSON", () => ["train", "grpo", "--config", written("run.json", `{"a": ${STEERING}`), "--out", path("out")]],
  ["train: a trainer that is none", () => ["train", STEERING, "--config", written("run.json", configuration), "--out", path("out")]],
  ["train: a run", train({}), 0],
  ["train: another run's folder", () => [...train({ seed: 2 })(), "--resume"]],
  [
    "report: labels",
    () => [
      "report",
      written(`r${STEERING}.json`, syntheticResults({ n: 10, rounds: 10, label: STEERING })),
      "--out",
      path(`report${STEERING}.html`)
    ],
    0
  ],
  [
    "report: no results",
    () => ["report", written("r.json", { [STEERING]: STEERING, levels: [{ level: STEERING }] }), "--out", path("report.html")]
  ],
  ["report: no JSON", () => ["report", written("r.json", STEERING), "--out", path("report.html")]],
  ["seeds", () => ["seeds", written("r.json", { models: STEERING }), written("s.json", STEERING), "--out", path("pooled")]],
  ["model info: a repository", () => ["model", "info", `owner/${STEERING}`]],
  [
    "model info: settings",
    model(
      "settings",
      (copy) => writeFileSync(join(copy, "config.json"), JSON.stringify({ model_type: STEERING, architectures: [STEERING] }))
    )
  ],
  [
    "model info: a tensor",
    model("tensor", (copy) =>
      writeFileSync(
        join(copy, "model.safetensors"),
        safetensorsBytes(JSON.stringify({ [STEERING]: { dtype: STEERING, shape: [1], data_offsets: [0, 4] } }), new Uint8Array(4))
      ))
  ],
  [
    "model info: an index",
    model("index", (copy) => {
      rmSync(join(copy, "model.safetensors"))
      writeFileSync(join(copy, "model.safetensors.index.json"), JSON.stringify({ weight_map: { [STEERING]: STEERING } }))
    })
  ],
  [
    "model info: words",
    model(
      "words",
      (copy) => writeFileSync(join(copy, "tokenizer.json"), JSON.stringify({ model: { type: STEERING, vocab: { [STEERING]: STEERING } } }))
    )
  ],
  [
    "model info: GGUF",
    () => ["model", "info", written("model.gguf", ggufBytes([["general.architecture", STEERING], [STEERING, STEERING]], [], []))]
  ],
  ["model export: a run", () => ["model", "export", path("empty"), "--as", "peft", "--out", path(STEERING)]],
  ["model pull", () => ["model", "pull", STEERING]],
  ["eval: a server's words", evaluated()],
  ["eval: its words again", evaluated("--resume")],
  ["eval: an address", () => ["eval", "--endpoint", STEERING, "--model", "m", "--levels", "2x2", "--out", path("e.jsonl")]],
  ["eval: a level", () => ["eval", "--endpoint", server.endpoint, "--model", "m", "--levels", STEERING, "--out", path("e.jsonl")]],
  [
    "eval: prompts",
    () => [
      "eval",
      "--endpoint",
      server.endpoint,
      "--model",
      "m",
      "--prompts",
      written("p.jsonl", lines({ [STEERING]: 1 })),
      "--out",
      path("e.jsonl")
    ]
  ],
  ["eval: simulated", () => ["eval", "--simulate", STEERING, "--levels", "2x2", "--out", path("e.jsonl")]],
  [
    "batch write",
    () => [
      "eval",
      "batch",
      "write",
      path("batch"),
      "--model",
      STEERING,
      "--prompts",
      written("prompts.jsonl", lines({ prompt: `2${STEERING}`, id: STEERING }))
    ],
    0
  ],
  [
    "batch read",
    () => [
      "eval",
      "batch",
      "read",
      path("batch"),
      written("output.jsonl", lines({ custom_id: STEERING, error: { message: STEERING } }) + STEERING),
      "--out",
      path("b.jsonl")
    ]
  ],
  ["score", () => ["score", written("t.jsonl", rows), "--model", STEERING, "--out", path("scored.jsonl")]],
  ["data", () => ["data", "generate", "--levels", STEERING, "--out", path(STEERING)]],
  ["export", () => ["export", STEERING, "--out", path(STEERING)]],
  [
    "export: a configuration",
    () => ["export", "verl", "--config", written("run.json", { [STEERING]: STEERING }), "--out", path("exported")]
  ],
  ["view: a port", () => ["view", path("t.jsonl"), "--port", STEERING]],
  ["install-native", () => ["install-native", STEERING]],
  ["doctor", () => ["doctor", "--json"]]
]

describe("nothing from outside steers the terminal", () => {
  it.each(calls.map(([what, args, status]) => ({ what, args, status })))("$what", async ({ args, status }) => {
    const ended = await runProgramAside(args(), {
      cwd: folder,
      env: { DECISION_SAMPLING_BLAS: "none", HF_HUB_OFFLINE: "1", HF_ENDPOINT: `http://127.0.0.1:9/${STEERING}` }
    })
    const printed = ended.stdout + ended.stderr
    expect(JSON.stringify(RAW.exec(printed)?.[0] ?? null)).toBe("null")
    expect(printed).not.toBe("")
    expect(printed).not.toMatch(/^\s+at .*\.ts:\d+/m)
    if (status !== undefined) expect([ended.status, ended.stderr.slice(0, status === ended.status ? 0 : 500)]).toEqual([status, ""])
  })
})
