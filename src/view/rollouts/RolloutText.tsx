/**
 * A response with its attempts in turns of ground, its candidates marked right or wrong, and what took them back underlined.
 *
 * @module
 */
import type { RowDetail, Segment } from "../Api.ts"
import { visible } from "../../domain/Visible.ts"
import { byAttempt, decisionWords, verdictOfCandidate } from "../../eval/transcripts/rows/AttemptWords.ts"
import { shadedParts, shadeOf } from "./Shade.ts"

const writeLogProb = (logProb: number): string => `log π ${logProb.toFixed(2)}, π ${Math.exp(logProb).toPrecision(2)}`.replaceAll("-", "−")

const Shaded = ({ detail, segment }: { readonly detail: RowDetail; readonly segment: Segment }) => (
  <>
    {shadedParts(segment, detail.logProbs!).map(({ logProb, text }, i) =>
      logProb === undefined
        ? visible(text)
        : <span key={i} class={`shade-${shadeOf(logProb)}`} title={writeLogProb(logProb)}>{visible(text)}</span>
    )}
  </>
)

const Piece = ({ detail, isShaded, segment }: { readonly detail: RowDetail; readonly isShaded: boolean; readonly segment: Segment }) => {
  const inner = isShaded && detail.logProbs !== null ? <Shaded detail={detail} segment={segment} /> : visible(segment.text)
  if (segment.kind === "marker") return <u class="marker">{inner}</u>
  if (segment.kind === "plain") return <>{inner}</>
  const { correct, how } = segment
  const [sign, word] = verdictOfCandidate(correct)
  return (
    <mark
      class={`candidate ${word.replace(" ", "-")}`}
      title={`answer ${segment.attempt + 1}: ${word}${how === undefined ? "" : `, ${how}`}`}
    >
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
        <div key={i} class={`attempt ${attempt < 0 ? "none" : attempt % 2 === 0 ? "even" : "odd"}`}>
          <pre>{pieces.map((segment) => <Piece key={segment.start} detail={detail} isShaded={isShaded} segment={segment} />)}</pre>
          {info !== undefined && isLast && (
            <span class={`chip ${info.decision === "RESAMPLE" ? "resample" : "stop"}`}>
              {decisionWords(info)}
            </span>
          )}
        </div>
      )
    })}
  </div>
)
