/**
 * The memory of a machine to scale: System RAM, what is cut out of it, and the
 * PT_LOADs of its header; below it the exact ranges.
 *
 * @module
 */

import { formatSize } from "../compare/describe.ts";
import { hex } from "../spec/shape.ts";
import {
  escapeMarkup,
  legend,
  ruleLink,
  type RuleUrl,
  table,
} from "./markup.ts";
import type { MemoryParts, NamedRange } from "./memory_parts.ts";
import { type Scale, scaleOf } from "./memory_scale.ts";

/** Boxes of a track beyond which the rest is left to the table and the header. */
const MOST_BOXES = 400;
/** Rows of a kind of range that the table has. */
const MOST_ROWS = 16;

/** Draws the memory of a machine; nothing where it has none. */
export function memoryBar(parts: MemoryParts, url: RuleUrl): string {
  const { ram, cuts, loads } = parts;
  const scale = scaleOf([...ram, ...cuts, ...loads]);
  if (scale === undefined) return "";
  return `<figure class="memory">${drawing(parts, scale)}
${legend(legendOf(parts))}
${table("ranges", "Ranges of memory", COLUMNS, rowsOf(parts, url))}
<figcaption>To scale${
    scale.gaps.length === 0 ? "" : "; // marks a gap that is left out"
  }. A box is two pixels wide at least.</figcaption></figure>`;
}

const COLUMNS = ["what", "first byte", "last byte", "size", "rule"];

function drawing(parts: MemoryParts, scale: Scale): string {
  const { ram, cuts, loads, kernel, notes } = parts;
  const labels = ["System RAM", "cut out", "PT_LOAD"];
  return `<svg class="bar" width="100%" height="128" role="img" aria-label="Memory to scale, as in the table below">
${
    labels.map((label, i) =>
      `<text class="label" x="0" y="${11 + i * 38}">${label}</text>`
    ).join("")
  }
${ram.slice(0, MOST_BOXES).map((range) => box(range, scale, 16, 14)).join("")}
${cuts.map((range) => box(range, scale, 54, 14)).join("")}
${loads.slice(0, MOST_BOXES).map((range) => box(range, scale, 92, 18)).join("")}
${kernel ? box({ ...kernel, key: "" }, scale, 104, 6) : ""}
${
    notes.slice(0, MOST_BOXES).map((range) =>
      box({ ...range, key: "" }, scale, 114, 8)
    ).join("")
  }
${scale.gaps.map((gap) => gapMark(gap, scale.gap)).join("")}
</svg>
<p class="ends"><span>${scale.gaps[0] === 0 ? "//" : "0"}</span><span>${
    formatAbout(scale.end)
  }</span></p>`;
}

function box(
  { start, end, kind, key }: NamedRange,
  { place }: Scale,
  y: number,
  height: number,
): string {
  const [from, to] = [place(start), place(end + 1n)];
  const width = +(to - from).toFixed(3);
  const label = key && width > 1 + key.length
    ? `<text x="${+(from + width / 2).toFixed(3)}%" y="${
      y + height / 2 + 4
    }">${key}</text>`
    : "";
  // By style, since an attribute has no lower bound.
  return `<rect class="m-${kind}" x="${+from.toFixed(
    3,
  )}%" y="${y}" height="${height}" style="width: max(2px, ${width}%)"/>${label}`;
}

function gapMark(at: number, width: number): string {
  return `<text class="gap" x="${+(at + width / 2).toFixed(
    3,
  )}%" y="105">//</text>`;
}

function legendOf({ kernel, cuts, notes }: MemoryParts) {
  const has = (ranges: readonly NamedRange[], kind: string) =>
    ranges.some((range) => range.kind === kind);
  return ([
    [true, "m-ram", "RAM"],
    [has(cuts, "cut"), "m-cut", "cut out"],
    [has(cuts, "kept"), "m-kept", "not cut on this release"],
    [has(cuts, "back"), "m-back", "firmware"],
    [true, "m-load", "PT_LOAD"],
    [kernel !== undefined, "m-kernel", "kernel"],
    [has(notes, "notes"), "m-notes", "crash notes"],
    [has(notes, "info"), "m-info", "vmcoreinfo"],
  ] as const).filter(([there]) => there).map(([, kind, word]) =>
    [kind, word] as const
  );
}

