/**
 * Tables of pages that are made, each between two comments with its name.
 *
 * @module
 */

import { CommandError } from "../command.ts";
import { replaceBelow } from "../replace_files.ts";

const ROOT = `${import.meta.dirname}/../..`;

/** A table of a page. */
export interface PageTable {
  /** The page, below the root. */
  readonly page: string;
  /** The name in its two comments. */
  readonly name: string;
  /** Rows, the first as head. */
  readonly rows: readonly (readonly string[])[];
}

/**
 * Puts a table into its page, or only compares it with the one that is there.
 *
 * @returns True if the page has it now.
 * @throws {CommandError} If the page has no place for it.
 */
export function replaceTable(
  { page, name, rows }: PageTable,
  write: boolean,
): boolean {
  const text = Deno.readTextFileSync(`${ROOT}/${page}`);
  const fresh = replaceBlock(text, page, name, format(rows));
  if (write && fresh !== text) replaceBelow(ROOT, [[page, fresh]]);
  return write || fresh === text;
}

/** Puts a table between its two comments. */
function replaceBlock(
  text: string,
  page: string,
  name: string,
  table: string,
): string {
  const [begin, end] = ["begin", "end"].map((side) =>
    `<!-- ${name}: ${side} -->`
  );
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  if (from < begin.length || to < from) {
    throw new CommandError(
      `Cannot find a table: ${page} must have its two comments, ${begin} and ${end}`,
    );
  }
  return `${text.slice(0, from)}\n\n${table}\n\n${text.slice(to)}`;
}

/** Formats rows as Markdown, the first as head. */
function format(cells: readonly (readonly string[])[]): string {
  const widths = cells[0].map((_, i) =>
    Math.max(...cells.map((row) => row[i].length))
  );
  const [head, ...body] = cells.map((row) =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |`
  );
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [head, rule, ...body].join("\n");
}
