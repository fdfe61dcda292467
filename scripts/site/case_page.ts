/**
 * The page of a machine: masks, memory, and its header as a map.
 *
 * @module
 */

import { describeElfcorehdr } from "../../lib/compare/describe.ts";
import { diffElfcorehdr } from "../../lib/compare/diff.ts";
import { headerFields } from "../../lib/draw/header_fields.ts";
import { headerMap } from "../../lib/draw/header_map.ts";
import { headerSlots } from "../../lib/draw/header_slots.ts";
import { maskStrip } from "../../lib/draw/mask_strip.ts";
import { memoryBar } from "../../lib/draw/memory_bar.ts";
import { memoryParts } from "../../lib/draw/memory_parts.ts";
import { formatOffset, ruleLink } from "../../lib/draw/markup.ts";
import type { Case } from "../../lib/spec/case.ts";
import type { ShownBoundary } from "./boundaries.ts";
import { downloadsOf } from "./downloads.ts";
import { itemHead, itemTail } from "./item_parts.ts";
import type { Item } from "./items.ts";
import { framePage, itemLink, ruleUrl, type SiteFile } from "./page.ts";
import type { World } from "./world.ts";

/** Rows of a map; the download has all. */
const MOST_ROWS = 48;

/** Makes the page of a case, and its downloads. */
export function casePage(
  item: Item,
  world: World,
  boundaries: readonly ShownBoundary[],
): SiteFile[] {
  const { id } = item;
  const golden = item.golden!;
  const spec = world.machines.get(id)!;
  const downloads = downloadsOf(item, spec);
  const facts = [
    `<a href="~/release/${spec.arch}.html">${spec.arch}</a>`,
    `pages of ${spec.page_size} bytes`,
    `bytes of Linux ${spec.release}`,
  ];
  const body = `${itemHead(item, facts, downloads)}
<h2>The machine</h2>
${maskStrip(spec, ruleUrl)}
${memoryBar(memoryParts(spec, golden), ruleUrl)}
<h2>Its header</h2>
${headerSlots(golden, spec)}
${wholeMap(golden, spec)}
<h2>Field by field</h2>
${headerFields(golden, spec, ruleUrl)}
${acrossBoundaries(item, boundaries)}
${itemTail(item, world)}`;
  return [
    framePage({ path: id, title: id, section: "Cases", body }),
    ...downloads.files,
  ];
}

/** A header as a map, with the rows that a page has room for. */
export function wholeMap(bytes: Uint8Array, spec?: Case): string {
  const { rows } = describeElfcorehdr(bytes, spec);
  const shown = rows.length > MOST_ROWS + 8 ? rows.slice(0, MOST_ROWS) : rows;
  const left = rows.length - shown.length;
  const rest = left > 0 ? `and ${left} more rows` : undefined;
  return headerMap({ bytes, rows: shown, rest });
}

/** The same machine on the other side of a boundary. */
function acrossBoundaries(
  { id }: Item,
  boundaries: readonly ShownBoundary[],
): string {
  const seen = new Map<string, string>();
  for (const { rule, arch, first, pair } of boundaries) {
    const other = pair?.find((item) => item.id !== id);
    if (!other || !pair?.some((item) => item.id === id)) continue;
    seen.set(
      other.id,
      `<li><a href="~/release/${arch}.html#${first}">${first}</a> (${
        ruleLink(rule, ruleUrl)
      }): ${itemLink(other)}${whatMoves(pair)}</li>`,
    );
  }
  return seen.size === 0
    ? ""
    : `<h2>The other side of a boundary</h2><ul>${
      [...seen.values()].join("\n")
    }</ul>`;
}

/** The first bytes that differ between two headers. */
export function whatMoves([a, b]: readonly [Item, Item]): string {
  if (a.list !== "cases" || b.list !== "cases") return "";
  const differences = diffElfcorehdr(a.golden!, b.golden!);
  if (differences.length === 0) {
    return '<br><span class="dim">the same bytes</span>';
  }
  const shown = differences.slice(0, 2).map((
    { offset, field, expected, got },
  ) => `<code>${formatOffset(offset)} ${field} ${expected} → ${got}</code>`);
  const rest = differences.length - shown.length;
  return `<br><span class="moves">${shown.join(", ")}${
    rest > 0 ? ` and ${rest} more` : ""
  }</span>`;
}
