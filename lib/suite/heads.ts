/**
 * The heads of dumps that readers of notes are asked about: each /proc/vmcore
 * of the suite, and what other dumps make of one.
 *
 * @module
 */

import { readAnyElf } from "../compare/reader_json.ts";
import { type Elf64Phdr, PT_NOTE } from "../elf/elf64.ts";
import { imageBytes, type ImageSpec, parseImage } from "../spec/image.ts";
import { parseVmcoreCase } from "../spec/vmcore.ts";
import type { Answer } from "./answer.ts";
import { type Corpus, headerNamed } from "./corpus.ts";
import { answerReader } from "./reference.ts";
import {
  judgeJson,
  reasonOf,
  RIGHT,
  type Test,
  type Verdict,
  wrongSince,
} from "./verdict.ts";
import { aboutVmcore } from "./vmcore.ts";

/** A head, and what a test says of it. */
export interface Head {
  /** What it is. */
  readonly about: Omit<Test, "input" | "frame" | "reference" | "judge">;
  /** Its bytes. */
  readonly head: Uint8Array;
  /** Its program headers, as any ELF file has them. */
  readonly phdrs: readonly Elf64Phdr[];
  /** Whether it must be read, refused, or either. */
  readonly expect: ImageSpec["expect"];
  /** What it is there for, where it is an image. */
  readonly why?: string;
}

/** A head that must be read. */
export function readableHead(about: Head["about"], head: Uint8Array): Head {
  return { about, head, phdrs: readAnyElf(head).phdrs, expect: "read" };
}

/** Those of /proc/vmcore that a reader of ELF takes. */
export function vmcoreHeads(corpus: Corpus): Head[] {
  return corpus.vmcores.flatMap(({ id, yaml, golden }) => {
    // What no reader of ELF takes, as a foreign e_phoff, the kernel leaves as it is.
    if (!golden || answerReader(golden).kind !== "bytes") return [];
    const spec = parseVmcoreCase(yaml, `spec/${id}.yaml`);
    const about = aboutVmcore(id, spec, headerNamed(corpus, spec.header));
    return [readableHead(about, golden)];
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
    const about = { ...base.about, id, title: image.title };
    const { expect, why } = image;
    const head = readableHead(about, imageBytes(image, base.head));
    return [{ ...head, expect, why }];
  });
  return [...heads, ...others];
}

/** How a test sends bytes as they are. */
export function sends(
  id: string,
  bytes: () => Uint8Array,
): Pick<Test, "input" | "frame"> {
  return {
    input: bytes,
    frame: () => ({ id, bytes: bytes().toBase64() }),
  };
}

/**
 * Makes the tests of heads: one that must be refused is asked beside one that
 * must be read, and so is one that may be refused, since notes of it are missing.
 *
 * @param make A test of a head that is not refused: what it has.
 */
export function testHeads(
  heads: readonly Head[],
  make: (head: Head) => Pick<Test, "reference"> & {
    level?: Test["level"];
    judge: (printed: unknown) => Verdict;
  },
): Test[] {
  const plain = heads.find(({ about }) => about.id === "vmcore/all-saved") ??
    heads.find(mustRead);
  const read = (file: Head): Test => {
    const { judge, ...made } = make(file);
    return {
      ...file.about,
      ...sends(file.about.id, () => file.head),
      ...made,
      judge: (answer) =>
        answer.kind === "bytes"
          ? judgeJson(answer.bytes, judge)
          : mustRead(file)
          ? wrongSince(`refused a readable dump: ${reasonOf(answer)}`)
          : RIGHT,
    };
  };
  return heads.map((file) => {
    if (mustRead(file)) return read(file);
    const { about, head, expect, why = "" } = file;
    const test = expect === "refuse"
      ? refuseTest(about, () => head, why)
      : read(file);
    return plain ? { ...test, twin: read(plain) } : test;
  });
}

/** Whether a reader must find all that the head names: nothing of it is missing or malformed. */
function mustRead({ head, phdrs, expect }: Head): boolean {
  return expect === "read" &&
    phdrs.every(({ p_type, p_offset, p_filesz }) =>
      p_type !== PT_NOTE || p_offset + p_filesz <= BigInt(head.length)
    );
}

/** A test that only a refusal passes. */
export function refuseTest(
  about: Head["about"],
  bytes: () => Uint8Array,
  why: string,
): Test {
  return {
    ...about,
    ...sends(about.id, bytes),
    reference: () => answerReader(bytes()),
    judge: (answer) =>
      answer.kind === "refused"
        ? RIGHT
        : wrongSince(`accepted what it must refuse: ${why}${printed(answer)}`),
  };
}

/** What was printed where nothing should have been. */
function printed(answer: Answer): string {
  if (answer.kind !== "bytes") return "";
  const text = new TextDecoder().decode(answer.bytes).trim();
  return ` It printed ${
    text.length <= MOST_PRINTED ? text : `${text.slice(0, MOST_PRINTED)}…`
  }`;
}

/** Letters that show what a wrong reader sees. */
const MOST_PRINTED = 200;
