/**
 * The numbered rules, from spec/rules.yaml, and which of them a field obeys.
 *
 * @module
 */

import rulesYaml from "../../spec/rules.yaml" with { type: "text" };
import { ARCH_NAMES, type ArchName } from "../kernel/arch.ts";
import {
  list,
  matching,
  oneOf,
  optional,
  record,
  type Shape,
  text,
} from "./shape.ts";
import { parseSpec } from "./document.ts";

/** One rule. */
export interface Rule {
  /** `R08`; a number is never reused. */
  id: string;
  /** The rule, in a sentence or two. */
  rule: string;
  /** Whether every writer does it, or only the kernel does and no one should rely on it. */
  level: "required" | "quirk";
  /** File and function of the Linux tree. */
  source: string;
  /** First release that does it, where that is later than 6.1. */
  since?: string;
  /** Last release that does it. */
  until?: string;
  /** The architectures on which it does not hold. */
  except?: ArchName[];
  /** Parts and fields of which a difference breaks it: `crash_notes.p_paddr`. */
  governs: string[];
}

const release = matching(/^\d\.\d+$/, "a release, 6.6");

const ruleShape: Shape<Rule> = record({
  id: matching(/^R\d\d$/, "R and two digits"),
  rule: text,
  level: oneOf(["required", "quirk"]),
  source: text,
  since: optional(release),
  until: optional(release),
  except: optional(list(oneOf(ARCH_NAMES))),
  governs: list(matching(/^(?:[a-z_]+\.[a-z_]+|size|padding)$/, "part.field")),
});

/** All rules, by number. */
export const RULES: readonly Rule[] = parseSpec(
  list(ruleShape),
  rulesYaml,
  "spec/rules.yaml",
);

/**
 * Finds the rule that a wrong field breaks.
 *
 * @param field Part and field: `crash_notes.p_paddr`, or `size`, `padding`.
 * @param arch Of the expected header, since some rules differ by it; of an
 * unknown one, the first rule that governs the field anywhere.
 * @returns Nothing for a field that no header has.
 */
export function ruleOf(field: string, arch?: ArchName): Rule | undefined {
  return RULES.find((rule) =>
    rule.governs.includes(field) && (arch === undefined || holdsOn(rule, arch))
  );
}

/** Whether a rule holds on an architecture. */
export function holdsOn({ except = [] }: Rule, arch: ArchName): boolean {
  return !except.includes(arch);
}
