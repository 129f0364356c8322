/**
 * Parameters of the address that made no sense.
 *
 * @module
 */

/** Says which, and what was taken instead. */
export const Problems = ({ problems }: { readonly problems: ReadonlyArray<string> }) =>
  problems.length === 0 ? null : (
    <div class="failure" role="alert">
      {problems.map((problem) => <p key={problem}>The address says that {problem}.</p>)}
    </div>
  )
