/**
 * Asks the kernel's own code, compiled in user space, what the suite says of
 * it: `deno task oracle --help`.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { ARCH_NAMES } from "../lib/kernel/arch.ts";
import { ruleNamed, sameRules, writesHeader } from "../lib/spec/rules.ts";
import { Random } from "../lib/cost/random.ts";
import { killAllOnSignal } from "./child/child.ts";
import {
  CommandError,
  oneOf,
  refuseArgument,
  runCommand,
  wholeNumber,
} from "./command.ts";
import { inquireSizes } from "./witness/oracle/subjects.ts";
import { openCache } from "./witness/debian/cache.ts";
import { examine, FETCHING, type Need } from "./witness/debian/doctor.ts";
import {
  allReleases,
  newestOfEachSeries,
} from "./witness/debian/linux_source.ts";
import { Packages } from "./witness/debian/packages.ts";
import { Bending } from "./witness/oracle/bend.ts";
import {
  buildOracle,
  fetchSource,
  type KernelSource,
  sourceAt,
} from "./witness/oracle/build.ts";
import { type Claim, claimsOf } from "./witness/oracle/claims.ts";
import { confirm } from "./witness/oracle/confirm.ts";
import { FADUMPS } from "./witness/oracle/fadump_machines.ts";
import { runDifferential } from "./witness/oracle/differential.ts";
import { Oracle } from "./witness/oracle/kernel.ts";
import {
  CRASHES,
  IMPOSSIBLE,
  type Kind,
  LAYOUTS,
  LIVES,
  POSSIBLE,
} from "./witness/oracle/kinds.ts";
import { runKunit } from "./witness/oracle/kunit.ts";
import { possibleMachine } from "./witness/oracle/machines.ts";
import { serve } from "./witness/oracle/serve.ts";

const USAGE = `Usage: deno task oracle [options]
       deno task conform -- deno task oracle --serve --kernel <release>

  --kernel <release>  6.1, 6.12.118 or newest (any number of times); the newest
                      of each series that Debian serves, by default; with
                      --confirm every release that it serves
  --source <folder>   a tree of your own instead
  --arch <arch>       one of ${ARCH_NAMES.join(", ")};
                      any number of times, all by default
  --machines <count>  random machines that can be, as many that cannot, on
                      ppc64le as many dumps by firmware, and a tenth as many
                      lives and panics
  --seed <number>     what they begin with; 1 by default
  --confirm           write into each derived case who wrote its golden; with
                      --source also into spec/sources.yaml
  --bend              plant known mistakes into the model, and count the random
                      things (--machines, 500 by default) until a kernel
                      contradicts each
  --kunit             run the table of release --kunit, and ask nothing else
  --serve             answer requests as an implementation does
  --doctor            what has to be installed
  --cache <folder>    ~/.cache/elfcorehdr by default`;

const NEEDS: readonly Need[] = [
  ...FETCHING,
  ["gcc", "gcc"],
  ["/usr/include/stdio.h", "libc6-dev"],
  ["tar", "tar"],
  ["xz", "xz-utils"],
];

// deno-lint-ignore no-explicit-any -- kinds of different things in one list
const KINDS: readonly Kind<any>[] = [
  POSSIBLE,
  IMPOSSIBLE,
  LAYOUTS,
  LIVES,
  CRASHES,
  FADUMPS,
];

await runCommand(main);

async function main(argv: string[]): Promise<number> {
  const args = parseArgs(argv, {
    string: ["kernel", "source", "arch", "machines", "seed", "cache"],
    collect: ["kernel", "arch"],
    boolean: ["bend", "confirm", "kunit", "serve", "doctor", "help"],
    unknown: refuseArgument(USAGE),
  });
  if (args.help) {
    console.log(USAGE);
    return 0;
  }
  const { lines, healthy } = examine(new Map([["oracle", NEEDS]]));
  if (args.doctor) {
    console.log(lines.join("\n"));
    return healthy ? 0 : 1;
  }
  if (!healthy) throw new CommandError(`Cannot ask: ${lines.join("\n")}`);
  killAllOnSignal();
  const cache = openCache(args.cache);
  const arches = args.arch.length > 0
    ? args.arch.map((arch) => oneOf("arch", arch, ARCH_NAMES))
    : ARCH_NAMES;
  const machines = wholeNumber(
    "machines",
    args.machines ?? (args.bend ? "500" : "0"),
    9,
  );
  const seed = wholeNumber("seed", args.seed ?? "1", 9);
  const sources = args.source === undefined
    ? await fetchSources(args.kernel, args.confirm, cache)
    : [await sourceAt(args.source)];
  if (args.serve) {
    if (sources.length !== 1) {
      throw new CommandError(
        `Cannot serve: --kernel must name one release: there are ${sources.length}`,
      );
    }
    return await serve(sources[0], cache);
  }
  const { CORPUS } = await import("../golden/mod.ts");
  const claims = claimsOf(CORPUS);
  const witnesses = new Map<string, string[]>();
  const bending = args.bend ? new Bending() : undefined;
  let agree = true;
  for (const source of sources) {
    if (source.commit) console.log(`${source.release}: ${source.commit}`);
    for (const arch of arches) {
      if (!writesHeader(source.release, arch)) {
        console.log(`${source.release} ${arch}: writes no header itself`);
        continue;
      }
      const built = await buildOracle(source, arch, cache);
      if (args.kunit) {
        const { line, agrees } = await runKunit(built);
        console.log(line);
        agree &&= agrees;
        continue;
      }
      const oracle = new Oracle(built);
      try {
        if (bending) {
          await bending.ask(oracle, machines, seed);
          continue;
        }
        agree = await askAll(oracle, claims, witnesses) && agree;
        for (const kind of machines > 0 ? KINDS : []) {
          if (kind.arches?.includes(arch) === false) continue;
          agree =
            await draw(oracle, kind, Math.ceil(machines * kind.share), seed) &&
            agree;
        }
      } finally {
        await oracle.stop();
      }
    }
  }
  if (bending) {
    const { lines, complete } = bending.report();
    console.log(lines.join("\n"));
    return complete ? 0 : 1;
  }
  if (args.confirm) {
    if (!agree) {
      throw new CommandError("Nothing confirmed: a kernel differs, see above");
    }
    const asked = claims.filter(({ arch }) => arches.includes(arch));
    console.log(await confirm(asked, witnesses, sources, arches));
  }
  return agree ? 0 : 1;
}

async function fetchSources(
  wishes: readonly string[],
  all: boolean,
  cache: string,
): Promise<KernelSource[]> {
  const choose = all ? allReleases : newestOfEachSeries;
  const wanted = wishes.length > 0
    ? wishes
    : await choose(await Packages.open(cache, "amd64"));
  const sources: KernelSource[] = [];
  for (const wish of wanted) sources.push(await fetchSource(wish, cache));
  return sources;
}

/**
 * Asks a kernel all that the suite says of its architecture. What real kernels
 * of the same rules wrote must be reproduced first, or the oracle is wrong.
 */
