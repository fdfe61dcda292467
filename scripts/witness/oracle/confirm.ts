/**
 * Writes into the spec files which kernels' code wrote their goldens. No one
 * else writes that line.
 *
 * @module
 */

import { CORPUS } from "../../../golden/mod.ts";
import { compareReleases } from "../../../lib/kernel/release.ts";
import { goldensOf } from "../../../lib/suite/corpus.ts";
import { replaceBelow } from "../../replace_files.ts";
import { sealWitnesses } from "../../witnesses.ts";
import type { KernelSource } from "./build.ts";
import type { Claim } from "./claims.ts";

const SPEC = `${import.meta.dirname}/../../../spec`;
const CORPUS_FILES = { text: readSpec, goldens: goldensOf(CORPUS) };
const CONFIRMED = /^confirmed: .*\n/m;

/**
 * Confirms goldens that no running kernel wrote.
 *
 * @param asked What the kernels were asked.
 * @param witnesses The releases that wrote a golden, by its id.
 * @param sources All kernels that were asked: what one of them no longer writes loses its name.
 * @returns What was done, in a line.
 */
export async function confirm(
  asked: readonly Claim[],
  witnesses: ReadonlyMap<string, readonly string[]>,
  sources: readonly KernelSource[],
): Promise<string> {
  const releases = sources.map(({ release }) => release);
  const changed: [path: string, yaml: string][] = [];
  for (const { id, captured } of asked) {
    if (captured) continue;
    const text = readSpec(id);
    const before = CONFIRMED.exec(text)?.[0].match(/[\d.]+/g) ?? [];
    const now = [
      ...before.filter((release) => !releases.includes(release)),
      ...witnesses.get(id) ?? [],
    ].sort(compareReleases);
    const line = now.length === 0
      ? ""
      : `confirmed: [${now.map((release) => `"${release}"`).join(", ")}]\n`;
    const named = text.replace(CONFIRMED, "").replace(
      /^golden_from: .*\n/m,
      (found) => found + line,
    );
    const fresh = await sealWitnesses(id, named, CORPUS_FILES);
    if (fresh !== text) changed.push([`${id}.yaml`, fresh]);
  }
  replaceBelow(SPEC, changed);
  return `confirmed by ${releases.join(", ")}: ${changed.length} files written`;
}

function readSpec(id: string): string {
  return Deno.readTextFileSync(`${SPEC}/${id}.yaml`);
}
