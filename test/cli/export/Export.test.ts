import { execFileSync, spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { Effect, Result } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { exportExperiment, type ExportOptions } from "../../../src/cli/export/Export.ts"
import { reinforcementOf, supervisedOf, TOOLS } from "../../../src/cli/export/Experiment.ts"
import { llamaFactorySettings } from "../../../src/cli/export/LlamaFactory.ts"
import { trlSettings } from "../../../src/cli/export/Trl.ts"
import { override, verlScript, verlSettings } from "../../../src/cli/export/Verl.ts"
import { gradeTranscript } from "../../../src/eval/transcripts/Grade.ts"
import { unwrapped } from "../../support/Unwrapped.ts"
import fields from "../../fixtures/engines/fields.json" with { type: "json" }

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "export-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

const small = { examples: 512 } as const
let made = 0
const exported = async (options: Partial<ExportOptions> & Pick<ExportOptions, "tool">) => {
  const out = options.out ?? join(folder, `out-${made++}`)
  const result = await Effect.runPromise(
    Effect.result(exportExperiment({ ...small, ...options, out })).pipe(Effect.provide(NodeServices.layer))
  )
  return { out, result }
}
const problemOf = async (options: Partial<ExportOptions> & Pick<ExportOptions, "tool">): Promise<string> => {
  const { result } = await exported(options)
  return Result.isFailure(result) ? result.failure.message : "no failure"
}
const written = async (options: Partial<ExportOptions> & Pick<ExportOptions, "tool">): Promise<string> => {
  const { out, result } = await exported(options)
  if (Result.isFailure(result)) throw result.failure
  return out
}
const config = (value: object): string => {
  const file = join(folder, `config-${made++}.json`)
  writeFileSync(file, JSON.stringify(value))
  return file
}
const rows = (file: string): ReadonlyArray<Record<string, unknown>> =>
  readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>)

const grpo = {
  seed: 3,
  steps: 4,
  checkpointEvery: 2,
  task: { _tag: "Multiplication", radix: 10, levels: ["2x1"] },
  model: { _tag: "Pretrained", path: "HuggingFaceTB/SmolLM2-135M-Instruct", positions: 320, system: "" },
  schedule: { peak: 2e-4, warmup: 3, decay: "constant", floor: 1, total: 0 },
  queries: 8,
  maxTokens: 160
}
const sft = {
  seed: 3,
  steps: 4,
  checkpointEvery: 2,
  task: grpo.task,
  model: grpo.model,
  schedule: { peak: 1e-3, warmup: 0, decay: "cosine", floor: 0.1, total: 4 },
  batchSize: 8,
  demonstrations: { kind: "echo", slip: 0.05, resampleRate: 0.3 }
}

