/**
 * Describes this machine, or a copied tree, as a case on stdout; what could
 * not be seen goes to stderr: `deno task describe-host | deno task replay`.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { describeHost, type Host } from "./host/describe.ts";
import { filesOf } from "./host/files.ts";
import {
  checkRelease,
  CommandError,
  refuseArgument,
  runCommand,
} from "./command.ts";

const USAGE = `Usage: deno task describe-host [options]

  --root <folder>      another machine's, with proc and sys in it
  --release <release>  the kernel whose header is wanted; the one that runs, by
                       default`;

await runCommand(async (argv) => {
  const args = parseArgs(argv, {
    boolean: ["help"],
    string: ["root", "release"],
    default: { root: "/" },
    unknown: refuseArgument(USAGE),
  });
  if (args.help) {
    console.log(USAGE);
    return 0;
  }
  if (args.release !== undefined) checkRelease(args.release);
  const { yaml, unseen } = describe(args.root, args.release);
  for (const line of unseen) console.error(`not seen: ${line}`);
  await Deno.stdout.write(new TextEncoder().encode(yaml));
  return 0;
});

function describe(root: string, release?: string): Host {
  const { text, head } = filesOf(root);
  try {
    return describeHost(text, head, release);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CommandError(error.message);
  }
}
