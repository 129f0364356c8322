/**
 * One rollout: its prompt, its response as it was read, why it counts as it does, and the other samples of its prompt.
 *
 * @module
 */
import { useState } from "preact/hooks"
import type { Api, RowDetail } from "../Api.ts"
import { Failure } from "../parts/Failure.tsx"
import { useAnswer } from "../parts/useAnswer.ts"
import { linkTo } from "../Place.ts"
import { Attempts } from "./Attempts.tsx"
import { RolloutText } from "./RolloutText.tsx"
import { inOneLine, OUTCOME_SIGNS } from "./RowWords.ts"

const Window = ({ detail, go }: { readonly detail: RowDetail; readonly go: (from: number) => void }) => {
  const end = detail.segments.reduce((most, { start, text }) => Math.max(most, start + text.length), detail.from)
  if (detail.from === 0 && end >= detail.length) return null
  const size = Math.max(1, end - detail.from)
  return (
    <p class="note">
      Characters {detail.from + 1} to {end} of {detail.length}.{" "}
      <button type="button" disabled={detail.from === 0} onClick={() => go(Math.max(0, detail.from - size))}>Before</button>{" "}
      <button type="button" disabled={end >= detail.length} onClick={() => go(end)}>After</button>
    </p>
  )
}

const Samples = ({ detail }: { readonly detail: RowDetail }) => (
  <section aria-label="Other samples">
    <h2>{detail.samples === 1 ? "The only sample of this prompt" : `${detail.samples} samples of this prompt`}</h2>
    {detail.others.length > 0 && (
      <ul class="samples">
        {detail.others.map((row) => (
          <li key={row.row}>
            <a href={linkTo("rollouts", { set: detail.set, promptOf: detail.row, row: row.row })}>
              {OUTCOME_SIGNS[row.outcome]} {row.outcome}
            </a>{" "}
            <Attempts row={row} /> <span class="dim">{inOneLine(row.excerpt.slice(0, 90))}</span>
          </li>
        ))}
      </ul>
    )}
  </section>
)

/** What the panel is given. */
export interface RolloutPanelProps {
  readonly api: Api
  readonly set: string
  readonly row: number
  /** Another text asks for the row again. */
  readonly version: string
}

/** The panel. */
export const RolloutPanel = ({ api, row, set, version }: RolloutPanelProps) => {
  const [window, setWindow] = useState({ row, from: 0 })
  const from = window.row === row ? window.from : 0
  const [isShaded, setShaded] = useState(true)
  const { isAwaited, problem, value } = useAnswer(`${set} ${row} ${from} ${version}`, () => api.row(set, row, from))
  if (problem !== undefined) return <Failure problem={problem} />
  if (value === undefined || value.set !== set) return <p role="status">Reading …</p>
  return (
    <article aria-busy={isAwaited} aria-label={`Rollout ${value.id}`}>
      <h1 class={value.outcome === "Correct" ? "right" : value.outcome === "Wrong" ? "wrong" : ""}>
        {OUTCOME_SIGNS[value.outcome]} {value.outcome}
      </h1>
      <p>
        {value.reason}. <Attempts row={value} />
      </p>
      <h2>Prompt</h2>
      <pre class="prompt-text" dir="auto">{value.promptText}</pre>
      {value.promptText.length < value.promptLength && (
        <p class="note">
          The first {value.promptText.length.toLocaleString("en")} of {value.promptLength.toLocaleString("en")} characters.
        </p>
      )}
      <h2>Response</h2>
      {value.logProbs !== null && (
        <p>
          <button type="button" aria-pressed={isShaded} onClick={() => setShaded(!isShaded)}>Shade unlikely tokens</button>
        </p>
      )}
      <Window detail={value} go={(start) => setWindow({ row, from: start })} />
      <RolloutText detail={value} isShaded={isShaded} />
      <Samples detail={value} />
      <h2>The row</h2>
      <dl class="fields">
        <div>
          <dt>Reference</dt>
          <dd>{value.reference === null ? "none" : value.reference}</dd>
        </div>
        <div>
          <dt>Graded as</dt>
          <dd>{value.kind}</dd>
        </div>
        <div>
          <dt>Level</dt>
          <dd>{value.level}</dd>
        </div>
        <div>
          <dt>Id</dt>
          <dd>{value.id}</dd>
        </div>
        <div>
          <dt>File</dt>
          <dd>{value.file}, line {value.line}, {value.format}</dd>
        </div>
        {value.checks > 0 && (
          <div>
            <dt>Checks</dt>
            <dd>{value.checks} after which the answer stood</dd>
          </div>
        )}
        {Object.entries(value.fields).map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </article>
  )
}
