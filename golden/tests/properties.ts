import { Random } from "../../lib/cost/random.ts";
import { propertiesOf } from "../../lib/detection/properties.ts";
import { CORPUS } from "../mod.ts";

// A taste of each at every test run; scripts/fuzz.ts goes on as long as it is let.
for (const [name, property] of Object.entries(propertiesOf(CORPUS))) {
  Deno.test(`property ${name} holds for the first hundred seeds`, () => {
    for (let seed = 1; seed <= 100; seed++) property(new Random(seed));
  });
}
