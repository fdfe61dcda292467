/**
 * The profile `reader`: a header or an image in, its program headers out.
 *
 * @module
 */

import { diffHeaders } from "../compare/reader_json.ts";
import { parseCase } from "../spec/case.ts";
import { imageBytes, parseImage } from "../spec/image.ts";
import type { Corpus } from "./corpus.ts";
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

/** The tests of a reader: every golden, and every image of spec/reader. */
export function readerTests({ cases, images }: Corpus): Test[] {
  const goldens = new Map(cases.map(({ id, golden }) => [id, golden]));
  const readable = new Map(cases.map(({ id, yaml, golden }) => {
    const spec = parseCase(yaml, `spec/${id}.yaml`);
    const { title, arch, rules, tags = [] } = spec;
    const isTrueOf = (release: string) => isWrittenOn(release, spec, golden);
    const about = { id, title, arch, rules, tags, isTrueOf };
    return [id, readTest(about, () => golden)];
  }));
  return [
    ...readable.values(),
    ...images.map(({ id, yaml }) => {
      const image = parseImage(yaml, `spec/${id}.yaml`);
      const about = {
        id,
        title: image.title,
        arch: "images",
        rules: [],
        tags: [],
        isTrueOf: () => true,
      };
      const bytes = () => imageBytes(image, goldens.get(image.base)!);
      return image.expect === "read" ? readTest(about, bytes) : {
        ...refuseTest(about, bytes, image.why),
        twin: readable.get(image.base),
      };
    }),
  ];
}

type About = Pick<
  Test,
  "id" | "title" | "arch" | "rules" | "tags" | "isTrueOf"
>;

function readTest(about: About, bytes: () => Uint8Array): Test {
  return {
    ...about,
    level: levelOf(about.rules),
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

function refuseTest(about: About, bytes: () => Uint8Array, why: string): Test {
  return {
    ...about,
    level: levelOf(about.rules),
    ...show(about.id, bytes),
    judge: (answer) =>
      answer.kind === "refused"
        ? RIGHT
        : wrongSince(`accepted what it must refuse: ${why}`),
  };
}

function show(
  id: string,
  bytes: () => Uint8Array,
): Pick<Test, "input" | "frame" | "reference"> {
  return {
    input: bytes,
    frame: () => ({ id, bytes: bytes().toBase64() }),
    reference: () => answerReader(bytes()),
  };
}
