/**
 * The page around the report: one file, no script, no network, light and dark.
 *
 * @module
 */
import { html, type Markup, trustedMarkup } from "./Html.ts"
import { style } from "./Style.ts"

/** A section of the page. */
export interface Section {
  /** Anchor: letters and dashes. */
  readonly id: string
  readonly title: string
  /** In the table of contents; the title unless told. */
  readonly short?: string
  readonly body: Markup
}

/** Puts sections into a page with a heading, a table of contents and a footer. The policy forbids scripts and any loading. */
export const page = (title: string, lead: Markup, sections: ReadonlyArray<Section>, footer: Markup): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${trustedMarkup(style)}</style>
</head>
<body>
<a class="skip" href="#summary">Skip to the summary</a>
<header>
<h1>${title}</h1>
${lead}
<nav aria-label="Contents"><ul>${sections.map(({ id, short, title }) => html`<li><a href="#${id}">${short ?? title}</a></li>`)}</ul></nav>
</header>
<main>
${
    sections.map(({ body, id, title }) =>
      html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${body}
</section>
`
    )
  }</main>
<footer>${footer}</footer>
</body>
</html>
`.text
