/**
 * The server of `decision-sampling view` on any free port, with the page made of its sources once a file of tests; and a browser to look at it, where there is one.
 *
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Effect, Exit, Layer, Scope } from "effect"
import { bundlePage } from "../../src/cli/view/Bundle.ts"
import { type Library, type LibraryOptions, makeLibrary } from "../../src/cli/view/Library.ts"
import { LOOPBACK, loopbackServer, serveView } from "../../src/cli/view/Server.ts"

/** A server that runs. */
export interface RunningView {
  readonly port: number
  readonly address: string
  readonly library: Library
  readonly close: () => Promise<void>
}

/** Makes the page's files; gives their folder and what removes them. */
export const makePage = async (): Promise<{ readonly folder: string; readonly remove: () => void }> => {
  const folder = mkdtempSync(join(tmpdir(), "decision-sampling-page-"))
  await bundlePage(fileURLToPath(new URL("../../src/view", import.meta.url)), folder)
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Starts a server that looks at paths, and waits until all that they hold has been read. */
export const startView = async (
  page: string,
  paths: ReadonlyArray<string>,
  options: Partial<LibraryOptions> = {}
): Promise<RunningView> => {
  const scope = Scope.makeUnsafe()
  const started = Effect.gen(function* () {
    const library = yield* makeLibrary(paths, { version: "0", rounds: 40, everyMs: 100, ...options })
    const server = yield* Layer.build(loopbackServer(0))
    return { library, port: yield* serveView(library, page, 0).pipe(Effect.provide(server)) }
  })
  const { library, port } = await Effect.runPromise(started.pipe(Effect.provideService(Scope.Scope, scope)))
  await library.settled()
  return {
    port,
    address: `http://${LOOPBACK}:${port}/`,
    library,
    close: () => Effect.runPromise(Scope.close(scope, Exit.void))
  }
}
