import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ARCH_NAMES } from "../kernel/arch.ts";
import { holds, RULES } from "../spec/rules.ts";
import { releaseMatrix } from "./release_matrix.ts";
import {
  boundedRules,
  changesAt,
  constantRules,
  stretchesOf,
} from "./stretches.ts";

for (const arch of ARCH_NAMES) {
  Deno.test(`stretchesOf() has a column on ${arch} where something changes, and no other`, () => {
    const stretches = stretchesOf(arch);
    assertEquals(changesAt(stretches, 0), []);
    for (const i of stretches.keys()) {
      if (i > 0) assert(changesAt(stretches, i).length > 0, stretches[i].from);
    }
    const both = [...boundedRules(arch), ...constantRules(arch)].map(({ id }) =>
      id
    );
    assertEquals(new Set(both).size, both.length);
    assert(both.length <= RULES.length);
  });
}

Deno.test("stretchesOf() names stretches as releases are named", () => {
  assertEquals(stretchesOf("riscv64").map(({ name }) => name), [
    "up to 6.4",
    "6.5",
    "6.6 to 6.7",
    "6.8 to 6.12.109",
    "6.12.110 and later 6.12",
    "6.13 to 7.2.5",
    "7.2.6 and later 7.2",
    "7.3 and later",
  ]);
});

Deno.test("releaseMatrix() says that a rule is not known to hold, and never that it does not", () => {
  assertEquals(holds("R36", "6.6.141", "ppc64le"), undefined);
  const stretch = stretchesOf("ppc64le").find(({ from }) =>
    from === "6.6.141"
  )!;
  assertEquals(stretch.held.get("R36"), undefined);
  assertEquals(stretch.held.get("R09"), true);
  const markup = releaseMatrix("ppc64le", (id) => `#${id}`);
  assertStringIncludes(
    markup,
    'aria-label="not known"><a href="#6.6.141">?</a></td>',
  );
});
