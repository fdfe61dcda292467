/**
 * A dump by firmware as a spec file, with the kernel's header and notes as its
 * goldens.
 *
 * @module
 */

import { encodeFadump, splitFadump } from "../../../lib/model/fadump_header.ts";
import { fadumpInput, planFadump } from "../../../lib/model/fadump.ts";
import { formatFadumpCase } from "../../../lib/spec/fadump_format.ts";
import { countPhdrs } from "../../../lib/compare/fadump_expect.ts";
import { differing, type SpecFile, type Words } from "./case_files.ts";
import type { FadumpSession } from "./fadump.ts";
import type { Recipe } from "./recipe.ts";
import { equals } from "@std/bytes";

/** Makes the file of a session. */
export function fadumpFile(
  { parts, elfcorehdr, notes, uname, origin, qemu }: FadumpSession,
  { after, panic_on, smp, memory, append, qemu: more }: Recipe,
  words: Words,
  recipe: string,
): SpecFile {
  const { name, tags: _, ...head } = words;
  const id = `fadump/${name}`;
  const plan = planFadump(fadumpInput(parts));
  const how = [
    `qemu ${qemu} -smp ${smp} -m ${memory}${more && ` ${more}`}`,
    append,
    ...after.length > 0 ? [`then ${after.join(", ")}`] : [],
    `then a crash${panic_on === undefined ? "" : ` on CPU ${panic_on}`}`,
    "header and notes read from outside in the second boot",
    origin,
  ].join("; ");
  const yaml = formatFadumpCase({
    ...head,
    golden_from: "captured",
    captured: { kernel: uname, how, recipe },
    ...parts,
    expect: {
      ...countPhdrs(elfcorehdr),
      noted: plan.noted.map(({ id }) => id),
    },
  }, "Captured by scripts/capture.ts.");
  const ours = splitFadump(encodeFadump(plan));
  return {
    id,
    yaml,
    goldens: new Map([
      [`${id}/elfcorehdr`, elfcorehdr],
      [`${id}/notes`, notes],
    ]),
    wrong: [
      ...differing(elfcorehdr, ours.elfcorehdr),
      ...equals(notes, ours.notes) ? [] : ["the notes of CPUs differ"],
    ],
  };
}
