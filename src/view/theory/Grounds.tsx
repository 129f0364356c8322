/**
 * What a page of the theory stands on: equations, where they come from, what is assumed.
 *
 * @module
 */

/** The equations of a page in plain text, their source, and the assumptions. */
export const Grounds = ({ assumed, equations, source }: {
  readonly equations: ReadonlyArray<string>
  readonly source: string
  readonly assumed: ReadonlyArray<string>
}) => (
  <section class="grounds">
    <h2>Equations and assumptions</h2>
    <div class="scroll" tabIndex={0} role="group" aria-label="Equations">
      <pre>{equations.join("\n")}</pre>
    </div>
    <p>{source}</p>
    <ul>{assumed.map((sentence) => <li key={sentence}>{sentence}</li>)}</ul>
  </section>
)
