/** Writes docs/claims.md from the ledger: `node scripts/write-claims.ts`. */
import { writeFileSync } from "node:fs"
import { CLAIMS } from "../src/theory/Claims.ts"
import { PAPER_SECTIONS } from "../src/theory/claims/PaperSections.ts"
import { claimsDocument } from "./ClaimsDocument.ts"

writeFileSync(new URL("../docs/claims.md", import.meta.url), claimsDocument(CLAIMS, PAPER_SECTIONS))
