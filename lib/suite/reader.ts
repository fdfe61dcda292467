/**
 * The profile `reader`: a header or an image in, its program headers out.
 *
 * @module
 */

import { diffHeaders } from "../compare/reader_diff.ts";
import { headersOfAnyElf, readAnyElf } from "../compare/reader_json.ts";
import { PN_XNUM, readEhdr, viewOf } from "../elf/elf64.ts";
import { parseCase } from "../spec/case.ts";
import { imageBytes, parseImage } from "../spec/image.ts";
import { type Corpus, headerNamed } from "./corpus.ts";
import { type Head, refuseTest, sends, vmcoreHeads } from "./heads.ts";
import { answerReader } from "./reference.ts";
import {
  judgeJson,
  levelOf,
  reasonOf,
  RIGHT,
  type Test,
  verdictOn,
  wrongSince,
} from "./verdict.ts";
import { isWrittenOn } from "./writer.ts";

/** The tests of a reader: every golden, heads of /proc/vmcore too, and every image of spec/reader. */
export function readerTests(corpus: Corpus): Test[] {
  const { cases, images } = corpus;
  const readable = new Map(cases.map(({ id, yaml, golden }) => {
    const spec = parseCase(yaml, `spec/${id}.yaml`);
    const { title, arch, rules, tags = [] } = spec;
    const isTrueOf = (release: string) => isWrittenOn(release, spec, golden);
    const level = reachesTop(golden) ? "quirk" : levelOf(rules);
    const about = { id, title, arch, level, rules, tags, isTrueOf };
    return [id, readTest(about, () => golden)];
  }));
  // So many program headers are the escape to section 0, which is not there.
  const escaped = cases.filter(({ golden }) =>
    readEhdr(viewOf(golden)).e_phnum === PN_XNUM
  );
  const [base] = readable.values();
  for (const { id, golden } of escaped) {
    const about = { ...readable.get(id)!, level: "quirk" } as const;
    readable.set(id, { ...eitherTest(about, () => golden), twin: base });
  }
  for (const { about, head } of vmcoreHeads(corpus)) {
    readable.set(about.id, readTest(about, () => head));
  }
  return [
    ...readable.values(),
    ...images.map(({ id, yaml }) => {
      const image = parseImage(yaml, `spec/${id}.yaml`);
      const about: Head["about"] = {
        id,
        title: image.title,
        arch: "images",
        level: "required",
        rules: [],
        tags: [],
        isTrueOf: () => true,
      };
      const bytes = () => imageBytes(image, headerNamed(corpus, image.base));
      const twin = readable.get(image.base);
      switch (image.expect) {
        case "read":
          return readTest(about, bytes);
        case "either":
          return { ...eitherTest(about, bytes), twin };
        case "refuse":
          return { ...refuseTest(about, bytes, image.why), twin };
      }
    }),
  ];
}

/** Whether a segment has no end that 64 bits can tell, which a careful reader may take for a wrap. */
function reachesTop(golden: Uint8Array): boolean {
  return readAnyElf(golden).phdrs.some((
    { p_offset, p_vaddr, p_paddr, p_filesz, p_memsz },
  ) =>
    [p_offset + p_filesz, p_vaddr + p_memsz, p_paddr + p_memsz].some((end) =>
      end >= 1n << 64n
    )
  );
}

function readTest(about: Head["about"], bytes: () => Uint8Array): Test {
  return {
    ...about,
    ...show(about.id, bytes),
    judge: (answer) =>
      answer.kind === "bytes"
        ? judgeJson(
          answer.bytes,
          (printed) => verdictOn(diffHeaders(bytes(), printed)),
        )
        : wrongSince(`refused a readable header: ${reasonOf(answer)}`),
  };
}

/** Refusing is right, and so is reading, but for what is printed then. */
function eitherTest(about: Head["about"], bytes: () => Uint8Array): Test {
  return {
    ...about,
    ...show(about.id, bytes),
    reference: () => {
      const json = JSON.stringify(headersOfAnyElf(bytes()));
      return { kind: "bytes", bytes: new TextEncoder().encode(json) };
    },
    judge: (answer) =>
      answer.kind === "bytes"
        ? judgeJson(
          answer.bytes,
          (printed) => verdictOn(diffHeaders(bytes(), printed)),
        )
        : RIGHT,
  };
}

function show(
  id: string,
  bytes: () => Uint8Array,
): Pick<Test, "input" | "frame" | "reference"> {
  return {
    ...sends(id, bytes),
    reference: () => answerReader(bytes()),
  };
}
