/**
 * Where the reader is, as the part of the address after "#": every state of the page has one.
 *
 * @module
 */

/** The views. */
export const VIEWS = ["runs", "rollouts", "calibration", "compare", "theory"] as const

/** A view. */
export type View = (typeof VIEWS)[number]

/** A view with its parameters. */
export interface Place {
  readonly view: View
  readonly params: URLSearchParams
}

/** Reads a place from the address's last part; the first view where it names none. */
export const placeOf = (hash: string): Place => {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split(/\?(.*)/s)
  const view = VIEWS.find((name) => name === path) ?? "runs"
  return { view, params: new URLSearchParams(query) }
}

/** Writes a place as a link. Parameters that are undefined or empty are left out. */
export const linkTo = (view: View, params: URLSearchParams | Readonly<Record<string, string | number | undefined>> = {}): string => {
  const all = params instanceof URLSearchParams ? params : new URLSearchParams(
    Object.entries(params).flatMap((
      [name, value]
    ) => (value === undefined || value === "" ? [] : [[name, String(value)] as [string, string]]))
  )
  const query = all.toString()
  return `#/${view}${query === "" ? "" : `?${query}`}`
}
