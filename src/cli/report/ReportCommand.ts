/**
 * `decision-sampling report`: a page for result files, and their figures as SVG and PNG.
 *
 * @module
 */
import { Console, Effect, FileSystem, Option, Path } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { FileError } from "../../domain/Errors.ts"
import type { Figure } from "../../eval/figures/Figure.ts"
import { readReportFile } from "./ReportFile.ts"

const written = (file: string) => (cause: { readonly message: string }): FileError =>
  new FileError({ file, problem: cause.message, advice: "Is the folder writable, and is there room on the disk?" })

const writeFigure = Effect.fnUntraced(function* (folder: string, figure: Figure) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const { renderFigure } = yield* Effect.promise(() => import("../../eval/figures/Figure.ts"))
  const { Resvg } = yield* Effect.promise(() => import("@resvg/resvg-js"))
  const svg = yield* renderFigure(figure)
  // Twice the figure's size: sharp on paper and on dense screens. White, because a PNG does not know its page.
  const png = new Resvg(svg, { background: "white", fitTo: { mode: "zoom", value: 2 } }).render().asPng()
  const base = path.join(folder, figure.id)
  yield* files.writeFileString(`${base}.svg`, svg).pipe(Effect.mapError(written(`${base}.svg`)))
  yield* files.writeFile(`${base}.png`, png).pipe(Effect.mapError(written(`${base}.png`)))
})

/** Writes the page and, if asked, the figures; prints where they are. */
export const reportCommand = Command.make(
  "report",
  {
    files: Argument.String("file").pipe(Argument.withDescription("results.json of reproduce, or JSON of calibrate, compare, eval or attribute"), Argument.variadic({ min: 1 })),
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