function rowsOf(parts: MemoryParts, url: RuleUrl): string[] {
  const { ram, cuts, kernel, loads } = parts;
  return [ram, cuts, kernel ? [kernel] : [], loads].flatMap((ranges) => {
    const rest = ranges.length - MOST_ROWS;
    return [
      ...ranges.slice(0, MOST_ROWS).map((range) => row(range, url)),
      ...rest > 0
        ? [
          `<td colspan="5" class="dim">and ${rest} more: ${
            ranges[0].label
          }</td>`,
        ]
        : [],
    ];
  });
}

function row(
  { start, end, kind, key, label, rule }: NamedRange,
  url: RuleUrl,
): string {
  const what = kind === "load" || kind === "kernel"
    ? `phdr[${key}], ${escapeMarkup(label)}`
    : `${key ? `<b>${key}</b> ` : ""}${escapeMarkup(label)}`;
  const note = kind === "kept" ? "not cut on this release " : "";
  return `<td><span class="swatch m-${kind}"></span>${what}</td><td class="n">${
    hex(start)
  }</td><td class="n">${hex(end)}</td><td class="n">${
    formatAbout(end - start + 1n)
  }</td><td>${note}${rule ? ruleLink(rule, url) : ""}</td>`;
}

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** Formats a size exactly where few digits do, else about: `≈ 31.9 MiB`. */
export function formatAbout(size: bigint): string {
  const exact = formatSize(size);
  if (parseInt(exact) < 10240) return exact;
  let value = Number(size);
  let unit = 0;
  for (; value >= 1024 && unit < UNITS.length - 1; unit++) value /= 1024;
  return `≈ ${value >= 100 ? Math.round(value) : value.toFixed(1)} ${
    UNITS[unit]
  }`;
}

/** Style of the memory bar. */
export const memoryBarStyle = `
.bar { display: block; overflow: visible; }
.bar text { font: 11px var(--mono); fill: var(--ink); text-anchor: middle; }
.bar .label { font: 12px system-ui, sans-serif; fill: var(--dim); text-anchor: start; }
.bar .gap { fill: var(--ink); font-weight: 700; }
.bar rect { stroke-width: 1.5; }
.ends { display: flex; justify-content: space-between; max-width: none; margin: 0; border-top: 1px solid var(--dim); font: 12px/1.5 var(--mono); color: var(--dim); }
.m-ram { fill: none; stroke: var(--dim); }
.m-cut { fill: var(--cut-tint); stroke: var(--cut); background: var(--cut-tint); border-color: var(--cut); }
.m-kept { fill: none; stroke: var(--cut); stroke-dasharray: 3 3; border: 1px dashed var(--cut); }
.m-back { fill: none; stroke: var(--ram); stroke-dasharray: 3 3; border: 1px dashed var(--ram); }
.m-load { fill: var(--ram-tint); stroke: var(--ram); background: var(--ram-tint); border-color: var(--ram); }
.m-kernel { fill: var(--kernel); stroke: var(--kernel); background: var(--kernel); border-color: var(--kernel); }
.m-notes { fill: var(--notes); stroke: var(--notes); background: var(--notes); border-color: var(--notes); }
.m-info { fill: var(--info); stroke: var(--info); background: var(--info); border-color: var(--info); }
@media (max-width: 640px) {
  .ranges thead { display: none; } .ranges, .ranges tbody { display: block; }
  .ranges tr { display: grid; grid-template-columns: 1fr 1fr; padding: .25rem 0; }
  .ranges td { padding: 0; } .ranges td:first-child { grid-column: 1 / 3; }
}
@media (forced-colors: active) { .bar rect { forced-color-adjust: none; } }
`;
