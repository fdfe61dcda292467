/**
 * The crash image that is loaded on a machine, as a bundle of
 * scripts/host/collect.sh shows it.
 *
 * @module
 */

import type { LoadCall } from "../../lib/spec/scenario.ts";
import type { ReadHead, ReadHost } from "./read_host.ts";

/** A row of `struct kexec_segment`. */
interface Segment {
  /** Source of the copy: an address of the kernel, or of the utility. */
  readonly buf: bigint;
  /** Physical address. */
  readonly mem: bigint;
  /** Bytes that are reserved. */
  readonly memsz: bigint;
}

/** A loaded image. */
export interface LoadedImage {
  /** False where the kernel says that none is loaded; undefined where it does not say. */
  readonly loaded?: boolean;
  /** The segment that is an elfcorehdr, as far as it was collected. */
  readonly header?: Uint8Array;
  /** System call of the load, where the table of segments was read. */
  readonly call?: LoadCall;
  /** True if pointer or header changed while they were collected. */
  readonly changed: boolean;
  /** True if the header was found by scanning: it may be one that was unloaded. */
  readonly scanned: boolean;
  /** Offset of each CPU's area, by CPU, and the pointer that is added to it. */
  readonly percpu?: {
    readonly crash_notes: bigint;
    readonly offsets: ReadonlyMap<number, bigint>;
  };
}

/** Bytes of a header with 65,535 program headers, and a page. */
const MOST_HEADER = 4 << 20;
/** The kernel half of the address space. */
const KERNEL_SPACE = 1n << 63n;

/** Reads what a bundle shows of the loaded image. */
export function readLoaded(read: ReadHost, head: ReadHead): LoadedImage {
  const flag = read("sys/kernel/kexec_crash_loaded") ??
    read("sys/kernel/kexec/crash_loaded");
  const log = read("collect") ?? "";
  const segments = readSegments(read("segments") ?? "");
  const loaded = flag === undefined ? undefined : flag.trim() !== "0";
  const header = /^header: none$/m.test(log)
    ? undefined
    : head("elfcorehdr", MOST_HEADER);
  refuseTorn(header, segments, read("elfcorehdr.paddr"));
  return {
    loaded,
    header,
    call: segments.length === 0 || loaded === false
      ? undefined
      : segments.every(({ buf }) => buf >= KERNEL_SPACE)
      ? "kexec_file_load"
      : "kexec_load",
    changed: /^twice: .* changed meanwhile/m.test(log),
    scanned: /^header: scan$/m.test(log),
    percpu: readPercpu(read("percpu") ?? ""),
  };
}

/** A header that is shorter than its segment was cut after it was collected. */
function refuseTorn(
  header: Uint8Array | undefined,
  segments: readonly Segment[],
  paddr: string | undefined,
): void {
  if (header === undefined || !/^[0-9a-f]{16}\n?$/.test(paddr ?? "")) return;
  const segment = segments.find(({ mem }) =>
    mem === BigInt(`0x${paddr!.trim()}`)
  );
  const size = Math.min(Number(segment?.memsz ?? 0n), MOST_HEADER);
  if (header.length >= size) return;
  throw new RangeError(
    `Cannot judge: elfcorehdr must have the ${size} bytes of its segment: it has ${header.length}. Collect again`,
  );
}

function readSegments(text: string): Segment[] {
  const row = /^([0-9a-f]{16}) ([0-9a-f]{16}) ([0-9a-f]{16}) ([0-9a-f]{16})$/gm;
  return [...text.matchAll(row)].map((found) => {
    const [buf, , mem, memsz] = found.slice(1).map((hex) => BigInt(`0x${hex}`));
    return { buf, mem, memsz };
  });
}

function readPercpu(text: string): LoadedImage["percpu"] {
  const pointer = /^crash_notes ([0-9a-f]{16})$/m.exec(text)?.[1];
  if (pointer === undefined) return undefined;
  return {
    crash_notes: BigInt(`0x${pointer}`),
    offsets: new Map(
      [...text.matchAll(/^(\d{1,6}) ([0-9a-f]{16})$/gm)].map((
        [, cpu, offset],
      ) => [Number(cpu), BigInt(`0x${offset}`)]),
    ),
  };
}
