import { assertEquals } from "@std/assert";
import { Random } from "../../lib/cost/random.ts";
import { propertiesOf } from "../../scripts/detection/properties.ts";
import { frameAnswer } from "../../lib/suite/answer.ts";
import { CORPUS } from "../mod.ts";

// A taste of each at every test run; scripts/fuzz.ts goes on as long as it is let.
for (const [name, property] of Object.entries(propertiesOf(CORPUS))) {
  Deno.test(`property ${name} holds for the first hundred seeds`, () => {
    for (let seed = 1; seed <= 100; seed++) property(new Random(seed));
  });
}

Deno.test("an answer that is two at once is broken", () => {
  for (const other of ['"refused":""', '"unsupported":"x"']) {
    const { kind } = frameAnswer("a", `{"id":"a","bytes":"f0VMRg==",${other}}`);
    assertEquals(kind, "broken");
  }
});

Deno.test("a number is no reason to refuse, however large", () => {
  for (const key of ["refused", "unsupported"]) {
    const { kind } = frameAnswer("a", `{"id":"a","${key}":1e400}`);
    assertEquals(kind, "broken");
  }
});
