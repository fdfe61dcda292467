/**
 * Plants mistakes into the model and counts the questions until a kernel
 * contradicts each.
 *
 * @module
 */

import { Random } from "../../../lib/cost/random.ts";
import {
  type Bend,
  CRASH_BENDS,
  FADUMP_BENDS,
  HEADER_BENDS,
  LIFE_BENDS,
} from "./bends.ts";
import { FADUMPS } from "./fadump_machines.ts";
import type { Answer, Oracle } from "./kernel.ts";
import { CRASHES, IMPOSSIBLE, type Kind, LIVES, POSSIBLE } from "./kinds.ts";
import { inquireLife, type Inquiry } from "./subjects.ts";
import { UNDETECTED } from "./undetected.ts";

/** How soon a mistake was contradicted. */
interface Detection {
  /** Count of things that were asked. */
  readonly count: number;
  /** `machines that can be`. */
  readonly things: string;
  /** By which kernel. */
  readonly kernel: string;
  /** The rules that it breaks. */
  readonly rules: readonly string[];
}

/** Something drawn, and what a kernel answered. */
interface Asked<T> {
  readonly drawn: T;
  readonly answers: readonly Answer[];
}

/** Questions that are asked at once. */
const BATCH = 256;

/** Detections of each mistake, over all kernels that were asked. */
export class Bending {
  readonly #found = new Map<string, Detection>();
  readonly #planted = new Set<string>();

  /** Plants all mistakes, and asks a kernel. */
  async ask(oracle: Oracle, count: number, seed: number): Promise<void> {
    const few = Math.ceil(count / 2);
    const draw = <T>(kind: Kind<T>, count: number) =>
      ask(oracle, kind, count, seed);
    for (const kind of [POSSIBLE, IMPOSSIBLE]) {
      this.#tryAll(oracle, kind.name, HEADER_BENDS, await draw(kind, count));
    }
    const lives = (await draw(LIVES, few)).map(({ drawn, answers }) => {
      const { moments } = inquireLife(drawn.scenario, drawn.machine);
      return { drawn: { ...drawn, moments }, answers };
    });
    this.#tryAll(oracle, LIVES.name, LIFE_BENDS, lives);
    const crashes = await draw(CRASHES, count);
    this.#tryAll(oracle, CRASHES.name, CRASH_BENDS, crashes);
    if (FADUMPS.arches!.includes(oracle.built.arch)) {
      const dumps = await draw(FADUMPS, count);
      this.#tryAll(oracle, FADUMPS.name, FADUMP_BENDS, dumps);
    }
  }

  /** A mistake that one kernel contradicted sooner need not be tried as far on the next. */
  #tryAll<T>(
    { built: { release, arch } }: Oracle,
    things: string,
    bends: readonly Bend<T>[],
    asked: readonly Asked<T>[],
  ): void {
    for (const { name, rules, contradicted } of bends) {
      this.#planted.add(name);
      const most = this.#found.get(name)?.count ?? asked.length + 1;
      for (const [i, { drawn, answers }] of asked.entries()) {
        if (i + 1 >= most) break;
        if (contradicted(drawn, answers).length === 0) continue;
        this.#found.set(name, {
          count: i + 1,
          things,
          kernel: `${release} ${arch}`,
          rules,
        });
        break;
      }
    }
  }

  /** A line a mistake, and what is missing. */
  report(): { lines: string[]; complete: boolean } {
    const found = [...this.#found].map(([name, found]) =>
      `${name}: ${found.count} ${found.things} (${found.kernel}; ${
        found.rules.join(", ")
      })`
    );
    const undetected = [...this.#planted].filter((name) =>
      !this.#found.has(name)
    );
    const stale = [...this.#found.keys()].filter((name) => name in UNDETECTED);
    const lines = [
      ...found,
      ...undetected.map((name) =>
        `undetected ${name}: ${UNDETECTED[name] ?? "NO REASON IS GIVEN"}`
      ),
      ...stale.map((name) => `${name}: is detected, and has a reason why not`),
    ];
    const complete = stale.length === 0 &&
      undetected.every((name) => name in UNDETECTED);
    return { lines, complete };
  }
}

/** Draws and asks; what the right model is contradicted in is left out. */
async function ask<T>(
  oracle: Oracle,
  kind: Kind<T>,
  count: number,
  seed: number,
): Promise<Asked<T>[]> {
  const { release, arch } = oracle.built;
  const random = new Random(seed);
  const asked: Asked<T>[] = [];
  for (let left = count; left > 0; left -= BATCH) {
    const batch: { drawn: T; inquiry: Inquiry }[] = [];
    for (let i = Math.min(BATCH, left); i > 0; i--) {
      const drawn = kind.make(random, arch, release);
      const inquiry = kind.inquire(drawn);
      if (inquiry) batch.push({ drawn, inquiry });
    }
    const answers = await oracle.ask(
      batch.flatMap(({ inquiry }) => inquiry.questions),
    );
    let at = 0;
    for (const { drawn, inquiry: { questions, differences } } of batch) {
      const own = answers.slice(at, at += questions.length);
      if (differences(own).length === 0) asked.push({ drawn, answers: own });
    }
  }
  return asked;
}
