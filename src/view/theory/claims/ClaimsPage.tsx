/**
 * The page on the claims ledger.
 *
 * @module
 */
import { useState } from "preact/hooks"
import { CLAIMS } from "../../../theory/Claims.ts"
import type { PageProps } from "../Pages.ts"
import { AllRecomputed } from "./AllRecomputed.tsx"
import { ClaimCard } from "./ClaimCard.tsx"
import { claimFilterOf, claimParams, claimsFor, STATUSES, VERDICTS } from "./ClaimFilter.ts"

/** The page. The claim opened last is in the address; others stay open beside it. */
export const ClaimsPage = ({ go, params }: PageProps) => {
  const filter = claimFilterOf(params)
  const named = params.get("claim")
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set())
  const listed = claimsFor(filter)
  const isMissing = named !== null && !CLAIMS.some(({ id }) => id === named)
  const shown = isMissing || named === null || listed.some(({ id }) => id === named)
    ? listed
    : CLAIMS.filter((claim) => claim.id === named || listed.includes(claim))
  const count = (status: (typeof STATUSES)[number]): number => CLAIMS.filter((claim) => claim.status === status).length
  const toggle = (id: string, isOpen: boolean): void => {
    const others = [...opened].filter((each) => each !== id)
    setOpened(new Set(isOpen ? [...others, id] : others))
    if (isOpen && named !== id) go(claimParams(filter, id), "replace")
    if (!isOpen && named === id) go(claimParams(filter, null), "replace")
  }
  return (
    <>
      <h1>The claims ledger</h1>
      <p>
        {CLAIMS.length}{" "}
        claims of the paper in our words, each with a verdict and the tests that show it. A claim under an assumption or refuted has a
        counterexample: its numbers are computed in your browser when you open it, and stand beside the ledger's.
      </p>
      <fieldset>
        <legend>Verdict</legend>
        <div class="chips">
          {STATUSES.map((status) => {
            const isOn = filter.statuses.includes(status)
            const statuses = isOn ? filter.statuses.filter((each) => each !== status) : [...filter.statuses, status]
            return (
              <button key={status} type="button" aria-pressed={isOn} onClick={() => go(claimParams({ ...filter, statuses }, null))}>
                {VERDICTS[status]} ({count(status)})
              </button>
            )
          })}
        </div>
      </fieldset>
      <div class="bar">
        <label>
          With the words
          <input
            type="search"
            value={filter.text}
            onInput={(event) => go(claimParams({ ...filter, text: event.currentTarget.value }, null), "replace")}
          />
        </label>
        <p role="status">{listed.length} of {CLAIMS.length} claims</p>
      </div>
      <AllRecomputed />
      {isMissing && <p class="failure" role="alert">The ledger has no claim {JSON.stringify(named)}; it has C01 to {CLAIMS.at(-1)!.id}.</p>}
      {shown.length === 0 && <p class="note">No claim has this verdict and these words. Take back a word or a verdict.</p>}
      {shown.map((claim) => (
        <ClaimCard
          key={claim.id}
          claim={claim}
          isNamed={claim.id === named}
          isOpen={claim.id === named || opened.has(claim.id)}
          toggle={(isOpen) => toggle(claim.id, isOpen)}
        />
      ))}
      <p class="dim">The same as a document: docs/claims.md; as data: decision-sampling theory claims --json.</p>
    </>
  )
}
