/**
 * The numbered rules, from spec/rules.yaml, and which of them a field obeys.
 *
 * @module
 */

import rulesYaml from "../../spec/rules.yaml" with { type: "text" };
import { ARCH_NAMES, type ArchName } from "../kernel/arch.ts";
import type { Cpumask } from "../kernel/cpumask.ts";
import {
  type Boundary,
  hasReached,
  type Holds,
  parseFirst,
} from "../kernel/release.ts";
import { parseSpec } from "./document.ts";
import type { Masks } from "./parts.ts";
import { releaseBefore } from "./releases.ts";
import { type Rule, type RuleBoundary, rulesShape } from "./rule_shape.ts";

export type { Rule, RuleBoundary } from "./rule_shape.ts";

/** All rules, by number. */
export const RULES: readonly Rule[] = parseSpec(
  rulesShape,
  rulesYaml,
  "spec/rules.yaml",
);

/** The rules that govern each field, in the order of their numbers. */
const GOVERNING = new Map(
  [...new Set(RULES.flatMap(({ governs }) => governs))].map((field) =>
    [field, RULES.filter(({ governs }) => governs.includes(field))] as const
  ),
);

/**
 * Finds the rule that a wrong field breaks.
 *
 * @param field Part and field: `crash_notes.p_paddr`, or `size`, `padding`.
 * @param arch Of the expected header, since some rules differ by it; of an
 * unknown one, the first rule that governs the field anywhere.
 * @returns Nothing for a field that no header has.
 *
 * @example The rule of a wrong address
 * ```ts
 * import { ruleOf } from "@kdump/elfcorehdr";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(ruleOf("crash_notes.p_paddr")?.id, "R08");
 * assertEquals(ruleOf("ram.p_vaddr", "ppc64le")?.id, "R27");
 * ```
 */
export function ruleOf(field: string, arch?: ArchName): Rule | undefined {
  return GOVERNING.get(field)?.find((rule) =>
    arch === undefined || holdsOn(rule, arch)
  );
}

/** Returns true if an architecture has a rule, on whatever release. */
export function holdsOn(
  { only, except = [] }: Pick<Rule, "only" | "except">,
  arch: ArchName,
): boolean {
  return (only === undefined || only.includes(arch)) && !except.includes(arch);
}

/** The boundary on one architecture; nothing where there is none. */
function boundaryOn(
  boundary: RuleBoundary | undefined,
  arch: ArchName,
): Boundary | undefined {
  return Array.isArray(boundary)
    ? boundary
    : (boundary as Partial<Record<ArchName, Boundary>> | undefined)?.[arch];
}

/** First and last releases of a rule on an architecture. */
export interface RuleSpan {
  /** First releases that do it; nothing where all that the suite knows do. */
  readonly since?: Boundary;
  /** First releases that do otherwise; nothing where none does. */
  readonly until?: Boundary;
}

/** Finds where a rule begins and ends on an architecture. */
export function spanOf({ since, until }: Rule, arch: ArchName): RuleSpan {
  return { since: boundaryOn(since, arch), until: boundaryOn(until, arch) };
}

const BY_ID = new Map(RULES.map((rule) => [rule.id, rule]));

/**
 * Returns a rule.
 *
 * @param id Number of the rule.
 * @throws {RangeError} If there is no such rule.
 */
export function ruleNamed(id: string): Rule {
  const rule = BY_ID.get(id);
  if (rule === undefined) throw new RangeError(`There is no rule ${id}`);
  return rule;
}

/**
 * Returns true if a rule holds on a release and an architecture, false if it
 * does not, and undefined where the first release is not known.
 *
 * @param id Number of the rule.
 * @param release `7.3.4`, `6.6` or `next`.
 * @throws {RangeError} If there is no such rule.
 *
 * @example A boundary in a stable series, and one that nobody looked for
 * ```ts
 * import { holds } from "@kdump/elfcorehdr";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(holds("R41", "6.12.62", "ppc64le"), false);
 * assertEquals(holds("R41", "6.12.63", "ppc64le"), true);
 * assertEquals(holds("R41", "7.3", "ppc64le"), false);
 * assertEquals(holds("R36", "6.6.141", "ppc64le"), undefined);
 * ```
 */
export function holds(
  id: string,
  release: string,
  arch: ArchName,
): boolean | undefined {
  const rule = ruleNamed(id);
  if (!holdsOn(rule, arch)) return false;
  const { since, until } = spanOf(rule, arch);
  const began = since === undefined || hasReached(release, since);
  const ended = until !== undefined && hasReached(release, until);
  if (began === false || ended === true) return false;
  return began === undefined || ended === undefined ? undefined : true;
}

