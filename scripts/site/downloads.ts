/**
 * The files to download of an item: its bytes, its YAML, and of a machine the
 * request that an implementation gets.
 *
 * @module
 */

import { resolveCase } from "../../lib/model/resolve.ts";
import type { Case } from "../../lib/spec/case.ts";
import { formatLines, requestOf } from "../../lib/suite/request.ts";
import type { Item } from "./items.ts";
import type { SiteFile } from "./page.ts";

/** Bytes beyond which a file is left to the archive of a release. */
export const MOST_BYTES = 65536;

/** Files, and the line that leads to them. */
export interface Downloads {
  readonly files: readonly SiteFile[];
  readonly line: string;
}

/** Makes the downloads of an item. */
export function downloadsOf(
  { id, yaml, golden, list }: Item,
  spec?: Case,
  more: Readonly<Record<string, Uint8Array>> = {},
): Downloads {
  const bytes = list === "images"
    ? "image"
    : list === "vmcores"
    ? "head of /proc/vmcore"
    : "header";
  const all: [path: string, label: string, content: string | Uint8Array][] = [
    ...golden ? [[`${id}.bin`, bytes, golden] as const] : [],
    ...Object.entries(more).map(([name, content]) =>
      [`${id}/${name}.bin`, name, content] as const
    ),
    [`${id}.yaml`, "YAML", yaml] as const,
    // The request of a giant is as large as its header, and left out with it.
    ...spec && sizeOf(golden!) <= MOST_BYTES ? requestFiles(id, spec) : [],
  ].map((file) => [...file]);
  const small = all.filter(([, , content]) => sizeOf(content) <= MOST_BYTES);
  return {
    files: small.map(([path, , content]) => [path, content]),
    line: `<p class="downloads">Download: ${
      all.map(([path, label, content]) => {
        const size = sizeOf(content);
        const words = `<span class="dim">${
          size.toLocaleString("en")
        } bytes</span>`;
        return size > MOST_BYTES
          ? `${label} in the archive, ${words}`
          : `<a href="~/${path}" download>${label}</a> ${words}`;
      }).join("; ")
    }</p>`,
  };
}

/** The request as JSON and as lines. */
function requestFiles(id: string, spec: Case) {
  const request = requestOf(id, spec, resolveCase(spec));
  return [
    [
      `${id}.json`,
      "request as JSON",
      JSON.stringify(request, null, 1) + "\n",
    ],
    [`${id}.txt`, "request as lines", formatLines(request)],
  ] as const;
}

function sizeOf(content: string | Uint8Array): number {
  return typeof content === "string"
    ? new TextEncoder().encode(content).length
    : content.length;
}
