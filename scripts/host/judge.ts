/**
 * The judgement of a loaded header: whether a panic now would give a complete
 * dump, and the next step if not.
 *
 * @module
 */

import { ARCHES } from "../../lib/kernel/arch.ts";
import {
  decodeElfcorehdr,
  type Elfcorehdr,
  FormatError,
} from "../../lib/kernel/read_header.ts";
import type { LoadCall } from "../../lib/spec/scenario.ts";
import { type HostWriter, writerOf } from "./compare.ts";
import { type HostFacts, readFacts } from "./facts.ts";
import type { ReadHead, ReadHost } from "./read_host.ts";
import { type LoadedImage, readLoaded } from "./loaded.ts";
import { type Losses, lossesOf, wantedRam } from "./losses.ts";
import { machineOf } from "./machine.ts";
import { lostByCount, predict, predictBackup } from "./predict.ts";
import { describeLosses, formatRanges, unseenCpus } from "./words.ts";

/** Verdicts, the best first. */
export const VERDICTS = [
  "RIGHT",
  "COMPLETE",
  "STALE",
  "INCOMPLETE",
  "WRONG",
  "NOT LOADED",
  "NOT SEEN",
] as const;

/** A verdict. */
export type HostVerdict = typeof VERDICTS[number];

/** A judged machine. */
export interface Judgement {
  /** The verdict. */
  readonly verdict: HostVerdict;
  /** The reason, in a sentence. */
  readonly reason: string;
  /** The next step of an administrator; nothing to do if left out. */
  readonly next?: string;
  /** Release of the kernel, and its architecture. */
  readonly release: string;
  /** Architecture. */
  readonly arch: HostFacts["arch"];
  /** System call of the load, where it was seen. */
  readonly call?: LoadCall;
  /** The writer that makes these bytes of the machine now. */
  readonly writer?: HostWriter;
  /** Losses of a dump, if the header was seen. */
  readonly losses?: Losses;
  /** Known defects that a panic of this machine would show. */
  readonly predictions: readonly string[];
}

const NAMES = { kernel: "kernel", "kexec-tools": "kexec utility" } as const;

const RELOAD =
  "load the crash kernel again: `kdump-config reload` (Debian, Ubuntu), `kdumpctl reload` (Fedora, RHEL), `systemctl restart kdump` (SUSE)";

/**
 * Judges the header of a running machine.
 *
 * @param read Reads text files of a bundle.
 * @param head Reads binary files of it.
 * @param asRelease The release whose rules decide; the one that runs, if left out.
 * @throws {RangeError} If the bundle lacks architecture, release or masks.
 */
export function judgeHost(
  read: ReadHost,
  head: ReadHead,
  asRelease?: string,
): Judgement {
  const facts = readFacts(read, head);
  const image = readLoaded(read, head);
  const release = asRelease ?? facts.release;
  const about = {
    release,
    arch: facts.arch,
    ...image.call ? { call: image.call } : {},
    predictions: predict(facts, image, read),
  };
  if (image.loaded === false && isRegistered(read)) {
    return {
      ...about,
      verdict: "NOT SEEN",
      reason:
        "fadump is registered: firmware keeps the memory, and there is no header of kexec to judge",
    };
  }
  if (image.loaded === false) {
    return {
      ...about,
      verdict: "NOT LOADED",
      reason: "no crash kernel is loaded: a panic gives no dump",
      next: RELOAD.replace(" again", ""),
    };
  }
  const unseen = whyUnseen(image, read);
  if (unseen) return { ...about, verdict: "NOT SEEN", ...unseen };
  const decoded = decode(image.header!, facts);
  if (typeof decoded === "string") {
    return { ...about, verdict: "WRONG", reason: decoded, next: RELOAD };
  }
  const host = machineOf(facts, image, release);
  if (host === undefined) {
    return {
      ...about,
      verdict: "NOT SEEN",
      reason: "/proc/iomem or /sys/kernel/vmcoreinfo hides the machine",
      next: "collect as root",
    };
  }
  const losses = lossesOf(decoded, host, facts, image);
  // Firmware's regions, which only the device tree has, are not read.
  const decides = !ARCHES[facts.arch].backup &&
    (asRelease !== undefined || facts.release_decides);
  const writer = decides
    ? writerOf(decoded, host.machine, facts, image)
    : undefined;
  return {
    ...about,
    predictions: [...about.predictions, ...predictBackup(decoded, facts)],
    ...writer ? { writer } : {},
    losses,
    ...verdictOf(losses, writer, image, facts, read, decides),
  };
}

