/**
 * Mistakes that no case catches yet, with the reason. Any other survivor fails
 * the tests, and so does one that is listed here and killed.
 *
 * @module
 */

import type { Mutant } from "./mutant.ts";

const NO_IMAGE = "no image or head of the suite shows it yet";

/** Reasons by area and name of the mistake. */
export const SURVIVORS: Partial<
  Record<Mutant["area"], Readonly<Record<string, string>>>
> = {
  "refusal": {
    "accepts-any-number-of-cpus": "a spec file cannot name a CPU beyond 8191",
  },
  "reader": {
    "align-zero": NO_IMAGE,
    "flags-masked": NO_IMAGE,
    "flags-of-notes-dropped": NO_IMAGE,
    "note-memsz-from-filesz": NO_IMAGE,
    "osabi-refused": NO_IMAGE,
    "sections-refused": NO_IMAGE,
    "stop-at-pt-null": NO_IMAGE,
  },
  "vmcore": {
    "data-checked": NO_IMAGE,
    "empty-load-takes-a-page": NO_IMAGE,
    "equal-offsets-joined": NO_IMAGE,
    "flags-kept": NO_IMAGE,
    "load-by-filesz": NO_IMAGE,
    "long-names-end-the-walk": NO_IMAGE,
    "note-at-paddr": NO_IMAGE,
    "note-by-filesz": NO_IMAGE,
    "osabi-checked": NO_IMAGE,
    "phoff-followed": NO_IMAGE,
    "type-0-ends-the-walk": NO_IMAGE,
    "unknown-types-placed": NO_IMAGE,
  },
  "nr-cpus": {
    "count-8-bit": NO_IMAGE,
    "name-by-prefix": NO_IMAGE,
    "name-without-type": NO_IMAGE,
    "notes-by-memsz": NO_IMAGE,
    "notes-unbounded": NO_IMAGE,
    "stop-at-foreign-name": NO_IMAGE,
    "stop-at-type-0": NO_IMAGE,
    "type-without-name": NO_IMAGE,
    "vmcoreinfo-any-type": NO_IMAGE,
    "vmcoreinfo-by-prefix": NO_IMAGE,
    "vmcoreinfo-last-note": NO_IMAGE,
  },
};
