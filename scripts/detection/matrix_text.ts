/**
 * The page of the kill matrix, read back.
 *
 * @module
 */

import { CommandError } from "../command.ts";

/** A row: a mistake, and a case that catches it. */
export interface MatrixRow {
  /** Its section: `writer`. */
  readonly area: string;
  /** Name of the mistake. */
  readonly name: string;
  /** Description of the mistake. */
  readonly what: string;
  /** Id of a case that catches it. */
  readonly example: string;
  /** The field that the example blames: `phdr[3].p_offset`. */
  readonly blamed: string;
}

/**
 * Reads the rows of mistakes that a case catches.
 *
 * @throws {CommandError} If there is none.
 */
export function matrixRows(page: string): MatrixRow[] {
  const rows = page.split(/^## /m).slice(1).flatMap((section) => {
    const [area] = section.split("\n", 1);
    return [...section.matchAll(/^\| (\S+) \| (.*) \| (\S+) \| ([^|]*) \|$/gm)]
      .map(([, name, what, example, blamed]) => ({
        area,
        name,
        what,
        example,
        blamed,
      }));
  }).filter(({ name, example }) => name !== "---" && example !== "none");
  if (rows.length > 0) return rows;
  throw new CommandError(
    "Cannot read the kill matrix: must have a row for each mistake",
  );
}
