import { assertEquals } from "@std/assert";
import { isKilled } from "../../scripts/detection/kill_matrix.ts";
import { printed } from "../../scripts/detection/mutant.ts";
import { mutantsOf } from "../../scripts/detection/mutants.ts";
import { SURVIVORS } from "../../scripts/detection/survivors.ts";
import {
  captureKernel,
  piecesOf,
  readPieces,
} from "../../lib/model/old_memory.ts";
import { countDumpAgain } from "../../scripts/detection/dump.ts";
import { readMemoryAgain } from "../../scripts/detection/memory.ts";
import { listNotesAgain } from "../../scripts/detection/notes.ts";
import { findAgain } from "../../scripts/detection/phdr_walk.ts";
import { listed } from "../../scripts/detection/reader_kinds.ts";
import { makeVmcoreAgain } from "../../scripts/detection/vmcore.ts";
import { parseImage } from "../../lib/spec/image.ts";
import { parseMemory } from "../../lib/spec/memory.ts";
import { parseVmcoreCase } from "../../lib/spec/vmcore.ts";
import {
  exactNumber,
  frameAnswer,
  parseExact,
} from "../../lib/suite/answer.ts";
import { headerNamed } from "../../lib/suite/corpus.ts";
import { answerOf, dumpOf, readOf } from "../../lib/suite/memory.ts";
import {
  type Profile,
  type ProfileName,
  PROFILES,
} from "../../lib/suite/profiles.ts";
import type { Test } from "../../lib/suite/verdict.ts";
import { CORPUS } from "../mod.ts";

// Larger inputs repeat what these show, and take a hundred times as long.
const MOST_BYTES = 64 * 1024;
const large = new Set(
  CORPUS.cases.filter(({ golden }) => golden.length > MOST_BYTES).map((
    { id },
  ) => id),
);

// Images that only the kernel refuses: a reader of ELF may list what is there.
const EITHER = new Set(
  CORPUS.images.filter(({ id, yaml }) =>
    parseImage(yaml, id).expect === "either"
  ).map(({ id }) => id),
);

const profiles = Object.entries<Profile>(PROFILES).map(([name, { tests }]) =>
  [name, tests(CORPUS).filter(({ id }) => !large.has(id))] as const
);

Deno.test("parseExact() parses as the reviver does, wherever a number stands", () => {
  const numbers = ["0", "-0", "123456789012345", "9007199254740993", "1.5"];
  for (const number of [...numbers, "-18446744073709551615", "1e5", "1E400"]) {
    for (
      const text of [
        number,
        ` ${number}`,
        `[${number},${number}]`,
        `[1,\n${number}]`,
        `{"a":${number}, "b": [[${number}]]}`,
        `{"a ${number}": "${number}"}`,
      ]
    ) {
      assertEquals(parseExact(text), JSON.parse(text, exactNumber));
    }
  }
});

for (const [name, tests] of profiles) {
  Deno.test(`the judge of ${name} calls the reference right`, () => {
    const wrong = tests.filter((test) => !test.judge(test.reference()).right);
    assertEquals(wrong.map(({ id }) => id), []);
  });

  Deno.test(`the judge of ${name} calls the reference right in a line of jsonl`, () => {
    const wrong = tests.filter((test) =>
      frames(test, name).some((frame) => {
        const line = JSON.stringify({ id: test.id, ...frame });
        return !test.judge(frameAnswer(test.id, line)).right;
      })
    );
    assertEquals(ids(wrong), []);
  });

  Deno.test(`the judge of ${name} calls a refusal right just where one is due`, () => {
    const refused = { kind: "refused", reason: "" } as const;
    const expected = tests.filter((test) =>
      test.reference().kind === "refused" || EITHER.has(test.id) ||
      // Notes that are not in the file: to say so is right too.
      ["notes", "nr-cpus"].includes(name) && test.twin !== undefined
    );
    const found = tests.filter((test) => test.judge(refused).right);
    assertEquals(ids(found), ids(expected));
  });

  Deno.test(`the judge of ${name} finds one wrong bit anywhere`, () => {
    for (const test of tests) {
      const answer = test.reference();
      if (answer.kind !== "bytes") continue;
      const { length } = answer.bytes;
      for (const at of [0, length >> 1, length - 1]) {
        const bytes = answer.bytes.slice();
        bytes[at] ^= 1;
        assertEquals(
          [test.id, at, test.judge({ kind: "bytes", bytes }).right],
          [
            test.id,
            at,
            false,
          ],
        );
      }
    }
  });

  Deno.test(`the judge of ${name} explains what it calls wrong`, () => {
    const [test] = tests;
    const verdict = test.judge({ kind: "bytes", bytes: new Uint8Array(64) });
    const { reason, differences = [] } = verdict.explain();
    assertEquals([verdict.right, !reason && differences.length === 0], [
      false,
      false,
    ]);
  });
}

