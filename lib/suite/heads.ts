/**
 * The heads of dumps that readers of notes are asked about: each /proc/vmcore
 * of the suite, and what other dumps make of one.
 *
 * @module
 */

import { PT_NOTE } from "../elf/elf64.ts";
import { decodeElfcorehdr } from "../kernel/read_header.ts";
import { imageBytes, parseImage } from "../spec/image.ts";
import { parseVmcoreCase } from "../spec/vmcore.ts";
import { type Corpus, headerNamed } from "./corpus.ts";
import { answerReader } from "./reference.ts";
import type { Test } from "./verdict.ts";
import { aboutVmcore } from "./vmcore.ts";

/** A head, and what a test says of it. */
export interface Head {
  /** What it is. */
  readonly about: ReturnType<typeof aboutVmcore>;
  /** Its bytes. */
  readonly head: Uint8Array;
  /** Whether refusing it is right too. */
  readonly mayRefuse?: boolean;
}

/** Those of /proc/vmcore that a reader of ELF takes. */
export function vmcoreHeads(corpus: Corpus): Head[] {
  return corpus.vmcores.flatMap(({ id, yaml, golden }) => {
    // What no reader of ELF takes, as a foreign e_phoff, the kernel leaves as it is.
    if (!golden || answerReader(golden).kind !== "bytes") return [];
    const spec = parseVmcoreCase(yaml, `spec/${id}.yaml`);
    const about = aboutVmcore(id, spec, headerNamed(corpus, spec.header));
    return [{ about, head: golden }];
  });
}

/** These, and the images that begin with one. */
export function headsOf(corpus: Corpus): Head[] {
  const heads = vmcoreHeads(corpus);
  const known = new Map(heads.map((head) => [head.about.id, head]));
  const others = corpus.images.flatMap(({ id, yaml }) => {
    const image = parseImage(yaml, `spec/${id}.yaml`);
    const base = known.get(image.base);
    if (base === undefined || image.expect === "refuse") return [];
    const about = { ...base.about, id, title: image.title };
    const mayRefuse = image.expect === "either";
    return [{ about, head: imageBytes(image, base.head), mayRefuse }];
  });
  return [...heads, ...others];
}

/** How a test sends bytes as they are. */
export function sends(
  id: string,
  bytes: Uint8Array,
): Pick<Test, "input" | "frame"> {
  return { input: () => bytes, frame: () => ({ id, bytes: bytes.toBase64() }) };
}

/** Whether a reader must find all that the head names: nothing of it is missing or malformed. */
export function mustRead({ head, mayRefuse }: Omit<Head, "about">): boolean {
  return !mayRefuse && hasAllNotes(head);
}

function hasAllNotes(file: Uint8Array): boolean {
  return decodeElfcorehdr(file).phdrs.every(({ p_type, p_offset, p_filesz }) =>
    p_type !== PT_NOTE || p_offset + p_filesz <= BigInt(file.length)
  );
}

/**
 * Makes the test of a head. Whoever refuses one since notes of it are missing,
 * which is right, is asked for a head that has all of its own.
 */
export function withTwin<T extends Omit<Head, "about">>(
  file: T,
  heads: readonly Head[],
  make: (head: T | Head) => Test,
): Test {
  const test = make(file);
  if (mustRead(file)) return test;
  const plain = heads.find(({ about }) => about.id === "vmcore/all-saved") ??
    heads.find(mustRead);
  return plain ? { ...test, twin: make(plain) } : test;
}
