/**
 * `decision-sampling view PATH…`: runs, rollouts, calibrations, comparisons and the theory in a browser.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Console, Effect, FileSystem, Layer, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { jsonText } from "../JsonText.ts"
import { ConfigError, FileError } from "../../domain/Errors.ts"
import { problemOf } from "../../domain/Files.ts"
import { oneLine } from "../../domain/OneLine.ts"
import {
  namingFlags,
  readerSpec,
  readingFlags,
  readingOptions,
  readMarkers,
  statisticsFlags,
  statisticsOptions
} from "../calibrate/Options.ts"
import { tryFolder } from "../Destination.ts"
import * as Progress from "../Progress.ts"
import { bundlePage } from "./Bundle.ts"
import { exportView } from "./Export.ts"
import { makeLibrary } from "./Library.ts"
import { LOOPBACK, loopbackServer, serveView } from "./Server.ts"
import { jsonFlag, withDefault } from "../Help.ts"

/** The folder of the page's files: that of the built package, or one that is made of the clone's sources. */
export const pageFolder = Effect.fnUntraced(function* () {
  const built = fileURLToPath(new URL("../../page", import.meta.url))
  if (existsSync(join(built, "app.js"))) return built
  const sources = fileURLToPath(new URL("../../view", import.meta.url))
  const files = yield* FileSystem.FileSystem
  const folder = yield* files.makeTempDirectoryScoped({ directory: tmpdir(), prefix: "decision-sampling-page-" }).pipe(
    Effect.mapError((cause) =>
      new FileError({ file: tmpdir(), problem: problemOf(cause), advice: "Is there room, and may it be written to?" })
    )
  )
  yield* Effect.tryPromise({
    try: () => bundlePage(sources, folder),
    catch: (cause) =>
      new FileError({
        file: sources,
        problem: `the page cannot be made of its sources: ${oneLine(cause instanceof Error ? cause.message : String(cause), 1000)}`,
        advice: "In a clone run npm ci; the published package has the page"
      })
  })
  return folder
})

const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as { readonly version: string }

const LARGEST_PORT = 65_535

/** The command. */
export const viewCommand = Command.make(
  "view",
  {
    paths: Argument.String("path").pipe(
      Argument.withDescription(
        "Runs' folders (train, reproduce, verl, TRL), folders of such, files of rollouts in every format that calibrate reads, results.json, comparisons"
      ),
      Argument.variadic({ min: 0 })
    ),
    port: Flag.Int("port").pipe(Flag.withDescription("The port on this machine; 0 takes any that is free"), withDefault(8417)),
    export: Flag.String("export").pipe(
      Flag.withDescription("Write the page and all that it shows into this folder, for any web server, and end"),
      Flag.optional
    ),
    json: jsonFlag("the address, or what was written, as JSON"),
    ...readingFlags,
    ...statisticsFlags
  },
  Effect.fn(function* ({ export: target, json, paths, port, ...given }) {
    if (port < 0 || port > LARGEST_PORT) {
      return yield* new ConfigError({ field: "--port", value: String(port), expected: `0 for any that is free, or up to ${LARGEST_PORT}` })
    }
    if (Option.isSome(target)) yield* tryFolder(target.value)
    const statistics = statisticsOptions(given)
    const library = yield* makeLibrary(paths, {
      ...readerSpec(given, yield* readMarkers(given.markers)),
      ...readingOptions(given),
      ...statistics,
      version
    }).pipe(Effect.mapError(namingFlags))
    const folder = yield* pageFolder()
    if (Option.isSome(target)) {
      yield* Effect.promise(() => library.settled())
      const { comparisons, leftOut, results, runs, sets } = yield* Effect.promise(() => library.overview())
      for (const { path, reason } of leftOut) yield* Console.error(`${path} is left out: ${reason}`)
      if ([comparisons, results, runs, sets].every((each) => each.length === 0)) {
        return yield* new FileError({
          file: target.value,
          problem: "there is nothing to show in what was named",
          advice: "Name rollouts, runs or results: files, or folders with them"
        })
      }
      const progress = yield* Progress.Progress
      const stage = yield* progress.stage("export", 100)
      const written = yield* exportView(
        library,
        folder,
        target.value,
        statistics,
        (done, total) => stage.show(Math.floor((100 * done) / Math.max(1, total)), `${done} rollouts`)
      )
      yield* stage.end
      const failed = sets.find(({ state }) => state === "failed")
      for (const { problem } of sets) if (problem !== null) yield* Console.error(problem)
      yield* Console.log(
        json ? jsonText(written) : `${written.folder}: ${written.files} files, ${(written.bytes / 1e6).toFixed(1)} MB`
      )
      if (failed === undefined) return
      return yield* new FileError({
        file: failed.path,
        problem: "none of its rollouts could be read, so the page has none of them",
        advice: "What is wrong with it stands above"
      })
    }
    const server = yield* Layer.build(loopbackServer(port))
    const listened = yield* serveView(library, folder, port).pipe(Effect.provide(server))
    const url = `http://${LOOPBACK}:${listened}/`
    yield* Console.log(json ? jsonText({ url }) : url)
    yield* Console.error("Open it in a browser on this machine. Ctrl-C ends it.")
    return yield* Effect.never
  }, Effect.scoped)
).pipe(
  Command.withDescription("Look at runs, rollouts, calibrations, comparisons and the theory in a browser"),
  Command.withExamples([
    { command: "decision-sampling view runs/ rollouts.jsonl", description: "Prints the address of a page on this machine" },
    { command: "decision-sampling view --export site runs/", description: "The page as files, for any web server" }
  ]),
  Command.provide(Progress.layer)
)
