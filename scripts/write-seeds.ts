// Keeps several seeds of a preset in docs/results: node scripts/write-seeds.ts docs/results/small runs/small-1 runs/small-2 runs/small-3
// Writes seeds.json, the tables as Markdown, the figures, and the settings of every run. Without runs: tables and figures anew, from the folder's seeds.json.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Schema } from "effect"
import { AcrossSeeds, acrossSeeds, type SeedsModel, type Spread } from "../src/eval/results/AcrossSeeds.ts"
import { renderFigure } from "../src/eval/figures/Figure.ts"
import { Results } from "../src/eval/results/Results.ts"
import { seedsFigures } from "../src/eval/report/SeedsReport.ts"
import { table } from "./MarkdownTable.ts"
import { standAlone } from "./StandAloneSvg.ts"

const [target, ...runs] = process.argv.slice(2)
if (target === undefined || runs.length === 1) {
  console.error("usage: node scripts/write-seeds.ts TARGET-FOLDER [RUN-FOLDER RUN-FOLDER …]")
  process.exit(1)
}

const decode = Schema.decodeUnknownSync(Schema.fromJsonString(Results))
const pooled = runs.length === 0
  ? Schema.decodeUnknownSync(Schema.fromJsonString(AcrossSeeds))(readFileSync(join(target, "seeds.json"), "utf8"))
  : acrossSeeds(runs.map((run) => decode(readFileSync(join(run, "results.json"), "utf8"))))
if (typeof pooled === "string") {
  console.error(pooled)
  process.exit(1)
}

const number = (value: number, isChange: boolean): string => {
  const text = Math.abs(100 * value).toFixed(1)
  const sign = Number(text) === 0 ? "" : value < 0 ? "−" : isChange ? "+" : ""
  return sign + text
}
// Of two seeds Student's interval is wider than all there is to say; each seed's number says more.
const FEWEST_FOR_INTERVALS = 3
const cell = (isChange: boolean) => ({ interval, mean, values }: Spread): string => {
  if (mean === null) return "–"
  const value = number(mean, isChange)
  if (pooled.seeds.length < FEWEST_FOR_INTERVALS) {
    return `${value} (${values.map((each) => (each === null ? "–" : number(each, isChange))).join("; ")})`
  }
  return interval === null ? value : `${value} (${number(interval[0], isChange)} to ${number(interval[1], isChange)})`
}
const share = cell(false)
const change = cell(true)
const short = ({ mean }: Spread): string => (mean === null ? "–" : mean.toFixed(2).replace(/^0/, ""))

const at = (model: SeedsModel, scope: string) => model.scopes.find((row) => row.scope === scope)

const tables = ({ preset, seedModels, seeds, splits, task, verifier }: AcrossSeeds): string => {
  const levels = task.testLevels.map((level) => (task.trainLevels.includes(level) ? level : `${level} (unseen)`))
  const scopes = ["trained", "unseen"] as const
  return `# Tables of preset \`${preset}\`, seeds ${seeds.join(", ")}

Written by \`scripts/write-seeds.ts\` from [seeds.json](seeds.json). Percent, or percentage points with a sign; means over seeds, in parentheses ${
    seeds.length < FEWEST_FOR_INTERVALS ? "each seed's number." : "the 95 % interval of the\nmean by Student's t."
  }

## Accuracy by level

${
    table(
      ["model", ...levels],
      seedModels.map((model) => [
        model.label,
        ...task.testLevels.map((level) => {
          const row = at(model, level)
          return row === undefined ? "–" : share(row.accuracy)
        })
      ])
    )
  }

## p_S p_D|C p_D|W by level

${
    table(
      ["model", ...levels],
      seedModels.map((model) => [
        model.label,
        ...task.testLevels.map((level) => {
          const row = at(model, level)
          return row === undefined ? "–" : [row.pSample, row.pStopGivenCorrect, row.pResampleGivenWrong].map(short).join(" ")
        })
      ])
    )
  }

${
    scopes.map((scope) =>
      `## What each run changed, ${scope} levels

Against the model that it started from; the last two columns are Shapley's split of the modelled change in accuracy.

${
        table(
          ["model", "accuracy", "of p_S", "of p_D\\|C", "of p_D\\|W", "sampling", "deciding"],
          seedModels.flatMap((model) => {
            const row = model.change?.find((other) => other.scope === scope)
            return row === undefined
              ? []
              : [[
                model.label,
                ...[row.observed, row.pSample, row.pStopGivenCorrect, row.pResampleGivenWrong, row.sampling, row.decision].map(change)
              ]]
          })
        )
      }`
    ).join("\n\n")
  }

## Predicted minus observed accuracy

${
    table(
      ["model", ...scopes.flatMap((scope) => ["formula", "capped", "by attempt"].map((form) => `${form}, ${scope}`))],
      seedModels.map((model) => [
        model.label,
        ...scopes.flatMap((scope) => {
          const row = at(model, scope)
          return row === undefined ? ["–", "–", "–"] : [row.gap, row.gapCapped, row.gapByAttempt].map(change)
        })
      ])
    )
  }

## The verifier in the base, and what GRPO from echo changed

${
    table(
      ["base", "seed", "levels", "P(OK\\|right)", "P(BAD\\|wrong)", "balanced", "change of p_S", "of p_D\\|C", "of p_D\\|W"],
      verifier.map((point) => [
        point.base,
        String(point.seed),
        point.scope,
        ...[point.acceptsRight, point.rejectsWrong, point.balancedAccuracy].map((value) => number(value, false)),
        ...[point.change.pSample, point.change.pStopGivenCorrect, point.change.pResampleGivenWrong].map((value) => number(value, true))
      ])
    )
  }

## How the gradient splits

‖g_S‖ : ‖g_D‖, the same per token, and the cosine: median over a run's measurements (without step 0), mean over seeds.

${
    table(
      ["run", "part", "S : D", "per token", "cosine"],
      splits.map(({ cosine, model, part, ratio, ratioPerToken }) => [
        seedModels.find(({ id }) => id === model)?.label ?? model,
        part,
        ...[ratio, ratioPerToken].map(({ mean }) => (mean === null ? "–" : mean.toPrecision(2))),
        cosine.mean === null ? "–" : cosine.mean.toFixed(3)
      ])
    )
  }
`
}

const figures = join(target, "figures")
rmSync(figures, { recursive: true, force: true })
mkdirSync(figures, { recursive: true })
if (runs.length > 0) writeFileSync(join(target, "seeds.json"), JSON.stringify(Schema.encodeSync(AcrossSeeds)(pooled)) + "\n")
writeFileSync(join(target, "tables.md"), tables(pooled))
for (const figure of seedsFigures(pooled)) {
  writeFileSync(join(figures, `${figure.id}.svg`), standAlone(await Effect.runPromise(renderFigure(figure))) + "\n")
}
for (const [i, run] of runs.entries()) {
  copyFileSync(join(run, "preset.json"), join(target, `preset-${pooled.seeds[i]}.json`))
}
