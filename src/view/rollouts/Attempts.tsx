/**
 * What a rollout did, as a row of signs: each attempt right or wrong, each decision go on or stop.
 *
 * @module
 */
import type { RowInfo } from "../Api.ts"
import { answerSign, attemptWords, decisionSign } from "../../eval/transcripts/rows/AttemptWords.ts"

const NOTES = {
  hitCap: ["cap", "RESAMPLE in the last allowed attempt"],
  confirmed: ["check", "a check after which the answer stood"],
  unmarked: ["unmarked", "an answer changed without a marker"],
  contradicted: ["verdict differs", "the row's own verdict is another"]
} as const

/** The signs for who sees them, their words for who hears or points at them. */
export const Attempts = ({ row }: { readonly row: Pick<RowInfo, "attempts" | keyof typeof NOTES> }) => {
  const words = row.attempts.map(attemptWords).join("; ") || "no answer"
  return (
    <span class="attempts" title={words}>
      <span class="heard">{words}</span>
      <span aria-hidden="true">
        {row.attempts.length === 0 && <span class="dim">no answer</span>}
        {row.attempts.map((attempt, k) => (
          <span key={k} class="sign">
            <span class={attempt.correct ? "right" : "wrong"}>{answerSign(attempt)}</span>
            {attempt.isEcho && <span class="dim">=</span>}
            <span class="decision">{decisionSign(attempt)}</span>
          </span>
        ))}
      </span>
      {(Object.keys(NOTES) as Array<keyof typeof NOTES>).filter((name) => row[name]).map((name) => (
        <span key={name} class="dim sign" title={NOTES[name][1]}>{NOTES[name][0]}</span>
      ))}
    </span>
  )
}