/** The right answer as jsonl may word it. */
function frames(test: Test, profile: string): Record<string, unknown>[] {
  const right = test.reference();
  if (right.kind !== "bytes") return [{ refused: "" }];
  if (PROFILES[profile as ProfileName].answer === ".bin") {
    return [{ bytes: right.bytes.toBase64() }];
  }
  const printed = JSON.parse(new TextDecoder().decode(right.bytes));
  return [printed, { headers: printed }];
}

function ids(tests: readonly Test[]): string[] {
  return tests.map(({ id }) => id);
}

for (
  const [area, mutants] of Map.groupBy(mutantsOf(CORPUS), ({ area }) => area)
) {
  Deno.test(`a case catches every wrong ${area} but the known survivors`, () => {
    const known = SURVIVORS[area] ?? {};
    const survivors = mutants.filter((mutant) =>
      !Object.hasOwn(known, mutant.name) && !isKilled(mutant)
    );
    assertEquals(survivors.map(({ name }) => name), []);
  });
}

Deno.test("a second maker of /proc/vmcore makes every golden", () => {
  const vmcore = profiles.find(([name]) => name === "vmcore")![1];
  for (const { id, yaml } of CORPUS.vmcores) {
    const spec = parseVmcoreCase(yaml);
    const header = headerNamed(CORPUS, spec.header);
    const head = makeVmcoreAgain(
      header,
      readPieces(piecesOf(spec, header)),
      captureKernel(spec, header),
    );
    const test = vmcore.find((test) => test.id === id)!;
    const { right } = test.judge(
      head ? { kind: "bytes", bytes: head } : { kind: "refused", reason: "" },
    );
    assertEquals([id, right], [id, true]);
  }
});

Deno.test("a second reader of memory reads what was worked out", () => {
  const tests = profiles.find(([name]) => name === "memory")![1];
  for (const { id, yaml } of CORPUS.memories) {
    const spec = parseMemory(yaml);
    const dump = dumpOf(spec, CORPUS);
    for (const read of spec.reads) {
      const test = tests.find((test) => test.id === `${id}/${read.name}`)!;
      const answer = answerOf(readMemoryAgain(dump, readOf(read)));
      assertEquals([test.id, test.judge(answer).right], [test.id, true]);
    }
  }
});

Deno.test("no reader is required to take a segment that reaches 2^64", () => {
  const tests = profiles.find(([name]) => name === "reader")![1];
  const reaching = [
    "x86_64/memory-to-the-top",
    "x86_64/memory-above-2-63",
    "ppc64le/boundary-removed-6.18",
  ];
  const required = reaching.filter((id) =>
    tests.find((test) => test.id === id)?.level !== "quirk"
  );
  assertEquals(required, []);
});

Deno.test("a second counter of CPUs counts in every golden", () => {
  const tests = profiles.find(([name]) => name === "nr-cpus")![1];
  for (const test of tests) {
    const answer = printed(countDumpAgain(test.input("json")));
    assertEquals([test.id, test.judge(answer).right], [test.id, true]);
  }
});

Deno.test("a second reader lists the headers of every file that it does not refuse", () => {
  const tests = profiles.find(([name]) => name === "reader")![1];
  for (const test of tests) {
    const answer = printed(listed(findAgain(test.input("json"))));
    assertEquals([test.id, test.judge(answer).right], [test.id, true]);
  }
});

Deno.test("a second lister of notes lists those of every golden", () => {
  const tests = profiles.find(([name]) => name === "notes")![1];
  for (const test of tests) {
    const notes = listNotesAgain(test.input("json"));
    const answer = printed(notes && { notes });
    assertEquals([test.id, test.judge(answer).right], [test.id, true]);
  }
});
