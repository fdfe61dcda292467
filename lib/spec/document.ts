/**
 * The text of a spec file to a checked value, whatever its kind, or to every
 * problem that it has.
 *
 * @module
 */

import { parse } from "@std/yaml";
import type { Problem, Report, Shape } from "./shape.ts";

/**
 * A file of the suite that cannot be used, with all that is wrong with it.
 *
 * @example Every problem at once
 * ```ts
 * import { parseCase, SpecError } from "@kdump/elfcorehdr";
 * import { assert, assertThrows } from "@std/assert";
 *
 * const error = assertThrows(
 *   () => parseCase("title: A case\npage_size: 4 KiB"),
 *   SpecError,
 * );
 * assert(error.problems.some(({ path }) => path === "page_size"));
 * assert(error.problems.some(({ path }) => path === "arch"));
 * ```
 */
export class SpecError extends SyntaxError {
  /** Every problem up to the hundredth, in file order where the file could be read at all. */
  readonly problems: readonly Problem[];

  /** Lists the first problems of `file`, a line each. */
  constructor(file: string, problems: readonly Problem[]) {
    const lines = problems.slice(0, SHOWN).map(({ path, wanted, found }) =>
      `${
        path.slice(0, MOST_LETTERS) || "the document"
      }: must be ${wanted}: current value is ${found}`
    );
    const more = problems.length - lines.length;
    if (more > 0) lines.push(`and ${more} more`);
    super(
      lines.length === 1
        ? `Cannot read ${file} at ${lines[0]}`
        : `Cannot read ${file}: ${problems.length} problems${
          problems.length < MOST_PROBLEMS ? "" : " or more"
        }\n  ${lines.join("\n  ")}`,
    );
    this.name = "SpecError";
    this.problems = problems;
  }
}

/** Problems of a file that are kept; with so many it is something else. */
const MOST_PROBLEMS = 100;
/** Problems that a message lists. */
const SHOWN = 20;
/** Letters of a path that a message shows: a key may be as long as the text. */
const MOST_LETTERS = 200;
/** Bytes beyond which a text is no spec file; the largest here has 16 KiB. */
const MAX_TEXT = 4 * 1024 * 1024;
/** An anchor. No file needs one, and a few lines of aliases can fill any memory. */
const ANCHOR_REGEXP = /(?:^|[\s,[{:?-])&[^\s&]/m;

/**
 * Reads a text as far as it can be read, and lists what is wrong with it. A
 * value that comes with problems may lack keys that its type has.
 *
 * @param check Looks at more than one value at a time, after the shape.
 */
export function readSpec<T>(
  shape: Shape<T>,
  yaml: string,
  check: (value: T, report: Report) => void = () => {},
): { value: T | undefined; problems: Problem[] } {
  const problems: Problem[] = [];
  const report: Report = (kind, path, wanted, found) => {
    if (problems.length < MOST_PROBLEMS) {
      problems.push({ kind, path, wanted, found });
    }
    return undefined;
  };
  const node = parseYaml(yaml, report);
  const value = problems.length === 0 ? shape(node, "", report) : undefined;
  if (value !== undefined) check(value, report);
  return { value, problems };
}

/** Every scalar is a string, so that no number is rounded before its shape sees it. */
function parseYaml(yaml: string, report: Report): unknown {
  if (yaml.length > MAX_TEXT) {
    return report(
      "syntax",
      "the document",
      `at most ${MAX_TEXT} characters`,
      `${yaml.length}`,
    );
  }
  if (ANCHOR_REGEXP.test(yaml)) {
    return report(
      "syntax",
      "the document",
      "YAML without anchors",
      "an anchor",
    );
  }
  try {
    return parse(yaml, { schema: "failsafe" });
  } catch (error) {
    const [message] = (error as Error).message.split("\n");
    const kind = /duplicated key/.test(message) ? "duplicate-key" : "syntax";
    return report(
      kind,
      "the document",
      "valid YAML without duplicate keys",
      message,
    );
  }
}

/**
 * Reads a text that must be right.
 *
 * @param file Its name, for the message.
 * @throws {SpecError} With every problem, each with its path.
 */
export function parseSpec<T>(
  shape: Shape<T>,
  yaml: string,
  file: string,
  check?: (value: T, report: Report) => void,
): T {
  const { value, problems } = readSpec(shape, yaml, check);
  if (problems.length > 0 || value === undefined) {
    throw new SpecError(file, problems);
  }
  return value;
}
