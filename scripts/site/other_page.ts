/**
 * The page of an item that has no drawing of its own: an input to refuse, or one
 * of a kind that the site does not know.
 *
 * @module
 */

import { describeElfcorehdr } from "../../lib/compare/describe.ts";
import { headerSlots } from "../../lib/draw/header_slots.ts";
import { escapeMarkup } from "../../lib/draw/markup.ts";
import { FormatError } from "../../lib/kernel/read_header.ts";
import { parseReject } from "../../lib/spec/reject.ts";
import { wholeMap } from "./case_page.ts";
import { downloadsOf } from "./downloads.ts";
import { itemHead, itemTail, specText } from "./item_parts.ts";
import type { Item } from "./items.ts";
import { framePage, type SiteFile } from "./page.ts";
import type { World } from "./world.ts";

/** Makes the page of an item. */
export function otherPage(item: Item, world: World): SiteFile[] {
  const goldens = goldensOf(item, world);
  const downloads = downloadsOf(item, undefined, goldens);
  const headers = Object.entries(goldens).filter(([, bytes]) =>
    isHeader(bytes)
  );
  const body = `${itemHead(item, item.arch ? [item.arch] : [], downloads)}
${item.list === "rejects" ? mustRefuse(item) : ""}
${
    headers.map(([name, bytes]) =>
      `<h2>${escapeMarkup(name)}</h2>\n${headerSlots(bytes)}\n${
        wholeMap(bytes)
      }`
    ).join("\n")
  }
${itemTail(item, world)}
${specText(item)}`;
  return [
    framePage({ path: item.id, title: item.id, section: "Cases", body }),
    ...downloads.files,
  ];
}

/** All bytes of an item that has more than one file of them. */
function goldensOf(
  { id, list }: Item,
  { corpus }: World,
): Record<string, Uint8Array> {
  const file = corpus[list].find((file) => file.id === id);
  return file && "goldens" in file
    ? { ...file.goldens as Record<string, Uint8Array> }
    : {};
}

function isHeader(bytes: Uint8Array): boolean {
  try {
    return describeElfcorehdr(bytes).rows.length > 0;
  } catch (error) {
    if (error instanceof FormatError) return false;
    throw error;
  }
}

function mustRefuse({ id, yaml }: Item): string {
  const { at, rules } = parseReject(yaml, `spec/${id}.yaml`);
  const who = rules ? "A writer" : "A program that reads spec files";
  return `<p class="must">${who} must <b>refuse it</b>: the fault is at <code>${
    escapeMarkup(at)
  }</code>.</p>`;
}
