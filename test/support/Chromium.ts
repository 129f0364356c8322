/**
 * A page as headless Chromium has it after its scripts ran, where there is a Chromium on this machine.
 *
 * @module
 */
import { execFileSync } from "node:child_process"
import { existsSync } from "node:fs"
import { delimiter, join } from "node:path"
import { pathToFileURL } from "node:url"

/** The program; undefined where the path has none. */
export const browser = (process.env["PATH"] ?? "")
  .split(delimiter)
  .flatMap((folder) => ["chromium", "chromium-browser", "google-chrome"].map((name) => join(folder, name)))
  .find((file) => existsSync(file))

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--window-size=1280,2000"
]

/** The document of a page, with a browser's profile in `folder`. */
export const documentOf = (page: string, folder: string): string =>
  execFileSync(browser!, [...FLAGS, `--user-data-dir=${join(folder, "profile")}`, "--dump-dom", pathToFileURL(page).href], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    maxBuffer: 1 << 26
  })
