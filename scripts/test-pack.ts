// Packs the package, installs the tarball in an empty folder as a user would, and uses it there: every entry point is
// imported, type-checked and called, and the program is started.
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const folder = mkdtempSync(join(tmpdir(), "decision-sampling-pack-"))

const run = (command: string, args: ReadonlyArray<string>, cwd: string): string => {
  console.log(`$ ${command} ${args.join(" ")}`)
  return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] })
}

const consumer = `
import { Effect, Layer } from "effect"
import { Policy, Tokenizer } from "decision-sampling/domain"
import { Multiplication } from "decision-sampling/tasks"
import { Surrogate, makeScoredTrajectory, twoStageAccuracy } from "decision-sampling/theory"
import { ArithmeticGrammar, deviceWasm, TransformerPolicy } from "decision-sampling/model"
import { calibrate, simulate } from "decision-sampling/eval"

const trajectory = makeScoredTrajectory({ attempts: [{ tokenLogProbs: [-1, -2], decision: "STOP", decisionLogProb: -0.5 }] })
const q = Surrogate.qValues(trajectory, { advantage: 0.5, gamma: 1 })
const accuracy: number = twoStageAccuracy({ sampleCorrect: 0.5, stopGivenCorrect: 0.9, resampleGivenWrong: 0.9 })
const rollouts = simulate({ pSample: 0.5, pStopGivenCorrect: 0.9, pResampleGivenWrong: 0.9, cap: 4, n: 50, seed: 1 })

const tokenizer = ArithmeticGrammar.layer({ radix: 10, maxAttempts: 2, context: "markov", positions: 16 })
const policy = TransformerPolicy.layer({ width: 8, layers: 1, heads: 2 }).pipe(Layer.provide(deviceWasm), Layer.provideMerge(tokenizer))
const program = Effect.gen(function* () {
  const model = yield* Policy
  const words = yield* Tokenizer
  const prompt = yield* words.encodePrompt(Multiplication.toQuery({ radix: 10 }, { level: "2x1", left: 12, right: 3 }).prompt)
  const parameters = yield* model.initialize(1)
  const rollouts = yield* model.sample(parameters, [{ prompt, offset: 0, seed: 1 }], { temperature: 1, topK: 0, topP: 1, maxTokens: 64 })
  return rollouts[0].tokens.length
})
const tokens = await Effect.runPromise(program.pipe(Effect.provide(policy)))
console.log(JSON.stringify({ q: q.sampling, accuracy, observed: calibrate(rollouts).overall.observed.accuracy, tokens }))
`

try {
  run("npm", ["pack", "--silent", "--pack-destination", folder], root)
  const tarball = run("ls", [folder], root).trim()
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }))
  run("npm", ["install", "--omit=optional", "--no-audit", "--no-fund", "--loglevel=error", join(folder, tarball), "@types/node@22"], folder)
  writeFileSync(join(folder, "consumer.ts"), consumer)
  console.log(run(process.execPath, ["consumer.ts"], folder).trim())
  run(
    process.execPath,
    [
      join(root, "node_modules", "typescript", "bin", "tsc"),
      "--noEmit",
      "--strict",
      "--module",
      "nodenext",
      "--target",
      "es2024",
      "--lib",
      "es2024",
      "--skipLibCheck",
      "--types",
      "node",
      "consumer.ts"
    ],
    folder
  )
  console.log(
    run(process.execPath, [join("node_modules", "decision-sampling", "bin", "decision-sampling.mjs"), "--version"], folder).trim()
  )
  console.log("The packed package installs, type-checks and runs.")
} finally {
  rmSync(folder, { recursive: true, force: true })
}
