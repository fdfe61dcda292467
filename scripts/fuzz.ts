/**
 * Tries the properties on random inputs for a while: `deno task fuzz`. What it
 * finds is repeated by its seed, and belongs into a test.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { PROPERTIES, Random } from "../lib/detection/properties.ts";

const USAGE =
  `Usage: deno task fuzz [--seconds <n>] [--seed <first>] [<property>...]

Properties: ${
    Object.keys(PROPERTIES).join(", ")
  }. Sixty seconds each by default.`;

const args = parseArgs(Deno.args, {
  boolean: ["help"],
  string: ["_", "seconds", "seed"],
  default: { seconds: "60", seed: "1" },
  unknown: (arg: string) => {
    if (!arg.startsWith("-")) return;
    console.error(`Unknown option ${arg}\n${USAGE}`);
    Deno.exit(2);
  },
});
const seconds = Number(args.seconds);
const names: string[] = args._.length > 0
  ? args._.map(String)
  : Object.keys(PROPERTIES);
const unknown: string | undefined = names.find((name) =>
  !Object.hasOwn(PROPERTIES, name)
);
if (
  args.help || unknown !== undefined || !(seconds > 0) ||
  !/^\d{1,9}$/.test(args.seed)
) {
  console.error(
    unknown === undefined ? USAGE : `There is no property ${unknown}\n${USAGE}`,
  );
  Deno.exit(2);
}
for (const name of names) {
  const end = Date.now() + 1000 * seconds;
  let seed = Number(args.seed);
  let slowest = 0;
  for (; Date.now() < end; seed++) {
    const start = performance.now();
    try {
      PROPERTIES[name](new Random(seed));
    } catch (error) {
      console.error(`${name} seed ${seed}: ${(error as Error).stack}`);
      Deno.exit(1);
    }
    slowest = Math.max(slowest, performance.now() - start);
  }
  console.log(
    `${name}: ${seed - Number(args.seed)} seeds, no finding, slowest ${
      Math.round(slowest)
    } ms`,
  );
}
