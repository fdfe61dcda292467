/**
 * The suite as files that need no Deno: a corpus in, the files of a release out.
 *
 * @module
 */

import type { Corpus } from "../../lib/suite/corpus.ts";
import {
  type Profile,
  type ProfileName,
  PROFILES,
} from "../../lib/suite/profiles.ts";
import type { Apart, Protocol, Test } from "../../lib/suite/verdict.ts";
import { RULES } from "../../lib/spec/rules.ts";
import { sha256 } from "../sha256.ts";
import { fieldsText } from "./fields.ts";
import { addKnownWrong } from "./known_wrong.ts";
import { addTexts } from "./texts.ts";

/** A file of a release, by its path there. */
export type ReleaseFiles = Map<string, Uint8Array>;

/** A release: what most want, and the questions with large files. */
export interface Vectors {
  readonly vectors: ReleaseFiles;
  readonly giants: ReleaseFiles;
}

/** One question, as index.json has it. */
export interface Entry {
  /** Kind of implementation that is asked. */
  profile: string;
  /** The case; unique in a profile. */
  id: string;
  /** Description, in one line. */
  title: string;
  /** Architecture, `images` or `invalid`. */
  arch: string;
  /** The kernel whose bytes are wanted; null where it does not matter. */
  release: string | null;
  /** `quirk` where a rule of it is one. */
  level: string;
  /** Words to select by. */
  tags: readonly string[];
  /** Rules it is there for. */
  rules: readonly string[];
  /** `either`: a refusal is as right as the expected answer. */
  expect: "answer" | "refuse" | "either";
  /** The question, in each wording that there is. */
  input: FileSum[];
  /** The right answer; null where there is none. */
  expected: FileSum | null;
  /** Answers that are as right as that one. */
  also: FileSum[];
  /** Valid twin of an input to refuse; a refusal counts only if the twin is answered correctly. */
  twin: string | null;
}

/** A file, as `sha256sum` knows it. */
export interface FileSum {
  /** Path in the release. */
  file: string;
  /** Bytes. */
  size: number;
  /** SHA-256, in hex. */
  sha256: string;
}

/** Bytes beyond which a file would be most of the release. */
const GIANT = 100_000;

const ENDINGS: Record<Protocol, string> = { json: ".json", lines: ".txt" };

const encode = (text: string) => new TextEncoder().encode(text);

/** Selects the tests of a profile that a release has. */
export type Select = (profile: string, tests: Test[]) => Test[];

/** Makes the files of both archives, but for the texts that are the same in each. */
export async function makeVectors(
  corpus: Corpus,
  select: Select,
): Promise<Vectors> {
  const goldens = new Map(
    [...corpus.cases, ...corpus.vmcores, ...corpus.kexec_tools].map((
      { id, golden },
    ) => [id, golden]),
  );
  const asked = (Object.keys(PROFILES) as ProfileName[]).flatMap((profile) =>
    select(profile, PROFILES[profile].tests(corpus)).map((test) =>
      questionOf(profile, test, goldens)
    )
  );
  // A refusal without its twin could not be judged.
  const withTwins = (questions: Question[]): Question[] => {
    const there = new Map(questions.map((each) => [keyOf(each), each]));
    for (const { profile, test: { twin } } of questions) {
      if (!twin || there.has(keyOf({ profile, test: twin }))) continue;
      const question = questionOf(profile, twin, goldens);
      there.set(keyOf(question), question);
    }
    return [...there.values()];
  };
  const part = (giants: boolean) =>
    filesOf(
      corpus,
      withTwins(asked.filter(({ isGiant }) => isGiant === giants)),
    );
  return { vectors: await part(false), giants: await part(true) };
}

function keyOf({ profile, test }: Pick<Question, "profile" | "test">): string {
  return `${profile} ${test.id}`;
}

