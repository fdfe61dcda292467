/**
 * The tests of a profile: what each sends to an implementation and how it
 * judges the answer; and which of them a run selects.
 *
 * @module
 */

import { equals } from "@std/bytes";
import type { GoldenCase, SpecFile } from "../../golden/mod.ts";
import type { Answer } from "./answer.ts";
import { type Case, parseCase, readCase } from "../spec/case.ts";
import { diffElfcorehdr, type Difference } from "../compare/diff.ts";
import { diffHeaders } from "../compare/reader_json.ts";
import { imageBytes, parseImage } from "../spec/image.ts";
import { explainBytes } from "../mutants/mod.ts";
import { answerReader, answerWriter } from "./reference.ts";
import { parseReject } from "../spec/reject.ts";
import { formatLines, requestOf, type WriterRequest } from "./request.ts";
import { RULES } from "../spec/rules.ts";
import { resolveCase } from "../model/resolve.ts";

/** One question to an implementation. */
export interface Test {
  /** Id of the case. */
  readonly id: string;
  /** What it is, in a line. */
  readonly title: string;
  /** Architecture, or `invalid`. */
  readonly arch: string;
  /** `quirk` where a rule of the case is one. */
  readonly level: "required" | "quirk";
  /** Words to select by. */
  readonly tags: readonly string[];
  /** Rules it is there for. */
  readonly rules: readonly string[];
  /** What goes to stdin, one process a case; made when it is needed. */
  readonly input: (protocol: "json" | "lines") => Uint8Array;
  /** The same as a value, for a frame of jsonl. */
  readonly frame: () => Record<string, unknown>;
  /** How the reference answers it. */
  readonly reference: () => Answer;
  /** Judges an answer of bytes or a refusal. */
  readonly judge: (answer: Answer) => Judgement;
}

/** What an answer is worth. */
export interface Judgement {
  /** Whether it is right. */
  readonly right: boolean;
  /** Why it is not, in words, where differences do not say it. */
  readonly reason?: string;
  /** Where it is not: the first hundred places. */
  readonly differences?: readonly Difference[];
  /** Count of all such places. */
  readonly different?: number;
  /** The known mistake that gives exactly this answer. */
  readonly mistake?: string;
  /** The bytes that were wrong, and those expected; of headers up to 64 KiB. */
  readonly bytes?: { readonly expected: Uint8Array; readonly got: Uint8Array };
}

const KEPT_DIFFERENCES = 100;
const KEPT_BYTES = 65536;

const QUIRKS = new Set(
  RULES.filter(({ level }) => level === "quirk").map(({ id }) => id),
);

/** The level of what exercises these rules. */
export function levelOf(rules: readonly string[]): Test["level"] {
  return rules.some((id) => QUIRKS.has(id)) ? "quirk" : "required";
}

/** The tests of a writer: every case, and every input that shows its mistake in a request. */
export function writerTests(
  cases: readonly GoldenCase[],
  rejects: readonly SpecFile[],
): Test[] {
  return [
    ...cases.map(({ id, yaml, golden }) =>
      caseTest(id, parseCase(yaml, `spec/${id}.yaml`), golden)
    ),
    ...rejects.flatMap(({ id, yaml }) => {
      const { input, rules, why } = parseReject(yaml, `spec/${id}.yaml`);
      const { spec } = readCase(input);
      return rules && spec ? [rejectTest(id, spec, rules, why)] : [];
    }),
  ];
}

function caseTest(id: string, spec: Case, golden: Uint8Array): Test {
  return {
    id,
    title: spec.title,
    arch: spec.arch,
    level: levelOf(spec.rules),
    tags: spec.tags ?? [],
    rules: spec.rules,
    ...ask(() => requestOf(id, spec, resolveCase(spec))),
    judge: (answer) => {
      if (answer.kind !== "bytes") {
        return {
          right: false,
          reason: `refused a valid input: ${reasonOf(answer)}`,
        };
      }
      if (equals(golden, answer.bytes)) return { right: true };
      const all = diffElfcorehdr(golden, answer.bytes);
      const mistake = explainBytes(spec, resolveCase(spec), answer.bytes)?.what;
      const bytes = golden.length <= KEPT_BYTES
        ? { expected: golden, got: answer.bytes.slice(0, KEPT_BYTES) }
        : undefined;
      return { ...differing(all), mistake, bytes };
    },
  };
}