describe("the paper's experiment", () => {
  it("has appendix E.3's values, each marked as the paper's, and marks what is blank there as ours", () => {
    const of = (name: string) => verlSettings(reinforcementOf("paper")).find((each) => each.name === name)
    for (
      const [name, value] of [
        ["data.train_batch_size", 512],
        ["actor_rollout_ref.actor.ppo_mini_batch_size", 128],
        ["actor_rollout_ref.rollout.n", 8],
        ["actor_rollout_ref.actor.kl_loss_coef", 0.001],
        ["actor_rollout_ref.actor.kl_loss_type", "low_var_kl"],
        ["data.max_prompt_length", 1024],
        ["data.max_response_length", 8192],
        ["trainer.total_epochs", 2],
        ["actor_rollout_ref.model.enable_gradient_checkpointing", true],
        ["actor_rollout_ref.model.path", "Qwen/Qwen2.5-7B-Instruct"]
      ] as const
    ) expect(of(name)).toMatchObject({ value, origin: "paper" })
    expect(of("actor_rollout_ref.actor.optim.lr")).toMatchObject({ origin: "ours", note: expect.stringContaining("blank") })
    const supervised = llamaFactorySettings(supervisedOf("paper"), "none", false)
    const named = (name: string) => supervised.find((each) => each.name === name)
    expect(named("num_train_epochs")).toMatchObject({ value: 4, origin: "paper" })
    expect(Number(named("per_device_train_batch_size")?.value) * Number(named("gradient_accumulation_steps")?.value)).toBe(128)
    expect(named("learning_rate")).toMatchObject({ origin: "ours" })
  })

  it("TRL's numbers are verl's: completions of a step and of an update, dual clip, token mean", () => {
    const { config: settings, stepOf, updatesOf } = trlSettings(reinforcementOf("paper"))
    const values = Object.fromEntries(settings.map(({ name, value }) => [name, value]))
    expect([stepOf.value, updatesOf.value]).toEqual([4096, 1024])
    expect(values).toMatchObject({
      num_generations: 8,
      beta: 0.001,
      delta: 3,
      loss_type: "dapo",
      scale_rewards: "group",
      max_completion_length: 8192
    })
  })

  it.each(["paper", "smollm2"] as const)("every setting of %s is one that the pinned engines have", (preset) => {
    const unknown = (known: ReadonlyArray<string>, names: ReadonlyArray<string>) => names.filter((name) => !known.includes(name))
    expect(unknown(fields.verl.fields, verlSettings(reinforcementOf(preset)).map(({ name }) => name))).toEqual([])
    expect(unknown(fields.trl.fields, trlSettings(reinforcementOf(preset)).config.map(({ name }) => name))).toEqual([])
    expect(unknown(fields.llamafactory.fields, llamaFactorySettings(supervisedOf(preset), "none", true).map(({ name }) => name))).toEqual(
      []
    )
  })

  it("an override that the shell or hydra would read otherwise is quoted", () => {
    expect(override({ name: "a", value: "x y", origin: "ours", note: "" })).toBe("a='x y'")
    expect(override({ name: "a", value: "it's", origin: "ours", note: "" })).toBe("a='it\\'s'")
    expect(verlScript([{ name: "a", value: "$(rm -rf /)`x`\"", origin: "ours", note: "" }])).toContain("\"a='\\$(rm -rf /)\\`x\\`\\\"'\"")
    expect(verlScript([{ name: "a", value: "$HERE/data", origin: "ours", note: "", hasVariables: true }])).toContain("\"a='$HERE/data'\"")
    // A model's name is no variable, and a backslash before a quote is doubled as hydra wants it.
    expect(verlScript([{ name: "a", value: "$HERE/data", origin: "ours", note: "" }])).toContain("\"a='\\$HERE/data'\"")
    expect(verlScript([{ name: "a", value: "$GPUS", origin: "ours", note: "" }])).toContain("\"a='\\$GPUS'\"")
    expect(override({ name: "a", value: "b\\'c\\d\\", origin: "ours", note: "" })).toBe("a='b\\\\\\'c\\d\\\\'")
  })
})

