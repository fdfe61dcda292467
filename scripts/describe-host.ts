/**
 * Describes this machine, or a copied tree, as a case on stdout; what could
 * not be seen goes to stderr: `deno task describe-host | deno task replay`.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { describeHost, type Host } from "../lib/model/host.ts";
import { CommandError, refuseArgument, runCommand } from "./command.ts";

const USAGE =
  "Usage: deno task describe-host [--root <directory with proc and sys>]";

await runCommand(async (argv) => {
  const args = parseArgs(argv, {
    boolean: ["help"],
    string: ["root"],
    default: { root: "/" },
    unknown: refuseArgument(USAGE),
  });
  if (args.help) {
    console.log(USAGE);
    return 0;
  }
  const { yaml, unseen } = describe(args.root);
  for (const line of unseen) console.error(`not seen: ${line}`);
  await Deno.stdout.write(new TextEncoder().encode(yaml));
  return 0;
});

function describe(root: string): Host {
  try {
    return describeHost((path) => {
      try {
        return Deno.readTextFileSync(`${root.replace(/\/$/, "")}/${path}`);
      } catch {
        return undefined;
      }
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CommandError(error.message);
  }
}
