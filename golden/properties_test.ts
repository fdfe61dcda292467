import { PROPERTIES, Random } from "../lib/detection/properties.ts";

// A taste of each at every test run; scripts/fuzz.ts goes on as long as it is let.
for (const [name, property] of Object.entries(PROPERTIES)) {
  Deno.test(`property ${name} holds for the first hundred seeds`, () => {
    for (let seed = 1; seed <= 100; seed++) property(new Random(seed));
  });
}
