/**
 * The page of an image for readers: what a reader must do with it and why, and
 * the bytes that differ from the file that it begins with.
 *
 * @module
 */

import { diffElfcorehdr, type Difference } from "../../lib/compare/diff.ts";
import { escapeMarkup, formatOffset, table } from "../../lib/draw/markup.ts";
import { FormatError } from "../../lib/kernel/read_header.ts";
import { type ImageSpec, parseImage } from "../../lib/spec/image.ts";
import { headerNamed } from "../../lib/suite/corpus.ts";
import { downloadsOf } from "./downloads.ts";
import { itemHead, itemTail, specText } from "./item_parts.ts";
import type { Item } from "./items.ts";
import { framePage, itemLink, type SiteFile } from "./page.ts";
import type { World } from "./world.ts";

/** Duties of a reader, in words. */
export const MUST: Readonly<Record<ImageSpec["expect"], string>> = {
  refuse: "refuse it",
  read: "read it",
  either: "read it as it is, or refuse it",
};

const MOST_ROWS = 40;

/** Makes the page of an image. */
export function imagePage(item: Item, world: World): SiteFile[] {
  const { id, yaml } = item;
  const image = parseImage(yaml, `spec/${id}.yaml`);
  const base = world.byId.get(image.base);
  const downloads = downloadsOf(item);
  const facts = [...item.arch ? [item.arch] : []];
  const body = `${itemHead(item, facts, downloads)}
<p class="must">A reader must <b>${MUST[image.expect]}</b>.</p>
<h2>What is changed</h2>
<p>It begins with ${
    base ? itemLink(base) : `<code>${escapeMarkup(image.base)}</code>`
  } and has ${item.golden!.length} bytes.</p>
${changes(item, image, headerNamed(world.corpus, image.base))}
${itemTail(item, world)}
${specText(item)}`;
  return [
    framePage({ path: id, title: id, section: "Cases", body }),
    ...downloads.files,
  ];
}

/** The fields that differ from the base, or its patches where the base is no header. */
function changes(
  { golden }: Item,
  { patch = [] }: ImageSpec,
  base: Uint8Array,
): string {
  const fields = fieldsOf(base, golden!);
  if (fields === undefined) {
    return table("data", "Bytes that are changed", ["byte", "bytes"], [
      ...patch.slice(0, MOST_ROWS).map(({ at, bytes }) =>
        `<td class="n">${formatOffset(at)}</td><td class="n wrap">${
          escapeMarkup(clip(bytes.trim()))
        }</td>`
      ),
    ]);
  }
  const rest = fields.length - MOST_ROWS;
  return table("data", "Fields that differ", [
    "byte",
    "field",
    "before",
    "in the image",
  ], [
    ...fields.slice(0, MOST_ROWS).map(({ offset, field, expected, got }) =>
      `<td class="n">${
        formatOffset(offset)
      }</td><td class="n">${field}</td><td class="n wrap">${expected}</td><td class="n wrap">${got}</td>`
    ),
    ...rest > 0 ? [`<td colspan="4" class="dim">and ${rest} more</td>`] : [],
  ]);
}

function fieldsOf(
  base: Uint8Array,
  image: Uint8Array,
): readonly Difference[] | undefined {
  try {
    return diffElfcorehdr(base, image);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

function clip(bytes: string): string {
  return bytes.length > 400 ? `${bytes.slice(0, 400)} …` : bytes;
}
