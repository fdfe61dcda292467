/**
 * The author of a golden: a sign, a word, and a sentence.
 *
 * @module
 */

import { compareReleases } from "../kernel/release.ts";
import type { Captured } from "../spec/head.ts";
import { escapeMarkup } from "./markup.ts";

/** Origin of a golden, as its spec file states it. */
export interface Origin {
  readonly golden_from?: string;
  readonly captured?: Captured;
  readonly confirmed?: readonly string[];
  readonly confirmed_source?: readonly string[];
  readonly written_by?: readonly string[];
}

/** How a golden is backed, the strongest first. */
export type Witness = "captured" | "program" | "confirmed" | "alone";

const SIGNS: Readonly<Record<Witness, readonly [sign: string, word: string]>> =
  {
    captured: ["●", "captured"],
    program: ["●", "by kexec"],
    confirmed: ["◐", "confirmed"],
    alone: ["○", "ours alone"],
  };

/** Finds how a golden is backed. */
export function witnessOf(origin: Origin): Witness {
  const { golden_from } = origin;
  if (golden_from === "captured" || golden_from === "program") {
    return golden_from;
  }
  return kernelsOf(origin).length > 0 ? "confirmed" : "alone";
}

/** Lists the releases whose code wrote a golden. */
export function kernelsOf(
  { confirmed = [], confirmed_source = [] }: Origin,
): string[] {
  return [...confirmed, ...confirmed_source].sort(compareReleases);
}

/** The witness in a line, for the top of a page. */
export function witnessLine(origin: Origin): string {
  const witness = witnessOf(origin);
  const [sign, word] = SIGNS[witness];
  return `<p class="witness ${witness}"><span aria-hidden="true">${sign}</span> <b>${word}</b> ${
    sentence(witness, origin)
  }</p>`;
}

/** Sign and word alone, for tables. */
export function witnessMark(origin: Origin): string {
  const witness = witnessOf(origin);
  const [sign, word] = SIGNS[witness];
  return `<span class="witness-mark"><span aria-hidden="true">${sign}</span> ${word}</span>`;
}

function sentence(witness: Witness, origin: Origin): string {
  const { golden_from, captured, written_by = [] } = origin;
  const own = golden_from === "worked"
    ? "Laid out by hand"
    : "Computed by this suite";
  switch (witness) {
    case "captured":
      return captured
        ? `Written by Linux <b>${
          escapeMarkup(captured.kernel)
        }</b> and read from its memory. ${escapeMarkup(captured.how)}.`
        : "Written by the kernel of its machine and read from its memory.";
    case "program":
      return `Written by the kexec utility, <b>${
        written_by.map(escapeMarkup).join(", ")
      }</b>, which ran on a simulated machine.`;
    case "confirmed":
      return `${own}. The kernel code of <b>${
        kernelsOf(origin).map(escapeMarkup).join(", ")
      }</b>, compiled in user space, gives the same bytes.`;
    case "alone":
      return `${own}. No kernel code was run for it.`;
  }
}

/** Style of the witness line: solid, double or dotted, never by colour alone. */
export const witnessStyle = `
.witness { max-width: none; border-left: 4px solid var(--wanted); padding: .15rem 0 .15rem .75rem; font-size: .9375rem; overflow-wrap: anywhere; }
.witness.confirmed { border-left-style: double; } .witness.alone { border-left: 4px dotted var(--absent); }
.witness-mark { white-space: nowrap; font-size: .8125rem; }
`;
