/** docs/claims.md as a function of the ledger. */
import type { Claim } from "../src/theory/claims/Claim.ts"
import type { PaperSection } from "../src/theory/claims/PaperSections.ts"

/** A pipe would end a table's cell. */
const cell = (text: string): string => text.replaceAll("|", "\\|")

const row = (cells: ReadonlyArray<string>): string => `| ${cells.map(cell).join(" | ")} |`

const link = (claim: string): string => `[${claim}](#${claim.toLowerCase()})`

const numbersOf = (numbers: Readonly<Record<string, number>>): string =>
  Object.entries(numbers)
    .map(([name, value]) => `\`${name}\` = ${value}`)
    .join(", ")

const paragraph = (claim: Claim): string => {
  const { assumption, counterexample, finding, id, shownBy, statement, status, where } = claim
  const text = [
    `**${where}, ${status}.** ${statement}`,
    ...(assumption === undefined ? [] : [`*Assumption:* ${assumption}`]),
    finding,
    ...(counterexample === undefined
      ? []
      : [`*Counterexample:* ${counterexample.given} ${numbersOf(counterexample.numbers)}. *Instead:* ${counterexample.instead}`])
  ].join(" ")
  return [`### ${id}`, "", text, "", "Shown by:", "", ...shownBy.map(({ file, test }) => `- \`${file}\`: ${test}`)].join("\n")
}

const sectionRow = ({ claims, content, files, note, place }: PaperSection): string => {
  const went = [...claims.map(link), ...files.map((file) => `\`${file}\``)].join(", ")
  return row([place, content, [went, note ?? ""].filter((text) => text !== "").join("; ")])
}

/** What changed, newest date first, and in the order of the ids within a date. */
const changesOf = (claims: ReadonlyArray<Claim>): ReadonlyArray<string> => {
  const changes = claims.flatMap(({ changes: own = [], id }) => own.map((change) => ({ ...change, id })))
  const dates = [...new Set(changes.map(({ date }) => date))].toSorted().toReversed()
  return dates.flatMap((date) => [
    "",
    `### ${date}`,
    "",
    ...changes
      .filter((change) => change.date === date)
      .map(({ id, was, why }) => `- ${link(id)}: ${was === undefined ? "new" : `was “${was}”`}. ${why}`)
  ])
}

/** Writes the ledger as Markdown: a table, a paragraph a claim, what changed by date, and where every part of the paper went. */
export const claimsDocument = (claims: ReadonlyArray<Claim>, sections: ReadonlyArray<PaperSection>): string => {
  const statuses = [...new Set(claims.map(({ status }) => status))]
  const counts = statuses.map((status) => `${claims.filter((claim) => claim.status === status).length} ${status}`)
  return [
    "# Claims ledger",
    "",
    "Generated from `src/theory/Claims.ts` by `node scripts/write-claims.ts`; a test fails when this page is stale. Another test checks that",
    "every named test exists, and computes every counterexample's numbers again. The same data: `decision-sampling theory claims --json`.",
    "",
    `${claims.length} claims: ${counts.join(", ")}.`,
    "",
    row(["id", "where", "claim", "status"]),
    row(["---", "---", "---", "---"]),
    ...claims.map(({ id, statement, status, where }) => row([link(id), where, statement, status])),
    "",
    "## Claim by claim",
    "",
    claims.map(paragraph).join("\n\n"),
    "",
    "## Changes",
    "",
    "What earlier versions of this ledger said otherwise, and why that was given up.",
    ...changesOf(claims),
    "",
    "## Where each part of the paper went",
    "",
    row(["part", "content", "claims and files"]),
    row(["---", "---", "---"]),
    ...sections.map(sectionRow),
    ""
  ].join("\n")
}
