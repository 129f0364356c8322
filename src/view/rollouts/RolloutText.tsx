/**
 * A response with its attempts in turns of ground, its candidates marked right or wrong, and what took them back underlined.
 *
 * @module
 */
import type { RowDetail, Segment } from "../Api.ts"
import { visible } from "../../domain/Visible.ts"
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
  const word = correct === null || correct === undefined ? "not graded" : correct ? "right" : "wrong"
  return (
    <mark
      class={`candidate ${word.replace(" ", "-")}`}
      title={`answer ${segment.attempt + 1}: ${word}${how === undefined ? "" : `, ${how}`}`}
    >
      {inner}
      <span class="verdict" aria-label={word}>{correct === true ? "✓" : correct === false ? "✗" : "?"}</span>
    </mark>
  )
}

/** The response. Attempts take turns in their ground; a chip between them says what was decided. */
export const RolloutText = ({ detail, isShaded }: { readonly detail: RowDetail; readonly isShaded: boolean }) => {
  // What belongs together, in order.
  const groups: Array<{ readonly attempt: number; readonly segments: Array<Segment> }> = []
  for (const segment of detail.segments) {
    const last = groups.at(-1)
    if (last?.attempt === segment.attempt) last.segments.push(segment)
    else groups.push({ attempt: segment.attempt, segments: [segment] })
  }
  return (
    <div class="response" dir="auto">
      {groups.map(({ attempt, segments }, i) => {
        const info = detail.attempts[attempt]
        const isLastOfIt = groups[i + 1]?.attempt !== attempt
        return (
          <div key={i} class={`attempt ${attempt < 0 ? "none" : attempt % 2 === 0 ? "even" : "odd"}`}>
            <pre>{segments.map((segment) => <Piece key={segment.start} detail={detail} isShaded={isShaded} segment={segment} />)}</pre>
            {info !== undefined && isLastOfIt && (
              <span class={`chip ${info.decision === "RESAMPLE" ? "resample" : "stop"}`}>
                {info.decision ?? "cut off"} on a {info.correct ? "right" : "wrong"} answer{info.isEcho ? ", the same as before" : ""}
              </span>
            )}
          </div>
        )
      })}
    </div>
  )
}
