import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { spawn, spawnSync } from "node:child_process"
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import * as Progress from "../../src/cli/Progress.ts"
import * as Train from "../../src/cli/train/Train.ts"
import { reasonOf } from "../../src/model/device/Auto.ts"
import { resolveDevice } from "../../src/model/device/NamedDevice.ts"
import { checkpointName } from "../../src/training/RunFolder.ts"
import * as TrainConfig from "../../src/training/TrainConfig.ts"
import * as Presets from "../../src/training/Presets.ts"
import * as TrainerSettings from "../../src/training/TrainerSettings.ts"
import { runProgram } from "../support/WarmProgram.ts"
import { tinyConfiguration } from "../support/TinyConfiguration.ts"

const program = fileURLToPath(new URL("../../bin/decision-sampling.mjs", import.meta.url))

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "decision-sampling-train-"))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const shared = {
  ...tinyConfiguration(8),
  steps: 4,
  checkpointEvery: 2,
  schedule: { peak: 0.01, warmup: 0, decay: "constant", floor: 1, total: 0 },
  attributionEvery: 2
}
const groups = { ...shared, queries: 2, groupSize: 4, maxTokens: 32 }
const sft = { ...shared, batchSize: 4, demonstrations: { kind: "echo", slip: 0.1, resampleRate: 0.3 } }

const configFile = (name: string, config: object): string => {
  const file = join(folder, `${name}.json`)
  writeFileSync(file, JSON.stringify(config))
  return file
}

const train = (trainer: string, config: object, out: string, ...flags: ReadonlyArray<string>) =>
  runProgram(["train", trainer, "--config", configFile("run", config), "--out", join(folder, out), ...flags])

/** The same in a process of its own, which knows of no other run. */
const trainApart = (trainer: string, config: object, out: string, ...flags: ReadonlyArray<string>) =>
  spawnSync(process.execPath, [program, "train", trainer, "--config", configFile("run", config), "--out", join(folder, out), ...flags], {
    encoding: "utf8"
  })

const filesOf = (out: string) =>
  readdirSync(join(folder, out)).toSorted().map((name) => [name, readFileSync(join(folder, out, name)).toString("latin1")])

