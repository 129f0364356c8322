/**
 * `decision-sampling view PATH…`: runs, rollouts, calibrations, comparisons and the theory in a browser.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Console, Effect, FileSystem, Layer } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { FileError } from "../../domain/Errors.ts"
import {
  namingFlags,
  readerSpec,
  readingFlags,
  readingOptions,
  readMarkers,
  statisticsFlags,
  statisticsOptions
} from "../calibrate/Options.ts"
import { bundlePage } from "./Bundle.ts"
import { makeLibrary } from "./Library.ts"
import { LOOPBACK, loopbackServer, serveView } from "./Server.ts"

/** The folder of the page's files: that of the built package, or one that is made of the clone's sources. */
export const pageFolder = Effect.fnUntraced(function* () {
  const built = fileURLToPath(new URL("../../view", import.meta.url))
  if (existsSync(join(built, "app.js"))) return built
  const files = yield* FileSystem.FileSystem
  const folder = yield* files.makeTempDirectoryScoped({ directory: tmpdir(), prefix: "decision-sampling-page-" }).pipe(
    Effect.mapError(({ message }) =>
      new FileError({ file: tmpdir(), problem: message, advice: "Is there room, and may it be written to?" })
    )
  )
  yield* Effect.tryPromise({
    try: () => bundlePage(built, folder),
    catch: (cause) =>
      new FileError({
        file: built,
        problem: `the page cannot be made of its sources: ${cause instanceof Error ? cause.message : String(cause)}`,
        advice: "In a clone run npm ci; the published package has the page"
      })
  })
  return folder
})

const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as { readonly version: string }

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
    port: Flag.Int("port").pipe(Flag.withDescription("The port on this machine; 0 takes any that is free"), Flag.withDefault(8417)),
    ...readingFlags,
    ...statisticsFlags
  },
  Effect.fn(function* ({ paths, port, ...given }) {
    const library = yield* makeLibrary(paths, {
      ...readerSpec(given, yield* readMarkers(given.markers)),
      ...readingOptions(given),
      ...statisticsOptions(given),
      version
    }).pipe(Effect.mapError(namingFlags))
    const folder = yield* pageFolder()
    const server = yield* Layer.build(loopbackServer(port))
    const listened = yield* serveView(library, folder, port).pipe(Effect.provide(server))
    yield* Console.log(`http://${LOOPBACK}:${listened}/`)
    yield* Console.error("Open it in a browser on this machine. Ctrl-C ends it.")
    return yield* Effect.never
  }, Effect.scoped)
).pipe(Command.withDescription("Look at runs, rollouts, calibrations, comparisons and the theory in a browser"))
