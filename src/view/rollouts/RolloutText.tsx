/**
 * A response with its attempts in turns of ground, its candidates marked right or wrong, and what took them back underlined.
 *
 * @module
 */
import type { RowDetail, Segment } from "../Api.ts"
import {
  attemptClass,
  byAttempt,
  candidateMark,
  decisionClass,
  decisionWords,
  verdictOfCandidate
} from "../../eval/transcripts/rows/AttemptWords.ts"
import { shadedParts, shadeOf } from "./Shade.ts"

const writeLogProb = (logProb: number): string => `log π ${logProb.toFixed(2)}, π ${Math.exp(logProb).toPrecision(2)}`.replaceAll("-", "−")

const Shaded = ({ detail, segment }: { readonly detail: RowDetail; readonly segment: Segment }) => (
  <>
    {shadedParts(segment, detail.logProbs!).map(({ logProb, text }, i) =>
      logProb === undefined
        ? text
        : <span key={i} class={`shade-${shadeOf(logProb)}`} title={writeLogProb(logProb)}>{text}</span>
    )}
  </>
)

const Piece = ({ detail, isShaded, segment }: { readonly detail: RowDetail; readonly isShaded: boolean; readonly segment: Segment }) => {
  const inner = isShaded && detail.logProbs !== null ? <Shaded detail={detail} segment={segment} /> : segment.text
  if (segment.kind === "marker") return <u class="marker">{inner}</u>
  if (segment.kind === "plain") return <>{inner}</>
  const { correct, how } = segment
  const [sign, word] = verdictOfCandidate(correct)
  const { className, said } = candidateMark(segment.attempt, { correct, how })
  return (
    <mark class={className} title={said}>
      {inner}
      <span class="verdict" aria-label={word}>{sign}</span>
    </mark>
  )
}

/** The response. Attempts take turns in their ground; a chip between them says what was decided. */
export const RolloutText = ({ detail, isShaded }: { readonly detail: RowDetail; readonly isShaded: boolean }) => (
  <div class="response" dir="auto">
    {byAttempt(detail.segments).map(({ attempt, isLast, pieces }, i) => {
      const info = detail.attempts[attempt]
      return (
        <div key={i} class={attemptClass(attempt)}>
          <pre>{pieces.map((segment) => <Piece key={segment.start} detail={detail} isShaded={isShaded} segment={segment} />)}</pre>
          {info !== undefined && isLast && <span class={decisionClass(info)}>{decisionWords(info)}</span>}
        </div>
      )
    })}
  </div>
)
