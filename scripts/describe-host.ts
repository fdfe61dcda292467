/**
 * Describes this machine, or a copied tree, as a case on stdout; what could
 * not be seen goes to stderr: `deno task describe-host | deno task replay`.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { describeHost, type Host } from "../lib/model/host.ts";
import {
  CommandError,
  refuseArgument,
  refuseNoRelease,
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
  if (args.release !== undefined) refuseNoRelease(args.release);
  const { yaml, unseen } = describe(args.root, args.release);
  for (const line of unseen) console.error(`not seen: ${line}`);
  await Deno.stdout.write(new TextEncoder().encode(yaml));
  return 0;
});

function describe(root: string, release?: string): Host {
  try {
    return describeHost(
      (path) => read(`${root.replace(/\/$/, "")}/${path}`),
      release,
    );
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CommandError(error.message);
  }
}

/** Text of a file; nothing where it is not there, or is for root alone. */
function read(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) return undefined;
    throw new CommandError(
      `Cannot read ${path}: must be allowed to; for /proc and /sys Deno wants --allow-all and nothing less:\n  deno run --allow-all scripts/describe-host.ts`,
    );
  }
}
