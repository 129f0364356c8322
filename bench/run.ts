/** Runs a measurement: `npm run bench -- <name>` runs bench/<name>.bench.ts; without a name it lists them. */
import { readdir } from "node:fs/promises"

const suffix = ".bench.ts"
const files = await readdir(new URL(".", import.meta.url))
const names = files.filter((file) => file.endsWith(suffix)).map((file) => file.slice(0, -suffix.length)).sort()

const name = process.argv[2]
if (name !== undefined && names.includes(name)) {
  await import(new URL(`${name}${suffix}`, import.meta.url).href)
} else {
  console.error(`Usage: npm run bench -- <name>. Measurements: ${names.join(", ")}`)
  process.exitCode = 1
}