/** Numbers of the rules of which it is not known whether they hold on a release. */
function unknownRules(release: string, arch: ArchName): string[] {
  return RULES.filter(({ id }) => holds(id, release, arch) === undefined)
    .map(({ id }) => id);
}

/**
 * Returns the rules of a release and an architecture, as a function of the rule.
 *
 * @param unknown Rules that are taken to hold though that is not known.
 *
 * @example CMA regions on 6.17
 * ```ts
 * import { holdsAt } from "@kdump/elfcorehdr";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(holdsAt("6.17", "x86_64")("R69"), true);
 * assertEquals(holdsAt("6.17", "arm64")("R69"), false);
 * ```
 */
export function holdsAt(
  release: string,
  arch: ArchName,
  unknown: readonly string[] = [],
): Holds {
  return (id) => holds(id, release, arch) ?? unknown.includes(id);
}

/**
 * The releases on which a rule holds, in words: `kernels from 6.19 to 7.2`,
 * `kernels before 6.6`. Point releases of older series are left out.
 */
export function releasesOf(id: string, arch: ArchName): string {
  const { since, until } = spanOf(ruleNamed(id), arch);
  if (since && until) return `kernels from ${since[0]} until ${until[0]}`;
  if (since) return `kernels since ${since[0]}`;
  return until ? `kernels before ${until[0]}` : "all kernels";
}

/** The CPUs that get a PT_NOTE: the possible ones, before R09 the present ones. */
export function notedMask(
  { release, arch, cpus }: { release: string; arch: ArchName; cpus: Masks },
): Cpumask {
  return holds("R09", release, arch) ? cpus.possible : cpus.present;
}

/** The mainline release that a rule begins with on an architecture. */
export function sinceOf(
  id: string,
  arch: ArchName,
): string | undefined {
  return spanOf(ruleNamed(id), arch).since?.[0];
}

/** One side of a boundary against the other. */
export interface BoundaryPair {
  /** The rule that begins or ends. */
  readonly rule: string;
  /** On which architecture. */
  readonly arch: ArchName;
  /** The last release before. */
  readonly before: string;
  /** The first release behind. */
  readonly first: string;
}

/**
 * Returns the boundaries of all rules on every architecture that has them. An
 * interval in which a boundary lies has no sides.
 */
export function boundaryPairs(): readonly BoundaryPair[] {
  return pairs ??= RULES.flatMap((rule) =>
    ARCH_NAMES.filter((arch) => holdsOn(rule, arch)).flatMap((arch) => {
      const { since = [], until = [] } = spanOf(rule, arch);
      return [...since, ...until].map(parseFirst)
        .filter(({ from, by }) => from === by)
        // Before its first release a kernel that wrote none has no case.
        .filter(({ from }) => writesHeader(releaseBefore(from), arch))
        .map(({ from: first }) => ({
          rule: rule.id,
          arch,
          before: releaseBefore(first),
          first,
        }));
    })
  );
}

let pairs: readonly BoundaryPair[] | undefined;

/** Returns true if kernels of a release write a header; before R74 loongarch64 leaves it to kexec-tools. */
export function writesHeader(release: string, arch: ArchName): boolean {
  return arch !== "loongarch64" || holds("R74", release, arch) === true;
}

/** Returns true if every rule holds on both releases or on neither, so that they write the same. */
export function sameRules(a: string, b: string, arch: ArchName): boolean {
  const rules = heldRules(a, arch);
  return !rules.includes("?") && rules === heldRules(b, arch);
}

/** Lists the rules that hold, as one 0, 1 or ? for each; remembers a bounded number of lists. */
export function heldRules(release: string, arch: ArchName): string {
  const key = `${release} ${arch}`;
  const known = HELD.get(key) ?? RULES.map(({ id }) => {
    const held = holds(id, release, arch);
    return held === undefined ? "?" : Number(held);
  }).join("");
  if (HELD.size < 1000) HELD.set(key, known);
  return known;
}

const HELD = new Map<string, string>();

/**
 * Returns what may hold on a release: one set of rules, or two where some are
 * not known, which then all hold or none.
 */
export function everyHolds(release: string, arch: ArchName): Holds[] {
  const unknown = unknownRules(release, arch);
  return (unknown.length === 0 ? [[]] : [[], unknown]).map((held) =>
    holdsAt(release, arch, held)
  );
}
