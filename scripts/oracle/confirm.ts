/**
 * Writes into the spec files which kernels' code wrote their goldens. No one
 * else writes that line.
 *
 * @module
 */

import { compareReleases } from "../../lib/kernel/release.ts";
import { replaceFiles } from "../replace_files.ts";
import type { KernelSource } from "./build.ts";
import type { Claim } from "./claims.ts";

const SPEC = `${import.meta.dirname}/../../spec`;
const CONFIRMED = /^confirmed: .*\n/m;

/**
 * Confirms goldens that no running kernel wrote.
 *
 * @param asked What the kernels were asked.
 * @param witnesses The releases that wrote a golden, by its id.
 * @param sources All kernels that were asked: what one of them no longer writes loses its name.
 * @returns What was done, in a line.
 */
export function confirm(
  asked: readonly Claim[],
  witnesses: ReadonlyMap<string, readonly string[]>,
  sources: readonly KernelSource[],
): string {
  const releases = sources.map(({ release }) => release);
  const changed = asked.flatMap(({ id, captured }) => {
    if (captured) return [];
    const file = `${SPEC}/${id}.yaml`;
    const text = Deno.readTextFileSync(file);
    const before = CONFIRMED.exec(text)?.[0].match(/[\d.]+/g) ?? [];
    const now = [
      ...before.filter((release) => !releases.includes(release)),
      ...witnesses.get(id) ?? [],
    ].sort(compareReleases);
    const line = now.length === 0
      ? ""
      : `confirmed: [${now.map((release) => `"${release}"`).join(", ")}]\n`;
    const fresh = text.replace(CONFIRMED, "").replace(
      /^golden_from: .*\n/m,
      (found) => found + line,
    );
    return fresh === text ? [] : [[file, fresh] as const];
  });
  replaceFiles(changed);
  return `confirmed by ${releases.join(", ")}: ${changed.length} files written`;
}
