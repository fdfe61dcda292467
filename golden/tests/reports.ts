import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { FORMATS } from "../../lib/report/formats.ts";
import { reportShape } from "../../lib/report/json_shape.ts";
import type { Report } from "../../lib/report/report.ts";
import { type Result, resultOf } from "../../lib/suite/results.ts";
import { writerTests } from "../../lib/suite/writer.ts";
import { CORPUS } from "../mod.ts";
import { problemsIn } from "./json_schema.ts";

/** How a result reads: right, wrong, or neither, as unsupported and known ones. */
type Verdict = "right" | "wrong" | "neither";

const tests = writerTests({
  ...CORPUS,
  cases: CORPUS.cases.filter(({ id }) => id.startsWith("riscv64/6.12")),
  rejects: [],
  scenarios: [],
});
const EVIL = '\x1b[31m<script>&"\u202e';

/** One of each: right, wrong bytes, a refusal, a crash, unsupported, known, and right though known. */
function report(): Report {
  const bytes = (index: number, flip = 0) => {
    const answer = tests[index].reference();
    assert(answer.kind === "bytes");
    const changed = answer.bytes.slice();
    changed[0x38] ^= flip;
    return { kind: "bytes", bytes: changed } as const;
  };
  const known = (index: number) => [{
    case: tests[index].id,
    kind: "differs" as const,
    field: "ehdr.e_phnum",
    reason: `reported upstream ${EVIL}`,
    link: "y",
  }];
  const result = (
    index: number,
    answer: Parameters<typeof resultOf>[1]["answer"],
    expected: Parameters<typeof resultOf>[2] = [],
  ) => resultOf(tests[index], { answer, stderr: EVIL, ms: 1 }, expected);
  const results: Result[] = [
    result(0, bytes(0)),
    result(1, bytes(1, 1)),
    result(2, { kind: "refused", reason: EVIL }),
    result(3, { kind: "broken", reason: EVIL }),
    result(4, { kind: "unsupported", reason: EVIL }),
  ];
  return {
    profile: "writer",
    implementation: `mine ${EVIL}`,
    results: [...results, ...again(known, bytes, result)],
    complaints: [EVIL],
    scope: { cases: 365, selection: { ...NARROWED, filter: [EVIL] } },
  };
}

const NARROWED = {
  filter: ["riscv64/6.12-s*"],
  arch: ["riscv64"],
  tag: ["captured"],
  level: ["required"],
  release: ["6.12.118"],
};

/** Exit code of a run without failures that asked a part. */
function partial(...others: Result[]): Report {
  const answered = tests.slice(0, 2).map((test) =>
    resultOf(test, { answer: test.reference(), stderr: "", ms: 1 }, [])
  );
  return {
    profile: "writer",
    implementation: "mine",
    results: [...answered, ...others],
    complaints: [],
    scope: {
      cases: 365,
      selection: NARROWED,
      requestVersion: 1,
      knownFailures: {
        file: "known.yaml",
        entries: 3,
        unasked: ["x86_64/sparse-only-cpu8191"],
      },
    },
    suite: "0.1.0 of 2026-12-01",
  };
}

/** The known failures, on two tests of other names. */
function again(
  known: (index: number) => Parameters<typeof resultOf>[2],
  bytes: (index: number, flip?: number) => { kind: "bytes"; bytes: Uint8Array },
  result: (
    index: number,
    answer: { kind: "bytes"; bytes: Uint8Array },
    expected: Parameters<typeof resultOf>[2],
  ) => Result,
): Result[] {
  const renamed = ({ test, ...rest }: Result, id: string): Result => ({
    ...rest,
    test: { ...test, id },
  });
  return [
    renamed(result(0, bytes(0, 1), known(0)), "riscv64/known"),
    renamed(result(1, bytes(1), known(1)), "riscv64/known-right"),
  ];
}

const WANTED: [string, Verdict][] = [
  [tests[0].id, "right"],
  [tests[1].id, "wrong"],
  [tests[2].id, "wrong"],
  [tests[3].id, "wrong"],
  [tests[4].id, "neither"],
  ["riscv64/known", "neither"],
  ["riscv64/known-right", "neither"],
];

/** Text of each format for each test that it names; a new format needs a row. */
const READ: Record<
  keyof typeof FORMATS,
  { all: boolean; read: (text: string) => Map<string, Verdict> }