async function askAll(
  oracle: Oracle,
  claims: readonly Claim[],
  witnesses: Map<string, string[]>,
): Promise<boolean> {
  const { release, arch } = oracle.built;
  const own = claims.filter((claim) => claim.arch === arch);
  const isCaptured = (claim: Claim) =>
    claim.captured && !claim.byUtility &&
    sameRules(claim.release, release, arch);
  const captured = own.filter(isCaptured);
  for (const claim of captured) {
    const verdict = await claim.ask(oracle);
    if (verdict === undefined || verdict.confirms) continue;
    throw new CommandError(
      `The oracle of ${release} on ${arch} is broken: ${claim.id}, which a real kernel of the same rules wrote, must be reproduced: ${
        verdict.differences.join("; ") || "other bytes do"
      }`,
    );
  }
  let asked = 1;
  const sizes = inquireSizes(
    possibleMachine(new Random(1), arch, release),
  );
  const wrong = sizes.differences(await oracle.ask(sizes.questions));
  wrong.forEach((line) => console.log(line));
  let agreed = wrong.length === 0 ? 1 : 0;
  for (const claim of own) {
    const verdict = await claim.ask(oracle);
    if (verdict === undefined) continue;
    asked++;
    if (verdict.differences.length === 0) agreed++;
    for (const line of withRules(verdict.differences)) {
      console.log(`${claim.id}: ${line}`);
    }
    if (!verdict.confirms) continue;
    witnesses.set(claim.id, [...witnesses.get(claim.id) ?? [], release]);
  }
  console.log(
    `${release} ${arch}: ${captured.length} captured reproduced; of ${asked} goldens and sizes ${
      asked === agreed ? "all" : agreed
    } are as this kernel has them`,
  );
  return asked === agreed;
}

/** Differences, and the wording of the first rule that one of them breaks. */
function withRules(differences: readonly string[]): string[] {
  const [id] = /\bR\d{2,3}\b/.exec(differences.join("\n")) ?? [];
  return id === undefined
    ? [...differences]
    : [...differences, `${id}: ${ruleNamed(id).rule}`];
}

/** Draws things of a kind, and prints what a kernel does otherwise. */
async function draw<T>(
  oracle: Oracle,
  kind: Kind<T>,
  count: number,
  seed: number,
): Promise<boolean> {
  const { release, arch } = oracle.built;
  const tally = await runDifferential(
    oracle,
    kind,
    count,
    seed,
    (line) => console.error(line),
  );
  for (const { yaml, differences, count } of tally.disagreements) {
    console.log(
      [
        `${release} ${arch} differs in ${count} ${kind.name}; the smallest:`,
        ...yaml.map((line) => `    ${line}`),
        ...withRules(differences).map((line) => `  ${line}`),
      ].join("\n"),
    );
  }
  const rate = Math.round(tally.asked / tally.seconds);
  const excused = tally.excused > 0
    ? `, ${tally.excused} of which this kernel's lists had no room or no order`
    : "";
  console.log(
    `${release} ${arch}: ${tally.asked} ${kind.name}${excused}, ${rate} a second`,
  );
  return tally.disagreements.length === 0;
}
