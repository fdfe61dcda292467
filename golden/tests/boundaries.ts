import { assertEquals } from "@std/assert";
import { ARCH_NAMES } from "../../lib/kernel/arch.ts";
import { parseCase } from "../../lib/spec/case.ts";
import { parseFadumpCase } from "../../lib/spec/fadump.ts";
import { boundaryPairs } from "../../lib/spec/rules.ts";
import { parseScenario } from "../../lib/spec/scenario.ts";
import { parseVmcoreCase } from "../../lib/spec/vmcore.ts";
import { CORPUS } from "../mod.ts";

/** Boundaries without a pair of their own, and why. */
const WITHOUT: Readonly<Record<string, string>> = {
  R10: "the other side of R09's boundary",
  R45: "the other side of R47's boundary",
  R70: "ends where R41 begins; before it begins no ppc64le kernel rewrites",
  R72: "the other side of R56's boundary",
  R73: "the other side of R36's boundary",
  R114: "bytes behind the header, which no golden has",
  R74: "before it the kernel writes no header on loongarch64",
};

const machines = new Map(
  CORPUS.cases.map(({ id, yaml }) => [id, parseCase(yaml)]),
);
const seen = new Set([
  ...[...machines.values()].flatMap(({ arch, release, rules }) =>
    rules.map((rule) => `${rule} ${arch} ${release}`)
  ),
  ...CORPUS.scenarios.flatMap(({ yaml }) => {
    const { machine, release, rules } = parseScenario(yaml);
    const { arch } = machines.get(machine)!;
    return rules.map((rule) => `${rule} ${arch} ${release}`);
  }),
  ...CORPUS.fadumps.flatMap(({ yaml }) => {
    const { first, rules } = parseFadumpCase(yaml);
    return rules.map((rule) => `${rule} ppc64le ${first.release}`);
  }),
  // /proc/vmcore is the same on every architecture.
  ...CORPUS.vmcores.flatMap(({ yaml }) => {
    const { release, rules } = parseVmcoreCase(yaml);
    return rules.flatMap((rule) =>
      ARCH_NAMES.map((arch) => `${rule} ${arch} ${release}`)
    );
  }),
]);

Deno.test("every boundary of every rule has a case on either side", () => {
  const missing = boundaryPairs()
    .filter(({ rule }) => !Object.hasOwn(WITHOUT, rule))
    .flatMap(({ rule, arch, before, first }) =>
      [before, first].map((release) => `${rule} ${arch} ${release}`)
    )
    .filter((wanted) => !seen.has(wanted));
  assertEquals(
    missing,
    [],
    "Add a case of each rule, architecture and release to spec/, with the rule in `rules`",
  );
});

Deno.test("what is excused from a pair has a boundary", () => {
  const rules = new Set(boundaryPairs().map(({ rule }) => rule));
  assertEquals(
    Object.keys(WITHOUT).filter((rule) => !rules.has(rule) && rule !== "R74"),
    [],
  );
});