/** A judgement from differences; what a result keeps of them is bounded. */
function differing(all: readonly Difference[]): Judgement {
  return {
    right: all.length === 0,
    differences: all.slice(0, KEPT_DIFFERENCES),
    different: all.length,
  };
}

function rejectTest(
  id: string,
  spec: Case,
  rules: readonly string[],
  why: string,
): Test {
  return {
    id,
    title: why,
    arch: "invalid",
    level: levelOf(rules),
    tags: [],
    rules,
    ...ask(() => requestOf(id, spec, resolveCase(spec))),
    judge: (answer) =>
      answer.kind === "refused" ? { right: true } : {
        right: false,
        reason: `accepted what it must refuse (${rules.join(", ")}): ${why}`,
      },
  };
}

function ask(
  request: () => WriterRequest,
): Pick<Test, "input" | "frame" | "reference"> {
  return {
    input: (protocol) =>
      new TextEncoder().encode(
        protocol === "lines"
          ? formatLines(request())
          : JSON.stringify(request()),
      ),
    frame: () => ({ ...request() }),
    reference: () => answerWriter(request()),
  };
}

/** What an answer gives as its reason. */
export function reasonOf(answer: Answer): string {
  return "reason" in answer && answer.reason !== ""
    ? answer.reason
    : "no reason given";
}

/** The tests of a reader: every golden, and every image of spec/reader. */
export function readerTests(
  cases: readonly GoldenCase[],
  images: readonly SpecFile[],
): Test[] {
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
    judge: (answer) => {
      if (answer.kind !== "bytes") {
        return {
          right: false,
          reason: `refused a readable header: ${reasonOf(answer)}`,
        };
      }
      const text = new TextDecoder().decode(answer.bytes);
      try {
        return differing(diffHeaders(bytes(), JSON.parse(text)));
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        return {
          right: false,
          reason: `printed what is not JSON: ${text.slice(0, 60)}`,
        };
      }
    },
  };
}

function refuseTest(about: About, bytes: () => Uint8Array, why: string): Test {
  return {
    ...about,
    level: levelOf(about.rules),
    ...show(about.id, bytes),
    judge: (answer) =>
      answer.kind === "refused"
        ? { right: true }
        : { right: false, reason: `accepted what it must refuse: ${why}` },
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

/** What a run is narrowed to; an empty list narrows nothing. */
export interface Selection {
  /** Globs over ids: `*` within a part, `**` across. */
  readonly filter: readonly string[];
  /** Architectures, `invalid` among them. */
  readonly arch: readonly string[];
  /** Tags. */
  readonly tag: readonly string[];
  /** Levels. */
  readonly level: readonly string[];
}

/**
 * Selects tests. All that a selection names must exist, so that a typing error
 * does not pass for a run without failures.
 *
 * @throws {RangeError} If a glob, an architecture, a tag or a level selects nothing.
 */
export function selectTests(
  tests: readonly Test[],
  selection: Selection,
): Test[] {
  const tells: [keyof Selection, (test: Test, wanted: string) => boolean][] = [
    ["filter", ({ id }, glob) => globRegExp(glob).test(id)],
    ["arch", ({ arch }, wanted) => arch === wanted],
    ["tag", ({ tags }, wanted) => tags.includes(wanted)],
    ["level", ({ level }, wanted) => level === wanted],
  ];
  const selected = tells.reduce<Test[]>((left, [key, tell]) => {
    const wanted = selection[key];
    for (const one of wanted) {
      if (!tests.some((test) => tell(test, one))) {
        throw new RangeError(`--${key} ${one} selects no case`);
      }
    }
    return wanted.length === 0
      ? left
      : left.filter((test) => wanted.some((one) => tell(test, one)));
  }, [...tests]);
  if (selected.length === 0) {
    throw new RangeError("These options together select no case");
  }
  return selected;
}

function globRegExp(glob: string): RegExp {
  const pattern = glob.replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(
      /\*\*|\*|\?/g,
      (wild) => wild === "**" ? ".*" : wild === "*" ? "[^/]*" : "[^/]",
    );
  return new RegExp(`^${pattern}$`);
}
