/**
 * `decision-sampling report`: a page for result files, and their figures as SVG and PNG.
 *
 * @module
 */
import { Console, Effect, Option, Path } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { tryFile, tryFolder, writeResult } from "../Destination.ts"
import { jsonText } from "../JsonText.ts"
import { readReportFile } from "./ReportFile.ts"
import { writeFigure } from "./WriteFigure.ts"
import { jsonFlag, withDefault } from "../Help.ts"

/** Writes the page and, if asked, the figures; prints where they are. */
export const reportCommand = Command.make(
  "report",
  {
    files: Argument.String("file").pipe(
      Argument.withDescription("results.json of reproduce, or JSON of calibrate, compare, eval or attribute"),
      Argument.variadic({ min: 1 })
    ),
    out: Flag.String("out").pipe(Flag.withDescription("The page to write"), withDefault("report.html")),
    figures: Flag.String("figures").pipe(Flag.withDescription("Folder for each figure as SVG and PNG"), Flag.optional),
    json: jsonFlag("the paths that were written as JSON")
  },
  Effect.fn(function* ({ figures, files: names, json, out }) {
    // Drawing takes a second to load, which no other command should wait for.
    const { figuresOf, renderFiles } = yield* Effect.promise(() => import("./ReportPage.ts"))
    const path = yield* Path.Path
    yield* tryFile(out, names)
    if (Option.isSome(figures)) yield* tryFolder(figures.value)
    const contents = yield* Effect.forEach(names, readReportFile)
    yield* writeResult(out, yield* renderFiles(contents))
    const drawn: Array<string> = []
    if (!json) yield* Console.log(out)
    if (Option.isSome(figures)) {
      for (const figure of figuresOf(contents)) {
        yield* writeFigure(figures.value, figure)
        const file = path.join(figures.value, `${figure.id}.svg`)
        if (!json) yield* Console.log(file)
        drawn.push(file)
      }
    }
    if (json) {
      yield* Console.log(jsonText({ report: out, figures: drawn.flatMap((file) => [file, file.replace(/svg$/, "png")]) }))
    }
  })
).pipe(
  Command.withDescription("Write one self-contained page for result files, and their figures as SVG and PNG"),
  Command.withExamples([
    {
      command: "decision-sampling report runs/quick-1/results.json --out report.html --figures figures",
      description: "The page of a run, and its figures as files"
    }
  ])
)
