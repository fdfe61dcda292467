/**
 * Real programs and what is known of them: versions from the page of the
 * readers, failures from their files.
 *
 * @module
 */

import {
  type KnownFailure,
  parseKnownFailures,
} from "../../lib/suite/results.ts";
import { CommandError } from "../command.ts";

/** A program that was asked. */
export interface Program {
  /** `debug_elf`; the name of its files and of its page. */
  readonly key: string;
  /** `Go debug/elf`. */
  readonly name: string;
  readonly version: string;
  readonly profiles: readonly Asked[];
}

/** Results of a program in one profile. */
export interface Asked {
  readonly profile: string;
  /** True if it says of some questions that it does not support them. */
  readonly partly: boolean;
  readonly known: readonly KnownFailure[];
}

/** A failure, with the program that has it. */
export interface Failing {
  readonly program: Program;
  readonly profile: string;
  readonly failure: KnownFailure;
}

/**
 * Reads the programs.
 *
 * @param page Text of the page with the table of readers.
 * @param read Text of a file of known failures.
 */
export function parsePrograms(
  page: string,
  read: (file: string) => string,
): Program[] {
  const [head, ...rows] = tableOf(page);
  const profiles = head.slice(2).map((cell) => cell.replace(/^profile /, ""));
  return rows.map(([name, version, ...cells]) => ({
    key: keyOf(name, cells),
    name,
    version,
    profiles: cells.flatMap((cell, i) => asked(profiles[i], cell, read)),
  }));
}

/** Cells of the table between its two comments; the line below the head is left out. */
function tableOf(page: string): string[][] {
  const [, table] = /<!-- readers: begin -->([^]*)<!-- readers: end -->/
    .exec(page) ?? [];
  if (table === undefined) {
    throw new CommandError(
      "Cannot read the page of the readers: must have the table between its two comments",
    );
  }
  return table.split("\n").filter((line) => /^\|(?! -)/.test(line))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

/** `readelf` of `[11 known](readelf.yaml)`. */
function keyOf(name: string, cells: readonly string[]): string {
  const [, file] = /\(([\w-]+)\.yaml\)/.exec(cells.join(" ")) ?? [];
  return (file ?? name.toLowerCase().replace(/\W+/g, "-"))
    .replace(/-(?:notes|nr-cpus)$/, "");
}

function asked(
  profile: string,
  cell: string,
  read: (file: string) => string,
): Asked[] {
  if (!cell.startsWith("all ")) return [];
  const [, file] = /\((.*)\)/.exec(cell) ?? [];
  const known = file ? parseKnownFailures(read(file), file) : [];
  return [{ profile, known, partly: cell.endsWith("not supported") }];
}

/** All failures of one case, or of its reads. */
export function failuresOf(
  programs: readonly Program[],
  id: string,
): Failing[] {
  return programs.flatMap((program) =>
    program.profiles.flatMap(({ profile, known }) =>
      known.filter((failure) =>
        failure.case === id || failure.case.startsWith(`${id}/`)
      )
        .map((failure) => ({ program, profile, failure }))
    )
  );
}
