/**
 * `decision-sampling seeds`: several seeds of one preset as one report.
 *
 * @module
 */
import { Console, Effect, FileSystem, Path, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { FileError } from "../../domain/Errors.ts"

/** Pools result files; prints where the page is. */
export const seedsCommand = Command.make(
  "seeds",
  {
    files: Argument.String("file").pipe(
      Argument.withDescription("results.json of reproduce, one for each seed"),
      Argument.variadic({ min: 2 })
    ),
    out: Flag.String("out").pipe(
      Flag.withDescription("Folder for seeds.json, report.html and figures/ as SVG and PNG"),
      Flag.withDefault("runs/seeds")
    )
  },
  Effect.fn(function* ({ files: names, out }) {
    const [{ AcrossSeeds, acrossSeeds }, { renderSeedsReport, seedsFigures }, { readReportFile }, { writeFigure, written }] = yield* Effect
      .promise(() =>
        Promise.all([
          import("../../eval/results/AcrossSeeds.ts"),
          import("../../eval/report/SeedsReport.ts"),
          import("../report/ReportFile.ts"),
          import("../report/WriteFigure.ts")
        ])
      )
    const files = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const advice = "Pass results.json of reproduce, the same preset under different seeds"
    const runs = yield* Effect.forEach(
      names,
      (file) =>
        Effect.flatMap(readReportFile(file), (read) =>
          read._tag === "Results"
            ? Effect.succeed(read.content)
            : Effect.fail(new FileError({ file, problem: "not the results of a run", advice })))
    )
    const pooled = acrossSeeds(runs)
    if (typeof pooled === "string") return yield* new FileError({ file: names.join(", "), problem: pooled, advice })
    const encoded = yield* Schema.encodeEffect(AcrossSeeds)(pooled)
    const [json, report, figures] = [path.join(out, "seeds.json"), path.join(out, "report.html"), path.join(out, "figures")]
    yield* files.makeDirectory(figures, { recursive: true }).pipe(Effect.mapError(written(figures)))
    yield* files.writeFileString(json, JSON.stringify(encoded, null, 1) + "\n").pipe(Effect.mapError(written(json)))
    yield* files.writeFileString(report, yield* renderSeedsReport(pooled)).pipe(Effect.mapError(written(report)))
    for (const figure of seedsFigures(pooled)) yield* writeFigure(figures, figure)
    yield* Console.log(report)
  })
).pipe(
  Command.withDescription("Pool several seeds of one preset: means over seeds with intervals, what each run changed, the verifier's role")
)
