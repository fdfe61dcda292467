/**
 * Which functions of a kernel the oracle cuts, by the digests of their text;
 * and what became of them since they were looked at last.
 *
 * @module
 */

import type { ArchName } from "../../../lib/kernel/arch.ts";
import { cacheKey } from "../../sha256.ts";
import { parseSource } from "./c_source.ts";
import { cut, namesIn } from "./cut.ts";
import { PLANS } from "./plan.ts";

/** A kernel as it was looked at. */
export interface Watched {
  /** Its release, and the commit of a tree. */
  readonly name: string;
  /** Digests by architecture, file and name: `x86_64 kernel-crash.c f`. */
  readonly functions: Readonly<Record<string, string>>;
}

/** The bytes of a kernel beside ours. */
export interface Comparison {
  /** `not compared` where the oracle stopped, as it does when it cannot reproduce a captured header. */
  readonly bytes: "as before" | "other" | "not compared";
  /** What it printed; nothing where the bytes are as before. */
  readonly lines: readonly string[];
}

/** Digests of all that is cut for an architecture, out of a source. */
export async function digestsOf(
  folder: string,
  arch: ArchName,
): Promise<[string, string][]> {
  const shim = Deno.readTextFileSync(`${import.meta.dirname}/shim.h`);
  const digests: [string, string][] = [];
  for (const [file, text] of cut(folder, PLANS[arch], namesIn(shim))) {
    for (
      const { name, kind, text: code } of parseSource(text, file, () => true)
    ) {
      // The head of the cut files is ours.
      if (kind === "define" && name.startsWith("HAVE_")) continue;
      digests.push([`${arch} ${file} ${name}`, await cacheKey(code)]);
    }
  }
  return digests;
}

const WORDS: Readonly<Record<Comparison["bytes"], string>> = {
  "as before": "the bytes are as before",
  "other": "and it writes other bytes",
  "not compared": "and the oracle stops",
};

/**
 * The text of an issue; nothing where all is as it was.
 */
export function issueOf(
  before: Watched | undefined,
  now: Watched,
  { bytes, lines }: Comparison,
): string | undefined {
  const old = before?.functions ?? now.functions;
  const names = [
    ...new Set([...Object.keys(old), ...Object.keys(now.functions)]),
  ]
    .sort();
  const changed = names.filter((name) => old[name] !== now.functions[name])
    .map((name) =>
      `- ${name}: ${
        !(name in old) ? "new" : name in now.functions ? "changed" : "gone"
      }`
    );
  if (changed.length === 0 && bytes === "as before") return undefined;
  return [
    `${now.name}: ${changed.length} functions have another text${
      before ? ` than in ${before.name}` : ""
    }, ${WORDS[bytes]}`,
    "",
    ...changed,
    ...lines.length > 0 ? ["", "```", ...lines, "```"] : [],
  ].join("\n");
}
