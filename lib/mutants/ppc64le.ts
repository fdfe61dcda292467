/**
 * Mistakes that show on ppc64le alone: the backup of its first 64 KiB, its
 * firmware, a memory block that goes, and a list that is full.
 *
 * @module
 */

import { PHDR, phdrOffset } from "../elf/elf64.ts";
import { BACKUP_SRC } from "../kernel/arch.ts";
import { excludeRange, mergeRanges, sortRanges } from "../kernel/range.ts";
import { releasesOf } from "../spec/rules.ts";
import { bytes, collect, input, type Mistake, phdr } from "./kinds.ts";
import { mergeAdjacent, same } from "./ranges.ts";

/** Those of ppc64le. */
export const PPC64LE_MISTAKES: readonly Mistake[] = [
  input(
    "backup-never",
    "the backup address is never applied (powerpc from 2020 to 2026)",
    () => ({ backup: undefined }),
  ),
  phdr(
    "backup-everywhere",
    "the backup address is applied to every program header at 0",
    (phdr, _, { backup }) => backup !== undefined && phdr.p_paddr === 0n,
    "p_offset",
    (_, { backup }) => backup!,
  ),
  bytes(
    "backup-loads-only",
    "the backup address passes over a note at 0",
    (written, topology) => {
      const { backup, cpus, ranges, crash_notes } = topology;
      const zero = ranges.findIndex(({ start }) => start === 0n);
      const note = crash_notes.indexOf(0n);
      if (backup === undefined || note < 0) return;
      const view = new DataView(written.buffer);
      view.setBigUint64(64 + 56 * note + 8, 0n, true);
      if (zero >= 0) {
        view.setBigUint64(
          64 + 56 * (cpus.length + 1 + zero) + 8,
          backup,
          true,
        );
      }
    },
  ),
  bytes(
    "backup-by-paddr",
    "the backup address is in p_paddr, where it is to be in p_offset",
    (written, { backup, cpus, crash_notes, ranges }) => {
      const note = crash_notes.indexOf(0n);
      const zero = ranges.findIndex(({ start }) => start === 0n);
      const index = note >= 0 ? note : zero < 0 ? -1 : cpus.length + 1 + zero;
      if (backup === undefined || index < 0) return;
      const view = new DataView(written.buffer, phdrOffset(index));
      view.setBigUint64(PHDR.p_offset.at, 0n, true);
      view.setBigUint64(PHDR.p_paddr.at, backup, true);
    },
  ),
  phdr(
    "backup-in-paddr",
    "the backup address is written to p_paddr too",
    (phdr, _, { backup }) => backup !== undefined && phdr.p_offset === backup,
    "p_paddr",
    (_, { backup }) => backup!,
  ),
  phdr(
    "backup-first-load",
    "the backup address goes to the first PT_LOAD, wherever it is",
    (_, index, { cpus, backup }) =>
      backup !== undefined && index === cpus.length + 1,
    "p_offset",
    (_, { backup }) => backup!,
  ),
  collect(
    "backup-not-split",
    "the first 64 KiB have no PT_LOAD of their own",
    (_, { arch, ranges }) => {
      const [first, second, ...rest] = ranges;
      return arch.backup && second?.start === BACKUP_SRC.end + 1n
        ? [{ start: first.start, end: second.end }, ...rest]
        : ranges;
    },
  ),
  collect(
    "backup-only-with-ram",
    "the first 64 KiB have no PT_LOAD where no memory begins at 0",
    (memory, { arch, ranges }) =>
      arch.backup && memory.system_ram[0].start !== 0n
        ? ranges.slice(1)
        : ranges,
  ),
  collect(
    "backup-as-large-as-ram",
    "the first PT_LOAD ends where the first memblock ends, if that is below 64 KiB",
    (
      { system_ram: [first] },
      { arch, ranges: [backup, ...rest] },
    ) =>
      arch.backup && first.start === 0n && first.end < BACKUP_SRC.end
        ? [{ start: 0n, end: first.end }, ...rest]
        : [backup, ...rest].filter((range) => range !== undefined),
  ),
  collect(
    "rtas-dropped",
    "RTAS in the crashkernel region is left out",
    ({ rtas: _, ...memory }, { arch }) => arch.ranges(memory),
  ),
  collect(
    "opal-dropped",
    "OPAL in the crashkernel region is left out",
    ({ opal: _, ...memory }, { arch }) => arch.ranges(memory),
  ),
  collect(
    "firmware-last",
    "firmware is not sorted in (powerpc before 202b5de3ec34)",
    ({ rtas, opal }, { ranges }) => {
      const firmware = ranges.filter(({ start }) =>
        start === rtas?.start || start === opal?.start
      );
      return [
        ...ranges.filter((range) => !firmware.includes(range)),
        ...firmware,
      ];
    },
  ),
  collect(
    "firmware-merged",
    "firmware ranges that touch are joined",
    (_, { arch, ranges }) =>
      arch.backup ? [ranges[0], ...mergeAdjacent(ranges.slice(1))] : ranges,
  ),
  collect(
    "firmware-not-widening",
    "firmware that overlaps RAM is added, not merged into it",
    (memory, { arch, ranges }) => {
      const bare = arch.ranges({ ...memory, rtas: undefined, opal: undefined });
      const added = [memory.rtas, memory.opal].filter((range) =>
        range !== undefined
      );
      return arch.backup && ranges.length === bare.length && added.length > 0 &&
          !same(ranges, bare)
        ? sortRanges([...bare, ...added])
        : ranges;
    },
  ),
  collect(
    "removed-kept",
    "a memory block going offline stays in",
    ({ removed: _, ...memory }, { arch }) => arch.ranges(memory),
  ),
  collect(
    "removed-right",
    `a block removed from the middle of a range leaves the right rest (${
      releasesOf("R71", "ppc64le")
    })`,
    (memory, { arch, ranges }) =>
      memory.removed
        ? excludeRange(
          arch.ranges({ ...memory, removed: undefined }),
          memory.removed,
        )
        : ranges,
  ),
  collect(
    "memblocks-merged",
    "adjacent memblocks are joined before the list is full",
    (memory, { arch, ranges }) =>
      arch.backup
        ? arch.ranges({ ...memory, system_ram: mergeRanges(memory.system_ram) })
        : ranges,
  ),
  collect(
    "memblocks-never-merged",
    "adjacent memblocks stay apart when the list is full",
    (memory, { arch, ranges }) =>
      arch.backup && memory.system_ram.length >= 127 && ranges.length < 127
        ? [BACKUP_SRC, ...memory.system_ram]
        : ranges,
  ),
];
