/** Writes bench/data/reading/labelled.jsonl from the marked sources beside it: `node scripts/build-reading-set.ts`. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { readingSet } from "./ReadingSet.ts"

const folder = new URL("../bench/data/reading/", import.meta.url)
const files = readdirSync(new URL("source", folder)).filter((name) => name.endsWith(".txt"))
const sources = new Map(files.map((name) => [name.slice(0, -4), readFileSync(new URL(`source/${name}`, folder), "utf8")]))
writeFileSync(new URL("labelled.jsonl", folder), readingSet(sources))
