/**
 * `decision-sampling report`: a page for result files, and their figures as SVG and PNG.
 *
 * @module
 */
import { Console, Effect, FileSystem, Option, Path } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { readReportFile } from "./ReportFile.ts"
import { writeFigure, written } from "./WriteFigure.ts"

/** Writes the page and, if asked, the figures; prints where they are. */
export const reportCommand = Command.make(
  "report",
  {
    files: Argument.String("file").pipe(
      Argument.withDescription("results.json of reproduce, or JSON of calibrate, compare, eval or attribute"),
      Argument.variadic({ min: 1 })
    ),
    out: Flag.String("out").pipe(Flag.withDescription("The page to write"), Flag.withDefault("report.html")),
    figures: Flag.String("figures").pipe(Flag.withDescription("Folder for each figure as SVG and PNG"), Flag.optional)
  },
  Effect.fn(function* ({ figures, files: names, out }) {
    // Drawing takes a second to load, which no other command should wait for.
    const { figuresOf, renderFiles } = yield* Effect.promise(() => import("./ReportPage.ts"))
    const files = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const contents = yield* Effect.forEach(names, readReportFile)
    const makeFolder = (folder: string) => files.makeDirectory(folder, { recursive: true }).pipe(Effect.mapError(written(folder)))
    yield* makeFolder(path.dirname(out))
    yield* files.writeFileString(out, yield* renderFiles(contents)).pipe(Effect.mapError(written(out)))
    yield* Console.log(out)
    if (Option.isNone(figures)) return
    yield* makeFolder(figures.value)
    for (const figure of figuresOf(contents)) {
      yield* writeFigure(figures.value, figure)
      yield* Console.log(path.join(figures.value, `${figure.id}.svg`))
    }
  })
).pipe(Command.withDescription("Write one self-contained page for result files, and their figures as SVG and PNG"))
