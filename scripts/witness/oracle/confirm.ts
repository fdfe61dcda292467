/**
 * Writes into the spec files which kernels' code wrote their goldens. No one
 * else writes these lines.
 *
 * @module
 */

import { CORPUS } from "../../../golden/mod.ts";
import type { ArchName } from "../../../lib/kernel/arch.ts";
import { compareReleases } from "../../../lib/kernel/release.ts";
import { sameRules } from "../../../lib/spec/rules.ts";
import { goldensOf } from "../../../lib/suite/corpus.ts";
import { replaceBelow } from "../../replace_files.ts";
import { sealWitnesses } from "../../witnesses.ts";
import type { KernelSource } from "./build.ts";
import type { Claim } from "./claims.ts";
import { addSource, formatSources, parseSources } from "./sources.ts";

const SPEC = `${import.meta.dirname}/../../../spec`;
const CORPUS_FILES = { text: readSpec, goldens: goldensOf(CORPUS) };

/**
 * Confirms goldens that no running kernel wrote. A source that Debian does not
 * serve is named where no kernel that it serves has the rules of the golden.
 *
 * @param asked What the kernels were asked.
 * @param witnesses The releases that wrote a golden, by its id.
 * @param sources All kernels that were asked: what one of them no longer writes loses its name.
 * @param arches Architectures for which they were compiled.
 * @returns What was done, in a line.
 */
export async function confirm(
  asked: readonly Claim[],
  witnesses: ReadonlyMap<string, readonly string[]>,
  sources: readonly KernelSource[],
  arches: readonly ArchName[],
): Promise<string> {
  const releases = sources.map(({ release }) => release);
  const [tree] = sources.filter(({ version }) => version === undefined);
  const key = tree ? "confirmed_source" : "confirmed";
  const changed: [path: string, yaml: string][] = [];
  let isNamed = false;
  for (const { id, captured, release, arch } of asked) {
    if (captured) continue;
    const text = readSpec(id);
    const isOfItsRules = (other: string) => sameRules(other, release, arch);
    const wrote = witnesses.get(id) ?? [];
    const fresh = tree === undefined
      ? wrote
      : named(text, "confirmed").some(isOfItsRules)
      ? []
      : wrote.filter(isOfItsRules);
    isNamed ||= fresh.length > 0;
    const now = [
      ...named(text, key).filter((other) => !releases.includes(other)),
      ...fresh,
    ].sort(compareReleases);
    const sealed = await sealWitnesses(
      id,
      withNames(text, key, now),
      CORPUS_FILES,
    );
    if (sealed !== text) changed.push([`${id}.yaml`, sealed]);
  }
  const count = changed.length;
  if (tree && isNamed) {
    const known = parseSources(readSpec("sources"));
    const added = await addSource(known, tree, arches);
    changed.push(["sources.yaml", formatSources(added)]);
  }
  replaceBelow(SPEC, changed);
  return `confirmed by ${releases.join(", ")}: ${count} files written`;
}

/** The releases that a line of a spec file names. */
function named(yaml: string, key: string): string[] {
  return lineOf(key).exec(yaml)?.[0].match(/[\d.]+/g) ?? [];
}

/** Replaces the line, behind what it follows. */
function withNames(
  yaml: string,
  key: "confirmed" | "confirmed_source",
  releases: readonly string[],
): string {
  const bare = yaml.replace(lineOf(key), "");
  if (releases.length === 0) return bare;
  const line = `${key}: [${releases.map((name) => `"${name}"`).join(", ")}]\n`;
  const after = key === "confirmed_source" && lineOf("confirmed").test(bare)
    ? "confirmed"
    : "golden_from";
  return bare.replace(lineOf(after), (found) => found + line);
}

function lineOf(key: string): RegExp {
  return new RegExp(`^${key}: .*\\n`, "m");
}

function readSpec(id: string): string {
  return Deno.readTextFileSync(`${SPEC}/${id}.yaml`);
}