describe("what is written", () => {
  it("verl: rows that its data set reads, train apart from test, with all that reward and calibrate need", async () => {
    const out = await written({ tool: "verl" })
    expect(readdirSync(out).toSorted()).toEqual([
      "README.md",
      "data",
      "decision_sampling_grading.py",
      "requirements.txt",
      "reward.py",
      "reward_manager.py",
      "run.sh"
    ])
    const [train, test] = [rows(join(out, "data/train.jsonl")), rows(join(out, "data/test.jsonl"))]
    expect([train.length, test.length]).toEqual([512, 700])
    expect(train[0]).toMatchObject({
      prompt: [{ role: "user", content: expect.stringMatching(/^Calculate \d+ \* \d+\. Think step by step\.$/) }],
      reward_model: { style: "rule", ground_truth: expect.stringMatching(/^\d+$/) },
      extra_info: { split: "train", index: 0, level: "3x1" }
    })
    const problems = (list: typeof train) => new Set(list.map(({ extra_info: info }) => (info as { readonly problem: string }).problem))
    expect([...problems(train)].filter((each) => problems(test).has(each))).toEqual([])
    expect(readFileSync(join(out, "README.md"), "utf8")).toContain("| `data.train_batch_size` | `512` | the paper |")
  })

  it("LLaMA-Factory: demonstrations that calibrate reads as they were meant, of each kind", async () => {
    const out = await written({ tool: "llamafactory" })
    const read = (kind: string) =>
      rows(join(out, `data/sft_${kind}.jsonl`)).map(({ messages }) => {
        const [user, assistant] = messages as ReadonlyArray<{ readonly content: string }>
        return gradeTranscript({ id: "", prompt: user!.content, response: assistant!.content })
      })
    for (const rollout of read("none")) {
      expect([rollout.outcome, rollout.attempts.length, rollout.attempts[0]?.decision]).toEqual(["Correct", 1, "STOP"])
    }
    // Echo says RESAMPLE after right answers too; corrections never do, and end in the right one.
    const decisions = (kind: string) => read(kind).flatMap(({ attempts }) => attempts)
    expect(decisions("echo").some(({ correct, decision }) => correct && decision === "RESAMPLE")).toBe(true)
    expect(decisions("corrections").some(({ correct, decision }) => correct === (decision === "RESAMPLE"))).toBe(false)
    expect(Object.keys(JSON.parse(readFileSync(join(out, "data/dataset_info.json"), "utf8")) as object)).toEqual([
      "sft_none",
      "sft_echo",
      "sft_corrections"
    ])
    expect(unwrapped(readFileSync(join(out, "README.md"), "utf8"))).toContain("it needs the model's own attempts")
  })

  it("LLaMA-Factory: expert demonstrations of a model's own attempts, without those at test problems", async () => {
    const attempts = join(folder, "attempts.jsonl")
    const test = rows(join(await written({ tool: "llamafactory", seed: 9 }), "data/test.jsonl"))[0]!
    const prompt = "Calculate 111 * 2. Think step by step."
    const own = [
      { prompt, response: "Twice 111 is 221. The answer is 221. Wait, let me check. The answer is 222.", answer: "222" },
      { prompt, response: "111*2 is \\boxed{222}.", answer: "222" },
      { prompt, response: "Hm.", answer: "222" },
      { prompt: test["prompt"], response: "The answer is 1.", answer: test["answer"] }
    ]
    writeFileSync(attempts, own.map((row) => JSON.stringify(row)).join("\n"))
    const { out, result } = await exported({ tool: "llamafactory", seed: 9, attempts })
    expect(Result.isSuccess(result) ? result.success.attempts : undefined).toMatchObject({ ofTest: 1, unanswered: 1 })
    const texts = new Set(
      rows(join(out, "data/sft_expert.jsonl")).map(({ messages }) => (messages as ReadonlyArray<{ readonly content: string }>)[1]!.content)
    )
    expect([...texts].toSorted()).toEqual([
      "111*2 is \\boxed{222}.",
      "Twice 111 is 221. The answer is 221.\nWait, I made a mistake. Let me recompute.\n111*2 is \\boxed{222}."
    ])
  })

  it("a configuration of train maps to the tools' fields, and is marked so", async () => {
    const out = await written({
      tool: "verl",
      config: config({
        ...grpo,
        kl: { _tag: "InReward", beta: 0.01, estimator: "k1", placement: "verl" },
        dualClip: null,
        clipNorm: 0.3,
        optimizer: { beta1: 0.8, beta2: 0.95, epsilon: 1e-6, weightDecay: 0.1 }
      }),
      examples: 32
    })
    const script = readFileSync(join(out, "run.sh"), "utf8")
    for (
      const line of [
        "actor_rollout_ref.model.lora_rank=16",
        "algorithm.use_kl_in_reward=True",
        "algorithm.kl_penalty=kl",
        "algorithm.kl_ctrl.kl_coef=0.01",
        "actor_rollout_ref.actor.clip_ratio_c=1000000",
        "data.train_batch_size=8",
        "actor_rollout_ref.actor.optim.lr_warmup_steps=3",
        // verl 0.9.1 clips by this field, and reads grad_clip nowhere.
        "actor_rollout_ref.actor.optim.clip_grad=0.3",
        "actor_rollout_ref.actor.optim.betas=[0.8,0.95]",
        "+actor_rollout_ref.actor.optim.override_optimizer_config.eps=0.000001"
      ]
    ) expect(script).toContain(`"${line}"`)
    expect(readFileSync(join(out, "README.md"), "utf8")).toContain("| `data.train_batch_size` | `8` | your configuration | queries |")
    expect(rows(join(out, "data/train.jsonl"))[0]).toMatchObject({ prompt: [{ role: "system", content: "" }, { role: "user" }] })
    const factory = readFileSync(join(await written({ tool: "llamafactory", config: config(sft), examples: 32 }), "sft.yaml"), "utf8")
    expect(factory).toContain("lr_scheduler_type: \"cosine_with_min_lr\"")
    expect(factory).toContain("lora_rank: 16")
  })

  it("an optimizer of a configuration is marked as the configuration's, each constant of it, and the paper's as what it is", async () => {
    const optimizer = { beta1: 0.8, beta2: 0.95, epsilon: 1e-6, weightDecay: 0.1 }
    const factory = readFileSync(join(await written({ tool: "llamafactory", config: config({ ...sft, optimizer }) }), "README.md"), "utf8")
    const trl = readFileSync(join(await written({ tool: "trl", config: config({ ...grpo, optimizer }) }), "README.md"), "utf8")
    for (const text of [factory, trl]) {
      for (const [name, value] of [["adam_beta1", 0.8], ["adam_beta2", 0.95], ["adam_epsilon", 0.000001], ["weight_decay", 0.1]] as const) {
        expect(text).toContain(`| \`${name}\` | \`${value}\` | your configuration |`)
      }
    }
    // E.4 says the temperature of the evaluation, and no text that of training.
    const paper = verlSettings(reinforcementOf("paper"))
    expect(paper.find(({ name }) => name.endsWith("rollout.temperature"))).toMatchObject({ value: 1, origin: "default" })
    expect(paper.find(({ name }) => name.endsWith("val_kwargs.temperature"))).toMatchObject({ value: 1, origin: "paper" })
  })

  it("warm-up is counted in steps by verl and in updates by TRL", async () => {
    const of = { ...grpo, miniBatchQueries: 2, epochs: 3 }
    const trl = await written({ tool: "trl", config: config(of) })
    const { config: settings } = JSON.parse(readFileSync(join(trl, "grpo.json"), "utf8")) as { readonly config: Record<string, unknown> }
    // 3 steps of 8 / 2 mini-batches, three times each.
    expect(settings["warmup_steps"]).toBe(36)
  })

  it("a model's folder that is here is written by its whole path, as each tool is started from elsewhere", async () => {
    const model = join(folder, "a 'model'")
    mkdirSync(model)
    const here = relative(process.cwd(), model)
    expect(readFileSync(join(await written({ tool: "llamafactory", model: here }), "sft.yaml"), "utf8")).toContain(
      `model_name_or_path: ${JSON.stringify(model)}\n`
    )
  })

  it("few problems of a small level are said, and the test that is named is one that there is", async () => {
    const text = readFileSync(join(await written({ tool: "verl", levels: ["1x1"], testLevels: ["1x1"] }), "README.md"), "utf8")
    expect(text).toContain("| `the test set` | `5 problems, 100 a level where there are so many: 1x1` |")
    expect(text).toContain("calibrate graded/test/2.jsonl\n")
  })

  it("run.sh of LLaMA-Factory keeps the batch on several cards and refuses what it does not know", async () => {
    const out = await written({ tool: "llamafactory" })
    const bin = join(folder, "bin")
    mkdirSync(bin)
    writeFileSync(join(bin, "llamafactory-cli"), "#!/bin/sh\necho \"$NPROC_PER_NODE $*\"\n", { mode: 0o755 })
    const run = (args: ReadonlyArray<string>, gpus?: string) =>
      spawnSync("bash", [join(out, "run.sh"), ...args], {
        encoding: "utf8",
        env: { ...process.env, PATH: `${bin}:${process.env["PATH"]}`, ...(gpus === undefined ? {} : { GPUS: gpus }) }
      })
    expect(run(["sft", "none"]).stdout).toBe(
      "1 train sft.yaml gradient_accumulation_steps=32 dataset=sft_none output_dir=output/sft_none\n"
    )
    const [first, ...others] = run(["learning_rate=1", "seed=2"], "8").stdout.trim().split("\n")
    expect(first).toBe(
      "8 train sft.yaml gradient_accumulation_steps=4 dataset=sft_none output_dir=output/sft_none learning_rate=1 seed=2"
    )
    expect(others.length).toBe(3)
    for (const [args, gpus] of [[["sft"], "1"], [["sft", "nune"], "1"], [["stf", "none"], "1"], [[], "5"], [[], "0"], [[], "x"]] as const) {
      expect([args, gpus, run(args, gpus).status]).toEqual([args, gpus, 2])
    }
  })

  it("run.sh of verl runs in a folder with blanks and commas, and names a folder that hydra would read otherwise", async () => {
    const bin = join(folder, "python-bin")
    mkdirSync(bin)
    writeFileSync(join(bin, "python3"), "#!/bin/sh\nprintf '%s\\n' \"$@\"\n", { mode: 0o755 })
    const env = { ...process.env, PATH: `${bin}:${process.env["PATH"]}` }
    const good = await written({ tool: "verl", out: join(folder, "a b,c=(d)"), model: "$HERE/$(touch x)`y`" })
    const lines = execFileSync("bash", [join(good, "run.sh")], { encoding: "utf8", env }).split("\n")
    expect(lines).toContain(`data.train_files='${good}/data/train.jsonl'`)
    expect(lines).toContain("actor_rollout_ref.model.path='$HERE/$(touch x)`y`'")
    const bad = await written({ tool: "verl", out: join(folder, "it's") })
    const { status, stderr } = spawnSync("bash", [join(bad, "run.sh")], { encoding: "utf8", env })
    expect([status, stderr]).toEqual([2, expect.stringContaining("move this folder to a path without quotes")])
  })

  it("the same seed gives the same files", async () => {
    const [a, b] = [await written({ tool: "trl" }), await written({ tool: "trl" })]
    for (const name of readdirSync(a).filter((each) => each !== "data")) {
      expect(readFileSync(join(a, name))).toEqual(readFileSync(join(b, name)))
    }
    expect(readFileSync(join(a, "data/train.jsonl"))).toEqual(readFileSync(join(b, "data/train.jsonl")))
  })
})

