/**
 * The page of an item that has no drawing of its own: an input to refuse, or
 * one of a kind that the site does not know.
 *
 * @module
 */

import { parseReject } from "../../lib/spec/reject.ts";
import { escapeMarkup } from "../../lib/draw/markup.ts";
import { downloadsOf } from "./downloads.ts";
import { itemHead, itemTail, specText } from "./item_parts.ts";
import type { Item } from "./items.ts";
import { framePage, type SiteFile } from "./page.ts";
import type { World } from "./world.ts";

/** Makes the page of an item. */
export function otherPage(item: Item, world: World): SiteFile[] {
  const downloads = downloadsOf(item);
  const body = `${itemHead(item, item.arch ? [item.arch] : [], downloads)}
${item.list === "rejects" ? mustRefuse(item) : ""}
${itemTail(item, world)}
${specText(item)}`;
  return [
    framePage({ path: item.id, title: item.id, section: "Cases", body }),
    ...downloads.files,
  ];
}

function mustRefuse({ id, yaml }: Item): string {
  const { at, rules } = parseReject(yaml, `spec/${id}.yaml`);
  const who = rules ? "A writer" : "A program that reads spec files";
  return `<p class="must">${who} must <b>refuse it</b>: the fault is at <code>${
    escapeMarkup(at)
  }</code>.</p>`;
}
