/**
 * The profile `reader`: a header or an image in, its program headers out.
 *
 * @module
 */

import { diffHeaders } from "../compare/reader_diff.ts";
import {
  type Headers,
  headersOfAnyElf,
  readAnyElf,
} from "../compare/reader_json.ts";
import { PN_XNUM, readEhdr, viewOf } from "../elf/elf64.ts";
import { parseCase } from "../spec/case.ts";
import { imageBytes, parseImage } from "../spec/image.ts";
import {
  type Corpus,
  type GoldenCase,
  headerNamed,
  oncePerCorpus,
} from "./corpus.ts";
import { fadumpTests } from "./fadump.ts";
import { vmcoreHeads } from "./heads.ts";
import { type About, sendFile, type SentFile } from "./sent_file.ts";
import { jsonAnswer, levelOf, type Test, verdictOn } from "./verdict.ts";
import { isWrittenOn } from "./writer.ts";

/** The tests of a reader: every golden, heads of /proc/vmcore too, and every image of spec/reader. */
export const readerTests: (corpus: Corpus) => Test[] = oncePerCorpus(
  makeReaderTests,
);

function makeReaderTests(corpus: Corpus): Test[] {
  const files = [
    ...corpus.cases.map(goldenFile),
    ...fadumpTests(corpus).filter(({ twin }) => twin === undefined).map(
      (about): SentFile => {
        const id = `${about.id}/elfcorehdr`;
        return {
          about: { ...about, id },
          bytes: () => headerNamed(corpus, id),
          expect: "read",
        };
      },
    ),
    // Its program headers are there, whatever is missing of its notes.
    ...vmcoreHeads(corpus).map((head): SentFile => ({
      ...head,
      expect: "read",
    })),
  ];
  const readable = new Map(files.map((file) => [file.about.id, file]));
  const [base] = files;
  return [
    ...files.map((file) => testBeside(file, base)),
    ...corpus.images.map(({ id, yaml }) => {
      const image = parseImage(yaml, `spec/${id}.yaml`);
      const bytes = () => imageBytes(image, headerNamed(corpus, image.base));
      const { title, expect, why } = image;
      const about = { ...IMAGE, id, title, why };
      return testBeside(
        { about, bytes, expect },
        readable.get(image.base) ?? base,
      );
    }),
  ];
}

/** Common parts of images. */
const IMAGE: Omit<About, "id" | "title"> = {
  arch: "images",
  level: "required",
  rules: [],
  tags: [],
  isTrueOf: () => true,
};

function goldenFile({ id, yaml, golden }: GoldenCase): SentFile {
  const spec = parseCase(yaml, `spec/${id}.yaml`);
  const { title, arch, rules, tags = [] } = spec;
  // So many program headers are the escape to section 0, which is not there.
  const isEscaped = readEhdr(viewOf(golden)).e_phnum === PN_XNUM;
  const level = isEscaped || reachesTop(golden) ? "quirk" : levelOf(rules);
  const isTrueOf = (release: string) => isWrittenOn(release, spec, golden);
  return {
    about: { id, title, arch, level, rules, tags, isTrueOf },
    bytes: () => golden,
    expect: isEscaped ? "either" : "read",
  };
}

/** Returns true if a segment has no end that 64 bits can tell, which a careful reader may take for a wrap. */
function reachesTop(golden: Uint8Array): boolean {
  return readAnyElf(golden).phdrs.some((
    { p_offset, p_vaddr, p_paddr, p_filesz, p_memsz },
  ) =>
    [p_offset + p_filesz, p_vaddr + p_memsz, p_paddr + p_memsz].some((end) =>
      end >= 1n << 64n
    )
  );
}

function testBeside(file: SentFile, twin: SentFile): Test {
  return file.expect === "read"
    ? testOf(file)
    : { ...testOf(file), twin: testOf(twin) };
}

function testOf(file: SentFile): Test {
  const { bytes } = file;
  return sendFile(file, {
    reference: () => jsonAnswer(headersOfAnyElf(bytes())),
    also: () => counted(headersOfAnyElf(bytes())).map(jsonAnswer),
    judge: (printed) => verdictOn(diffHeaders(bytes(), printed)),
  });
}

/** With the count of section 0 in the place of e_phnum, where that is PN_XNUM. */
function counted(headers: Headers): Headers[] {
  const { length } = headers.phdrs;
  return headers.e_phnum === PN_XNUM && length !== PN_XNUM
    ? [{ ...headers, e_phnum: length }]
    : [];
}
