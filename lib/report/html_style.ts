/**
 * The style sheet of the HTML report.
 *
 * @module
 */

/** Inlined into the page. */
export const style = `
:root { --ink: #1c1f23; --dim: #6a7078; --paper: #fff; --line: #e3e6ea; --soft: #f5f6f8;
  --pass: #1a7f4b; --fail: #c3352b; --broken: #8b3fb0; --unsupported: #8a9099; --known: #a66a00; color-scheme: light dark; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --dim: #979da6; --paper: #16181b; --line: #2e3237; --soft: #1e2125;
  --pass: #4fc487; --fail: #ff7a6e; --broken: #cf90ec; --unsupported: #7e858e; --known: #e0aa4a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 2rem 1.5rem 6rem; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; font-weight: 600; overflow-wrap: anywhere; }
h1 .pass, h1 .fail { color: var(--pass); } h1 .fail { color: var(--fail); }
header p { margin: .2rem 0 1rem; color: var(--dim); }
header .complaint { color: var(--fail); }
.totals { border-collapse: collapse; width: 100%; margin-bottom: 1.2rem; font-size: .9rem; }
.totals th { text-align: left; font-weight: 500; padding: .15rem 1rem .15rem 0; width: 6rem; }
.totals td:last-child { color: var(--dim); padding-left: 1rem; white-space: nowrap; width: 1%; }
.bar { display: flex; height: .7rem; border-radius: 4px; overflow: hidden; gap: 1px; background: var(--line); }
.bar i { background: var(--unsupported); } .bar .pass { background: var(--pass); } .bar .fail, .bar .unexpected-pass { background: var(--fail); }
.bar .broken, .bar .missing { background: var(--broken); } .bar .known { background: var(--known); }
form { position: sticky; top: 0; z-index: 2; display: flex; gap: .6rem; align-items: center; padding: .7rem 0; background: var(--paper); border-bottom: 1px solid var(--line); flex-wrap: wrap; }
input, select { font: inherit; color: inherit; padding: .35rem .6rem; border: 1px solid var(--line); border-radius: 6px; background: var(--soft); }
input { flex: 1; min-width: 12rem; } output { color: var(--dim); font-size: .9rem; }
article { border-bottom: 1px solid var(--line); } article > p { margin: 0; } article > p, summary { padding: .4rem 0; }
summary { cursor: pointer; list-style: none; } summary::-webkit-details-marker { display: none; }
summary::after { content: "▸"; float: right; color: var(--dim); } details[open] > summary::after { content: "▾"; }
code, pre, .map { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 12.5px; }
.status { display: inline-block; min-width: 6.2rem; font-size: .8rem; font-weight: 600; color: var(--unsupported); }
.status.pass { color: var(--pass); } .status.fail, .status.unexpected-pass { color: var(--fail); } .status.broken, .status.missing { color: var(--broken); } .status.known { color: var(--known); }
.title { color: var(--dim); }
pre { margin: .2rem 0 1rem; padding: .8rem 1rem; background: var(--soft); border-radius: 6px; overflow-x: auto; }
.map { padding-bottom: 1.2rem; }
.row { display: flex; flex-wrap: wrap; gap: 2px; margin-bottom: 4px; padding-left: 5.2rem; position: relative; }
.row b { position: absolute; left: 0; top: .3rem; font-weight: 400; color: var(--dim); }
.gap { color: var(--dim); padding: .1rem 5.4rem; }
.field { position: relative; padding: .1rem .4rem .2rem; background: var(--soft); border-radius: 3px; line-height: 1.25; }
.field small { display: block; color: var(--dim); font-size: 9.5px; }
.s2 { min-width: 3.6rem; } .s4 { min-width: 4.6rem; } .s8 { min-width: 8rem; }
.wrong { background: color-mix(in srgb, var(--fail) 18%, var(--paper)); outline: 1px solid var(--fail); color: var(--fail); cursor: help; }
.field:hover::after, .field:focus::after { content: attr(data-tip); position: absolute; left: 0; top: 100%; z-index: 3; margin-top: 3px; padding: .6rem .8rem; width: max-content; max-width: 34rem;
  white-space: pre-wrap; background: var(--ink); color: var(--paper); border-radius: 6px; pointer-events: none; }
.field:focus { outline: 2px solid var(--fail); }
`;
