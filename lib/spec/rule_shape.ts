/**
 * Shape of spec/rules.yaml, and the type that a rule is read to.
 *
 * @module
 */

import { ARCH_NAMES, type ArchName } from "../kernel/arch.ts";
import { type Boundary, FIRST_REGEXP } from "../kernel/release.ts";
import { ruleNumber } from "./head.ts";
import {
  described,
  either,
  isMapping,
  list,
  matching,
  oneOf,
  optional,
  record,
  type Shape,
  text,
} from "./shape.ts";

/** One rule. */
export interface Rule {
  /** `R08`; a number is never reused. */
  id: string;
  /** At most 40 characters, for titles and tables. */
  name: string;
  /** The rule that holds where this one does not, on the other side of its boundary. */
  instead?: string;
  /** The rule, in a sentence or two. */
  rule: string;
  /** `required` of every writer, or a `quirk` of the kernel that no one should rely on. */
  level: "required" | "quirk";
  /** File and function of the Linux tree. */
  source: string;
  /** First releases that do it, where older ones do otherwise. */
  since?: RuleBoundary;
  /** First releases that do otherwise again. */
  until?: RuleBoundary;
  /** The architectures that have it, where most do not. */
  only?: ArchName[];
  /** The architectures that do not have it. */
  except?: ArchName[];
  /** Parts and fields of which a difference breaks it: `crash_notes.p_paddr`. */
  governs: string[];
}

/** A boundary that is the same on every architecture, or one for each that it concerns. */
export type RuleBoundary = Boundary | Partial<Record<ArchName, Boundary>>;

const boundary = list(
  matching(
    FIRST_REGEXP,
    "a first release, 6.12.63, 6.12.20..6.12.95, 6.6.141.. or next",
  ),
);

const ruleBoundary: Shape<RuleBoundary> = either(
  isMapping,
  record(Object.fromEntries(
    ARCH_NAMES.map((arch) => [arch, optional(boundary, `On ${arch}.`)]),
  )),
  boundary,
);

const archs = list(oneOf(ARCH_NAMES));

const rule: Shape<Rule> = record({
  id: described(ruleNumber, "R and a number, which is never reused."),
  name: described(
    matching(/^.{1,40}$/, "at most 40 characters"),
    "A name for titles, tables and search.",
  ),
  instead: optional(
    ruleNumber,
    "The rule on the other side of this one's boundary.",
  ),
  rule: described(text, "The rule, in a sentence or two."),
  level: described(
    oneOf(["required", "quirk"]),
    "required: every writer does it. quirk: the kernel does it, and no reader should rely on it.",
  ),
  source: described(text, "File and function of the Linux tree."),
  since: optional(
    ruleBoundary,
    "First releases that do it: the mainline release, then point releases of older series; a mapping where it depends on the architecture.",
  ),
  until: optional(
    ruleBoundary,
    "First releases that do otherwise again, in the same form.",
  ),
  only: optional(archs, "The architectures that have it; all, where absent."),
  except: optional(archs, "The architectures that do not have it."),
  governs: described(
    list(matching(/^(?:[a-z_]+\.[a-z_]+|size|padding)$/, "part.field")),
    "Parts and fields of which a difference breaks it.",
  ),
});

/** The shape of spec/rules.yaml. */
export const rulesShape: Shape<Rule[]> = list(rule);
