/** Compares the JSON schemas of spec/ with the shapes that read the same files. */

import { assert, assertEquals } from "@std/assert";
import { parse } from "@std/yaml";
import caseFile from "../../spec/case.schema.json" with { type: "text" };
import fadumpFile from "../../spec/fadump.schema.json" with { type: "text" };
import fadumpRequestFile from "../../spec/fadump-request.schema.json" with {
  type: "text",
};
import fleetFile from "../../spec/fleet.schema.json" with { type: "text" };
import indexFile from "../../spec/index.schema.json" with { type: "text" };
import invalidFile from "../../spec/invalid.schema.json" with { type: "text" };
import judgementFile from "../../spec/judgement.schema.json" with {
  type: "text",
};
import kexecToolsFile from "../../spec/kexec-tools.schema.json" with {
  type: "text",
};
import kexecToolsRequestFile from "../../spec/kexec-tools-request.schema.json" with {
  type: "text",
};
import knownFailuresFile from "../../spec/known-failures.schema.json" with {
  type: "text",
};
import memoryFile from "../../spec/memory.schema.json" with { type: "text" };
import memoryRequestFile from "../../spec/memory-request.schema.json" with {
  type: "text",
};
import readerFile from "../../spec/reader.schema.json" with { type: "text" };
import releasesFile from "../../spec/releases.schema.json" with {
  type: "text",
};
import reportFile from "../../spec/report.schema.json" with { type: "text" };
import requestFile from "../../spec/request.schema.json" with { type: "text" };
import rulesFile from "../../spec/rules.schema.json" with { type: "text" };
import scenarioFile from "../../spec/scenario.schema.json" with {
  type: "text",
};
import sourcesFile from "../../spec/sources.schema.json" with { type: "text" };
import vmcoreFile from "../../spec/vmcore.schema.json" with { type: "text" };
import vmcoreRequestFile from "../../spec/vmcore-request.schema.json" with {
  type: "text",
};
import releasesYaml from "../../spec/releases.yaml" with { type: "text" };
import sourcesYaml from "../../spec/sources.yaml" with { type: "text" };
import rulesYaml from "../../spec/rules.yaml" with { type: "text" };
import { Random } from "../../lib/cost/random.ts";
import { parseSpec, SpecError } from "../../lib/spec/document.ts";
import type { Problem } from "../../lib/spec/shape.ts";
import { KINDS } from "../../lib/suite/kinds.ts";
import { PROFILES } from "../../lib/suite/profiles.ts";
import { parseKnownFailures } from "../../lib/suite/results.ts";
import { parseFleet } from "../../scripts/replay/fleet.ts";
import { formatSchema, SCHEMAS } from "../../scripts/schemas.ts";
import { CORPUS } from "../mod.ts";
import { accepts, type JsonSchema, problemsIn } from "./json_schema.ts";

const FILES: Readonly<Record<string, string>> = {
  "case": caseFile,
  "fadump": fadumpFile,
  "fadump-request": fadumpRequestFile,
  "fleet": fleetFile,
  "index": indexFile,
  "invalid": invalidFile,
  "judgement": judgementFile,
  "kexec-tools": kexecToolsFile,
  "kexec-tools-request": kexecToolsRequestFile,
  "known-failures": knownFailuresFile,
  "memory": memoryFile,
  "memory-request": memoryRequestFile,
  "reader": readerFile,
  "releases": releasesFile,
  "report": reportFile,
  "request": requestFile,
  "rules": rulesFile,
  "scenario": scenarioFile,
  "sources": sourcesFile,
  "vmcore": vmcoreFile,
  "vmcore-request": vmcoreRequestFile,
};

Deno.test("spec/*.schema.json are what the shapes make", () => {
  assertEquals(Object.keys(FILES), Object.keys(SCHEMAS));
  for (const [name, file] of Object.entries(FILES)) {
    assertEquals(file, formatSchema(name), `${name}: deno task regen`);
  }
});

Deno.test("every key of a schema is described", () => {
  const undescribed = (schema: unknown, path: string): string[] => {
    if (typeof schema !== "object" || schema === null) return [];
    const { allOf: _, if: __, then: ___, properties, ...others } =
      schema as Record<string, unknown>;
    return [
      ...Object.entries(properties ?? {}).flatMap(([key, child]) => [
        ...child.description ? [] : [`${path}.${key}`],
        ...undescribed(child, `${path}.${key}`),
      ]),
      ...Object.values(others).flatMap((child) => undescribed(child, path)),
    ];
  };
  assertEquals(
    Object.entries(SCHEMAS).flatMap(([name, { shape }]) =>
      undescribed(shape.schema, name)
    ),
    [],
  );
});

/** A kind of files: what parses them, and some of them. */
interface Read {
  readonly name: string;
  readonly parse: (yaml: string) => unknown;
  readonly texts: readonly string[];
}

const FLEET =
  "[{ name: a, count: 1, arch: x86_64, possible: 4, present: 2, ranges: 1, events: { cpu: 1, memory: 0 } }]";
const KNOWN = "[{ case: a, kind: differs, field: size, reason: b, link: c }]";

const ONE_SOURCE = sourcesYaml.slice(0, sourcesYaml.lastIndexOf('\n"'));
const FEW_RULES = rulesYaml.slice(0, rulesYaml.indexOf("- id: R12"));

