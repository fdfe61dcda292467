/**
 * known-wrong.txt: bytes that well-known mistakes write, so that a harness can
 * test itself.
 *
 * @module
 */

import { equals } from "@std/bytes";
import { MISTAKES } from "../../lib/mutants/mod.ts";
import { resolveCase } from "../../lib/model/resolve.ts";
import { parseCase } from "../../lib/spec/case.ts";
import type { Corpus } from "../../lib/suite/corpus.ts";

/** Mistakes whose bytes come along. */
const KNOWN_WRONG = [
  "notes-of-present",
  "notes-of-online",
  "notes-below-count",
  "note-size-prstatus",
  "ends-exclusive",
  "crashkernel-kept",
  "kernel-missing",
  "backup-never",
  "va-add",
  "paddr-32-bit",
];

/** A question of a release, and the file of its answer. */
interface Asked {
  profile: string;
  id: string;
  expected: { file: string } | null;
}

/** Adds the bytes of each mistake on the smallest case where it shows. */
export function addKnownWrong(
  { cases }: Corpus,
  entries: readonly Asked[],
  files: Map<string, Uint8Array>,
): void {
  const lines: string[] = [];
  const asked = new Map(entries.map((entry) => [
    `${entry.profile} ${entry.id}`,
    entry,
  ]));
  const bySize = cases.filter(({ id }) => asked.has(`writer ${id}`))
    .toSorted((a, b) => a.golden.length - b.golden.length);
  for (const mistake of KNOWN_WRONG) {
    const { write, what } = MISTAKES.find(({ name }) => name === mistake)!;
    for (const { id, yaml, golden } of bySize) {
      const spec = parseCase(yaml, `spec/${id}.yaml`);
      const bytes = write(spec, resolveCase(spec));
      if (equals(bytes, golden)) continue;
      const file = `known-wrong/${mistake}.bin`;
      files.set(file, bytes);
      const at = golden.findIndex((byte, i) => byte !== bytes[i]);
      const { expected } = asked.get(`writer ${id}`)!;
      lines.push(`${mistake} ${id} ${file} ${expected!.file} ${at} ${what}\n`);
      break;
    }
  }
  files.set("known-wrong.txt", new TextEncoder().encode(lines.join("")));
}
