/**
 * The strongest witness of a rule, among those of the cases that cite it.
 *
 * @module
 */

import type { ArchName } from "../kernel/arch.ts";
import { holds, type Rule } from "../spec/rules.ts";
import type { Corpus } from "./corpus.ts";
import { KINDS } from "./kinds.ts";

/** Witnesses, the strongest first. */
export const RULE_WITNESSES = [
  "captured",
  "kernel code run",
  "real program",
  "source read",
  "our word",
] as const;

/** A kind of witness of a rule. */
export type RuleWitness = typeof RULE_WITNESSES[number];

/**
 * Finds the strongest witness of each rule.
 *
 * @returns By number: a running kernel, its code run outside, a program other
 * than a kernel, its source, or nobody but us.
 */
export function ruleWitnesses(
  corpus: Corpus,
  rules: readonly Rule[],
): Map<string, RuleWitness> {
  const cases = KINDS.flatMap(({ list, rules }) =>
    corpus[list].map(({ id, yaml }) => ({ yaml, cited: rules(yaml, id) }))
  );
  return new Map(rules.map((rule) => {
    const found = new Set(
      cases.filter(({ yaml, cited }) =>
        cited.includes(rule.id) && isHeldIn(yaml, rule.id)
      ).map(({ yaml }) => witnessIn(yaml)),
    );
    const strongest = RULE_WITNESSES.find((witness) => found.has(witness));
    return [rule.id, strongest ?? sourceOf(rule)];
  }));
}

/** A case on the other side of a boundary cites a rule that it does not obey. */
function isHeldIn(yaml: string, id: string): boolean {
  const arch = /^(?:arch: |machine: )(\w+)/m.exec(yaml)?.[1];
  const release = /^release: "(.*)"$/m.exec(yaml)?.[1];
  return arch === undefined || release === undefined ||
    holds(id, release, arch as ArchName) === true;
}

function witnessIn(yaml: string): RuleWitness | undefined {
  if (/^golden_from: captured$/m.test(yaml)) return "captured";
  if (/^confirmed(?:_source)?: /m.test(yaml)) return "kernel code run";
  return /^written_by: /m.test(yaml) ? "real program" : undefined;
}

/** A file or a function of a source. */
function sourceOf({ source }: Rule): RuleWitness {
  return /[\w-]\.[chS]\b|\w\(\)/.test(source) ? "source read" : "our word";
}
