/**
 * Values under the pointer, without a script: invisible marks whose description becomes the `<title>` that a browser shows.
 *
 * @module
 */

// Larger than any mark that is seen, so that the pointer need not be exact.
const TARGET = 260

/** The field of a row that holds its words. */
export const SAID = "said"

/** Marks over points whose rows have a field `said`. Put it last, so that nothing covers it. */
export const hoverPoints = <X extends object, Y extends object>(encoding: { readonly x: X; readonly y: Y }) => ({
  mark: { type: "point" as const, shape: "circle", filled: true, opacity: 0, size: TARGET, aria: true },
  encoding: { ...encoding, description: { field: SAID, type: "nominal" as const } }
})

/** Makes bars, whose rows have a field `said`, say it themselves. */
export const SAYING = {
  mark: { aria: true },
  encoding: { description: { field: SAID, type: "nominal" as const } }
} as const

const MARK = /<path aria-label="([^"]*)" role="graphics-symbol" aria-roledescription="[^"]*"([^>]*)\/>/g
const ROLES = / role="graphics-(?:object|symbol)" aria-roledescription="[^"]*"/g

/** Turns descriptions of marks, which only a screen reader would get, into titles, which a pointer gets too. The image's own words stay its label. */
export const withTitles = (svg: string): string =>
  svg.replace(MARK, (_, said: string, rest: string) => `<path${rest}><title>${said}</title></path>`).replace(ROLES, "")
