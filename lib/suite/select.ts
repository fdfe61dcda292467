/**
 * Which tests of a profile a run selects.
 *
 * @module
 */

import type { Test } from "./verdict.ts";

/** What a run is narrowed to; an empty list narrows nothing. */
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
    ["filter", ({ id }, glob) => globRegExp(glob).test(id)],
    ["arch", ({ arch }, wanted) => arch === wanted, ({ arch }) => [arch]],
    ["tag", ({ tags }, wanted) => tags.includes(wanted), ({ tags }) => tags],
    ["level", ({ level }, wanted) => level === wanted, ({ level }) => [level]],
    ["release", ({ isTrueOf }, wanted) => isTrueOf(wanted)],
  ];
  const selected = tells.reduce<Test[]>((left, [key, tell, has]) => {
    const wanted = selection[key] ?? [];
    for (const one of wanted) {
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

function globRegExp(glob: string): RegExp {
  const pattern = glob.replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(
      /\*\*|\*|\?/g,
      (wild) => wild === "**" ? ".*" : wild === "*" ? "[^/]*" : "[^/]",
    );
  return new RegExp(`^${pattern}$`);
}