> = {
  text: {
    all: false,
    read: (text) => wrongOnly(text, /^(\S+) {2}\S.*\n {2}/gm),
  },
  markdown: { all: false, read: (text) => wrongOnly(text, /^## (\S+)$/gm) },
  tap: {
    all: true,
    read: (text) =>
      named(
        text,
        /^(not ok|ok) \d+ - (\S+)( #.*)?$/gm,
        ([, ok, id, todo]) => [
          id,
          todo ? "neither" : ok === "ok" ? "right" : "wrong",
        ],
      ),
  },
  junit: {
    all: true,
    read: (text) =>
      named(
        text,
        /<testcase classname="[^"]*" name="([^"]*)"[^>]*>(?:<(\w+) message="([^"]*))?/g,
        ([, id, tag, message]) => [
          id,
          tag === undefined
            ? "right"
            : tag === "skipped" || message.includes("known to fail")
            ? "neither"
            : "wrong",
        ],
      ),
  },
  json: {
    all: true,
    read: (text) =>
      new Map(
        JSON.parse(text).results.map((
          { id, status }: { id: string; status: string },
        ) => [id, byStatus(status)]),
      ),
  },
  annotations: {
    all: false,
    read: (text) => wrongOnly(text, /^::error title=(riscv64[^:]*)::/gm),
  },
  html: {
    all: true,
    read: (text) =>
      named(
        text,
        /<article [^>]*data-status="([^"]*)"[^>]*>[^]*?<code>([^<]*)<\/code>/g,
        ([, status, id]) => [id, byStatus(status)],
      ),
  },
};

function byStatus(status: string): Verdict {
  if (status === "pass") return "right";
  return status === "fail" || status === "broken" ? "wrong" : "neither";
}

function wrongOnly(text: string, pattern: RegExp): Map<string, Verdict> {
  return named(text, pattern, ([, id]) => [id, "wrong"]);
}

function named(
  text: string,
  pattern: RegExp,
  entry: (match: RegExpMatchArray) => [string, Verdict],
): Map<string, Verdict> {
  return new Map(
    [...text.matchAll(pattern)].map(entry)
      .filter(([id]) => WANTED.some(([wanted]) => wanted === id)),
  );
}

for (const [name, format] of Object.entries(FORMATS)) {
  const { all, read } = READ[name as keyof typeof FORMATS];
  Deno.test(`a report as ${name} has each verdict on its test`, () => {
    const wanted = WANTED.filter(([, verdict]) => all || verdict === "wrong");
    assertEquals([...read(format(report()))].sort(), wanted.toSorted());
  });

  // Annotations are ten at most, and are for what is wrong.
  Deno.test(`a report as ${name} says why a known failure is one`, () => {
    const told = format(report()).includes("reported upstream");
    assertEquals(told, name !== "annotations");
  });

  Deno.test(`a report as ${name} says what was asked, and no more`, () => {
    const text = format(partial());
    for (
      const told of [
        "2 of 365 asked: all right",
        ...Object.values(NARROWED).flat(),
        "known.yaml",
        "x86_64/sparse-only-cpu8191",
        "0.1.0 of 2026-12-01",
      ]
    ) {
      assertStringIncludes(text, told);
    }
    assert(/request.version"?:? 1/.test(text), text);
    assert(!/suite"?:? "?suite/i.test(text), text);
    assertEquals(
      name === "json" ? JSON.parse(text).conforms : /conforms/i.test(text),
      false,
    );
  });

  Deno.test(`a report as ${name} says how many cases were answered`, () => {
    const unsupported = resultOf(tests[2], {
      answer: { kind: "unsupported", reason: "" },
      stderr: "",
      ms: 1,
    }, []);
    const scope = { cases: 3 };
    const text = format({ ...partial(unsupported), scope });
    assertStringIncludes(text, "3 of 3 asked, 2 answered: all right");
    assertStringIncludes(
      format({ ...partial(), scope: { cases: 2 } }).toLowerCase(),
      name === "json" ? '"conforms": true' : "conforms",
    );
  });

  Deno.test(`a report as ${name} makes foreign text harmless`, () => {
    const text = format(report());
    assert(!text.includes("\x1b"), "an escape");
    const markup = name === "html" || name === "junit";
    assert(!markup || !text.includes('<script>&"'), "markup");
  });
}

Deno.test("a report as JSON has the shape that its schema is made of", () => {
  const suite = "0.1.0 of 2026-12-01";
  for (const each of [{ ...report(), suite }, partial()]) {
    const value = JSON.parse(FORMATS.json(each));
    assertEquals(problemsIn(reportShape, value), []);
  }
});
