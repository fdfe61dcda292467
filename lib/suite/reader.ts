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

/** The tests of a reader: every golden, and every image of spec/reader. */
export function readerTests({ cases, images }: Corpus): Test[] {
  const goldens = new Map(cases.map(({ id, golden }) => [id, golden]));
  return [
    ...cases.map(({ id, yaml, golden }) => {
      const { title, arch, rules, tags = [] } = parseCase(
        yaml,
        `spec/${id}.yaml`,
      );
      return readTest({ id, title, arch, rules, tags }, () => golden);
    }),
    ...images.map(({ id, yaml }) => {
      const image = parseImage(yaml, `spec/${id}.yaml`);
      const about = {
        id,
        title: image.title,
        arch: "images",
        rules: [],
        tags: [],
      };
      const bytes = () => imageBytes(image, goldens.get(image.base)!);
      return image.expect === "read"
        ? readTest(about, bytes)
        : refuseTest(about, bytes, image.why);
    }),
  ];
}

type About = Pick<Test, "id" | "title" | "arch" | "rules" | "tags">;

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
