/**
 * All spec files and goldens of a suite, as they are handed to this library,
 * and the headers that spec files name.
 *
 * @module
 */

import { phdrOffset, readEhdr, SIZEOF_EHDR, viewOf } from "../elf/elf64.ts";
import { SIZEOF_NHDR } from "../elf/notes.ts";
import { FADUMP_NOTE_SIZE } from "../model/fadump_header.ts";
import { imageBytes, parseImage } from "../spec/image.ts";

/** A spec file, by its id: its path below spec/, without the ending. */
export interface SpecFile {
  /** Never changes. */
  readonly id: string;
  /** Its text. */
  readonly yaml: string;
}

/** A case: its spec file, and the bytes it must give. */
export interface GoldenCase extends SpecFile {
  /** The whole header. */
  readonly golden: Uint8Array<ArrayBuffer>;
}

/** A case of the crash path; one that must be refused has no golden. */
export interface GoldenVmcore extends SpecFile {
  /** Header and notes of /proc/vmcore. */
  readonly golden?: Uint8Array<ArrayBuffer>;
}

/** A case of firmware-assisted dump; one that must be refused has no goldens. */
export interface GoldenFadump extends SpecFile {
  /** The header, and the notes of CPUs. */
  readonly goldens: {
    readonly elfcorehdr?: Uint8Array<ArrayBuffer>;
    readonly notes?: Uint8Array<ArrayBuffer>;
  };
}

/** A scenario: its spec file, and the bytes at its moments. */
export interface GoldenScenario extends SpecFile {
  /** First bytes of the segment, by the name that the spec gives them. */
  readonly goldens: Readonly<Record<string, Uint8Array<ArrayBuffer>>>;
}

/** A suite; each list is sorted by id. */
export interface Corpus {
  /** All cases of the kernel's writer. */
  readonly cases: readonly GoldenCase[];
  /** All inputs that must be refused. */
  readonly rejects: readonly SpecFile[];
  /** All images for readers. */
  readonly images: readonly SpecFile[];
  /** All small dumps whose memory is read. */
  readonly memories: readonly SpecFile[];
  /** All cases of the userspace writer. */
  readonly kexec_tools: readonly GoldenCase[];
  /** All cases of firmware-assisted dump. */
  readonly fadumps: readonly GoldenFadump[];
  /** All scenarios. */
  readonly scenarios: readonly GoldenScenario[];
  /** All cases of the crash path. */
  readonly vmcores: readonly GoldenVmcore[];
}

/** Bytes of which every golden has a whole number, but for those of fadump. */
const UNIT = 1024;

/**
 * Returns true if bytes that should be a golden end before their program
 * headers or their last KiB. A header of fadump ends with its program headers,
 * its notes with an empty one.
 *
 * @param name Below golden/, without the ending.
 */
export function isCut(name: string, golden: Uint8Array): boolean {
  if (/^fadump\/.*\/notes$/.test(name)) {
    return golden.length % FADUMP_NOTE_SIZE !== SIZEOF_NHDR;
  }
  const isFadump = name.startsWith("fadump/");
  if (golden.length < SIZEOF_EHDR || !isFadump && golden.length % UNIT !== 0) {
    return true;
  }
  const end = phdrOffset(readEhdr(viewOf(golden)).e_phnum);
  return isFadump ? golden.length !== end : golden.length < end;
}

/** The first golden that is cut off, by its name below golden/; nothing where all are whole. */
export function cutGolden(corpus: Corpus): string | undefined {
  return [...goldensOf(corpus)].find(([name, golden]) => isCut(name, golden))
    ?.[0];
}

/** Makes a list from a corpus once, and returns a copy of the list each time. */
export function oncePerCorpus<T>(
  make: (corpus: Corpus) => T[],
): (corpus: Corpus) => T[] {
  const made = new WeakMap<Corpus, T[]>();
  return (corpus) => {
    const known = made.get(corpus) ?? make(corpus);
    made.set(corpus, known);
    return [...known];
  };
}

/**
 * Finds a header: the golden of a case or a panic, of a scenario's moment or a
 * dump by firmware (`scenario/<id>/<golden>`, `fadump/<id>/elfcorehdr`), or an
 * image for readers.
 *
 * @throws {RangeError} If there is none of that name.
 */
export function headerNamed(corpus: Corpus, name: string): Uint8Array {
  const known = corpus.cases.find(({ id }) => id === name) ??
    corpus.vmcores.find(({ id }) => id === name);
  if (known?.golden) return known.golden;
  const image = corpus.images.find(({ id }) => id === name);
  if (image) {
    const spec = parseImage(image.yaml, `spec/${name}.yaml`);
    return imageBytes(spec, headerNamed(corpus, spec.base));
  }
  const [, id, moment] = /^(.*)\/([^/]*)$/.exec(name) ?? [];
  const many: readonly Many[] = [...corpus.scenarios, ...corpus.fadumps];
  const golden = many.find((file) => file.id === id)?.goldens[moment];
  if (golden) return golden;
  throw new RangeError(`No header is named ${name}`);
}

/** A spec file with many goldens. */
interface Many extends SpecFile {
  readonly goldens: Readonly<Record<string, Uint8Array | undefined>>;
}

/** All goldens by their name below golden/, without the ending. */
export function goldensOf(corpus: Corpus): Map<string, Uint8Array> {
  const one = [...corpus.cases, ...corpus.kexec_tools, ...corpus.vmcores];
  return new Map([
    ...one.flatMap(({ id, golden }) => golden ? [[id, golden] as const] : []),
    ...[...corpus.scenarios, ...corpus.fadumps].flatMap(({ id, goldens }) =>
      Object.entries(goldens).map(([name, golden]) =>
        [`${id}/${name}`, golden as Uint8Array] as const
      )
    ),
  ]);
}
