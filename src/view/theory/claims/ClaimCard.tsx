/**
 * A claim of the ledger.
 *
 * @module
 */
import { useEffect, useRef } from "preact/hooks"
import type { Claim } from "../../../theory/claims/Claim.ts"
import { linkTo } from "../../Place.ts"
import { VERDICTS } from "./ClaimFilter.ts"
import { Recomputed } from "./Recomputed.tsx"

const SIGNS: Readonly<Record<Claim["status"], string>> = {
  exact: "✓",
  "in expectation": "✓",
  "under assumption": "◐",
  "refuted as stated": "✗",
  definition: "≝",
  empirical: "⚖"
}

const CLASSES: Readonly<Partial<Record<Claim["status"], string>>> = {
  exact: "chip right",
  "in expectation": "chip right",
  "refuted as stated": "chip wrong"
}

const Details = ({ claim }: { readonly claim: Claim }) => {
  const { assumption, changes = [], counterexample, finding, id, shownBy } = claim
  return (
    <div>
      {assumption !== undefined && (
        <p>
          <strong>Assumption.</strong> {assumption}
        </p>
      )}
      <p>
        <strong>Finding.</strong> {finding}
      </p>
      {counterexample !== undefined && (
        <>
          <p>
            <strong>Counterexample.</strong> {counterexample.given}
          </p>
          <Recomputed claim={claim} />
          <p>
            <strong>Instead.</strong> {counterexample.instead}
          </p>
        </>
      )}
      {changes.map(({ date, was, why }) => (
        <p key={date} class="dim">{date}: {was === undefined ? "new in the ledger" : `until then “${was}”`}. {why}</p>
      ))}
      <details>
        <summary>Shown by {shownBy.length} {shownBy.length === 1 ? "test" : "tests"}</summary>
        <ul>
          {shownBy.map(({ file, test }) => (
            <li key={`${file} ${test}`}>
              <code>{file}</code>: {test}
            </li>
          ))}
        </ul>
      </details>
      <p>
        <a href={linkTo("theory", { page: "claims", claim: id })}>Link to {id}</a>
      </p>
    </div>
  )
}

/** A claim that opens; its counterexample is computed when it does. The one that the address names comes into view. */
export const ClaimCard = ({ claim, isOpen, isNamed, toggle }: {
  readonly claim: Claim
  readonly isOpen: boolean
  readonly isNamed: boolean
  readonly toggle: (isOpen: boolean) => void
}) => {
  const card = useRef<HTMLDetailsElement>(null)
  useEffect(() => {
    if (isNamed) card.current?.scrollIntoView({ block: "nearest" })
  }, [isNamed])
  const { counterexample, id, statement, status, where } = claim
  return (
    <details ref={card} class="claim" open={isOpen} onToggle={(event) => toggle(event.currentTarget.open)}>
      <summary>
        <strong>{id}</strong>
        <span class={CLASSES[status] ?? "chip"}>
          <span aria-hidden="true">{SIGNS[status]}</span> {VERDICTS[status]}
        </span>
        {counterexample !== undefined && <span class="chip">counterexample</span>}
        <span class="said">
          {statement} <span class="dim">({where})</span>
        </span>
      </summary>
      {isOpen && <Details claim={claim} />}
    </details>
  )
}
