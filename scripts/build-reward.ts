/**
 * Compiles the Python grader that `export` writes from the TypeScript that grades. It is committed, so that running the library needs no build; a
 * test compiles it again and compares. Run as `npm run build:reward`.
 */
import { writeFile } from "node:fs/promises"
import { compileGrading, GRADING } from "./reward/Build.ts"

await writeFile(GRADING, await compileGrading())
console.log(GRADING)
