/**
 * The style sheet of the HTML report.
 *
 * @module
 */

/** Inlined into the page. A colour means the same in every row: what a status is, what was wanted, what came. */
export const style = `
:root { --ink: #1c1f23; --dim: #5c6269; --paper: #fff; --line: #dfe3e8; --soft: #f5f6f8;
  --pass: #17703f; --fail: #b92d23; --broken: #7d369f; --unsupported: #6b7178; --known: #8a5800; color-scheme: light dark; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --dim: #a3a9b2; --paper: #16181b; --line: #33383e; --soft: #1e2125;
  --pass: #5cc98f; --fail: #ff8378; --broken: #d49cef; --unsupported: #949ba4; --known: #e2ae52; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 80rem; padding: 1.5rem 1.25rem 4rem; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0; font-weight: 600; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 1.8rem 0 .4rem; scroll-margin-top: .5rem; } h3 { font-size: 1rem; font-weight: 600; margin: 0; }
p { margin: .2rem 0; overflow-wrap: anywhere; } ul { margin: .4rem 0 0; padding-left: 1.2rem; }
.dim { color: var(--dim); } .complaint { color: var(--fail); }
.pass { color: var(--pass); } .fail, .unexpected-pass { color: var(--fail); } .broken, .missing { color: var(--broken); }
.known { color: var(--known); } .unsupported, .none { color: var(--unsupported); }
.cause { margin: .8rem 0; padding: .8rem 1rem; border: 1px solid var(--line); border-left: 4px solid var(--fail); border-radius: 6px; }
button { font: inherit; font-weight: 600; color: var(--fail); background: none; border: 1px solid currentColor; border-radius: 6px; padding: 0 .5rem; cursor: pointer; }
a { color: inherit; text-underline-offset: 2px; }
:focus-visible { outline: 2px solid var(--known); outline-offset: 2px; }
.totals { margin: .8rem 0; font-size: .9rem; } .totals th, .totals td { padding: .1rem 1rem .1rem 0; text-align: right; font-variant-numeric: tabular-nums; }
.totals th:first-child { text-align: left; } th { font-weight: 500; text-align: left; } table { border-collapse: collapse; }
form { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .4rem; align-items: center; padding: .5rem 0; background: var(--paper); border-bottom: 1px solid var(--line); }
input, select { font: inherit; color: inherit; padding: .25rem .5rem; border: 1px solid var(--line); border-radius: 6px; background: var(--soft); max-width: 13rem; }
input { flex: 1 1 10rem; } output { color: var(--dim); }
article { border-bottom: 1px solid var(--line); } article > p { margin: 0; padding: .3rem 0; }
summary { padding: .3rem 0; cursor: pointer; overflow-wrap: anywhere; }
.status { display: inline-block; min-width: 6.5rem; font-size: .85rem; font-weight: 600; }
code, pre, .scroll table { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 12.5px; }
.scroll { overflow-x: auto; margin: .4rem 0; } .scroll th, .scroll td { padding: .15rem .7rem .15rem 0; white-space: nowrap; vertical-align: top; }
.scroll thead th { color: var(--dim); border-bottom: 1px solid var(--line); } .words { font-family: system-ui, sans-serif; color: var(--dim); }
.want { color: var(--pass); } .got { color: var(--fail); } .wrong .want, .wrong .got { display: block; }
.wrong .want::before { content: "want "; } .wrong .got::before { content: "got  "; white-space: pre; }
pre { margin: .4rem 0; padding: .6rem .8rem; background: var(--soft); border-radius: 6px; overflow-x: auto; }
dt { font-weight: 600; scroll-margin-top: 4rem; } dd { margin: 0 0 .6rem; } dt:target, dt:target + dd { background: var(--soft); }
@media (max-width: 480px) { form { position: static; } select, input { max-width: none; flex: 1 1 45%; min-width: 0; } .status { min-width: 0; margin-right: .4rem; }
  .differences thead { display: none; } .differences tr { display: grid; grid-template-columns: auto 1fr auto; border-bottom: 1px solid var(--line); }
  .differences .want, .differences .got, .differences .words { grid-column: 1 / -1; padding-left: 1rem; } .differences td:nth-child(5) { grid-area: 1 / 3; }
  .differences .want::before { content: "want "; } .differences .got::before { content: "got  "; white-space: pre; } }
@media print { form, script { display: none; } body { max-width: none; padding: 0; } .scroll { overflow: visible; } }
`;
