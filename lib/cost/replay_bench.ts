/** A million events on 512 CPUs: `deno bench lib/replay_bench.ts`. Under 5 s is the limit. */

import { replay, type ReplayMachine } from "./replay.ts";
import { syntheticTrace } from "./trace.ts";

const machine: ReplayMachine = {
  arch: "x86_64",
  possible: 512,
  present: 64,
  ranges: 8,
};

Deno.bench("replay() of 1,000,000 events on 512 CPUs", () => {
  replay(machine, syntheticTrace(machine, 1_000_000, 7));
});