const rowsOf = (out: string) =>
  readFileSync(join(folder, out, "metrics.jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(line) as Record<string, number>)

describe("the split of a gradient in words", () => {
  const pair = (first: string, second: string, cosine: number) => ({ first, second, cosine })

  it("names each sub-policy's share, and the cosine where there are two", () => {
    expect(Train.splitText({ norms: { sampling: 1.234, decision: 0.05 }, cosines: [pair("sampling", "decision", -0.125)] })).toBe(
      "‖g_S‖ 1.2 ‖g_D‖ 0.050 cos -0.13"
    )
    const three = [pair("plan", "execute", 0.5), pair("plan", "verify", 0), pair("execute", "verify", 1)]
    expect(Train.splitText({ norms: { plan: 1, execute: 2, verify: 0.3 }, cosines: three })).toBe(
      "‖g_plan‖ 1.0 ‖g_execute‖ 2.0 ‖g_verify‖ 0.30"
    )
    expect(Train.splitText({ norms: { all: 2 }, cosines: [] })).toBe("‖g_all‖ 2.0")
  })
})

describe("decision-sampling train", () => {
  it("SFT, then GRPO from its checkpoint; resumed at half way, the same bytes", { timeout: 240_000 }, () => {
    const taught = train("sft", sft, "sft")
    expect(taught.stderr).toContain("loss/nll")
    expect(taught.stdout.trim()).toBe(join(folder, "sft", "step-00000004.checkpoint"))
    const grpo = { ...groups, start: taught.stdout.trim(), kl: { _tag: "InLoss", beta: 0.1 }, referenceEvery: 3 }
    expect(train("grpo", grpo, "whole").status).toBe(0)
    expect(train("grpo", { ...grpo, steps: 2 }, "parts").status).toBe(0)
    const resumed = trainApart("grpo", grpo, "parts", "--resume")
    expect(resumed.stderr).toContain("‖g_S‖")
    expect(filesOf("parts")).toEqual(filesOf("whole"))
    expect(rowsOf("whole").map(({ step }) => step)).toEqual([1, 2, 3, 4])
    expect(rowsOf("whole")[0]!["attribution/total/norm_decision"]).toBeGreaterThan(0)
    // The start is the SFT checkpoint: before the first update the policy is its own reference.
    expect(rowsOf("whole")[0]!.kl).toBeLessThan(1e-9)
    expect(rowsOf("whole")[2]!.kl).toBeGreaterThan(1e-9)
  })

  it("SFT and DFT on expert judgements of the start model's own answers; resumed at half way, the same bytes", { timeout: 240_000 }, () => {
    const start = train("sft", sft, "taught").stdout.trim()
    const expert = { ...sft, start, demonstrations: { kind: "expert", problems: 20, answers: 4 } }
    for (const trainer of ["sft", "dft"]) {
      expect(train(trainer, expert, `${trainer}-expert`).status).toBe(0)
      expect(train(trainer, { ...expert, steps: 2 }, `${trainer}-halves`).status).toBe(0)
      expect(train(trainer, expert, `${trainer}-halves`, "--resume").status).toBe(0)
      expect(filesOf(`${trainer}-halves`)).toEqual(filesOf(`${trainer}-expert`))
    }
    // Other parameters behind the same path would be other answers to judge: not the same run.
    const [earlier] = readdirSync(join(folder, "taught")).filter((name) => name.endsWith(".checkpoint") && !start.endsWith(name))
    writeFileSync(start, readFileSync(join(folder, "taught", earlier!)))
    expect(train("sft", { ...expert, steps: 6 }, "sft-expert", "--resume").stderr).toContain("another startDigest")
  })

  it(
    "--json is one document: where the run is, and the metrics of its last step, also where nothing was left to do",
    { timeout: 60_000 },
    () => {
      const out = join(folder, "summary")
      for (const flags of [[], ["--resume"]]) {
        const { status, stdout } = train("sft", { ...sft, steps: 2 }, "summary", "--json", ...flags)
        expect(status).toBe(0)
        expect(JSON.parse(stdout)).toEqual({
          trainer: "sft",
          folder: out,
          step: 2,
          checkpoint: join(out, "step-00000002.checkpoint"),
          metrics: join(out, "metrics.jsonl"),
          last: rowsOf("summary").at(-1)
        })
      }
    }
  )

  it("a run whose rewards teach nothing says so at its end", { timeout: 60_000 }, () => {
    const values = { Correct: 1, Wrong: 1, Unparsable: 1, GoldInvalid: 1, Truncated: 1 }
    const { status, stderr } = train("drgrpo", { ...groups, steps: 2, reward: { _tag: "Outcome", values } }, "flat")
    expect(status).toBe(0)
    expect(stderr).toMatch(/nothing was to be learnt in 2 of 2 steps: all advantages were 0/)
    expect(rowsOf("flat").map(({ frac_advantage_zero }) => frac_advantage_zero)).toEqual([1, 1])
    expect(train("psr", { ...groups, steps: 1, reward: { _tag: "Outcome", values } }, "right").stderr).not.toContain(
      "nothing was to be learnt"
    )
  })

  it("a project with a module of one's own goes on where it was moved to", { timeout: 120_000 }, () => {
    mkdirSync(join(folder, "project"))
    const service = new URL("../../src/domain/Reward.ts", import.meta.url).href
    writeFileSync(
      join(folder, "project", "reward.mjs"),
      `import { Reward } from ${JSON.stringify(service)}\nexport const reward = () => Reward.layerExact`
    )
    const step = (project: string, steps: number, ...flags: ReadonlyArray<string>) => {
      const config = join(folder, project, "grpo.json")
      writeFileSync(config, JSON.stringify({ ...groups, steps, reward: { _tag: "Module", module: "./reward.mjs" } }))
      return runProgram(["train", "grpo", "--config", config, "--out", join(folder, project, "run"), ...flags])
    }
    expect(step("project", 1).status).toBe(0)
    renameSync(join(folder, "project"), join(folder, "moved"))
    const { status, stderr } = step("moved", 2, "--resume")
    expect([stderr, status]).toEqual([expect.any(String), 0])
    const { reward } = JSON.parse(readFileSync(join(folder, "moved", "run", "run.json"), "utf8")) as { readonly reward: unknown }
    expect(reward).toEqual({ _tag: "Module", module: "./reward.mjs" })
    expect(stderr).not.toContain("is not the file")
    // Edited meanwhile: only its author knows whether it computes the same.
    appendFileSync(join(folder, "moved", "reward.mjs"), "\n// a second thought")
    const edited = step("moved", 3, "--resume")
    expect([edited.stderr, edited.status]).toEqual([
      expect.stringContaining("./reward.mjs is not the file that the run was started with"),
      0
    ])
  })

  it("computes on the device asked for, says which, and resumes on no other", { timeout: 240_000 }, () => {
    // So many that some have an advantage.
    const many = { ...groups, queries: 8 }
    expect(train("grpo", { ...many, device: "wasm" }, "cpu", "--device", "cpu").stderr).toMatch(/device .*cpu: /)
    const settingsOf = (out: string) => JSON.parse(readFileSync(join(folder, out, "run.json"), "utf8")) as { readonly device: string }
    expect(settingsOf("cpu").device).toBe("cpu")
    expect(train("grpo", { ...many, shards: 2, device: "cpu" }, "cpu-shards").status).toBe(0)
    expect(train("grpo", many, "wasm").stderr).toMatch(/device .*wasm: /)
    for (const other of ["wasm", "cpu-shards"]) {
      expect(Math.abs(rowsOf(other)[0]!.grad_norm! - rowsOf("cpu")[0]!.grad_norm!)).toBeLessThan(1e-4 * rowsOf("cpu")[0]!.grad_norm!)
    }
    expect(train("grpo", many, "cpu", "--resume").stderr).toContain("the run was made with another device")
    expect(train("grpo", many, "auto", "--device", "auto").stderr).toMatch(/device .*(wasm|webgpu|nodeGpu): /)
    expect(["wasm", "webgpu", "nodeGpu"]).toContain(settingsOf("auto").device)
  })

  it("computes with the products asked for, notes which, and goes on with no others", { timeout: 120_000 }, () => {
    const two = { ...groups, steps: 2 }
    expect(train("grpo", { ...groups, steps: 1, products: "relaxed" }, "simd", "--products", "simd").status).toBe(0)
    const file = join(folder, "simd", "run.json")
    const settings = JSON.parse(readFileSync(file, "utf8")) as Readonly<Record<string, unknown>>
    expect(settings).toMatchObject({ device: "wasm", products: "simd", noted: { products: "own kernels without fused multiply-add" } })
    const refused = train("grpo", two, "simd", "--resume", "--products", "relaxed")
    expect(refused.stderr).toContain("the run was made with simd products, and here they are relaxed")
    expect(refused.stderr).toContain("Go on with --products simd")
    expect(train("grpo", { ...two, products: "simd" }, "simd", "--resume").status).toBe(0)
    // The tensor library's own kernels are no choice, so that flag is not advised.
    writeFileSync(file, JSON.stringify({ ...settings, products: "library" }))
    const elsewhere = train("grpo", two, "simd", "--resume", "--products", "simd").stderr
    expect(elsewhere).toContain("made with library products, and here they are simd: its last bits would differ. Go on where the run began")
    expect(elsewhere).not.toContain("--products library")
    // Before products were recorded, they were relaxed; another library's name is told, and no reason to stop.
    expect(train("grpo", { ...groups, steps: 1 }, "older", "--products", "relaxed").status).toBe(0)
    const older = join(folder, "older", "run.json")
    const { noted: _noted, products: _products, ...before } = JSON.parse(readFileSync(older, "utf8")) as Readonly<Record<string, unknown>>
    writeFileSync(older, JSON.stringify(before))
    expect(train("grpo", two, "older", "--resume", "--products", "simd").stderr).toContain("made with relaxed products")
    writeFileSync(older, JSON.stringify({ ...before, noted: { products: "a library" } }))
    const resumed = train("grpo", two, "older", "--resume", "--products", "relaxed")
    expect([resumed.status, resumed.stderr]).toEqual([
      0,
      expect.stringContaining("was started with a library and goes on with own kernels with")
    ])
    expect(train("grpo", groups, "cpu-simd", "--device", "cpu", "--products", "simd").stderr).toMatch(
      /products is simd; expected .*Device cpu has no choice of products; "simd" is one of device wasm/
    )
  })

  it("says why there are no native products, in whole sentences", () => {
    const { stderr } = spawnSync(
      process.execPath,
      [program, "train", "sft", "--config", configFile("native", sft), "--out", join(folder, "native"), "--products", "native"],
      { encoding: "utf8", env: { ...process.env, DECISION_SAMPLING_BLAS: "none" } }
    )
    expect(stderr).toContain("Native products were asked for: the environment variable DECISION_SAMPLING_BLAS is none. `decision-sampling")
  })

  it("refuses a device that cannot be used here, with the reason, and writes nothing", async (context) => {
    const reason = await Effect.runPromise(
      resolveDevice("nodeGpu").pipe(Effect.flip, Effect.map(reasonOf), Effect.orElseSucceed(() => undefined))
    )
    context.skip(reason === undefined, "nodeGpu works here")
    const out = join(folder, "no-gpu")
    const error = await Effect.runPromise(
      Effect.flip(Train.train({ trainer: "grpo", config: configFile("gpu", groups), out, isResumed: false, device: "nodeGpu" })).pipe(
        Effect.provide([NodeServices.layer, Progress.layerSilent])
      )
    )
    expect(error._tag).toBe("ConfigError")
    expect(error.message).toBe(`device is nodeGpu; expected one that works here: ${reason}. \`decision-sampling doctor\` examines all`)
    expect(existsSync(out)).toBe(false)
  })

  it.each<readonly [what: string, trainer: Train.TrainOptions["trainer"], config: object, message: RegExp]>([
    ["a wrong type", "grpo", { ...groups, seed: "one" }, /seed is "one"; expected/],
    ["an unknown field", "grpo", { ...groups, sed: 1 }, /sed is 1; expected no/],
    ["an unknown nested field", "grpo", { ...groups, schedule: { ...groups.schedule, pek: 1 } }, /schedule\.pek is 1/],
    ["a missing field", "sft", { ...sft, batchSize: undefined }, /batchSize is missing/],
    ["a field of the other kind of trainer", "sft", { ...sft, groupSize: 4 }, /groupSize is 4/],
    ["a count of 0", "nsr", { ...groups, queries: 0 }, /queries is 0/],
    ["an unknown estimator", "rloo", { ...groups, kl: { _tag: "InReward", beta: 1, estimator: "k9" } }, /kl/],
    [
      "a level that is none",
      "dapo",
      { ...groups, task: { _tag: "Multiplication", radix: 2, levels: ["3by3"] } },
      /^task\.levels\[0\] is "3by3"/
    ],
    [
      "words that cannot say what the task asks",
      "gspo",
      { ...groups, task: { _tag: "Multiplication", radix: 3, levels: ["1x1"] } },
      /model\.words is of another language; expected words for "Calculate .*" \(level 1x1\): digit 2 in base 2/
    ],
    [
      "words of another operation",
      "grpo",
      { ...groups, task: { _tag: "Addition", radix: 2, levels: ["1x1"] } },
      /model\.words is of another language; expected words for "Calculate 1 \+ 1\. Think step by step\." \(level 1x1\): expected "Calculate a \* b/
    ],
    [
      "a task without a name",
      "grpo",
      { ...groups, task: { radix: 2, levels: ["1x1"] } },
      /^task is .*; expected a "_tag" of Multiplication, Addition, Countdown, Problems, Module$/
    ],
    [
      "words by a name that there is not",
      "grpo",
      { ...groups, model: { ...groups.model, words: { _tag: "Modul", module: "./x" } } },
      /^model\.words is .*; expected a "_tag" of Arithmetic, Countdown, Module \(did you mean Module\?\)$/
    ],
    [
      "a clip bound that the loss does not have",
      "sapo",
      { ...groups, clipLow: 0.1 },
      /clipLow is 0\.1; expected no such field beside the loss Sapo/
    ],
    [
      "a loss by a name that there is not",
      "grpo",
      { ...groups, loss: { _tag: "Hinge" } },
      /expected a "_tag" of Surrogate, Cispo, GeometricMean/
    ],
    [
      "an advantage by a name that there is not",
      "grpo",
      { ...groups, advantage: { _tag: "Mean" } },
      /expected a "_tag" of GroupRelative, LeaveOneOut/
    ],
    ["a group of one, which leaves none out", "rloo", { ...groups, groupSize: 1 }, /groupSize is 1; expected at least 2/],
    ["a group of one, whose advantage is 0", "grpo-trl", { ...groups, groupSize: 1 }, /groupSize is 1; expected at least 2: .*"Reinforce"/],
    [
      "a KL controller without a KL penalty",
      "grpo-trl",
      { ...groups, kl: { _tag: "None" }, adaptiveKl: {} },
      /adaptiveKl is given; expected a KL penalty/
    ],
    ["a target that nothing meets", "grpo", { ...groups, adaptiveKl: { target: 0 } }, /adaptiveKl is {"target":0}; expected .*\(0, ∞\)/],
    [
      "a buffer longer than the response",
      "grpo",
      { ...groups, overlong: { buffer: 1e5 } },
      /overlong\.buffer is 100000; expected at most maxTokens/
    ],
    ["bounds that cross", "grpo", { ...groups, correction: { weights: { low: 3, high: 2 } } }, /correction is .*; expected .*low/],
    ["a clipped gradient of 0", "grpo", { ...groups, clipNorm: 0 }, /^clipNorm is 0; expected a value greater than 0/],
    ["rollouts that are all the same", "grpo", { ...groups, temperature: 0 }, /^temperature is 0; expected a value greater than 0/],
    [
      "weights of 0",
      "sft",
      { ...sft, weights: { sampling: 0 } },
      /^weights is {"sampling":0}; expected a weight above 0 for at least one of/
    ],
    [
      "weights of nothing that is trained",
      "sft",
      { ...sft, weights: { sampling: 1 }, restrict: "decision" },
      /^weights is {"sampling":1}; expected a weight above 0 for decision/
    ],
    ["a mask that leaves out every group of one", "clip-cov", { ...groups, groupSize: 1 }, /^maskZeroVariance is true; expected false/],
    [
      "a controller of a β of 0",
      "grpo",
      { ...groups, kl: { _tag: "InLoss", beta: 0 }, adaptiveKl: {} },
      /^kl\.beta is 0; expected above 0/
    ],
    [
      "a controller that may turn β negative",
      "grpo",
      { ...groups, adaptiveKl: { horizon: 1.6 } },
      /^adaptiveKl\.horizon is 1\.6; expected more than a fifth of a step's 8 rollouts/
    ],
    [
      "a discount where nothing is discounted",
      "rloo",
      { ...groups, kl: { _tag: "InReward", beta: 1, placement: "verl", gamma: 0.5 } },
      /^kl is .*only reward-to-go is discounted, not verl/
    ],
    ["a dual clip that clips at once", "grpo", { ...groups, dualClip: 1 }, /^dualClip is 1; expected a value greater than 1/],
    [
      "a dual clip of a loss that clips at once",
      "grpo",
      { ...groups, loss: { _tag: "Surrogate", dualClip: 0.5 } },
      /^loss\.dualClip is 0\.5; expected a value greater than 1/
    ],
    [
      "punishments where rewards are 0 and 1",
      "nsr",
      { ...groups, overlong: { buffer: 4 } },
      /^overlong is given; expected left out with .*0 and 1/
    ],
    [
      "penalties where rewards are not negative",
      "maxrl",
      { ...groups, kl: { _tag: "InReward", beta: 1, placement: "trl" } },
      /^kl\.placement is trl; expected left out with the advantage MaxRl/
    ],
    [
      "a sub-policy that writes nothing",
      "grpo",
      { ...groups, restrict: "decision", model: { ...groups.model, words: { ...groups.model.words, singleTurn: true } } },
      /^restrict is decision; expected a sub-policy that writes something/
    ],
    [
      "a band that holds nothing",
      "grpo",
      { ...groups, loss: { _tag: "ClipCov", lower: 5, upper: 1 } },
      /^loss is .*lower\[0\] = 5 is outside \(−∞, 1\), below upper/
    ],
    [
      "log-ratios that may not move",
      "grpo",
      { ...groups, loss: { _tag: "Surrogate", logRatioClamp: 0 } },
      /^loss\.logRatioClamp is 0; expected a value greater than 0/
    ],
    [
      "more weights than rewards",
      "grpo",
      { ...groups, advantage: { _tag: "Gdpo", weights: [1, 1] } },
      /^advantage\.weights is \[1,1\]; expected one weight, not 0/
    ],
    [
      "weights of rewards that are all 0",
      "grpo",
      { ...groups, overlong: { buffer: 4 }, advantage: { _tag: "Gdpo", weights: [0, 0] } },
      /^advantage\.weights is \[0,0\]; expected two weights, not both 0/
    ],
    [
      "a cut of decision weights below 1",
      "grpo",
      { ...groups, decisionWeighting: { _tag: "Natural", most: 0.5 } },
      /^decisionWeighting\.most is 0\.5; expected a value between 1 and/
    ],
    [
      "a decision weighting by a name that there is not",
      "grpo",
      { ...groups, decisionWeighting: { _tag: "Nat" } },
      /^decisionWeighting is {"_tag":"Nat"}; expected a "_tag" of Natural, Fixed \(did you mean Natural\?\)$/
    ],
    [
      "dynamic sampling of groups of one",
      "reinforce",
      { ...groups, groupSize: 1, dynamicSampling: { maxBatches: 2 } },
      /groupSize is 1; expected at least 2 with dynamicSampling/
    ],
    [
      "a controlled bonus on a part",
      "grpo",
      { ...groups, restrict: "decision", adaptiveEntropy: {} },
      /adaptiveEntropy is {}; expected left out where "restrict"/
    ],
    [
      "another estimator than TRL's",
      "rloo",
      { ...groups, kl: { _tag: "InReward", beta: 1, estimator: "k3", placement: "trl" } },
      /kl is .*TRL's only one/
    ],
    ["a discount above 1", "rloo", { ...groups, kl: { _tag: "InReward", beta: 1, gamma: 2 } }, /kl is .*gamma/],
    ["a group of one under a mean of no others", "reinforce", {
      ...groups,
      queries: 1,
      groupSize: 1,
      advantage: { _tag: "Reinforce", baseline: "mean" }
    }, /groupSize is 1; expected at least 2: .*others of the step/],
    [
      "a batch that no machine holds",
      "sft",
      { ...sft, batchSize: 1e15 },
      /batchSize is 1000000000000000; expected a value between 1 and 1000000/
    ],
    [
      "more rollouts than a machine holds",
      "grpo",
      { ...groups, queries: 1e6 },
      /queries is 1000000 with groupSize 4; expected at most 1000000 rollouts/
    ],
    ["no attempts", "sft", { ...sft, demonstrations: { ...sft.demonstrations, maxAttempts: 0 } }, /demonstrations\.maxAttempts is 0/],
    [
      "answers of a negative number",
      "sft",
      { ...sft, demonstrations: { kind: "pretraining", slip: 0, taught: 1, corrupted: -3 } },
      /demonstrations\.corrupted is -3/
    ],
    ["responses without room for a decision", "grpo", { ...groups, maxTokens: 1 }, /maxTokens is 1; expected a value between 2/],
    [
      "a rate that unlearns",
      "grpo",
      { ...groups, schedule: { ...groups.schedule, peak: -1 } },
      /schedule\.peak is -1; expected a value between 0/
    ],
    [
      "a floor below 0",
      "grpo",
      { ...groups, schedule: { ...groups.schedule, floor: -1e308 } },
      /schedule\.floor is -1e\+308; expected a value between 0 and 1/
    ],
    ["a warm-up of less than nothing", "grpo", { ...groups, schedule: { ...groups.schedule, warmup: -5 } }, /schedule\.warmup is -5/],
    [
      "a memory that grows",
      "grpo",
      { ...groups, optimizer: { beta1: 2, beta2: 0.9, epsilon: 1e-8, weightDecay: 0 } },
      /optimizer\.beta1 is 2/
    ],
    ["a coefficient that overflows", "grpo", { ...groups, kl: { _tag: "InReward", beta: 1e308 } }, /kl\.beta is 1e\+308/],
    ["an unknown advantage", "grpo", { ...groups, advantage: { _tag: "Median" } }, /advantage/],
    ["an unknown device", "grpo", { ...groups, device: "abacus" }, /device is "abacus"/],
    ["a negative entropy coefficient", "grpo", { ...groups, entropyCoefficient: -1 }, /entropyCoefficient is -1/],
    [
      "an expert without a model to judge",
      "dft",
      { ...sft, demonstrations: { kind: "expert", problems: 2, answers: 2 } },
      /start is missing; expected a checkpoint/
    ],
    ["sub-policies of one name", "grpo", { ...groups, partition: ["a", "a"] }, /partition is a, a; expected names that differ/],
    ["a restriction to nobody", "grpo", { ...groups, restrict: "nobody" }, /restrict is nobody; expected one of sampling, decision/],
    [
      "weights of nobody",
      "sft",
      { ...sft, weights: { nobody: 1 } },
      /weights\.nobody is given; expected weights of sampling, decision alone/
    ],
    ["a slip above 1", "sft", { ...sft, demonstrations: { ...sft.demonstrations, slip: 2 } }, /demonstrations\.slip is 2/],
    [
      "weights of nobody in a partition of one's own",
      "sft",
      { ...sft, partition: ["plan", "decision"], weights: { plan: 1, sampling: 1 } },
      /weights\.sampling is given; expected weights of plan, decision alone/
    ],
    ["no weights at all", "sft", { ...sft, weights: {} }, /weights is \{\}; expected a weight/],
    [
      "positions too few for an attempt",
      "grpo",
      { ...groups, model: { ...groups.model, words: { ...groups.model.words, positions: 4 } } },
      /model\.words is without room for an attempt; expected places for "Calculate .*" \(level .*\) and an answer: .* position 4, the table has 4/
    ],
    ["limits of nothing", "grpo", { ...groups, model: { ...groups.model, limits: { tokens: 0, rows: 1 } } }, /limits\.tokens is 0/],
    [
      "a reward that is no layer",
      "grpo",
      { ...groups, reward: { _tag: "Module", module: "./own.mjs" } },
      /reward\.module is .*own\.mjs.*no layer/
    ],
    [
      "a reward of a package that makes no layer",
      "grpo",
      { ...groups, reward: { _tag: "Module", module: "own-rewards" } },
      /reward\.module is .*node_modules\/own-rewards\/index\.cjs.*no layer/
    ],
    [
      "sub-policies that no span belongs to",
      "grpo",
      { ...groups, partition: ["plan", "decision"] },
      /partition is plan, decision; expected an owner for every span: spans\[0\]\.part is missing/
    ],
    [
      "a task whose queries cannot be drawn",
      "grpo",
      { ...groups, task: { _tag: "Module", module: "./own.mjs" } },
      /training does not throw; it threw broke/
    ],
    ["a start that is not there", "psr", { ...groups, start: join("absent", "x.checkpoint") }, /x\.checkpoint/]
  ])("refuses %s, naming it, and writes nothing", async (what, trainer, config, message) => {
    const out = join(folder, what.replaceAll(" ", "-"))
    // Installed beside the configuration, not beside this library.
    mkdirSync(join(folder, "node_modules", "own-rewards"), { recursive: true })
    writeFileSync(join(folder, "node_modules", "own-rewards", "index.cjs"), "exports.reward = () => ({})")
    writeFileSync(join(folder, "node_modules", "own-rewards", "package.json"), JSON.stringify({ name: "own-rewards", main: "index.cjs" }))
    writeFileSync(
      join(folder, "own.mjs"),
      `const training = () => { throw new Error("broke") }
      export const task = () => ({ name: "own", levels: ["a"], training, test: training, check: training })
      export const reward = () => ({})`
    )
    const error = await Effect.runPromise(
      Effect.flip(Train.train({ trainer, config: configFile("refused", config), out, isResumed: false })).pipe(
        Effect.provide([NodeServices.layer, Progress.layerSilent])
      )
    )
    expect(["ConfigError", "FileError"]).toContain(error._tag)
    expect(error.message).toMatch(message)
    expect(existsSync(out)).toBe(false)
  })

  it("tells all that is wrong at once, each with its place: names, types, ranges, products of sizes, settings that exclude each other", () => {
    const linesOf = (trainer: string, config: object) => {
      const { status, stderr, stdout } = train(trainer, config, "faults")
      expect([status, stdout, existsSync(join(folder, "faults"))]).toEqual([1, "", false])
      return stderr.trim().split("\n  ")
    }
    const { steps: _, ...rest } = groups
    const { transformer } = groups.model
    expect(linesOf("grpo-trl", {
      ...rest,
      stpes: 3,
      seed: "one",
      temperature: -1,
      task: { _tag: "Multiplication", radix: 2, levels: ["2x1", "3y1"] },
      model: { ...groups.model, transformer: { ...transformer, heads: 3 } },
      queries: 200_000,
      groupSize: undefined
    })).toEqual([
      "decision-sampling: 6 things are wrong:",
      "stpes is 3; expected no field of this name (did you mean steps?)",
      "seed is \"one\"; expected a number",
      "temperature is -1; expected a value between 0 and 1000000",
      "queries is 200000 with groupSize 8; expected at most 1000000 rollouts a step",
      "task.levels[1] is \"3y1\"; expected two digit counts such as 3x4",
      expect.stringMatching(/^model\.transformer\.heads is 3; expected a divisor of the width/)
    ])
    // All fields are what they should be; what they say together is not.
    expect(linesOf("grpo", {
      ...groups,
      partition: ["sampling", "decision"],
      restrict: "nobody",
      kl: { _tag: "None" },
      adaptiveKl: {},
      overlong: { buffer: 1e5 }
    })).toEqual([
      "decision-sampling: 3 things are wrong:",
      "restrict is nobody; expected one of sampling, decision",
      "adaptiveKl is given; expected a KL penalty to adapt, in \"kl\"",
      expect.stringMatching(/^overlong\.buffer is 100000/)
    ])
    expect(linesOf("sft", { ...sft, weights: { nobody: 1, other: 2 }, demonstrations: { kind: "expert", problems: 1, answers: 1 } }))
      .toEqual([
        "decision-sampling: 3 things are wrong:",
        expect.stringMatching(/^start is missing/),
        expect.stringMatching(/^weights\.nobody is given/),
        expect.stringMatching(/^weights\.other is given/)
      ])
    expect(linesOf("sapo", { ...groups, clipLow: 0.1, kl: { _tag: "InReward", beta: 1, gamma: 2 } })).toHaveLength(3)
  })

  it("a configuration nested deeper than a program can follow is a sentence too", () => {
    const file = join(folder, "deep.json")
    writeFileSync(file, "[".repeat(100_000) + "]".repeat(100_000))
    const { status, stderr } = runProgram(["train", "grpo", "--config", file, "--out", join(folder, "deep")])
    expect([status, stderr.trim()]).toEqual([1, expect.stringMatching(/^decision-sampling: the configuration is nested too deeply; .*$/)])
  })

  it("prints what was wrong as one sentence, without a stack, and exits with 1", () => {
    const { status, stderr, stdout } = train("grpo", { ...groups, sed: 1 }, "sentence")
    expect(status).toBe(1)
    expect(stdout).toBe("")
    expect(stderr.trim()).toBe("decision-sampling: sed is 1; expected no field of this name (did you mean seed?)")
  })

  it("refuses a folder in use, other settings on --resume, and a start of another size", { timeout: 60_000 }, () => {
    expect(train("reinforce", groups, "used").status).toBe(0)
    expect(train("reinforce", groups, "used").stderr).toContain("holds a run already")
    expect(train("reinforce", { ...groups, queries: 3 }, "used", "--resume").stderr).toContain("another queries")
    expect(train("rloo", groups, "used", "--resume").stderr).toContain("another trainer")
    const start = join(folder, "used", "step-00000004.checkpoint")
    const wider = { ...groups, start, model: { ...groups.model, transformer: { ...groups.model.transformer, width: 16 } } }
    expect(train("reinforce", wider, "wider").stderr).toMatch(/model\.transformer\.width is .*; expected that of .*step-00000004/)
    // As many numbers, of another network.
    const heads = { ...groups, start, model: { ...groups.model, transformer: { ...groups.model.transformer, heads: 1 } } }
    expect(train("reinforce", heads, "heads").stderr).toMatch(/model\.transformer\.heads is .*whose numbers mean something else otherwise/)
    const alone = join(folder, "alone.checkpoint")
    writeFileSync(alone, readFileSync(start))
    expect(train("reinforce", { ...wider, start: alone }, "alone").stderr).toMatch(
      /model is one of \d+ parameters; expected that of .*alone/
    )
    expect(train("reinforce", { ...groups, start: join(folder, "used", "metrics.jsonl") }, "none").stderr).toMatch(
      /metrics\.jsonl: its header is not that of a .* Is it a checkpoint\?/
    )
  })
})

describe("docs/guide/train.md", () => {
  const page = readFileSync(new URL("../../docs/guide/train.md", import.meta.url), "utf8")
  const [supervised, reinforced] = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json]) => json)

  it("its configurations decode, the second starts from what the first ends with, and its fields are all of them", async () => {
    const first = await Effect.runPromise(TrainConfig.decode(TrainConfig.SupervisedRun, supervised!))
    const second = await Effect.runPromise(TrainConfig.decode(TrainConfig.GroupRelativeRun, reinforced!))
    expect(second.start).toBe(`runs/sft/${checkpointName(first.steps)}`)
    expect([second.task, second.model]).toEqual([first.task, first.model])
    const fields = { ...TrainConfig.SupervisedRun.fields, ...TrainConfig.GroupRelativeRun.fields }
    expect(Object.keys(fields).filter((field) => !page.includes(`\`${field}\``))).toEqual([])
  })

  it("says the default rate at which the gradient's parts are measured", async () => {
    const run = await Effect.runPromise(
      TrainConfig.decode(TrainConfig.GroupRelativeRun, JSON.stringify({ ...JSON.parse(reinforced!), attributionEvery: undefined }))
    )
    expect(page).toContain(`left out: ${TrainerSettings.groupRelative("grpo", run).attributionEvery}, 0: never`)
  })

  it("shows what is said of a configuration with many faults", () => {
    const { steps: _, ...config } = JSON.parse(reinforced!) as Readonly<Record<string, unknown>>
    const file = configFile("faults-of-the-guide", {
      ...config,
      start: undefined,
      stpes: 100,
      queries: 200_000,
      kl: { _tag: "InLoss", beta: 0.01, estimator: "k4" },
      task: { _tag: "Multiplication", radix: 2, levels: ["2x1", "3y1"] },
      model: { ...config["model"] as object, transformer: { width: 32, layers: 2, heads: 5 } }
    })
    const [shown] = [...page.matchAll(/```text\n(decision-sampling: [\s\S]*?)```/g)].map(([, text]) => text)
    expect(runProgram(["train", "grpo", "--config", file, "--out", join(folder, "none")]).stderr).toBe(shown)
  })

  it("names every trainer", () => {
    const missing = [...Presets.SUPERVISED_NAMES, ...Presets.GROUP_RELATIVE_NAMES].filter((name) => !page.includes(`\`${name}\``))
    expect(missing).toEqual([])
  })
})

