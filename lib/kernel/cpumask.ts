/**
 * The kernel's cpulist syntax to and from a cpumask: the CPU numbers of the
 * set bits, ascending.
 *
 * @see `bitmap_parselist()`, lib/bitmap-str.c
 * @module
 */

/**
 * The set bits of a mask: CPU numbers, ascending, each once.
 *
 * A list, not a bitmap: the masks of interest are sparse up to CPU 8191, and
 * every user walks them in order.
 */
export type Cpumask = readonly number[];

/** Count of CPUs a mask can name: `NR_CPUS` of the largest distribution kernels. */
export const NR_CPUS = 8192;

const ENTRY_REGEXP =
  /^(?:(\d{1,9}|N)|(?:(\d{1,9}|N)-(\d{1,9}|N)|[Aa][Ll][Ll])(?::(\d{1,9})\/(\d{1,9}))?)$/;

/** The syntax of a cpulist; the order of its entries and their bounds are not in it. */
export const CPULIST_REGEXP: RegExp = (() => {
  const number = "(?:[0-9]{1,9}|N)";
  const stride = "(?::[0-9]{1,9}/[0-9]{1,9})?";
  const entry = `(?:${number}|(?:${number}-${number}|[Aa][Ll][Ll])${stride})`;
  return new RegExp(`^[\\s,]*(?:${entry}(?:[\\s,]+${entry})*[\\s,]*)?$`);
})();

/**
 * Parses a cpulist: `0-3,8`, `0-31:2/4` (the first 2 of every 4), `all`, `0-N`
 * (N is the last CPU), or nothing.
 *
 * Stricter than the kernel in one thing: entries must ascend without overlap,
 * since in a file of the suite the opposite is a slip of the pen.
 *
 * @param text A cpulist: decimal, separated by commas or white space.
 * @returns The CPU numbers, ascending.
 * @throws {SyntaxError} If the text is not a cpulist, runs backwards, or names
 * a CPU beyond 8191.
 *
 * @see `bitmap_parselist()`, lib/bitmap-str.c
 *
 * @example Every other pair of CPUs
 * ```ts
 * import { parseCpulist } from "@kdump/elfcorehdr";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseCpulist("0-7:2/4,8191"), [0, 1, 4, 5, 8191]);
 * ```
 */
export function parseCpulist(text: string): number[] {
  const cpus: number[] = [];
  let next = 0;
  for (const entry of text.split(/[\s,]+/)) {
    if (entry === "") continue;
    const match = ENTRY_REGEXP.exec(entry);
    if (match === null) throw cpulistError("first-last:used/group", entry);
    const first = cpuNumber(match[1] ?? match[2] ?? "0");
    const last = cpuNumber(match[1] ?? match[3] ?? "N");
    const used = Number(match[4] ?? 1);
    const group = Number(match[5] ?? 1);
    if (last < first) throw cpulistError("first <= last", entry);
    if (last >= NR_CPUS) throw cpulistError(`CPUs below ${NR_CPUS}`, entry);
    if (group === 0 || used > group) throw cpulistError("used <= group", entry);
    if (first < next) {
      throw cpulistError("entries that ascend without overlap", entry);
    }
    for (let cpu = first; cpu <= last; cpu++) {
      if ((cpu - first) % group < used) cpus.push(cpu);
    }
    next = last + 1;
  }
  return cpus;
}

function cpuNumber(text: string): number {
  return text === "N" ? NR_CPUS - 1 : Number(text);
}

function cpulistError(wanted: string, entry: string): SyntaxError {
  return new SyntaxError(
    `Cannot parse cpulist: must be ${wanted}: current entry is ${
      JSON.stringify(entry)
    }`,
  );
}

/**
 * Formats a mask as the kernel prints it in sysfs: runs joined, no strides.
 *
 * @param cpus CPU numbers, ascending.
 * @returns A cpulist, empty for an empty mask.
 *
 * @see `bitmap_print_to_pagebuf()`, lib/bitmap-str.c
 *
 * @example A hole in the mask
 * ```ts
 * import { formatCpulist } from "@kdump/elfcorehdr";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatCpulist([0, 1, 2, 5]), "0-2,5");
 * ```
 */
export function formatCpulist(cpus: Cpumask): string {
  const runs: string[] = [];
  for (let i = 0; i < cpus.length;) {
    const first = i;
    while (i + 1 < cpus.length && cpus[i + 1] === cpus[i] + 1) i++;
    runs.push(
      first === i ? `${cpus[first]}` : `${cpus[first]}-${cpus[i]}`,
    );
    i++;
  }
  return runs.join(",");
}
