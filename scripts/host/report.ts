/**
 * A judgement as text and as JSON.
 *
 * @module
 */

import type { DumpJudgement } from "./dump.ts";
import type { HostVerdict, Judgement } from "./judge.ts";
import { formatRanges, formatSize } from "./words.ts";
import { sizeOf } from "../../lib/kernel/range.ts";
import { hex } from "../../lib/spec/shape.ts";

/** Exit codes: 2 is bad input. */
export const EXIT_CODES: Readonly<Record<HostVerdict, number>> = {
  RIGHT: 0,
  COMPLETE: 0,
  STALE: 1,
  INCOMPLETE: 1,
  WRONG: 1,
  "NOT LOADED": 1,
  "NOT SEEN": 3,
};

/** Formats a judgement; its first line is the verdict. */
export function formatJudgement(judgement: Judgement): string {
  const { verdict, reason, next, release, arch, call, predictions } = judgement;
  return [
    `${verdict}: ${reason}`,
    `kernel ${release} on ${arch}${call ? `, loaded by ${call}` : ""}`,
    ...judgement.losses?.wrong.slice(1).map((line) => `wrong: ${line}`) ?? [],
    ...predictions.map((line) => `known defect: ${line}`),
    ...next ? [`next: ${next}`] : [],
  ].join("\n") + "\n";
}

/** Formats a dump beside its machine. */
export function formatDump(dump: DumpJudgement): string {
  const { differs, cpus, online, missing, ram, wrong } = dump;
  if (differs.length > 0) {
    return `ANOTHER BOOT: the dump is not of the machine in the bundle: ${
      differs.join(", ")
    } differ\n`;
  }
  const lacks = missing && sizeOf(missing) > 0n
    ? `, and lacks ${formatSize(sizeOf(missing))} of ${formatSize(ram)}: ${
      formatRanges(missing)
    }`
    : "";
  return `${
    wordOf(dump)
  }: the dump has the registers of ${cpus} of ${online} online CPUs${lacks}${
    missing
      ? ""
      : "; its memory was not compared, since dump or bundle do not list it"
  }${wrong.map((line) => `; ${line}`).join("")}\n`;
}

/** Exit code of a dump: 2 for another boot, 3 where its memory could not be compared. */
export function exitOfDump(dump: DumpJudgement): number {
  return { "ANOTHER BOOT": 2, PARTIAL: 1, "NOT COMPARED": 3, WHOLE: 0 }[
    wordOf(dump)
  ];
}

/** The first word on a dump. */
function wordOf(
  dump: DumpJudgement,
): "ANOTHER BOOT" | "PARTIAL" | "NOT COMPARED" | "WHOLE" {
  const { differs, cpus, online, missing, wrong } = dump;
  if (differs.length > 0) return "ANOTHER BOOT";
  if (cpus < online || wrong.length > 0) return "PARTIAL";
  if (missing === undefined) return "NOT COMPARED";
  return missing.length > 0 ? "PARTIAL" : "WHOLE";
}

/** True for a dump of the same boot that lacks nothing that can be seen. */
export function isWhole(dump: DumpJudgement): boolean {
  return wordOf(dump) === "WHOLE";
}

/** Formats both as JSON, addresses as hex strings; its schema is spec/judgement.schema.json. */
export function toJson(judgement: Judgement, dump?: DumpJudgement): string {
  const plain = {
    ...judgement,
    exit_code: EXIT_CODES[judgement.verdict],
    ...dump ? { dump: { ...dump, whole: isWhole(dump) } } : {},
  };
  return JSON.stringify(
    plain,
    (_, value) => typeof value === "bigint" ? hex(value) : value,
    1,
  ) + "\n";
}