async function filesOf(
  corpus: Corpus,
  questions: readonly Question[],
): Promise<ReleaseFiles> {
  const files: ReleaseFiles = new Map();
  const bySum = new Map<string, string>();
  const add = async (file: string, bytes: Uint8Array): Promise<FileSum> => {
    const sum = await sha256(bytes);
    const known = bySum.get(sum);
    if (known === undefined) {
      bySum.set(sum, file);
      files.set(file, bytes);
    }
    return { file: known ?? file, size: bytes.length, sha256: sum };
  };
  const entries: Entry[] = [];
  const addAll = async (all: readonly NamedFile[]): Promise<FileSum[]> => {
    const sums: FileSum[] = [];
    // In turn: which path bytes have that come twice must not depend on time.
    for (const [path, bytes] of all) sums.push(await add(path, bytes));
    return sums;
  };
  for (const { profile, test, input, expect, expected, also } of questions) {
    const { id, title, arch, level, tags, rules, twin } = test;
    entries.push({
      ...{ profile, id, title, arch },
      release: test.release ?? null,
      ...{ level, tags, rules, expect },
      input: await addAll(input),
      expected: expected ? await add(...expected) : null,
      also: await addAll(also),
      twin: twin?.id ?? null,
    });
  }
  // So that one walk knows, at a refusal, whether its twin was done right.
  entries.sort((a, b) =>
    Number(a.expect !== "answer") - Number(b.expect !== "answer")
  );
  addTexts(files);
  files.set("index.json", encode(`${JSON.stringify(entries, null, 1)}\n`));
  files.set("index.txt", encode(entries.map(indexLine).join("")));
  files.set("rules.json", encode(`${JSON.stringify(RULES, null, 1)}\n`));
  files.set("fields.txt", encode(fieldsText()));
  if (entries.some(({ profile }) => profile === "writer")) {
    addKnownWrong(corpus, entries, files);
  }
  return files;
}

/** A file before it has a sum. */
type NamedFile = [path: string, bytes: Uint8Array];

/** A test as files. */
interface Question {
  profile: ProfileName;
  test: Test;
  input: NamedFile[];
  expect: Entry["expect"];
  expected?: NamedFile;
  also: NamedFile[];
  isGiant: boolean;
}

function questionOf(
  profile: ProfileName,
  test: Test,
  goldens: ReadonlyMap<string, Uint8Array | undefined>,
): Question {
  const row: Profile = PROFILES[profile];
  const path = `${profile}/${test.id}`;
  const wordings: [string, Protocol][] = row.requests.length > 0
    ? row.requests.map((protocol) => [ENDINGS[protocol], protocol])
    : [[".bin", "json"]];
  const input = test.apart
    ? inputApart(profile, path, test.apart)
    : wordings.map(([ending, protocol]): NamedFile => [
      path + ending,
      test.input(protocol),
    ]);
  const { expect, bytes } = expectationOf(
    test,
    row.answer === ".bin" ? goldens.get(test.id) : undefined,
  );
  return {
    ...{ profile, test, input, expect },
    expected: bytes && [`${path}.expected${row.answer}`, bytes],
    also: alsoRight(test).map((each, i): NamedFile => [
      `${path}.expected-${i + 2}${row.answer}`,
      each,
    ]),
    isGiant: [...input.map(([, each]) => each), bytes]
      .some((each) => each !== undefined && each.length > GIANT),
  };
}

/** The file that questions share, and the question, which names it. */
function inputApart(
  profile: ProfileName,
  path: string,
  { file, bytes, question }: Apart,
): NamedFile[] {
  const shared = `${profile}/${file}.bin`;
  return [[shared, bytes], [`${path}.txt`, encode(question(shared))]];
}

/** Right answers, by the judge that implementations meet. */
function expectationOf(
  test: Test,
  golden: Uint8Array | undefined,
): { expect: Entry["expect"]; bytes?: Uint8Array } {
  const reference = test.reference();
  const bytes = golden ??
    (reference.kind === "bytes" ? reference.bytes : undefined);
  const answers = bytes !== undefined &&
    test.judge({ kind: "bytes", bytes }).right;
  const refuses = test.judge({ kind: "refused", reason: "" }).right;
  if (answers) return { expect: refuses ? "either" : "answer", bytes };
  if (refuses) return { expect: "refuse" };
  throw new Error(`${test.id}: the reference is wrong`);
}

/** Other answers, by the same judge. */
function alsoRight({ id, also, judge }: Test): Uint8Array[] {
  return (also?.() ?? []).map((answer) => {
    if (answer.kind !== "bytes" || !judge(answer).right) {
      throw new Error(`${id}: another answer is wrong`);
    }
    return answer.bytes;
  });
}

/** A line of index.txt: words without blanks, `-` where there is nothing. */
function indexLine(entry: Entry): string {
  const { profile, id, level, expect, input, twin, rules } = entry;
  const right = [entry.expected ?? [], entry.also].flat();
  // The second of two wordings is that for scanf.
  return [
    profile,
    id,
    level,
    expect,
    input[input.length - 1].file,
    right.map(({ file }) => file).join(",") || "-",
    twin ?? "-",
    rules.join(",") || "-",
  ].join(" ") + "\n";
}