function whyUnseen(
  { header, changed, scanned }: LoadedImage,
  read: ReadHost,
): Pick<Judgement, "reason" | "next"> | undefined {
  if (changed) {
    return {
      reason: "the image changed while it was collected",
      next: "collect again",
    };
  }
  if (header !== undefined && !scanned) return undefined;
  const lockdown = /\[confidentiality\]/.test(
    read("sys/kernel/security/lockdown") ?? "",
  );
  if (lockdown) {
    return {
      reason: "lockdown=confidentiality: /proc/kcore is not readable",
      next: "boot with lockdown=integrity to see the header",
    };
  }
  if (scanned) {
    return {
      reason:
        "kexec_crash_image is hidden, and a header that was found by scanning may be one that was unloaded",
      next: "set kernel.kptr_restrict=1 and collect as root",
    };
  }
  const missing = /^not read: proc\/kcore: (.*)$/m.exec(read("collect") ?? "")
    ?.[1];
  return {
    reason: missing
      ? `/proc/kcore could not be read: ${missing}`
      : "no header could be read through /proc/kcore: it was collected without root, or the kernel unmaps the segments (arm64 before 6.5)",
    next:
      "collect as root on the host, not in a container, with kernel.kptr_restrict=1 and without lockdown=confidentiality",
  };
}

function decode(bytes: Uint8Array, { arch }: HostFacts): Elfcorehdr | string {
  try {
    const header = decodeElfcorehdr(bytes);
    const { e_machine } = header.ehdr;
    return e_machine === ARCHES[arch].e_machine
      ? header
      : `e_machine is ${e_machine}, and the machine is ${arch}`;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return error.message;
  }
}

/** Returns true if firmware-assisted dump is registered. */
function isRegistered(read: ReadHost): boolean {
  const flag = read("sys/kernel/fadump/registered") ??
    read("sys/kernel/fadump_registered");
  return flag?.trim() === "1";
}

function verdictOf(
  losses: Losses,
  writer: HostWriter | undefined,
  image: LoadedImage,
  facts: HostFacts,
  read: ReadHost,
  decides: boolean,
): Pick<Judgement, "verdict" | "reason" | "next"> {
  if (losses.wrong.length > 0) {
    return {
      verdict: "WRONG",
      reason: losses.wrong[0],
      next: writer
        ? `loading again does not help, since the ${
          NAMES[writer]
        } writes this; update it, or load by the other system call (kexec -p -s or -c)`
        : RELOAD,
    };
  }
  const lost = describeLosses(losses);
  if (lost !== undefined) return lostVerdict(lost, losses, image, facts, read);
  if (losses.gone.length > 0) {
    return {
      verdict: "STALE",
      reason: `nothing is lost, but ${
        formatRanges(losses.gone)
      } is listed and gone: its pages read as zeros`,
      next: RELOAD,
    };
  }
  if (writer) {
    return {
      verdict: "RIGHT",
      reason: `the ${NAMES[writer]} writes these bytes of this machine now${
        unseenCpus(losses)
      }`,
    };
  }
  return {
    verdict: "COMPLETE",
    reason: `nothing is lost; ${
      decides
        ? "no known writer makes these bytes"
        : "the bytes were not compared, since release and bundle do not decide them"
    }${unseenCpus(losses)}${
      wantedRam(facts)
        ? ""
        : "; RAM was not compared, since the reserved region was not seen"
    }`,
  };
}

/** A CPU beyond the count of the C library is lost at each load. */
function lostVerdict(
  lost: string,
  { online, present, missing }: Losses,
  { call }: LoadedImage,
  { cpus }: HostFacts,
  read: ReadHost,
): Pick<Judgement, "verdict" | "reason" | "next"> {
  const libc = read("libc.version");
  const count = new Set(lostByCount(cpus, libc));
  const cpusLost = [...online, ...present];
  const byCount = call === "kexec_load" && missing.length === 0 &&
    cpusLost.length > 0 && cpusLost.every((cpu) => count.has(cpu));
  if (byCount) {
    return {
      verdict: "INCOMPLETE",
      reason: `${lost}: the kexec utility counts present CPUs (R53)`,
      next:
        "load by kexec_file_load (kexec -p -s); loading again by kexec_load loses them again. If the CPUs were added after the load, loading again is enough",
    };
  }
  const either = call === "kexec_load" && libc === undefined &&
    cpusLost.length > 0;
  return {
    verdict: "STALE",
    reason: lost,
    next: either
      ? `${RELOAD}. If the CPUs are lost again, load by kexec_file_load (kexec -p -s)`
      : RELOAD,
  };
}
