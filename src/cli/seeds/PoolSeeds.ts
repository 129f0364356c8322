/**
 * Result files of several seeds pooled into one report.
 *
 * @module
 */
import { Effect, Path, Schema } from "effect"
import { FileError } from "../../domain/Errors.ts"
import { renderSeedsReport, seedsFigures } from "../../eval/report/SeedsReport.ts"
import { AcrossSeeds, acrossSeeds } from "../../eval/results/AcrossSeeds.ts"
import { assertNoInput, tryFile, tryFolder, writeResult } from "../Destination.ts"
import { readReportFile } from "../report/ReportFile.ts"
import { writeFigure } from "../report/WriteFigure.ts"

const ADVICE = "Pass results.json of reproduce, the same preset under different seeds"

/**
 * Pools results.json files of one preset under different seeds into a folder: seeds.json, report.html, figures/ as SVG and PNG. Returns where these
 * are, and what was pooled. Fails with FileError where a file is no run's, seeds repeat or presets differ.
 */
export const poolSeeds = Effect.fn("PoolSeeds.poolSeeds")(function* (names: ReadonlyArray<string>, out: string) {
  const path = yield* Path.Path
  const [json, report, figures] = [path.join(out, "seeds.json"), path.join(out, "report.html"), path.join(out, "figures")]
  for (const file of [json, report]) yield* assertNoInput(file, names)
  const runs = yield* Effect.forEach(
    names,
    (file) =>
      Effect.flatMap(readReportFile(file), (read) =>
        read._tag === "Results"
          ? Effect.succeed(read.content)
          : Effect.fail(new FileError({ file, problem: "not the results of a run", advice: ADVICE })))
  )
  const pooled = acrossSeeds(runs)
  if (typeof pooled === "string") return yield* new FileError({ file: names.join(", "), problem: pooled, advice: ADVICE })
  // What is read is little: a folder for nothing would be left behind where it is refused.
  for (const file of [json, report]) yield* tryFile(file)
  const encoded = yield* Schema.encodeEffect(AcrossSeeds)(pooled)
  yield* tryFolder(figures)
  yield* writeResult(json, JSON.stringify(encoded, null, 1) + "\n")
  yield* writeResult(report, yield* renderSeedsReport(pooled))
  const drawn = seedsFigures(pooled)
  for (const figure of drawn) yield* writeFigure(figures, figure)
  return {
    report,
    results: json,
    figures: drawn.flatMap(({ id }) => ["svg", "png"].map((end) => path.join(figures, `${id}.${end}`))),
    pooled: encoded
  }
})
