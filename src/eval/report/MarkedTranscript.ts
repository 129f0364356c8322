/**
 * One response as it was read: attempts in turns of ground, candidates marked right or wrong, what took them back underlined, decisions between
 * them. The text of a model is text, whatever is in it.
 *
 * @module
 */
import { visible } from "../../domain/Visible.ts"
import { readTranscript, type TranscriptRow } from "../transcripts/Grade.ts"
import { defaultReader, type Reader } from "../transcripts/Reader.ts"
import {
  answerSign,
  attemptClass,
  attemptsShown,
  attemptWords,
  byAttempt,
  candidateMark,
  decisionClass,
  decisionSign,
  decisionWords,
  verdictOfCandidate
} from "../transcripts/rows/AttemptWords.ts"
import { piecesOf } from "../transcripts/rows/RowText.ts"
import { html, type Markup } from "./Html.ts"
import { numeralsExplained, valueIn } from "./Numerals.ts"

/** A response to show. */
export interface Marked {
  readonly row: TranscriptRow
  /** How it is read; unless told, as `calibrate` reads by itself. */
  readonly reader?: Reader
  /** What stands over it. */
  readonly title: string
  /** Of which kind it is an example. */
  readonly kind?: string
  /** The base of its numerals; ten unless told. */
  readonly radix?: number
}

// Characters of a prompt, of a stretch between two marks, and of all stretches of a response.
const PROMPT = 1200
const STRETCH = 700
const ALL = 12_000
// So few characters more are not worth a gap.
const SLACK = 200
// Attempts whose signs are shown: the first and the last of more.
const FIRST_SIGNS = 40
const LAST_SIGNS = 10

/** The beginning and the end of a text that is too long, with what is left out between. */
const shortened = (text: string, most: number): string => {
  if (text.length <= most + SLACK) return text
  const half = Math.max(1, Math.floor(most / 2))
  return `${text.slice(0, half)} […${(text.length - 2 * half).toLocaleString("en")} characters left out…] ${text.slice(-half)}`
}

/** Of very many the first and the last, with what stands for those between. */
const fewOf = <A>(all: ReadonlyArray<A>, write: (one: A) => string, between: string): ReadonlyArray<string> => {
  const more = all.length - FIRST_SIGNS - LAST_SIGNS
  return more <= 1
    ? all.map(write)
    : [...all.slice(0, FIRST_SIGNS).map(write), `[… ${more.toLocaleString("en")} ${between}]`, ...all.slice(-LAST_SIGNS).map(write)]
}

const inDecimal = (answer: string, radix: number): string => {
  const value = radix === 10 ? undefined : valueIn(answer, radix)
  return value === undefined ? "" : `; in decimal ${value}`
}

/** Renders it. */
export const markedTranscript = ({ radix = 10, reader = defaultReader, row, title }: Marked): Markup => {
  const graded = readTranscript(row, reader)
  const { rollout: { attempts } } = graded
  const shown = attemptsShown({ attempts })
  let left = ALL
  const textOf = (start: number, end: number): string => {
    const text = shortened(row.response.slice(start, end), Math.min(STRETCH, Math.max(0, left)))
    left -= text.length
    return visible(text)
  }
  const all = byAttempt(piecesOf(graded, row.response.length))
  let leftOut = 0
  const groups = all.map(({ attempt, isLast, pieces }, k) => {
    // What comes last is what counts.
    const isEnd = k === all.length - 1
    if (left <= 0 && !isEnd) {
      leftOut++
      return null
    }
    const before = isEnd && leftOut > 0
      ? html`<p class="soft">${leftOut.toLocaleString("en")} attempts are left out here.</p>`
      : null
    if (isEnd) left = Math.max(left, STRETCH)
    const info = shown[attempt]
    const written = pieces.map(({ correct, end, how, kind, start }) => {
      const text = textOf(start, end)
      if (kind === "marker") return html`<u class="marker">${text}</u>`
      if (kind === "plain") return html`${text}`
      const [sign, word] = verdictOfCandidate(correct)
      const { className, said } = candidateMark(attempt, { correct, how })
      return html`<mark class="${className}" title="${said}${
        inDecimal(attempts[attempt]?.answer ?? "", radix)
      }">${text}<span class="sign" role="img" aria-label="${word}">${sign}</span></mark>`
    })
    return html`${before}<div class="${attemptClass(attempt)}"><pre dir="auto">${written}</pre>${
      info !== undefined && isLast
        ? html`<span class="${decisionClass(info)}">${decisionWords(info)}</span>`
        : null
    }</div>`
  })
  const explained = numeralsExplained(row.prompt, radix)
  const signs = fewOf(shown, (attempt) => `${answerSign(attempt)}${attempt.isEcho ? "=" : ""}${decisionSign(attempt)}`, "more").join(" ")
  return html`<div class="transcript">
<p class="what"><strong>${title}</strong> <span class="signs" role="img" aria-label="${
    fewOf(shown, attemptWords, "more attempts").join("; ") || "no answer"
  }">${signs === "" ? "no answer" : signs}</span></p>
<pre class="prompt" dir="auto">${visible(shortened(row.prompt, PROMPT))}</pre>
${explained === undefined ? null : html`<p class="numerals">${explained}</p>`}
${groups}
</div>
`
}
