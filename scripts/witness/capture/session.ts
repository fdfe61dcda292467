/**
 * A recipe carried out: a guest boots, loads a crash image, lives through
 * events and may panic; after each step its machine and its header are read.
 *
 * @module
 */

import type { LifeEvent } from "../../../lib/spec/scenario.ts";
import { CommandError } from "../../command.ts";
import type { DebuggerName } from "./debuggers.ts";
import { type Bundle, collectBundles, type Row } from "./collect.ts";
import { happen } from "./events.ts";
import { bootGuest } from "./guest.ts";
import { GUESTS } from "./guest_arch.ts";
import { loadByUtility, type Written } from "./kexec_utility.ts";
import { findSegment, loadByKernel, type Segment } from "./load.ts";
import { type Machine, readMachine } from "./machine.ts";
import { type Panic, panicGuest } from "./panic.ts";
import type { Qemu } from "./qemu.ts";
import { type Recipe, stepNames } from "./recipe.ts";

/** One moment of a guest. */
export interface Moment {
  /** Step of the recipe: load, or an event. */
  readonly step: string;
  /** The same as part of an id. */
  readonly name: string;
  /** Events, in the terms of a scenario. */
  readonly events: readonly LifeEvent[];
  /** The machine afterwards. */
  readonly machine: Machine;
  /** The header's segment afterwards. */
  readonly segment: Segment;
}

/** All that was captured from one guest. */
export interface Session {
  /** Origin of the kernel. */
  readonly origin: string;
  /** Its exact release, for --kernel; nothing, where it was given as a file. */
  readonly release?: string;
  /** The load, then one moment an event. */
  readonly moments: readonly Moment[];
  /** Input of the kexec utility, if it wrote the first header. */
  readonly written?: Written;
  /** The header that the kernel itself wrote on the same machine before, where it can. */
  readonly byKernel?: Moment;
  /** Output of the capture kernel. */
  readonly panic?: Panic;
  /** Bundles of collect.sh in the guest, if that was asked for. */
  readonly bundles?: readonly Bundle[];
}

/**
 * Carries out a recipe.
 *
 * @param tools Debuggers to ask about the dump.
 * @param folder Where serial.log and working files come to lie.
 * @param row How collect.sh runs after the last event, if at all.
 * @throws {CommandError} If a step fails; the serial log is kept.
 */
export async function runSession(
  recipe: Recipe,
  tools: readonly DebuggerName[],
  cache: string,
  folder: string,
  row?: Row,
): Promise<Session> {
  const { vm, kernel, debuggers } = await bootGuest(
    recipe,
    tools,
    cache,
    folder,
    row !== undefined,
  );
  try {
    const before = await readMachine(vm, recipe.arch);
    if (before.memory.crashkernel === undefined) {
      throw new CommandError(
        `Cannot load a crash image: the kernel must have reserved memory for it; it did not, with --append "${recipe.append}"`,
      );
    }
    console.error(
      `${before.uname} runs; loading a crash image by ${recipe.load}`,
    );
    const byKernel = recipe.load === "kexec_load" &&
        GUESTS[recipe.arch].karch === undefined
      ? await loadMoment(vm, { ...recipe, load: "kexec_file_load" }, before)
      : undefined;
    const loaded = await loadMoment(vm, recipe, before);
    const moments: Moment[] = [loaded];
    const names = stepNames(recipe.after);
    for (const [i, step] of recipe.after.entries()) {
      console.error(step);
      const moment = await live(vm, recipe, step, moments.at(-1)!);
      moments.push({ ...moment, name: names[i] });
    }
    const bundles = row === undefined
      ? undefined
      : await collectBundles(vm, row, moments.at(-1)!);
    const panic = recipe.panic
      ? await panicGuest(
        vm,
        moments.at(-1)!.machine,
        recipe.panic_on,
        debuggers,
        folder,
      )
      : undefined;
    return {
      origin: kernel.origin,
      release: kernel.release,
      moments,
      written: loaded.written,
      byKernel,
      panic,
      bundles,
    };
  } finally {
    await vm.stop();
  }
}

/** Loads an image on a machine and reads the header that came of it. */
async function loadMoment(
  vm: Qemu,
  recipe: Recipe,
  machine: Machine,
): Promise<Moment & { written?: Written }> {
  const moment = { step: "load", name: "load", events: [], machine };
  if (recipe.load === "kexec_file_load") {
    await loadByKernel(vm, machine, recipe);
    return { ...moment, segment: await findSegment(vm, machine) };
  }
  const written = await loadByUtility(vm, machine, recipe);
  return { ...moment, segment: written.segment, written };
}

async function live(
  vm: Qemu,
  recipe: Recipe,
  step: string,
  before: Moment,
): Promise<Omit<Moment, "name">> {
  if (step === "reload") {
    const machine = await readMachine(vm, recipe.arch);
    const loaded = await loadMoment(vm, recipe, machine);
    return { ...loaded, step, events: [{ reload: recipe.load }] };
  }
  const { machine, events } = await happen(vm, step, before.machine);
  const bytes = await vm.readMemory(
    before.segment.paddr,
    before.segment.bytes.length,
  );
  return { step, events, machine, segment: { ...before.segment, bytes } };
}
