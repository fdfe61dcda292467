/**
 * What a lister of notes, or a counter of CPUs, printed of a dump's head,
 * compared with what is there.
 *
 * @module
 */

import { NHDR, NOTE_NAME_CORE, notePadded, SIZEOF_NHDR } from "../elf/notes.ts";
import { PR_PID } from "../kernel/crash_notes.ts";
import type { DumpView, ListedNote } from "../model/dump.ts";
import type { Difference } from "./diff.ts";
import { diffItems, type Printed } from "./lists.ts";
import { shown, valueOf } from "./reader_diff.ts";

/**
 * What is printed of a note, and its byte from the note's own. A tool may not
 * tell what is not needed, and what it tells must be right.
 */
const KEYS = {
  offset: { at: 0, needed: false },
  name: { at: SIZEOF_NHDR, needed: true },
  type: { at: NHDR.n_type, needed: true },
  size: { at: NHDR.n_descsz, needed: true },
  pid: {
    at: SIZEOF_NHDR + notePadded(NOTE_NAME_CORE.length + 1) + PR_PID,
    needed: false,
  },
} as const;

/** Names of what is printed of a note. */
export const NOTE_KEYS = Object.keys(KEYS) as (keyof typeof KEYS)[];

/** Compares a list of notes with those that are there. */
export function diffNotes(
  expected: readonly ListedNote[],
  printed: readonly unknown[],
): Difference[] {
  const got = printed.map((note): Printed => Object(note));
  const told = NOTE_KEYS.filter((key) =>
    KEYS[key].needed || got.some((note) => note[key] !== undefined)
  );
  const placeOf = (index: number) =>
    (expected[index] ?? expected.at(-1))?.offset ?? 0;
  return diffItems<ListedNote>({
    name: "notes",
    expected,
    got,
    keyOf: (note) => told.map((key) => comparable(note[key])).join(" "),
    titleOf: ({ name, type }) => `${JSON.stringify(name)} of type ${type}`,
    placeOf,
    fieldsOf: (index) =>
      told.filter((key) =>
        (KEYS[key].needed || got[index][key] !== undefined) &&
        comparable(expected[index][key]) !== comparable(got[index][key])
      ).map((key) => ({
        offset: placeOf(index) + KEYS[key].at,
        field: `notes[${index}].${key}`,
        expected: shown(expected[index][key]),
        got: shown(got[index][key]),
      })),
  });
}

/** Compares a count of CPUs and the place of vmcoreinfo, if it is printed, with those of a dump. */
export function diffDumpView(
  { nr_cpus, vmcoreinfo }: DumpView,
  printed: unknown,
  start: number,
): Difference[] {
  const got = Object(printed) as Printed;
  const differences: Difference[] = [];
  const compare = (
    field: string,
    wanted: unknown,
    value: unknown,
    at = start,
  ) => {
    if (value === wanted) return;
    differences.push({
      offset: at,
      field,
      expected: shown(wanted),
      got: shown(value),
    });
  };
  compare("nr_cpus", nr_cpus, got.nr_cpus);
  if (!("vmcoreinfo" in got)) return differences;
  const place = Object(got.vmcoreinfo ?? {}) as Printed;
  for (const key of ["offset", "size"] as const) {
    compare(
      `vmcoreinfo.${key}`,
      vmcoreinfo?.[key],
      place[key],
      vmcoreinfo?.offset,
    );
  }
  return differences;
}

/** Numbers are equal however they are printed; names are not numbers. */
function comparable(value: unknown): string {
  return `${valueOf(value) ?? JSON.stringify(value)}`;
}
