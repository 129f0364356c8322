/**
 * A page's form: its values out of the address, and how they are changed there.
 *
 * @module
 */
import { useMemo } from "preact/hooks"
import type { PageProps } from "../Pages.ts"
import type { Change } from "./Controls.tsx"
import { fill, type Filled, type Form, paramsWith } from "./Form.ts"

/** Gives a page's values; a change writes all of them to the address. */
export const useForm = <const F extends Form>(
  page: string,
  form: F,
  { go, params }: PageProps
): Filled<F> & { readonly change: Change } => {
  const query = params.toString()
  const filled = useMemo(() => fill(form, new URLSearchParams(query)), [form, query])
  return { ...filled, change: (changes, how) => go(paramsWith(page, filled, changes), how) }
}
