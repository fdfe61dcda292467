/**
 * The output of a lister of notes, or of a counter of CPUs, for a dump's head,
 * compared with what is there.
 *
 * @module
 */

import { NHDR, NOTE_NAME_CORE, notePadded, SIZEOF_NHDR } from "../elf/notes.ts";
import { PR_PID } from "../kernel/crash_notes.ts";
import type { DumpView, ListedNote } from "../model/dump.ts";
import type { Difference } from "./diff.ts";
import { diffItems } from "./lists.ts";
import { comparable, type Printed, quoted, shown } from "./printed.ts";

/** Keys of a printed note, and the offset of each from the note's header. An optional key may be missing; if it is there, it is compared. */
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

type Key = keyof typeof KEYS;

/** All keys of a printed note. */
export const NOTE_KEYS = Object.keys(KEYS) as Key[];

/** Compares a list of notes with those that are there. */
export function diffNotes(
  expected: readonly ListedNote[],
  printed: readonly unknown[],
): Difference[] {
  const got = printed.map((note): Printed => Object(note));
  const compared = NOTE_KEYS.filter((key) =>
    KEYS[key].needed || got.some((note) => !isLeftOut(note[key]))
  );
  // An offset that only some notes have does not identify the missing one.
  const identifying = compared.filter((key) =>
    key !== "offset" || got.every((note) => !isLeftOut(note[key]))
  );
  const placeOf = (index: number) =>
    (expected[index] ?? expected.at(-1))?.offset ?? 0;
  return diffItems<ListedNote>({
    name: "notes",
    expected,
    got,
    keyOf: (note) => identifying.map((key) => textOf(key, note[key])).join(" "),
    titleOf: ({ name, type }) => `${JSON.stringify(name)} of type ${type}`,
    placeOf,
    fieldsOf: (index, note) =>
      compared.filter((key) =>
        (KEYS[key].needed || !isLeftOut(note[key])) &&
        textOf(key, expected[index][key]) !== textOf(key, note[key])
      ).map((key) => {
        const show = key === "name" ? quoted : shown;
        return {
          offset: placeOf(index) + KEYS[key].at,
          field: `notes[${index}].${key}`,
          expected: show(expected[index][key]),
          got: show(note[key]),
        };
      }),
  });
}

/** Normalizes the value of a key; a name is never a number. */
function textOf(key: Key, value: unknown): string {
  if (isLeftOut(value)) return "";
  return key === "name" ? JSON.stringify(value) : comparable(value);
}

/** Serializers write null for a missing value. */
function isLeftOut(value: unknown): boolean {
  return value === undefined || value === null;
}

/**
 * Compares a count of CPUs and the place of vmcoreinfo, which may be left out,
 * with those of a dump.
 *
 * @param start Byte of the notes that are counted.
 */
export function diffDumpView(
  { nr_cpus, vmcoreinfo }: DumpView,
  printed: unknown,
  start: number,
): Difference[] {
  const got = Object(printed) as Printed;
  const compare = (
    offset: number,
    field: string,
    wanted: unknown,
    value: unknown,
  ): Difference[] =>
    comparable(wanted) === comparable(value)
      ? []
      : [{ offset, field, expected: shown(wanted), got: shown(value) }];
  const place = got.vmcoreinfo;
  const differences = compare(start, "nr_cpus", nr_cpus, got.nr_cpus);
  if (place === undefined) return differences;
  if (vmcoreinfo === undefined || Object(place) !== place) {
    if (vmcoreinfo === undefined && place === null) return differences;
    return [...differences, {
      offset: vmcoreinfo?.offset ?? start,
      field: "vmcoreinfo",
      expected: quoted(vmcoreinfo),
      got: quoted(place),
    }];
  }
  return [
    ...differences,
    ...(["offset", "size"] as const).flatMap((key) =>
      compare(
        vmcoreinfo.offset,
        `vmcoreinfo.${key}`,
        vmcoreinfo[key],
        (place as Printed)[key],
      )
    ),
  ];
}
