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
  /** Its release. */
  readonly release: string;
  /** Digests by architecture, file and name: `x86_64 kernel-crash.c f`. */
  readonly functions: Readonly<Record<string, string>>;
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

/**
 * The text of an issue; nothing where all is as it was.
 *
 * @param differs What the oracle printed of a kernel that writes other bytes.
 */
export function issueOf(
  before: Watched | undefined,
  now: Watched,
  differs: readonly string[],
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
  if (changed.length === 0 && differs.length === 0) return undefined;
  return [
    `Linux ${now.release}: ${changed.length} functions have another text${
      before ? ` than in ${before.release}` : ""
    }, ${
      differs.length > 0
        ? "and it writes other bytes"
        : "the bytes are as before"
    }`,
    "",
    ...changed,
    ...differs.length > 0 ? ["", "```", ...differs, "```"] : [],
  ].join("\n");
}
