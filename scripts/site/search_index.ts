/**
 * Index of the search: rules, fields, items by id, title and address,
 * programs, and releases. A script that pages load when the search has focus.
 *
 * @module
 */

import { decodeElfcorehdr } from "../../lib/kernel/read_header.ts";
import { ARCH_NAMES } from "../../lib/kernel/arch.ts";
import { hex } from "../../lib/spec/shape.ts";
import { RULES } from "../../lib/spec/rules.ts";
import { kindNames } from "./item_parts.ts";
import type { Item } from "./items.ts";
import type { World } from "./world.ts";

/** One thing that can be found: kind, id, title, path, and more words. */
export type Entry = readonly [
  kind: string,
  id: string,
  title: string,
  path: string,
  words: string,
];

/** Addresses of a header that can be searched for. */
const MOST_ADDRESSES = 12;

/** Makes the entries. */
export function searchEntries({ items, programs }: World): Entry[] {
  return [
    ...RULES.map(({ id, name, rule }): Entry => [
      "rule",
      id,
      name,
      `rule/${id}`,
      rule.slice(0, 80),
    ]),
    ...RULES.flatMap(({ id, name, governs }) =>
      governs.map((field): Entry => [
        "field",
        field,
        `${id} ${name}`,
        `rule/${id}`,
        "",
      ])
    ),
    ...items.map((item): Entry => [
      kindNames(item.list)[0],
      item.id,
      item.title === item.id ? "" : item.title.slice(0, 90),
      item.id,
      wordsOf(item),
    ]),
    ...programs.map(({ key, name, version }): Entry => [
      "program",
      name,
      version,
      `program/${key}`,
      "",
    ]),
    [
      "program",
      "kexec-tools",
      "its rules and defects",
      "program/kexec-tools",
      "",
    ],
    ...ARCH_NAMES.map((arch): Entry => [
      "releases",
      arch,
      "what holds on which release",
      `release/${arch}`,
      "",
    ]),
  ];
}

/** The index as a script; every page that searches evaluates it once. */
export function searchIndex(entries: readonly Entry[]): string {
  return `globalThis.searchIndex = ${JSON.stringify(entries)};\n`;
}

/** Release, tags, witness and addresses. */
function wordsOf({ list, release = "", tags, origin, golden }: Item): string {
  const addresses = list === "cases" ? addressesOf(golden!) : [];
  return [release, ...tags, origin.golden_from ?? "", ...addresses]
    .filter(Boolean).join(" ");
}

function addressesOf(golden: Uint8Array): string[] {
  const { phdrs } = decodeElfcorehdr(golden);
  return [...new Set(phdrs.map(({ p_paddr }) => hex(p_paddr)))]
    .slice(0, MOST_ADDRESSES);
}
