/**
 * The page around the report: one file, no script, no network, light and dark.
 *
 * @module
 */
import { html, type Markup, trustedMarkup } from "./Html.ts"

/** A section of the page. */
export interface Section {
  /** Anchor: letters and dashes. */
  readonly id: string
  readonly title: string
  readonly body: Markup
}

const style = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --ink: #1d232b; --soft: #59636e; --line: #d5dae0; --panel: #f5f7f9; --link: #0b5cad;
  --agrees: #0a6b4b; --disagrees: #a8431b; --undecided: #59636e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14181d; --ink: #e3e8ee; --soft: #a3adb8; --line: #38424d; --panel: #1c2229; --link: #7cbcff;
    --agrees: #5fd3a6; --disagrees: #ff9d6e; --undecided: #a3adb8;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
main, header, footer { max-width: 1240px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 32px; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .4rem; }
h2 { font-size: 1.35rem; margin: 2.8rem 0 .8rem; padding-top: .6rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.08rem; margin: 1.6rem 0 .5rem; }
p { max-width: 100ch; margin: .5rem 0 .8rem; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 12px; top: 12px; background: var(--page); padding: 6px 10px; }
nav ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; }
.scroll { overflow-x: auto; margin: .8rem 0 1.2rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
caption { text-align: left; color: var(--soft); padding-bottom: .4rem; }
th, td { padding: .32rem .42rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; vertical-align: top; }
thead th { border-bottom: 2px solid var(--line); vertical-align: bottom; }
tbody th, thead th:first-child { text-align: left; font-weight: 600; }
td.text { text-align: left; white-space: normal; }
small { display: block; color: var(--soft); font-size: .78rem; font-weight: 400; }
.findings { list-style: none; padding: 0; }
.findings li { display: grid; grid-template-columns: 7.2rem 1fr; gap: 0 1rem; padding: .7rem 0; border-bottom: 1px solid var(--line); }
.findings p { margin: .1rem 0; max-width: 108ch; }
.verdict { font-weight: 700; }
.agrees { color: var(--agrees); } .disagrees { color: var(--disagrees); } .undecided { color: var(--undecided); }
.where { color: var(--soft); font-size: .88rem; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem 2rem; }
figure { margin: 1rem 0 1.4rem; max-width: 100%; }
figure .scroll { margin: 0; }
figcaption { font-weight: 600; font-size: .95rem; margin-bottom: .3rem; }
svg { display: block; }
details { margin: .5rem 0; }
summary { cursor: pointer; font-weight: 600; }
.transcript { border: 1px solid var(--line); border-radius: 6px; background: var(--panel); padding: .6rem .9rem; margin: .6rem 0; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .3rem 0; font: .86rem/1.45 ui-monospace, "DejaVu Sans Mono", monospace; }
code { font: .9em ui-monospace, "DejaVu Sans Mono", monospace; }
footer { color: var(--soft); padding-top: 2rem; padding-bottom: 2rem; font-size: .9rem; }
@media (max-width: 640px) { .findings li { grid-template-columns: 1fr; } main, header, footer { padding: 0 14px; } }
@media print { nav, .skip { display: none; } h2 { break-after: avoid; } figure { break-inside: avoid; } }
`

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
<nav aria-label="Contents"><ul>${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
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
