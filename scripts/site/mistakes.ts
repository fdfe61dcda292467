/**
 * The known mistakes, from the kill matrix: what each does, how many cases
 * catch it, and one of these.
 *
 * @module
 */

/** A row of the kill matrix. */
export interface KnownMistake {
  readonly area: string;
  readonly name: string;
  readonly what: string;
  /** Count of cases that catch it. */
  readonly caught: number;
  /** One of these cases, the only one where there is one. */
  readonly example: string;
  /** The field that the example blames: `phdr[3].p_offset`. */
  readonly blamed: string;
}

/** Reads the tables of the kill matrix. */
export function parseMistakes(matrix: string): KnownMistake[] {
  return matrix.split(/^## /m).slice(1).flatMap((section) => {
    const [area] = section.split("\n", 1);
    return section.split("\n")
      .map((line) => line.split(/(?<!\\)\|/).slice(1, -1))
      .filter((cells) => cells.length >= 5 && /^ \d+ $/.test(cells[2]))
      .map((cells) => {
        const [name, what, caught, example, blamed] = cells.map((cell) =>
          cell.trim().replaceAll("\\|", "|")
        );
        return { area, name, what, caught: Number(caught), example, blamed };
      });
  });
}
