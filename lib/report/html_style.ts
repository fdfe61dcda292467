/**
 * The style sheet of the HTML report: the palette and the header map of the
 * drawings, and what is the report's own.
 *
 * @module
 */

import { headerMapStyle } from "../draw/header_map.ts";
import { markupStyle } from "../draw/markup.ts";
import { paletteStyle } from "../draw/palette.ts";

/** Inlined into the page. A colour means the same in every row: what a status is, what was wanted, what came. */
export const style: string = `${paletteStyle}${markupStyle}${headerMapStyle}
:root { --pass: var(--wanted); --fail: var(--got); --broken: #7d369f; --unsupported: #646b72; --known: #8a5800; }
@media screen and (prefers-color-scheme: dark) { :root { --broken: #d49cef; --unsupported: #949ba4; --known: #e2ae52; } }
* { box-sizing: border-box; } [hidden] { display: none !important; }
body { margin: 0 auto; max-width: 80rem; padding: 1.5rem 1.25rem 4rem; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0; font-weight: 600; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 1.8rem 0 .4rem; scroll-margin-top: .5rem; } h3 { font-size: 1rem; font-weight: 600; margin: 0; overflow-wrap: anywhere; }
p { margin: .2rem 0; overflow-wrap: anywhere; } ul { margin: .4rem 0 0; padding-left: 1.2rem; }
.dim { color: var(--dim); } .complaint { color: var(--fail); }
.pass { color: var(--pass); } .fail, .unexpected-pass { color: var(--fail); } .broken, .missing { color: var(--broken); }
.known { color: var(--known); } .unsupported, .none { color: var(--unsupported); }
.bar { display: flex; gap: 2px; height: 1rem; margin: .6rem 0 .3rem; } .bar span { min-width: 2px; flex-basis: 0; background: currentColor; border: 1px solid currentColor; }
.bar .known, .bar .unsupported { background: none; } .bar .broken, .bar .missing { background: repeating-linear-gradient(135deg, currentColor 0 3px, transparent 3px 6px); }
.cause { margin: .8rem 0; padding: .8rem 1rem; border: 1px solid var(--line); border-left: 4px solid var(--fail); }
button { font: inherit; font-weight: 600; color: inherit; background: var(--soft); border: 1px solid var(--dim); padding: 0 .5rem; cursor: pointer; }
a { color: inherit; text-underline-offset: 2px; }
:focus-visible { outline: 2px solid var(--known); outline-offset: 2px; }
.totals { margin: .8rem 0; font-size: .9rem; } .totals th, .totals td { padding: .1rem 1rem .1rem 0; text-align: right; font-variant-numeric: tabular-nums; }
.totals th:first-child { text-align: left; } th { font-weight: 500; text-align: left; } table { border-collapse: collapse; }
form { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .4rem; align-items: center; padding: .5rem 0; background: var(--paper); border-bottom: 1px solid var(--line); }
input, select { font: inherit; color: inherit; padding: .25rem .5rem; border: 1px solid var(--dim); background: var(--soft); max-width: 13rem; }
input { flex: 1 1 10rem; } output { color: var(--dim); }
article { border-bottom: 1px solid var(--line); }
summary, dt, article a, .scroll { scroll-margin-top: 7rem; }
summary { padding: .3rem 0; cursor: pointer; overflow-wrap: anywhere; }
.head { display: inline-grid; grid-template-columns: 6.5rem minmax(0, 22rem) minmax(0, 1fr); gap: 0 .6rem; width: calc(100% - 1.3rem); vertical-align: top; }
p.head { padding: .3rem 0; margin: 0 0 0 1.1rem; }
.status { font-size: .85rem; font-weight: 600; } .head code { overflow-wrap: anywhere; }
code, pre, .differences { font-family: var(--mono); font-size: 12.5px; }
.differences th, .differences td { padding: .15rem .7rem .15rem 0; white-space: nowrap; vertical-align: top; }
.differences thead th { color: var(--dim); border-bottom: 1px solid var(--dim); } .words { font-family: system-ui, sans-serif; color: var(--dim); }
pre { margin: .4rem 0; padding: .6rem .8rem; background: var(--soft); overflow-x: auto; }
dt { font-weight: 600; } dd { margin: 0 0 .6rem; } dt:target, dt:target + dd { background: var(--soft); }
@media (max-width: 640px) { .head { display: inline; } .status { margin-right: .4rem; } p.head { display: block; margin-left: 0; } }
@media (max-width: 480px) { form { position: static; } select, input { max-width: none; flex: 1 1 45%; min-width: 0; } summary, dt, article a, .scroll { scroll-margin-top: .5rem; }
  .differences thead { display: none; } .differences tr { display: grid; grid-template-columns: auto 1fr auto; border-bottom: 1px solid var(--line); }
  .differences .want, .differences .got, .differences .words { grid-column: 1 / -1; padding-left: 1rem; white-space: normal; overflow-wrap: anywhere; } .differences .rule { grid-area: 1 / 3; }
  .differences .want::before { content: "want "; } .differences .got::before { content: "got  "; white-space: pre; } }
@media print { form, button, script { display: none; } body { max-width: none; padding: 0; } * { print-color-adjust: exact; } }
`;
