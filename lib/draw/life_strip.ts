/**
 * The segment of a loaded header over time: a row a moment, the bytes to one
 * scale, what was written marked.
 *
 * @module
 */

import type { PhdrPart } from "../compare/diff.ts";
import { partsOf } from "../compare/diff.ts";
import { phdrOffset, SIZEOF_EHDR } from "../elf/elf64.ts";
import { decodeElfcorehdr } from "../kernel/read_header.ts";
import type { Moment } from "../model/moment.ts";
import { BECAUSE } from "../spec/because.ts";
import { escapeMarkup, legend, percent } from "./markup.ts";

/** Draws the moments of a life, the load first. */
export function lifeStrip(moments: readonly Moment[]): string {
  const used = Math.max(...moments.map(usedOf));
  const width = Math.min(Math.max(...moments.map(({ memsz }) => memsz)), used);
  return `<figure class="life"><ol>
${moments.map((moment, i) => row(moment, i, width)).join("\n")}
</ol>
${
    legend([
      ["s-ehdr", "ELF header"],
      ["s-crash_notes", "crash notes"],
      ["s-vmcoreinfo", "vmcoreinfo"],
      ["s-kernel", "kernel"],
      ["s-ram", "RAM"],
      ...moments.some(({ stale }) => stale > 0)
        ? [["s-stale", "left by an older header"] as const]
        : [],
    ])
  }
<figcaption>Each bar is the start of the segment, ${width} bytes wide; the rest is zero.</figcaption></figure>`;
}

/** Bytes up to the last that is not padding. */
function usedOf({ e_phnum, size, stale }: Moment): number {
  return Math.max(phdrOffset(e_phnum), stale > 0 ? size + stale : 0);
}

function row(moment: Moment, index: number, width: number): string {
  const { event, writes, because, e_phnum, size, memsz, stale } = moment;
  const state = writes === 0
    ? "not written"
    : writes === 1
    ? "written"
    : `written ${writes} times`;
  const left = stale > 0 ? `, ${stale} old bytes behind it` : "";
  return `<li id="moment-${index}" class="${writes > 0 ? "written" : "kept"}">
<p><b>${index}</b> <code>${
    escapeMarkup(event)
  }</code> <span class="tag">${state}</span></p>
<svg width="100%" height="22" aria-hidden="true">${boxes(moment, width)}</svg>
<p class="dim">${e_phnum} program headers, ${size} bytes of ${memsz}${left}. ${
    escapeMarkup(capitalized(BECAUSE[because]))
  }.</p></li>`;
}

/** Runs of program headers of one part, a box each; then what an older header left. */
function boxes(
  { segment, size, stale }: Moment,
  width: number,
): string {
  const { ehdr, phdrs } = decodeElfcorehdr(segment.subarray(0, size));
  const runs: { part: PhdrPart; first: number; last: number }[] = [];
  for (const [index, part] of partsOf(ehdr, phdrs).entries()) {
    const run = runs.at(-1);
    if (run?.part === part) run.last = index;
    else runs.push({ part, first: index, last: index });
  }
  const box = (kind: string, from: number, to: number, label = "") =>
    `<rect class="s-${kind}" x="${percent(from, width)}" y="1" width="${
      percent(to - from, width)
    }" height="20"/>${
      (to - from) / width > 0.03
        ? `<text x="${percent((from + to) / 2, width)}" y="15">${label}</text>`
        : ""
    }`;
  return [
    box("ehdr", 0, SIZEOF_EHDR),
    ...runs.map(({ part, first, last }) =>
      box(part, phdrOffset(first), phdrOffset(last + 1), `${last - first + 1}`)
    ),
    stale > 0 ? box("stale", size, size + stale) : "",
  ].join("");
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Style of a life. */
export const lifeStripStyle = `
.life ol { list-style: none; margin: 0; padding: 0; }
.life li { max-width: none; border-left: 4px dotted var(--dim); padding: .4rem 0 .4rem .9rem; }
.life li.written { border-left: 4px solid var(--ink); }
.life p { margin: .1rem 0; max-width: none; overflow-wrap: anywhere; } .life .dim { font-size: .875rem; }
.life svg { display: block; overflow: visible; } .life text { font: 11px var(--mono); fill: var(--ink); text-anchor: middle; }
.s-stale { fill: none; stroke: var(--cut); stroke-dasharray: 3 3; border: 1px dashed var(--cut); }
@media (forced-colors: active) { .life rect { forced-color-adjust: none; } }
@media print { .life li { break-inside: avoid; } }
`;
