// Holds what `export` writes against the engines themselves, without a GPU: verl's configuration, data set, reward manager and dumps; 5 real steps of
// SFT and DFT by LLaMA-Factory and 2 real steps (4 updates) of GRPO by TRL on a tiny Qwen2. Each dump that they write is read by `calibrate`. Minutes.
//
//     npm run test:engines -- [--env FOLDER] [--only compose,verl,llamafactory,trl] [--out FOLDER] [--required]
//
// FOLDER holds one Python environment an engine (light; verl, lf, trl of 5 GB each), made by uv where they are missing. Says aloud what cannot be had; that is
// no failure unless asked for with --required.
import { execFileSync, spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { LLAMAFACTORY } from "../src/cli/export/LlamaFactory.ts"
import { TRL } from "../src/cli/export/Trl.ts"
import { VERL } from "../src/cli/export/Verl.ts"

const { values } = parseArgs({
  options: {
    env: { type: "string", default: join(tmpdir(), "decision-sampling-engines") },
    only: { type: "string", default: "compose,verl,llamafactory,trl" },
    out: { type: "string" },
    required: { type: "boolean", default: false }
  }
})
const asked = values.only.split(",")
const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const scripts = join(root, "scripts", "engines")
const work = values.out === undefined ? mkdtempSync(join(tmpdir(), "engines-")) : resolve(values.out)
mkdirSync(work, { recursive: true })
let failures = 0

const say = (text: string): void => console.log(text)

const ENVIRONMENTS = {
  // Without its dependencies: enough to compose a configuration, in seconds.
  compose: ["light", [
    "--no-deps",
    `verl==${VERL}`,
    "hydra-core==1.3.2",
    "omegaconf==2.3.0",
    "antlr4-python3-runtime==4.9.3",
    "packaging",
    "pyyaml"
  ]],
  verl: ["verl", [`verl[cpu]==${VERL}`]],
  llamafactory: ["lf", [`llamafactory==${LLAMAFACTORY}`, "torch==2.11.0"]],
  trl: ["trl", [`trl==${TRL}`, "torch==2.11.0"]]
} as const

/** The programs of an environment, which is made where it is missing; undefined where that cannot be. */
const environment = (engine: keyof typeof ENVIRONMENTS): string | undefined => {
  const [name, packages] = ENVIRONMENTS[engine]
  const folder = join(values.env, name)
  const bin = join(folder, "bin")
  if (existsSync(join(bin, "python"))) return bin
  say(`${engine}: making an environment of ${packages.join(", ")}`)
  const made = spawnSync("uv", ["venv", "--quiet", "--python", "3.12", folder], { stdio: "inherit" }).status === 0 &&
    spawnSync("uv", ["pip", "install", "--quiet", "--python", join(bin, "python"), ...packages], { stdio: "inherit" }).status === 0
  if (made) return bin
  rmSync(folder, { recursive: true, force: true })
  say(`${engine}: SKIPPED, no environment: uv with Python 3.12 and a package index are needed, or --env FOLDER`)
  if (values.required) failures++
  return undefined
}

const OFFLINE = {
  HF_HUB_OFFLINE: "1",
  HF_DATASETS_OFFLINE: "1",
  TOKENIZERS_PARALLELISM: "false",
  CUDA_VISIBLE_DEVICES: "",
  WANDB_MODE: "disabled",
  // Threads that wait for each other on a shared processor take many times as long as one.
  OMP_NUM_THREADS: "1"
}

interface Ran {
  readonly out: string
  readonly seconds: string
}

/** Runs a program; what it printed where it succeeded, the end of that and a failure where not. */
const run = (label: string, program: string, given: ReadonlyArray<string>, cwd: string, bin = ""): Ran | undefined => {
  const since = performance.now()
  const { output, status } = spawnSync(program, given, {
    cwd,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    env: { ...process.env, ...OFFLINE, ...(bin === "" ? {} : { PATH: `${bin}:${process.env["PATH"]}` }) }
  })
  const printed = output.filter((each) => each !== null).join("\n")
  const seconds = ((performance.now() - since) / 1000).toFixed(0)
  if (status === 0) return { out: printed, seconds }
  failures++
  say(`${label}: FAILED after ${seconds} s\n${printed.slice(-3000)}`)
  return undefined
}

const program = (label: string, ...given: ReadonlyArray<string>): Ran | undefined =>
  run(label, process.execPath, [join(root, "bin", "decision-sampling.mjs"), ...given], work)

/** Whether `calibrate` reads a dump, every row of it, and grades as the reward did. */
const calibrates = (label: string, ...files: ReadonlyArray<string>): void => {
  const ran = program(`calibrate ${label}`, "calibrate", ...files)
  if (ran === undefined) return
  const text = ran.out.replaceAll(/\n {2}(?=\S)/g, " ")
  const isWhole = /All \d+ rows could be used/.test(text) && !/disagrees/.test(text)
  if (!isWhole) failures++
  const outcomes = /Outcomes: [^.]*\./.exec(text)?.[0] ?? ""
  const agreement = /Our grading [^.]*\./.exec(text)?.[0] ?? ""
  say(`${label}: ${/All \d+ rows could be used/.exec(text)?.[0] ?? "NOT ALL ROWS COULD BE USED"}. ${outcomes} ${agreement}`.trim())
}

const tinyModel = (): string | undefined => {
  const out = join(work, "tiny")
  const rows = join(work, "sft", "data", "sft_none.jsonl")
  const bin = environment("trl") ?? environment("llamafactory")
  if (bin === undefined) return undefined
  if (
    program(
      "export",
      "export",
      "llamafactory",
      "--out",
      join(work, "sft"),
      "--overwrite",
      "--examples",
      "256",
      "--model",
      out,
      "--levels",
      "1x1,2x1",
      "--test-levels",
      "1x1"
    ) === undefined
  ) return undefined
  const made = run("tiny model", join(bin, "python"), [join(scripts, "make_tiny.py"), rows, out], work)
  if (made === undefined) return undefined
  say(`tiny model: ${/\d+ parameters.*/.exec(made.out)?.[0] ?? ""}`)
  return out
}

const testCompose = (): void => {
  const bin = environment("compose")
  if (bin === undefined) return
  for (const preset of ["paper", "smollm2"]) {
    const out = join(work, `compose-${preset}`)
    if (
      program(
        "export",
        "export",
        "verl",
        "--preset",
        preset,
        "--out",
        out,
        "--overwrite",
        ...(preset === "paper" ? ["--examples", "512"] : [])
      ) === undefined
    ) continue
    const ran = run(`verl compose ${preset}`, join(bin, "python"), [join(scripts, "verl_compose.py"), out], out)
    if (ran !== undefined) say(`verl ${preset}: ${ran.out.trim().split("\n").at(-1)}; ${ran.seconds} s`)
  }
}

const testVerl = (tiny: string): void => {
  const bin = environment("verl")
  const out = join(work, "verl")
  if (bin === undefined) return
  const flags = ["--overwrite", "--model", tiny, "--levels", "1x1,2x1", "--test-levels", "1x1"]
  if (program("export", "export", "verl", "--out", out, ...flags) === undefined) return
  rmSync(join(out, "graded"), { recursive: true, force: true })
  const ran = run("verl", join(bin, "python"), [join(scripts, "verl_check.py"), out, tiny, out], out)
  if (ran === undefined) return
  for (const line of ran.out.split("\n").filter((each) => /^(?:configuration|data|reward):/.test(each))) say(`verl ${line}`)
  say(`verl: ${ran.seconds} s`)
  for (const folder of ["rollouts", "validation", "graded/train"]) {
    calibrates(`verl ${folder}`, ...readdirSync(join(out, folder)).map((file) => join(out, folder, file)))
  }
}

const testLlamaFactory = (tiny: string): void => {
  const bin = environment("llamafactory")
  const out = join(work, "sft")
  if (bin === undefined) return
  const small = [
    "pure_bf16=false",
    "gradient_checkpointing=false",
    "max_steps=5",
    "per_device_train_batch_size=4",
    "gradient_accumulation_steps=2",
    "use_cpu=true"
  ]
  for (const [method, kind] of [["sft", "none"], ["sft", "echo"], ["dft", "corrections"]] as const) {
    const ran = run(`LLaMA-Factory ${method} ${kind}`, "bash", ["run.sh", method, kind, `model_name_or_path=${tiny}`, ...small], out, bin)
    if (ran === undefined) continue
    const losses = [...ran.out.matchAll(/'loss': '?([\d.e-]+)/g)].map(([, loss]) => loss)
    if (losses.length !== 5) failures++
    say(`LLaMA-Factory ${method} ${kind}: losses ${losses.join(", ")}; ${ran.seconds} s`)
  }
}

const testTrl = (tiny: string): void => {
  const bin = environment("trl")
  const out = join(work, "trl")
  if (bin === undefined) return
  const flags = ["--overwrite", "--model", tiny, "--levels", "1x1,2x1", "--test-levels", "1x1"]
  if (program("export", "export", "trl", "--out", out, ...flags) === undefined) return
  rmSync(join(out, "output"), { recursive: true, force: true })
  const sets = [
    "use_vllm=false",
    "bf16=false",
    "use_cpu=true",
    "max_steps=4",
    "max_completion_length=24",
    "gradient_checkpointing=false",
    "updates_of=16",
    "step_of=32"
  ]
  const ran = run("TRL", join(bin, "python"), ["grpo.py", ...sets.flatMap((each) => ["--set", each])], out, bin)
  if (ran === undefined) return
  const losses = [...ran.out.matchAll(/'loss': '?(-?[\d.e-]+)/g)].map(([, loss]) => loss)
  const rewards = [...ran.out.matchAll(/'reward': '?(-?[\d.e-]+)/g)].map(([, reward]) => reward)
  // Without a reward that varies nothing would be shown.
  if (losses.length !== 2 || !losses.some((loss) => Number(loss) !== 0)) failures++
  say(`TRL: rewards ${rewards.join(", ")}, losses ${losses.join(", ")}; ${ran.seconds} s`)
  const completions = join(out, "output", "completions")
  calibrates("TRL completions of 2 steps of 32", ...readdirSync(completions).map((file) => join(completions, file)))
}

say(
  `node ${process.version}, ${
    execFileSync("uname", ["-sm"], { encoding: "utf8" }).trim()
  }; verl ${VERL}, LLaMA-Factory ${LLAMAFACTORY}, TRL ${TRL}; ${new Date().toISOString().slice(0, 10)}`
)
if (asked.includes("compose")) testCompose()
const tiny = asked.some((each) => each !== "compose") ? tinyModel() : undefined
if (tiny !== undefined) {
  if (asked.includes("verl")) testVerl(tiny)
  if (asked.includes("llamafactory")) testLlamaFactory(tiny)
  if (asked.includes("trl")) testTrl(tiny)
}
say(failures === 0 ? "all passed" : `${failures} failures`)
if (values.out === undefined) rmSync(work, { recursive: true, force: true })
process.exitCode = failures === 0 ? 0 : 1
