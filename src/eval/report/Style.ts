/**
 * The style sheet of every page: light and dark, narrow and wide, and on paper, where what is folded opens.
 *
 * @module
 */

/** The sheet. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --ink: #1d232b; --soft: #56606b; --line: #d5dae0; --panel: #f5f7f9; --link: #0b5cad;
  --agrees: #0a6b4b; --disagrees: #a03a14; --undecided: #56606b;
  --right: #006b35; --wrong: #9c3b12; --right-ground: #e0f3e8; --wrong-ground: #fbe7de; --marker-ground: #fdf0c8;
  --even: #f2f6fb; --odd: #f8f4fb; --even-line: #2067ad; --odd-line: #7d5aa6; --chip: #8a3c10;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #14181d; --ink: #e3e8ee; --soft: #a9b3be; --line: #38424d; --panel: #1c2229; --link: #7cbcff;
    --agrees: #5fd3a6; --disagrees: #ff9d6e; --undecided: #a9b3be;
    --right: #5fd693; --wrong: #f0976a; --right-ground: #14351f; --wrong-ground: #43220f; --marker-ground: #3d3110;
    --even: #1b232d; --odd: #251f2d; --odd-line: #b79ad8; --chip: #f0a57c;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
main, header, footer { overflow-wrap: break-word; max-width: 1280px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 14px; }
h1 { font-size: 1.45rem; line-height: 1.2; margin: 0 0 .2rem; }
h1 small { display: inline; font-size: .95rem; }
h2 { font-size: 1.3rem; margin: 2.4rem 0 .6rem; padding-top: .6rem; border-top: 1px solid var(--line); }
section:has(.first) > h2 { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); margin: 0; padding: 0; border: 0; }
h3 { font-size: 1.05rem; margin: 1.3rem 0 .4rem; }
.first + h3 { margin: .5rem 0 .2rem; font-size: 1rem; }
p { max-width: 105ch; margin: .4rem 0 .7rem; }
.lead { font-size: .9rem; margin: .1rem 0 .2rem; max-width: none; }
.soft, .where { color: var(--soft); font-size: .88rem; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 12px; top: 12px; background: var(--page); padding: 6px 10px; }
nav ul { list-style: none; padding: 0; margin: .1rem 0 .3rem; display: flex; flex-wrap: wrap; gap: 0 1rem; font-size: .88rem; }
nav a { display: inline-block; padding: .15rem 0; }
.first { display: grid; grid-template-columns: minmax(0, 1fr) 19.5rem; gap: .2rem 1.4rem; align-items: start; border-top: 1px solid var(--line); padding-top: .5rem; }
.first figure { margin: 0; }
.first details { font-size: .9rem; margin: .1rem 0; }
.terms { background: var(--panel); border-radius: 8px; padding: .3rem .9rem; font-size: .85rem; line-height: 1.38; }
.terms p { margin: .3rem 0; font-size: .8rem; }
.terms dl { margin: 0; }
.terms dl > div { padding: .3rem 0; border-bottom: 1px solid var(--line); }
.terms dl > div:last-child { border-bottom: 0; }
.terms dt { font-weight: 700; display: inline; margin-right: .45rem; }
.terms dd { display: inline; margin: 0; }
.scroll { overflow-x: auto; margin: .6rem 0 1rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .88rem; }
caption { text-align: left; color: var(--soft); padding-bottom: .3rem; }
th, td { padding: .28rem .4rem; text-align: right; border-bottom: 1px solid var(--line); vertical-align: top; }
td { white-space: nowrap; }
@media (min-width: 1000px) { td small { white-space: normal; } }
thead th { border-bottom: 2px solid var(--line); vertical-align: bottom; }
tbody th, thead th:first-child { text-align: left; font-weight: 600; }
tbody th { min-width: 4.8em; max-width: 17rem; overflow-wrap: anywhere; }
td.text { text-align: left; white-space: normal; }
table small { display: block; color: var(--soft); font-size: .78rem; font-weight: 400; }
.of { display: inline-block; max-width: 100%; }
.swatch { display: inline-block; width: .72em; height: .72em; border-radius: 50%; margin-right: .34em; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.sentences { list-style: none; padding: 0; margin: .3rem 0; }
.sentences > li { border-bottom: 1px solid var(--line); padding: .13rem 0; }
.sentences details { margin: 0; }
.sentences summary, .sentences > li { font-weight: 400; font-size: .89rem; line-height: 1.42; }
.sentences + p { margin-top: .3rem; }
.findings { list-style: none; padding: 0; }
.findings li { display: grid; grid-template-columns: 7.2rem 1fr; gap: 0 1rem; padding: .7rem 0; border-bottom: 1px solid var(--line); }
.findings p { margin: .1rem 0; max-width: 108ch; }
.verdict { font-weight: 700; }
.agrees { color: var(--agrees); } .disagrees { color: var(--disagrees); } .undecided { color: var(--undecided); }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(36rem, 100%), 1fr)); gap: 0 2rem; align-items: start; }
.figures figure { min-width: 0; }
figure { margin: .8rem 0 1.2rem; max-width: 100%; }
figure .scroll { margin: 0; }
figcaption { font-weight: 600; font-size: .92rem; margin-bottom: .3rem; }
figure svg { display: block; }
svg path:has(> title):hover { opacity: .35; }
details { margin: .4rem 0; }
summary { cursor: pointer; font-weight: 600; }
summary .soft { font-weight: 400; }
details details { margin-left: 1.1rem; }
.transcript { border: 1px solid var(--line); border-radius: 6px; padding: .5rem .9rem .7rem; margin: .6rem 0; break-inside: avoid-page; }
.transcript p { margin: .2rem 0; }
.transcript .signs { color: var(--soft); margin-left: .6rem; letter-spacing: .04em; }
.transcript .numerals { font-size: .88rem; color: var(--soft); }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; font: .86rem/1.5 ui-monospace, "DejaVu Sans Mono", monospace; }
pre.prompt { background: var(--panel); border-radius: 4px; padding: .3rem .6rem; margin: .3rem 0; }
.attempt { padding: .25rem .6rem .3rem; border-left: 4px solid var(--line); margin-top: .2rem; }
.attempt.even { background: var(--even); border-left-color: var(--even-line); }
.attempt.odd { background: var(--odd); border-left-color: var(--odd-line); }
.chip { display: inline-block; border: 1px solid currentColor; border-radius: 1rem; padding: 0 .6rem; font-size: .8rem; margin-top: .2rem; color: var(--chip); }
mark.candidate { color: inherit; border-radius: 3px; padding: 0 .15rem; background: var(--panel); font-weight: 600; }
mark.right { background: var(--right-ground); color: var(--right); }
mark.wrong { background: var(--wrong-ground); color: var(--wrong); }
.sign { font-size: .85em; margin-left: .15rem; }
.marker { background: var(--marker-ground); text-decoration-thickness: 2px; text-underline-offset: 3px; text-decoration-color: #a64a16; }
code { font: .9em ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
footer { color: var(--soft); padding-top: 2rem; padding-bottom: 2rem; font-size: .9rem; }
@media (max-width: 1000px) { .first { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 640px) { .findings li { grid-template-columns: 1fr; } main, header, footer { padding: 0 14px; } }
@page { size: A4; margin: 12mm; }
@media print {
  :root { color-scheme: light; }
  body { font-size: 10pt; }
  nav, .skip { display: none; }
  main, header, footer { padding: 0; max-width: none; }
  h1, h2, h3, figcaption, caption, summary { break-after: avoid; }
  figure, tr, .terms, .sentences > li { break-inside: avoid; }
  .first { display: flex; flex-direction: column; }
  .first > div { display: contents; }
  .first details { order: 1; }
  .terms dl { columns: 2; }
  .terms dl > div { break-inside: avoid; }
  details::details-content { content-visibility: visible; block-size: auto; }
  summary { list-style: none; }
  .scroll { overflow: visible; }
  table { font-size: 7pt; max-width: 100%; }
  th, td { padding: 1pt 2.5pt; }
  td { white-space: normal; }
  tbody th { max-width: 34mm; }
  table small { font-size: 6pt; }
  figure svg { max-width: 100%; height: auto; }
  .attempt, .chip, mark, pre.prompt { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`
