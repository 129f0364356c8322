/**
 * A text that is looked for: said with Enter, or when the field is left.
 *
 * @module
 */

/** The field. */
export const TextField = ({ onChange, text }: { readonly text: string; readonly onChange: (text: string) => void }) => (
  <form
    class="search"
    role="search"
    onSubmit={(event) => {
      event.preventDefault()
      onChange(String(new FormData(event.currentTarget).get("text") ?? ""))
    }}
  >
    <label>
      Text in prompt or response
      <input type="search" name="text" value={text} onChange={(event) => onChange(event.currentTarget.value)} />
    </label>
  </form>
)
