/**
 * Kernel sources that Debian does not serve, by the names that git has for the
 * files that were compiled: `git rev-parse v6.18.2:kernel/crash_core.c`.
 *
 * @module
 */

import type { ArchName } from "../../../lib/kernel/arch.ts";
import { compareReleases } from "../../../lib/kernel/release.ts";
import { parseSpec } from "../../../lib/spec/document.ts";
import { release } from "../../../lib/spec/head.ts";
import { writesHeader } from "../../../lib/spec/rules.ts";
import { mapOf, matching, type Shape } from "../../../lib/spec/shape.ts";
import { CommandError } from "../../command.ts";
import type { KernelSource } from "./build.ts";
import { filesCut, namesIn } from "./cut.ts";
import { kconfigOf } from "./limits.ts";
import { PLANS } from "./plan.ts";

/** Blob ids of the compiled files, by release and path. */
export type Sources = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** The shape of spec/sources.yaml. */
export const sourcesShape: Shape<Map<string, Map<string, string>>> = mapOf(
  release,
  mapOf(
    matching(
      /^[\w-]+(?:\/[\w-]+)*(?:\.[chS])?$/,
      "the path of a file in a kernel's source",
    ),
    matching(/^[0-9a-f]{40}$/, "the id of a git blob, 40 letters of hex"),
  ),
);

/** Parses spec/sources.yaml. */
export function parseSources(yaml: string): Sources {
  return parseSpec(sourcesShape, yaml, "spec/sources.yaml");
}

/** Adds the files of a source, as they are compiled for some architectures. */
export async function addSource(
  sources: Sources,
  { folder, release }: KernelSource,
  arches: readonly ArchName[],
): Promise<Sources> {
  const shim = namesIn(
    Deno.readTextFileSync(`${import.meta.dirname}/shim.h`),
  );
  const paths = new Set(
    arches.filter((arch) => writesHeader(release, arch)).flatMap((arch) => [
      // A unit includes a header of another folder by a path with `..`.
      ...filesCut(folder, PLANS[arch], shim).map((path) => normalize(path)),
      kconfigOf(arch),
    ]),
  );
  const files = new Map(sources.get(release));
  for (const path of paths) {
    const id = await blobId(Deno.readFileSync(`${folder}/${path}`));
    const known = files.get(path) ?? id;
    if (known !== id) {
      throw new CommandError(
        `Cannot confirm: ${path} of ${release} must be ${known}, as spec/sources.yaml has it: ${folder} has ${id}`,
      );
    }
    files.set(path, id);
  }
  return new Map([...sources, [release, files]]);
}

/** Formats spec/sources.yaml, releases and paths ascending. */
export function formatSources(sources: Sources): string {
  const blocks = [...sources]
    .sort(([a], [b]) => compareReleases(a, b))
    .map(([release, files]) =>
      [
        `"${release}":\n`,
        ...[...files].sort(([a], [b]) => a < b ? -1 : 1)
          .map(([path, id]) => `  ${path}: "${id}"\n`),
      ].join("")
    );
  return `# yaml-language-server: $schema=sources.schema.json
# Kernel sources that wrote goldens (confirmed_source) and that Debian does not
# serve: the git blob id of each file that was compiled. In a clone of Linux,
# git rev-parse v6.18.2:kernel/crash_core.c prints the same. Written by
# deno task oracle --source <folder> --confirm.

${blocks.join("\n")}`;
}

function normalize(path: string): string {
  return new URL(path, "file:///").pathname.slice(1);
}

/** Computes the name that git has for the content of a file. */
export async function blobId(content: Uint8Array): Promise<string> {
  const head = new TextEncoder().encode(`blob ${content.length}\0`);
  const whole = await new Blob([head, content as BlobPart]).arrayBuffer();
  return new Uint8Array(await crypto.subtle.digest("SHA-1", whole)).toHex();
}
