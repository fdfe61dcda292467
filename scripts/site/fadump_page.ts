/**
 * The page of a dump by firmware: memory with boot memory and its copies, the
 * header as a map, and the CPUs with a note.
 *
 * @module
 */

import { fadumpParts } from "../../lib/draw/fadump_parts.ts";
import { headerSlots } from "../../lib/draw/header_slots.ts";
import { escapeMarkup } from "../../lib/draw/markup.ts";
import { memoryBar } from "../../lib/draw/memory_bar.ts";
import { formatCpulist } from "../../lib/kernel/cpumask.ts";
import { type FadumpCase, parseFadumpCase } from "../../lib/spec/fadump.ts";
import { wholeMap } from "./case_page.ts";
import { downloadsOf } from "./downloads.ts";
import { itemHead, itemTail, specText } from "./item_parts.ts";
import type { Item } from "./items.ts";
import { framePage, ruleUrl, type SiteFile } from "./page.ts";
import type { World } from "./world.ts";

/** Why there is no dump, in words. */
const REFUSALS: Readonly<Record<string, string>> = {
  "other-age": "the second kernel takes no fadump header of the other age",
  "boot-memory": "the regions of boot memory do not sum up to its size",
};

/** Makes the page of a dump by firmware. */
export function fadumpPage(item: Item, world: World): SiteFile[] {
  const { id, yaml } = item;
  const spec = parseFadumpCase(yaml, `spec/${id}.yaml`);
  const { goldens } = world.corpus.fadumps.find((file) => file.id === id)!;
  const { elfcorehdr } = goldens;
  const downloads = downloadsOf(item, undefined, { ...goldens });
  const facts = [
    "ppc64le",
    `Linux ${spec.first.release}, then ${spec.second.release}`,
  ];
  const body = `${itemHead(item, facts, downloads)}
${elfcorehdr ? dump(spec, elfcorehdr) : lost(spec)}
${itemTail(item, world)}
${specText(item)}`;
  return [
    framePage({ path: id, title: id, section: "Cases", body }),
    ...downloads.files,
  ];
}

function dump(spec: FadumpCase, elfcorehdr: Uint8Array): string {
  return `<h2>Memory</h2>
${memoryBar(fadumpParts(spec, elfcorehdr), ruleUrl)}
<h2>Its header</h2>
${headerSlots(elfcorehdr)}
${wholeMap(elfcorehdr)}
<h2>CPUs</h2>
${cpus(spec)}`;
}

function lost({ expect: { refused } }: FadumpCase): string {
  return `<p class="must">There is <b>no dump</b>: ${REFUSALS[refused!]}.</p>`;
}

function cpus({ cpus: { mask, crashing, save_area }, expect }: FadumpCase) {
  const saved = save_area.map(({ id }) => id);
  const rows = [
    ["in the register save area, by firmware's numbers", formatCpulist(saved)],
    ["in the mask of the fadump header", formatCpulist(mask)],
    [
      "crashed",
      crashing ? `${crashing.id}` : "none: firmware ended the partition",
    ],
    ["with a note", expect.noted ? formatCpulist(expect.noted) : ""],
  ].filter(([, text]) => text !== "");
  return `<dl>${
    rows.map(([what, text]) =>
      `<dt>${what}</dt><dd><code>${escapeMarkup(text)}</code></dd>`
    ).join("")
  }</dl>`;
}
