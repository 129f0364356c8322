// Keeps a run in docs/results: node scripts/write-results.ts runs/decimal-1 docs/results/decimal
// Copies results.json, preset.json, timings.json and machine.json, and takes the figures out of report.html as files of their own.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { standAlone } from "./StandAloneSvg.ts"

const [run, target] = process.argv.slice(2)
if (run === undefined || target === undefined) {
  console.error("usage: node scripts/write-results.ts RUN-FOLDER TARGET-FOLDER")
  process.exit(1)
}

const figures = join(target, "figures")
rmSync(figures, { recursive: true, force: true })
mkdirSync(figures, { recursive: true })
for (const file of ["results.json", "preset.json", "timings.json", "machine.json"]) {
  // Runs that were made before it was written have no machine.json.
  if (file !== "machine.json" || existsSync(join(run, file))) copyFileSync(join(run, file), join(target, file))
}

const unescape = (text: string): string => text.replaceAll("&amp;", "&").replaceAll("&#39;", "'").replaceAll("&quot;", "\"")

const slug = (label: string): string =>
  unescape(label)
    .split(". ")[0]!
    .replaceAll("π_D", "decision")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")

const names = new Map<string, number>()
for (const [svg] of readFileSync(join(run, "report.html"), "utf8").matchAll(/<svg [\s\S]*?<\/svg>/g)) {
  const label = /aria-label="([^"]*)"/.exec(svg)?.[1] ?? "figure"
  const base = slug(label)
  const count = (names.get(base) ?? 0) + 1
  names.set(base, count)
  writeFileSync(join(figures, `${base}${count === 1 ? "" : `-${count}`}.svg`), standAlone(svg) + "\n")
}
