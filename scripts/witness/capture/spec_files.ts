/**
 * A session in, finished spec files and their goldens out: a case for each
 * header that the kernel wrote, one for the utility's, a scenario of all that
 * happened, and the crash path where it ended in a panic.
 *
 * @module
 */

import { equals } from "@std/bytes";
import type { Captured } from "../../../lib/spec/head.ts";
import { CommandError } from "../../command.ts";
import { caseFiles, type SpecFile, type Words } from "./case_files.ts";
import type { Recipe } from "./recipe.ts";
import { scenarioFile } from "./scenario_file.ts";
import type { Session } from "./session.ts";
import { utilityFile } from "./utility_file.ts";
import { vmcoreFile } from "./vmcore_file.ts";

/** Makes all files of a session. */
export function specFiles(
  session: Session,
  recipe: Recipe,
  words: Words,
  recipeText: string,
): SpecFile[] {
  const captured: Captured = {
    kernel: session.moments[0].machine.uname,
    how: describe(recipe, session),
    recipe: recipeText,
  };
  const cases = caseFiles(session, words, captured);
  const [machine] = cases;
  if (machine === undefined) {
    throw new CommandError(
      "Cannot make a case: the kernel must write the header once: give an event that has it do so, as --after memory-add",
    );
  }
  const { moments, written, panic } = session;
  const files: SpecFile[] = [
    ...cases,
    ...written ? [utilityFile(session, words, captured, machine)] : [],
    ...moments.length > 1
      ? [scenarioFile(session, words, captured, machine)]
      : [],
  ];
  if (panic === undefined) return files;
  const header = goldenOf(files, moments.at(-1)!.segment.bytes);
  return [...files, vmcoreFile(panic, session, words, captured, header)];
}

/** The golden that a segment begins with. */
function goldenOf(
  files: readonly SpecFile[],
  segment: Uint8Array,
): { name: string; bytes: Uint8Array } {
  const goldens = files.flatMap((file) => [...file.goldens]);
  const [name, bytes] = goldens.find(([, golden]) =>
    equals(golden, segment.subarray(0, golden.length))
  )!;
  return { name, bytes };
}

/** How the bytes came to be, in words. */
function describe(
  { load, smp, memory, append, after, panic, panic_on }: Recipe,
  session: Session,
): string {
  return [
    session.written ? `${load} by ${session.written.version}` : load,
    `qemu -smp ${smp} -m ${memory}`,
    append,
    ...after.length > 0 ? [`then ${after.join(", ")}`] : [],
    ...panic_on === undefined
      ? panic ? ["then a panic"] : []
      : [`then a panic on CPU ${panic_on}`],
    session.origin,
  ].join("; ");
}
