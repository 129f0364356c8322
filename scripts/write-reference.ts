/** Writes docs/reference.md from the sources: `npm run docs:reference`. */
import { writeFileSync } from "node:fs"
import { entryPoints, referenceDocument } from "./Reference.ts"

writeFileSync(new URL("../docs/reference.md", import.meta.url), referenceDocument(entryPoints()))
