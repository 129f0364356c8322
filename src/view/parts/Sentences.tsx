/**
 * Findings in words.
 *
 * @module
 */

/** Sentences, the most important first. */
export const Sentences = ({ label, sentences }: { readonly label: string; readonly sentences: ReadonlyArray<string> }) => (
  <ul class="said" aria-label={label}>
    {sentences.map((sentence, i) => <li key={i}>{sentence}</li>)}
  </ul>
)
