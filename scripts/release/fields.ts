/**
 * fields.txt: which field a byte of a header lies in, and the rules that say
 * what it is, for who has no ELF structures at hand.
 *
 * @module
 */

import { EHDR, type FieldPlace, PHDR } from "../../lib/elf/elf64.ts";
import { RULES } from "../../lib/spec/rules.ts";

/** Formats a line a field: part, name, offset in the part and size in bytes, rules. */
export function fieldsText(): string {
  const rows: [part: string, name: string, place: FieldPlace][] = [
    ...rowsOf("ehdr", EHDR),
    ...["crash_notes", "vmcoreinfo", "kernel", "ram"].flatMap((part) =>
      rowsOf(part, PHDR)
    ),
  ];
  const fields = rows.map(([part, name, { at, size }]) =>
    `${part} ${name} ${at} ${size} ${rulesOf(`${part}.${name}`)}\n`
  );
  // No fields, and formatted in the same way.
  const others = ["size", "padding"].map((name) =>
    `${name} ${name} 0 1 ${rulesOf(name)}\n`
  );
  return [...fields, ...others].join("");
}

function rowsOf(
  part: string,
  fields: Readonly<Record<string, FieldPlace>>,
): [part: string, name: string, place: FieldPlace][] {
  return Object.entries(fields).map(([name, place]) => [part, name, place]);
}

function rulesOf(field: string): string {
  return RULES.filter(({ governs }) => governs.includes(field))
    .map(({ id }) => id).join(",") || "-";
}
