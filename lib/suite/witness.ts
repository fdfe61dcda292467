/**
 * The digest of what the witnesses of a golden confirmed: the machine and the
 * bytes. A witness whose digest differs is stale.
 *
 * @module
 */

import { folderOf, KINDS } from "./kinds.ts";

/** Spec files and goldens, for their digests. */
export interface Witnessed {
  /** Text of the spec file with this id. */
  readonly text: (id: string) => string;
  /** Bytes by name below golden/, without the ending. */
  readonly goldens: ReadonlyMap<string, Uint8Array>;
}

/** Keys that describe a case or its golden, and ask nothing of a kernel. */
const WORDS = new Set([
  "title",
  "why",
  "rules",
  "tags",
  "golden_from",
  "confirmed",
  "confirmed_source",
  "written_by",
  "witnessed",
  "captured",
  "expect",
  "shown",
]);

/**
 * Computes the digest of a spec file's question and its goldens.
 *
 * @returns SHA-256 in hex over the canonical text of the file without words and
 * witnesses, of the machine that it names, and over the bytes of its goldens
 * and of the header that it names.
 */
export async function witnessDigest(
  id: string,
  { text, goldens }: Witnessed,
): Promise<string> {
  const question = questionOf(id, text(id));
  const machine = /^machine: (\S+)$/m.exec(question)?.[1];
  const header = /^header: (\S+)$/m.exec(question)?.[1];
  const names = [...goldens.keys()].filter((name) =>
    name === id || name === header || name.startsWith(`${id}/`)
  ).sort();
  const parts = [
    question,
    machine === undefined ? "" : questionOf(machine, text(machine)),
    header === undefined || goldens.has(header)
      ? ""
      : questionOf(header, text(header)),
    ...names,
  ].map((part) => new TextEncoder().encode(`${part}\n`));
  const blob = new Blob(
    [...parts, ...names.map((name) => goldens.get(name)! as BlobPart)],
  );
  const digest = await crypto.subtle.digest(
    "SHA-256",
    await blob.arrayBuffer(),
  );
  return new Uint8Array(digest).toHex();
}

/** The canonical text of a spec file, without words and witnesses. */
function questionOf(id: string, yaml: string): string {
  const kind = KINDS.find(({ folders }) => folders.includes(folderOf(id)))!;
  const text = kind.again?.(yaml, `spec/${id}.yaml`) ?? yaml;
  return text.split(/^(?=[a-z_]+:)/m)
    .filter((block) => {
      const key = /^([a-z_]+):/.exec(block)?.[1];
      return key !== undefined && !WORDS.has(key);
    })
    .join("")
    .replace(/(?:, )?because: [a-z-]+/g, "");
}
