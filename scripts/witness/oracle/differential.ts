/**
 * Random questions to a kernel, and every answer that the reference would not
 * have given, made as small as it can be.
 *
 * @module
 */

import { Random } from "../../../lib/cost/random.ts";
import type { Oracle } from "./kernel.ts";
import type { Kind } from "./kinds.ts";

/** One way in which a kernel and the reference differ. */
export interface Disagreement {
  /** The smallest that was found, in YAML. */
  readonly yaml: readonly string[];
  /** Differences. */
  readonly differences: readonly string[];
  /** How many of those drawn differ in that field first. */
  readonly count: number;
}

/** Result of a run. */
export interface Tally {
  /** How many the kernel was asked about. */
  readonly asked: number;
  /** How many of these say nothing of its rules. */
  readonly excused: number;
  /** One for each field in which they differ first. */
  readonly disagreements: readonly Disagreement[];
  /** Seconds. */
  readonly seconds: number;
}

/** Questions that are asked at once. */
const BATCH = 256;
/** Milliseconds between two lines of progress. */
const PATIENCE = 10_000;
/** Tries to make a disagreement smaller. */
const TRIES = 2000;

/**
 * Draws and asks.
 *
 * @param count How many are drawn.
 * @param seed What the random numbers begin with; the same seed draws the same.
 */
export async function runDifferential<T>(
  oracle: Pick<Oracle, "ask" | "built">,
  kind: Kind<T>,
  count: number,
  seed: number,
  progress: (line: string) => void,
): Promise<Tally> {
  const { release, arch } = oracle.built;
  const random = new Random(seed);
  const begin = performance.now();
  const found = new Map<string, { drawn: T; count: number }>();
  let asked = 0;
  let excused = 0;
  let said = begin;
  const draw = (left: number) =>
    Array.from({ length: Math.min(BATCH, left) }, () => {
      const drawn = kind.make(random, arch, release);
      return { drawn, inquiry: kind.inquire(drawn) };
    });
  // The next batch is drawn while the kernel answers this one.
  let batch = draw(count);
  for (let drawn = batch.length; batch.length > 0;) {
    const answering = oracle.ask(
      batch.flatMap(({ inquiry }) => inquiry?.questions ?? []),
    );
    const next = draw(count - drawn);
    const answers = await answering;
    let at = 0;
    for (const { drawn, inquiry } of batch) {
      if (inquiry === undefined) continue;
      asked++;
      const own = answers.slice(at, at += inquiry.questions.length);
      const [first] = inquiry.differences(own);
      if (first === undefined) continue;
      if (kind.excused?.(drawn, own)) {
        excused++;
        continue;
      }
      const known = found.get(fieldOf(first));
      if (known) known.count++;
      else found.set(fieldOf(first), { drawn, count: 1 });
    }
    drawn += next.length;
    batch = next;
    if (performance.now() - said > PATIENCE) {
      said = performance.now();
      const rate = Math.round(asked / (said - begin) * 1000);
      progress(`${release} ${arch}: ${asked} ${kind.name}, ${rate} a second`);
    }
  }
  const seconds = (performance.now() - begin) / 1000;
  const disagreements: Disagreement[] = [];
  for (const { drawn, count } of found.values()) {
    disagreements.push({ ...await shrink(oracle, kind, drawn), count });
  }
  return { asked, excused, disagreements, seconds };
}

/** The name of what differs, without the values. */
function fieldOf(difference: string): string {
  return difference.replace(/0x[0-9a-f]+|\d+/g, "").replace(/\s+/g, " ");
}

/** Takes away what the disagreement does not need. */
async function shrink<T>(
  oracle: Pick<Oracle, "ask" | "built">,
  kind: Kind<T>,
  drawn: T,
): Promise<Omit<Disagreement, "count">> {
  const differencesOf = async (candidate: T) => {
    const inquiry = kind.inquire(candidate);
    if (inquiry === undefined) return [];
    const answers = await oracle.ask(inquiry.questions);
    const differences = inquiry.differences(answers);
    return kind.excused?.(candidate, answers) ? [] : differences;
  };
  let smallest = drawn;
  let differences = await differencesOf(drawn);
  for (let tries = 0, progress = true; progress;) {
    progress = false;
    for (const candidate of kind.smaller(smallest)) {
      if (tries++ === TRIES) break;
      const found = await differencesOf(candidate);
      if (found.length === 0) continue;
      smallest = candidate;
      differences = found;
      progress = true;
      break;
    }
  }
  return { yaml: kind.show(smallest), differences };
}
