/**
 * The heads of dumps that readers of notes are asked about: each /proc/vmcore
 * of the suite, and what other dumps make of one.
 *
 * @module
 */

import { readAnyElf } from "../compare/reader_json.ts";
import { type Elf64Phdr, PT_NOTE } from "../elf/elf64.ts";
import { imageBytes, parseImage } from "../spec/image.ts";
import { parseVmcoreCase } from "../spec/vmcore.ts";
import { type Corpus, headerNamed, oncePerCorpus } from "./corpus.ts";
import { answerReader } from "./reference.ts";
import { type Reading, sendFile, type SentFile } from "./sent_file.ts";
import type { Test } from "./verdict.ts";
import { aboutVmcore } from "./vmcore.ts";

/** A head, and whether its notes must be read. */
export interface Head extends SentFile {
  /** Its bytes. */
  readonly head: Uint8Array;
  /** Its program headers, as any ELF file has them; none where it must be refused. */
  readonly phdrs: readonly Elf64Phdr[];
}

/**
 * Those of /proc/vmcore. A foreign e_phoff or EI_DATA the kernel neither looks
 * at nor changes: to read such a head as the kernel does and to refuse it are
 * both right, so that nobody is asked.
 */
export const vmcoreHeads: (corpus: Corpus) => Head[] = oncePerCorpus(
  makeVmcoreHeads,
);

function makeVmcoreHeads(corpus: Corpus): Head[] {
  return corpus.vmcores.flatMap(({ id, yaml, golden }) => {
    if (!golden || answerReader(golden).kind === "refused") return [];
    const spec = parseVmcoreCase(yaml, `spec/${id}.yaml`);
    const about = aboutVmcore(id, spec, headerNamed(corpus, spec.header));
    return [headOf({ about, expect: "read" }, golden)];
  });
}

/** These, and the images that begin with one. */
export function headsOf(corpus: Corpus): Head[] {
  const heads = vmcoreHeads(corpus);
  const known = new Map(heads.map((head) => [head.about.id, head]));
  const others = corpus.images.flatMap(({ id, yaml }) => {
    const image = parseImage(yaml, `spec/${id}.yaml`);
    const base = known.get(image.base);
    if (base === undefined) return [];
    const { title, expect, why } = image;
    const about = { ...base.about, id, title, why };
    return [headOf({ about, expect }, imageBytes(image, base.head))];
  });
  return [...heads, ...others];
}

/** Makes a head. A reader of notes may refuse it if notes are missing from the file. */
export function headOf(
  { expect, ...file }: Omit<SentFile, "bytes">,
  head: Uint8Array,
): Head {
  const phdrs = expect === "refuse" ? [] : readAnyElf(head).phdrs;
  const isWhole = phdrs.every(({ p_type, p_offset, p_filesz }) =>
    p_type !== PT_NOTE || p_offset + p_filesz <= BigInt(head.length)
  );
  return {
    ...file,
    expect: expect === "read" && !isWhole ? "either" : expect,
    bytes: () => head,
    head,
    phdrs,
  };
}

/** Makes the tests of heads. One that may be refused has a readable one as its twin. */
export function testHeads(
  heads: readonly Head[],
  make: (head: Head) => Reading & Partial<Pick<Test, "level">>,
): Test[] {
  const plain = heads.find(({ about }) => about.id === "vmcore/all-saved") ??
    heads.find(({ expect }) => expect === "read");
  const test = (head: Head): Test => {
    const { level = head.about.level, ...reading } = make(head);
    return sendFile({ ...head, about: { ...head.about, level } }, reading);
  };
  const twin = plain && test(plain);
  return heads.map((head) =>
    head.expect === "read" ? test(head) : { ...test(head), twin }
  );
}
