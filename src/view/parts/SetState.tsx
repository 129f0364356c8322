/**
 * What is wrong with a set of rollouts, or not finished.
 *
 * @module
 */
import type { SetInfo } from "../Api.ts"

/** Says that a set is still being read, could not be read, or has rows that could not be used; nothing where all is well. */
export const SetState = ({ set }: { readonly set: SetInfo }) => (
  <>
    {set.state === "reading" && (
      <p class="note" role="status">
        Still reading {set.name}: {Math.floor(100 * set.share)} % of its bytes. Numbers are of what has been read.
      </p>
    )}
    {set.problem !== null && <p class="failure">{set.name}: {set.problem}</p>}
    {set.badRows > 0 && (
      <details class="note">
        <summary>{set.badRows.toLocaleString("en")} rows of {set.name} could not be used and are in no number</summary>
        <ul>
          {set.bad.map(({ file, line, reason }) => (
            <li key={`${file}:${line}`}>
              <code>{file}:{line}</code> {reason}
            </li>
          ))}
        </ul>
      </details>
    )}
  </>
)