describe("what is refused", () => {
  it.each(TOOLS)("%s: a folder that is not empty, unless told", async (tool) => {
    const out = await written({ tool })
    expect(await problemOf({ tool, out })).toMatch(/the folder holds .* already\. Give another --out, or --overwrite/)
    expect(Result.isSuccess((await exported({ tool, out, isOverwriting: true })).result)).toBe(true)
  })

  it.each(
    [
      [
        "a mini-batch that does not divide the batch",
        "verl",
        { ...grpo, miniBatchQueries: 3 },
        /miniBatchQueries is 3; expected a divisor of the batch of 8/
      ],
      [
        "a field that verl does not have",
        "verl",
        { ...grpo, decisionWeighting: { _tag: "Natural" } },
        /decisionWeighting .*no such field for verl/
      ],
      ["a loss of another kind", "trl", { ...grpo, loss: { _tag: "Cispo" } }, /loss/],
      ["a network that is no language model", "verl", {
        ...grpo,
        model: {
          _tag: "Columns",
          words: { _tag: "Arithmetic", radix: 10, maxAttempts: 4, context: "markov", positions: 28 },
          transformer: { width: 8, layers: 1, heads: 1, mlp: 8, positions: 28 }
        }
      }, /model/],
      ["numerals of another base", "trl", { ...grpo, task: { ...grpo.task, radix: 5 } }, /task\.radix is 5; expected 10/],
      ["a decay", "verl", { ...grpo, schedule: { ...grpo.schedule, decay: "cosine", total: 4 } }, /schedule\.decay/],
      ["KL in TRL's reward", "trl", { ...grpo, kl: { _tag: "InReward", beta: 0.1, placement: "verl" } }, /kl .*GRPOTrainer has no other/],
      ["a misspelt KL", "verl", { ...grpo, kl: { _tag: "InLoss", beta: 0.1, estimator: "lowvar" } }, /kl\.estimator/],
      ["a group of one", "verl", { ...grpo, groupSize: 1 }, /groupSize is 1; expected at least 2/],
      [
        "KL in the reward otherwise than verl has it",
        "verl",
        { ...grpo, kl: { _tag: "InReward", beta: 0.1, estimator: "k1" } },
        /kl\.placement is reward-to-go; expected verl/
      ],
      ["clamps of KL that verl does not have", "verl", { ...grpo, kl: { _tag: "InLoss", beta: 0.1, clamp: 5 } }, /kl .*no clamps/],
      ["no room for a prompt", "verl", { ...grpo, maxTokens: 310 }, /model\.positions − maxTokens is 10; expected at least 16/],
      ["a model of one answer", "trl", { ...grpo, model: { ...grpo.model, singleTurn: true } }, /model\.singleTurn is true/],
      ["a GGUF file", "verl", { ...grpo, model: { ...grpo.model, path: "m.gguf" } }, /model\.path is m\.gguf; .*do not train GGUF/],
      ["a seed that numpy does not take", "llamafactory", { ...sft, seed: -1 }, /seed is -1; expected a whole number from 0/],
      [
        "a decay that ends elsewhere",
        "llamafactory",
        { ...sft, schedule: { ...sft.schedule, total: 9 } },
        /schedule\.total is 9; expected 4/
      ],
      [
        "wrong attempts that are only seen",
        "llamafactory",
        { ...sft, demonstrations: { ...sft.demonstrations, wrongAttempts: "context" } },
        /wrongAttempts/
      ],
      ["a configuration of another trainer", "llamafactory", grpo, /demonstrations|batchSize|queries/]
    ] as const
  )("%s", async (_, tool, value, message) => {
    const { out, result } = await exported({ tool, config: config(value), examples: 64 })
    expect(Result.isFailure(result) ? unwrapped(result.failure.message) : "").toMatch(message)
    expect(existsSync(out)).toBe(false)
  })

  it("attempts for a tool that makes no demonstrations of them, attempts of nobody, a level that is none, fewer problems than a batch", async () => {
    expect(await problemOf({ tool: "verl", attempts: "x" })).toMatch(/--attempts .*left out for verl/)
    const empty = join(folder, "empty.jsonl")
    writeFileSync(empty, JSON.stringify({ prompt: "What?", response: "Hm." }))
    expect(await problemOf({ tool: "llamafactory", attempts: empty })).toMatch(/--attempts .*0 are of test problems, 1 have none/)
    expect(await problemOf({ tool: "llamafactory", attempts: join(folder, "none.jsonl") })).toMatch(/none\.jsonl/)
    expect(await problemOf({ tool: "verl", levels: ["3by1"] })).toMatch(/3by1/)
    expect(await problemOf({ tool: "verl", levels: [] })).toMatch(/--levels is empty; expected at least one level/)
    expect(await problemOf({ tool: "verl", testLevels: ["30x30"] })).toMatch(/30x30/)
    expect(await problemOf({ tool: "verl", config: join(folder, "absent.json") })).toMatch(/Is the file there/)
    expect(await problemOf({ tool: "verl", examples: 100 })).toMatch(/--examples is 100; expected at least the batch of 512/)
    expect(await problemOf({ tool: "verl", examples: 0 })).toMatch(/--examples/)
    expect(await problemOf({ tool: "verl", examples: 2_000_000_000 })).toMatch(/--examples is 2000000000; expected at most/)
    expect(await problemOf({ tool: "verl", levels: ["3x1", "3x1"] })).toMatch(/--levels is 3x1,3x1; expected each level once/)
    expect(await problemOf({ tool: "verl", out: "" })).toMatch(/--out is empty; expected a folder/)
    expect(await problemOf({ tool: "verl", preset: "smollm2", config: config(grpo) })).toMatch(/--preset is smollm2; expected left out/)
  })

  it.each(TOOLS)("%s: a model's name that its files would read otherwise", async (tool) => {
    for (const model of ["", "a\nb", "a\0b", "${oc.env:HOME}", "~/model", "./absent", "../absent"]) {
      expect([model, await problemOf({ tool, model })]).toEqual([model, expect.stringMatching(/^--model is /)])
    }
    expect(await problemOf({ tool, seed: -1 })).toMatch(/seed is -1/)
    expect(await problemOf({ tool, seed: 2 ** 32 })).toMatch(/seed is 4294967296/)
  })
})
