/**
 * Tries the properties on random inputs for a while: `deno task fuzz`. What it
 * finds is repeated by its seed, and belongs into a test.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { CORPUS } from "../golden/mod.ts";
import { Random } from "../lib/cost/random.ts";
import { propertiesOf } from "./detection/properties.ts";
import { CommandError, refuseOption, runCommand } from "./command.ts";

const PROPERTIES = propertiesOf(CORPUS);
const USAGE =
  `Usage: deno task fuzz [--seconds <n>] [--seed <first>] [<property>...]

Properties: ${
    Object.keys(PROPERTIES).join(", ")
  }. Sixty seconds each by default.`;

await runCommand(main);

function main(argv: string[]): number {
  const args = parseArgs(argv, {
    boolean: ["help"],
    string: ["_", "seconds", "seed"],
    default: { seconds: "60", seed: "1" },
    unknown: refuseOption(USAGE),
  });
  if (args.help) {
    console.log(USAGE);
    return 0;
  }
  const seconds = Number(args.seconds);
  if (!(seconds > 0) || !/^\d{1,9}$/.test(args.seed)) {
    throw new CommandError(USAGE);
  }
  const chosen: string[] = args._.map(String);
  for (const name of chosen) {
    if (!Object.hasOwn(PROPERTIES, name)) {
      throw new CommandError(`There is no property ${name}\n${USAGE}`);
    }
  }
  const names = chosen.length > 0 ? chosen : Object.keys(PROPERTIES);
  return names.every((name) => tryOut(name, Number(args.seed), seconds))
    ? 0
    : 1;
}

/** Tries seeds until the time is over or one shows that the property does not hold. */
function tryOut(name: string, first: number, seconds: number): boolean {
  const end = Date.now() + 1000 * seconds;
  let seed = first;
  let slowest = 0;
  for (; Date.now() < end; seed++) {
    const start = performance.now();
    try {
      PROPERTIES[name](new Random(seed));
    } catch (error) {
      console.error(`${name} seed ${seed}: ${(error as Error).stack}`);
      return false;
    }
    slowest = Math.max(slowest, performance.now() - start);
  }
  console.log(
    `${name}: ${seed - first} seeds, no finding, slowest ${
      Math.round(slowest)
    } ms`,
  );
  return true;
}
