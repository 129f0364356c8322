/**
 * Makes the page's files out of its sources: one script with all that it imports, and what lies beside it. The built package has them; a clone makes them when it needs them.
 *
 * @module
 */
import { copyFileSync, mkdirSync } from "node:fs"
import { join } from "node:path"

/** What the page consists of. */
export const PAGE_FILES = ["index.html", "style.css", "icon.svg"] as const

/** Writes the page's files into a folder, from the folder of its sources. Needs the package rolldown, which only a clone has. */
export const bundlePage = async (sources: string, folder: string): Promise<void> => {
  const { build } = await import("rolldown")
  mkdirSync(folder, { recursive: true })
  await build({
    input: { app: join(sources, "main.tsx") },
    platform: "browser",
    tsconfig: join(sources, "..", "..", "tsconfig.view.json"),
    transform: { jsx: { runtime: "automatic", importSource: "preact" } },
    output: { dir: folder, format: "esm", minify: true, entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js" },
    logLevel: "silent"
  })
  for (const file of PAGE_FILES) copyFileSync(join(sources, file), join(folder, file))
}
