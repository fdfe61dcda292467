/**
 * The selection of tests of a profile for a run.
 *
 * @module
 */

import type { Test } from "./verdict.ts";

/** Selection of a run; an empty list selects everything. */
export interface Selection {
  /** Globs over ids: `*` within a part, `**` across. */
  readonly filter: readonly string[];
  /** Architectures, `invalid` among them. */
  readonly arch: readonly string[];
  /** Tags. */
  readonly tag: readonly string[];
  /** Levels. */
  readonly level: readonly string[];
  /** Releases; a case that would be the same there is selected. */
  readonly release?: readonly string[];
}

/**
 * Selects tests. All that a selection names must exist, so that a typing error
 * does not pass for a run without failures.
 *
 * @throws {RangeError} If a glob, an architecture, a tag or a level selects nothing.
 *
 * @example One architecture on one release
 * ```ts
 * import { CORPUS } from "@kdump/elfcorehdr/corpus";
 * import { PROFILES, selectTests } from "@kdump/elfcorehdr/suite";
 * import { assert } from "@std/assert";
 *
 * const tests = selectTests(PROFILES.writer.tests(CORPUS), {
 *   filter: [],
 *   arch: ["riscv64"],
 *   tag: [],
 *   level: [],
 *   release: ["6.12.90"],
 * });
 * assert(tests.some(({ id }) => id === "riscv64/boundary-low-6.12.109"));
 * ```
 */
export function selectTests(
  tests: readonly Test[],
  selection: Selection,
): Test[] {
  const tells: [
    key: keyof Selection,
    tell: (test: Test, wanted: string) => boolean,
    has?: (test: Test) => readonly string[],
  ][] = [
    ["filter", ({ id }, glob) => matches(glob, id)],
    ["arch", ({ arch }, wanted) => arch === wanted, ({ arch }) => [arch]],
    ["tag", ({ tags }, wanted) => tags.includes(wanted), ({ tags }) => tags],
    ["level", ({ level }, wanted) => level === wanted, ({ level }) => [level]],
    ["release", ({ isTrueOf }, wanted) => isTrueOf(wanted)],
  ];
  const selected = tells.reduce<Test[]>((left, [key, tell, has]) => {
    const wanted = selection[key] ?? [];
    for (const one of wanted) {
      if (one.length > MOST_LETTERS) {
        throw new RangeError(
          `--${key} must have at most ${MOST_LETTERS} letters: current value has ${one.length}`,
        );
      }
      if (!tests.some((test) => tell(test, one))) {
        const there = has && [...new Set(tests.flatMap(has))].sort();
        throw new RangeError(
          `--${key} ${one} selects no case${
            there ? `: must be one of ${there.join(", ") || "none"}` : ""
          }`,
        );
      }
    }
    return wanted.length === 0
      ? left
      : left.filter((test) => wanted.some((one) => tell(test, one)));
  }, [...tests]);
  if (selected.length === 0) {
    throw new RangeError("These options together select no case");
  }
  return selected;
}

/** Letters of a word to select by; no id or tag has as many. */
const MOST_LETTERS = 500;

/** Returns true if a glob matches, tried at all its places at once: of a RegExp many stars take years. */
function matches(glob: string, id: string): boolean {
  const parts = glob.match(/\*\*|[^]/g) ?? [];
  const isStar = (i: number) => parts[i]?.startsWith("*");
  const start = parts.map(() => false).concat(false);
  start[0] = true;
  const end = [...id].reduce((places, letter) => {
    const next = start.map(() => false);
    for (const [i, part] of parts.entries()) {
      if (!places[i]) continue;
      if (isStar(i)) {
        places[i + 1] = true; // it may be empty
        next[i] ||= part === "**" || letter !== "/";
      } else if (part === letter || part === "?" && letter !== "/") {
        next[i + 1] = true;
      }
    }
    return next;
  }, start.slice());
  const rest = parts.findLastIndex((_, i) => !isStar(i)) + 1;
  return end.slice(rest).includes(true);
}