describe("telemetry", () => {
  it("spans and gauges reach an OTLP collector where OTEL_EXPORTER_OTLP_ENDPOINT says it is", { timeout: 60_000 }, async () => {
    const received: Array<{ readonly path: string; readonly body: string }> = []
    const server = createServer((request, response) => {
      let body = ""
      request.on("data", (text: Buffer) => {
        body += text.toString()
      })
      request.on("end", () => {
        received.push({ path: request.url ?? "", body })
        response.writeHead(200, { "content-type": "application/json" }).end("{}")
      })
    })
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve)
    })
    const { port } = server.address() as AddressInfo
    const child = spawn(
      process.execPath,
      [program, "train", "grpo", "--config", configFile("otlp", groups), "--out", join(folder, "otlp")],
      {
        env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` },
        stdio: "ignore"
      }
    )
    const code = await new Promise((resolve) => {
      child.once("exit", resolve)
    })
    await new Promise((resolve) => {
      server.close(resolve)
    })
    expect(code).toBe(0)
    const bodies = (path: string) => received.filter((request) => request.path === path).map(({ body }) => body).join("\n")
    expect(bodies("/v1/traces").match(/"GroupRelativeTrainer\.step"/g)).toHaveLength(groups.steps)
    expect(bodies("/v1/traces")).toContain("\"decision-sampling\"")
    const metrics = bodies("/v1/metrics")
    expect(metrics).toContain("\"decision_sampling.reward\"")
    expect(metrics).toContain("\"decision_sampling.attribution.total.norm_decision\"")
    const row = rowsOf("otlp").at(-1)
    expect(metrics).toContain(`"asDouble":${row!.grad_norm}`)
  })
})