const READ: readonly Read[] = [
  ...KINDS.map(({ schema, list, rules }) => ({
    name: schema.replace(".schema.json", ""),
    parse: (yaml: string) => rules(yaml, ""),
    texts: CORPUS[list].map(({ yaml }) => yaml),
  })),
  { name: "fleet", parse: parseFleet, texts: [FLEET] },
  {
    name: "known-failures",
    parse: (yaml) => parseKnownFailures(yaml, ""),
    texts: [KNOWN],
  },
  ...[
    ["releases", releasesYaml],
    ["rules", FEW_RULES],
    ["sources", ONE_SOURCE],
  ].map(([name, yaml]) => ({
    name,
    parse: (yaml: string) => parseSpec(SCHEMAS[name].shape, yaml, name),
    texts: [yaml],
  })),
];

/** A tree of YAML in which every scalar is a string. */
const treeOf = (yaml: string) => parse(yaml, { schema: "failsafe" });

function problemsOf({ parse }: Read, tree: unknown): readonly Problem[] {
  try {
    parse(JSON.stringify(tree));
    return [];
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    return error.problems;
  }
}

/** Problems that a schema must see; others may lie in relations between values. */
const OF_SHAPE = ["type", "unknown-key", "missing-key"];

/** Describes a disagreement of schema and parser; nothing where they agree. */
function disagreement(read: Read, tree: unknown): string | undefined {
  const isAccepted = accepts(
    SCHEMAS[read.name].shape.schema as JsonSchema,
    tree,
  );
  const problems = problemsOf(read, tree);
  const ofShape = problems.find(({ kind }) => OF_SHAPE.includes(kind));
  if (isAccepted ? ofShape === undefined : problems.length > 0) return;
  return `${read.name}: the schema ${
    isAccepted ? "accepts" : "refuses"
  } what the parser ${isAccepted ? "refuses" : "accepts"}: ${
    JSON.stringify(isAccepted ? ofShape : tree)
  }`;
}

const ODD: readonly unknown[] = [
  ...["", " ", "-1", "0", "7", "007", "4097", "9999999999", "1e3", "0x", "0x0"],
  ...["0xFF", "0xffffffffffffffff", "0x10000000000000000", "true", "null", "x"],
  ...["100.1", "999.9", "6.12", "next", "6.12..", "R8", "R08", "R081", "0-3,8"],
  ...["0-31:2/4", "3-", "all", "a b", "derived", "captured", "x86_64", "00 ff"],
  ...[[], {}, ["0x0", "0x1"], ["0x0"], { base: "0x0", stride: "0x1" }],
];

/** Changes one thing: a key less, a key more, another name, or an odd value. */
function mutate(tree: unknown, random: Random): unknown {
  if (typeof tree !== "object" || tree === null || random.below(8) === 0) {
    return random.of(ODD);
  }
  if (Array.isArray(tree)) {
    const at = random.below(tree.length + 1);
    return tree.length === at ? [...tree, random.of(ODD)] : tree.toSpliced(
      at,
      1,
      ...random.below(4) === 0 ? [] : [
        mutate(tree[at], random),
      ],
    );
  }
  const entries = Object.entries(tree);
  const at = random.below(entries.length + 1);
  if (at === entries.length) return { ...tree, [`${random.of(ODD)}`]: "1" };
  const [key, child] = entries[at];
  const isKept = random.below(6) > 0;
  return Object.fromEntries([
    ...entries.toSpliced(at, 1),
    ...isKept ? [[key, mutate(child, random)]] : [],
  ]);
}

Deno.test("schema and parser agree on spec files and changed ones", () => {
  const random = new Random(8);
  const wrong = READ.flatMap((read) => {
    const small = read.texts.filter(({ length }) => length < 5000);
    return Array.from({ length: 20 }, () => {
      const tree = treeOf(random.of(small));
      return disagreement(read, tree) ??
        disagreement(read, mutate(tree, random));
    });
  });
  assertEquals(wrong.filter((each) => each !== undefined), []);
});

for (
  const [name, what, change] of [
    ["scenario", "memsz -1", { loaded: { memsz: "-1" } }],
    ["scenario", "release 100.1", { release: "100.1" }],
    ["case", "confirmed 999.9", { confirmed: ["999.9"] }],
    ["case", "confirmed next", { confirmed: ["next"] }],
    ["vmcore", "page_size 4097", { page_size: "4097" }],
    ["reader", "a patch without bytes", { patch: [{ at: "0", bytes: "x" }] }],
    ["fleet", "present 8193", { present: "8193" }],
  ] as const
) {
  Deno.test(`schema and parser refuse a ${name} with ${what}`, () => {
    const read = READ.find((read) => read.name === name)!;
    const tree = treeOf(read.texts[0]);
    const patch = (node: object) => ({ ...node, ...change });
    const changed = Array.isArray(tree)
      ? tree.map(patch)
      : patch(tree as object);
    assert(!accepts(JSON.parse(FILES[name]) as JsonSchema, changed));
    assert(problemsOf(read, changed).length > 0);
  });
}

/** Ids with requests of megabytes; scripts/validate-schemas.py reads these too. */
const GIANTS_REGEXP = /-6553[4-6]/;

for (
  const [profile, name] of [
    ["writer", "request"],
    ["vmcore", "vmcore-request"],
    ["kexec-tools", "kexec-tools-request"],
    ["fadump", "fadump-request"],
    ["memory", "memory-request"],
  ] as const
) {
  Deno.test(`every request of ${profile} is as its schema says`, () => {
    const { shape } = SCHEMAS[name];
    for (const { id, frame } of PROFILES[profile].tests(CORPUS)) {
      if (GIANTS_REGEXP.test(id)) continue;
      assertEquals([id, problemsIn(shape, frame())], [id, []]);
    }
  });
}
