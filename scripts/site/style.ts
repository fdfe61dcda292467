/**
 * The style sheet of the site: that of the drawings, and the frame around
 * them.
 *
 * @module
 */

import { drawStyle } from "../../lib/draw/style.ts";

/** `style.css`. */
export const siteStyle: string = `${drawStyle}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; }
main, .top > div, footer { max-width: 79rem; margin: 0 auto; padding: 0 1.5rem; }
main { padding-bottom: 4rem; } main:focus { outline: none; }
h1 { font-size: 1.75rem; line-height: 1.2; font-weight: 600; margin: 1.75rem 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; line-height: 1.3; font-weight: 600; margin: 2.5rem 0 .5rem; }
h3 { font-size: 1rem; font-weight: 600; margin: 1.5rem 0 .25rem; } h4 { font-size: .9375rem; font-weight: 600; margin: 1rem 0 .25rem; }
h1 .dim, h2 .dim, h3 .dim { font-weight: 400; }
p, ul, ol, dl { margin: .5rem 0; } p, li, dd { max-width: 70ch; overflow-wrap: break-word; }
figure { margin: 1rem 0; } figcaption { font-size: .8125rem; color: var(--dim); }
a { color: var(--link); text-underline-offset: .2em; text-decoration-thickness: 1px; } a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
:target { scroll-margin-top: 1rem; }
code, pre, .n, .rule { font-family: var(--mono); font-size: .8125rem; } code { overflow-wrap: anywhere; }
pre { background: var(--soft); padding: .75rem 1rem; overflow-x: auto; line-height: 1.45; }
.n { white-space: nowrap; font-variant-numeric: tabular-nums; } .wrap { white-space: normal; overflow-wrap: anywhere; }
.dim { color: var(--dim); } .lead { font-size: 1.125rem; line-height: 1.45; max-width: 74ch; }
.facts { max-width: none; } .downloads, .again { font-size: .875rem; max-width: none; } .again summary { cursor: pointer; }
.facts-list { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .25rem 1.25rem; } .facts-list dt { color: var(--dim); } .facts-list dd { margin: 0; overflow-wrap: anywhere; }
.must { border-left: 4px solid var(--ink); padding-left: .75rem; } .refused { border-left: 4px dotted var(--ink); padding-left: .75rem; }
.tag.quirk { color: var(--absent); }
.skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; top: .5rem; background: var(--paper); padding: .25rem .75rem; z-index: 9; }
.top { border-bottom: 1px solid var(--line); }
.top > div { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; align-items: center; padding-top: .6rem; padding-bottom: .6rem; }
.top nav { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; }
.top a { color: var(--ink); text-decoration: none; padding: .2rem 0; } .top a:hover { text-decoration: underline; }
.top a[aria-current] { font-weight: 600; border-bottom: 2px solid var(--ink); } .top .home { font: 600 .9375rem var(--mono); }
.find { position: relative; margin-left: auto; flex: 0 1 17rem; min-width: 9rem; } .find input { width: 100%; }
input, button { font: inherit; font-size: .9375rem; color: inherit; background: var(--paper); border: 1px solid var(--dim); padding: .25rem .5rem; max-width: 100%; }
input::placeholder { color: var(--dim); opacity: 1; } button { background: var(--soft); cursor: pointer; }
.find ol { position: absolute; right: 0; z-index: 5; list-style: none; margin: .25rem 0 0; padding: .25rem 0; width: min(40rem, 92vw); max-height: 70vh; overflow: auto; background: var(--paper); border: 1px solid var(--dim); box-shadow: 0 6px 24px #0003; }
.find li { max-width: none; padding: 0 .75rem; font-size: .875rem; } .find li a { display: block; padding: .3rem .75rem; margin: 0 -.75rem; }
.find li a:focus, .find li a:hover { background: var(--soft); outline-offset: -2px; } .find code { color: var(--link); }
.questions { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(19rem, 100%), 1fr)); gap: 0 2rem; padding: 0; list-style: none; }
.questions li { border-top: 1px solid var(--line); padding: .6rem 0; } .questions b { display: block; font-size: .875rem; font-weight: 600; color: var(--dim); }
.rules { list-style: none; padding: 0; } .rules li { margin: .5rem 0; padding-left: 3.25rem; } .rules li > a:first-child { float: left; margin-left: -3.25rem; font: .8125rem/1.5rem var(--mono); }
.pair, .moves, .data .dim { font-size: .875rem; } .ids { columns: 21rem; font-size: .875rem; padding-left: 1rem; }
.data, .ranges { border-collapse: collapse; font-size: .875rem; }
.data th, .data td, .ranges th, .ranges td { text-align: left; vertical-align: top; padding: .3rem 1rem .3rem 0; font-weight: 400; }
.data thead th, .ranges thead th { color: var(--dim); font-size: .8125rem; border-bottom: 1px solid var(--dim); vertical-align: bottom; }
.data tbody tr, .ranges tbody tr { border-bottom: 1px solid var(--line); } .cards td:first-child { min-width: 11rem; max-width: 22rem; }
.sides .changed td:last-child { border-left: 4px solid var(--absent); padding-left: .5rem; } .sides td:last-child { border-left: 4px solid transparent; padding-left: .5rem; }
.tabs { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; border-bottom: 1px solid var(--line); padding: 0; list-style: none; }
.tabs a { display: block; padding: .3rem 0; text-decoration: none; font: .875rem/1.5 var(--mono); } .tabs [aria-current] { color: var(--ink); font-weight: 600; border-bottom: 2px solid var(--ink); }
.stretch { border-top: 1px solid var(--line); padding: .25rem 0; } .stretch h3 { margin: .5rem 0 .25rem; } .stretch summary { cursor: pointer; font-size: .875rem; color: var(--link); }
.stretch:target, .stretch.asked { border-left: 4px solid var(--link); padding-left: .75rem; background: var(--soft); }
footer { font-size: .8125rem; color: var(--dim); border-top: 1px solid var(--line); padding-top: .5rem; padding-bottom: 2rem; }
@media (max-width: 640px) {
  main, .top > div, footer { padding-left: 1rem; padding-right: 1rem; } h1 { font-size: 1.375rem; } .top nav { gap: 0 .9rem; }
  .find { flex: 1 1 100%; } .find ol { left: 0; right: auto; }
  .cards thead { display: none; } .cards, .cards tbody, .cards tr { display: block; } .cards tr { padding: .4rem 0; }
  .cards td { display: block; padding: 0; } .cards td:empty { display: none; } .cards [data-label]::before { content: attr(data-label) ": "; color: var(--dim); }
  .sides { font-size: .75rem; } .sides .n { font-size: .6875rem; white-space: normal; } .sides td, .sides th { padding-right: .4rem; } .sides .size { display: none; }
}
@media print {
  .top, .skip, form { display: none !important; } body { font-size: 10pt; } main { max-width: none; padding: 0; } a { color: inherit; text-decoration: none; }
  * { print-color-adjust: exact; } h2, h3, h4 { break-after: avoid; } .data tr { break-inside: avoid; }
}
`;
