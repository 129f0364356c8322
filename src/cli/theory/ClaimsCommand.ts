/**
 * `theory claims`: the claims ledger, as a list or as JSON.
 *
 * @module
 */
import { Console } from "effect"
import { Command } from "effect/cli"
import { CLAIMS } from "../../theory/Claims.ts"
import { beside, listWidth, widthOf } from "../Layout.ts"
import type { Claim, Evidence } from "../../theory/claims/Claim.ts"
import { jsonFlag } from "../Help.ts"
import { jsonText } from "../JsonText.ts"

const asText = ({ file, test }: Evidence): string => `${file}: ${test}`

/** A claim for JSON; `law` is the first test that shows it, `shownBy` all of them, `changes` what it said before. */
const record = (claim: Claim) => {
  const { assumption, changes, counterexample, finding, id, shownBy, statement, status, where } = claim
  return {
    id,
    where,
    statement,
    status,
    law: shownBy.slice(0, 1).map(asText).join(""),
    ...(assumption === undefined ? {} : { assumption }),
    ...(counterexample === undefined ? {} : { counterexample }),
    finding,
    shownBy,
    ...(changes === undefined ? {} : { changes })
  }
}

const line = (width: number) => ({ id, statement, status, where }: Claim): string =>
  beside(`${id}  ${status}`, `${statement} (${where})`, widthOf(id) + 22, width)

/** Prints every claim of the paper with its status. */
export const claimsCommand = Command.make(
  "claims",
  { json: jsonFlag() },
  ({ json }) => Console.log(json ? jsonText(CLAIMS.map(record)) : CLAIMS.map(line(listWidth())).join("\n"))
).pipe(
  Command.withDescription("Every claim of the paper: where, statement, how far it holds, and the tests that show it"),
  Command.withExamples([
    { command: "decision-sampling theory claims --json", description: "With the tests that show each" }
  ])
)
