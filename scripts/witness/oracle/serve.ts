/**
 * A kernel as one more implementation: requests of the profiles writer, vmcore
 * and fadump on stdin, as a line each or one for all of it, answers on stdout.
 *
 * @module
 */

import {
  phdrOffset,
  readEhdr,
  SIZEOF_EHDR,
  viewOf,
} from "../../../lib/elf/elf64.ts";
import { type ArchName, archOf } from "../../../lib/kernel/arch.ts";
import { parseCpulist } from "../../../lib/kernel/cpumask.ts";
import type { Range } from "../../../lib/kernel/range.ts";
import type { Case } from "../../../lib/spec/case.ts";
import { fadumpCase, type FadumpRequest } from "../../../lib/suite/fadump.ts";
import type { WriterRequest } from "../../../lib/suite/request.ts";
import type { VmcoreRequest } from "../../../lib/suite/vmcore.ts";
import { CommandError } from "../../command.ts";
import { buildOracle, type KernelSource } from "./build.ts";
import { inquireFadump, onRelease } from "./fadumps.ts";
import { Oracle } from "./kernel.ts";
import { askVmcore } from "./questions.ts";
import { headerWritten, inquireHeader } from "./subjects.ts";

/** Keys of an answer in the protocol jsonl. */
type Reply =
  | { readonly bytes: Uint8Array }
  | { readonly refused: string }
  | { readonly unsupported: string };

/** Exit codes of the protocol json. */
const REFUSED = 1;
const UNSUPPORTED = 3;

/** Answers until stdin ends. One request that no line feed ends is answered with bare bytes. */
export async function serve(
  source: KernelSource,
  cache: string,
): Promise<number> {
  const oracles = new Map<ArchName, Oracle>();
  const oracleOf = async (arch: ArchName) => {
    const known = oracles.get(arch);
    if (known) return known;
    const fresh = new Oracle(await buildOracle(source, arch, cache));
    oracles.set(arch, fresh);
    return fresh;
  };
  try {
    let unread = "";
    for await (
      const chunk of Deno.stdin.readable.pipeThrough(new TextDecoderStream())
    ) {
      const lines = (unread + chunk).split("\n");
      unread = lines.pop()!;
      for (const line of lines) {
        const request = JSON.parse(line);
        const reply = await replyTo(request, oracleOf);
        const answer = "bytes" in reply
          ? { bytes: reply.bytes.toBase64() }
          : reply;
        await write(
          new TextEncoder().encode(
            `${JSON.stringify({ id: request.id, ...answer })}\n`,
          ),
        );
      }
    }
    if (unread === "") return 0;
    const reply = await replyTo(JSON.parse(unread), oracleOf);
    if ("bytes" in reply) {
      await write(reply.bytes);
      return 0;
    }
    const refused = "refused" in reply;
    console.error(refused ? reply.refused : reply.unsupported);
    return refused ? REFUSED : UNSUPPORTED;
  } finally {
    for (const oracle of oracles.values()) await oracle.stop();
  }
}

async function write(bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await Deno.stdout.write(bytes.subarray(at));
  }
}

async function replyTo(
  request: WriterRequest | VmcoreRequest | FadumpRequest,
  oracleOf: (arch: ArchName) => Promise<Oracle>,
): Promise<Reply> {
  const arch = archOf(request.e_machine)?.name;
  if (arch === undefined) {
    return { unsupported: `no kernel of e_machine ${request.e_machine}` };
  }
  // A kernel reads its own memory; it has no way to be given nonsense.
  if (request.id.startsWith("invalid/")) {
    return { unsupported: "a kernel has no input that it could refuse" };
  }
  let oracle;
  try {
    oracle = await oracleOf(arch);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { unsupported: error.message };
  }
  if ("save_area" in request) return await dumpByFirmware(oracle, request);
  return "elfcorehdr" in request
    ? await makeHead(oracle, request)
    : await writeHeader(oracle, request);
}

async function dumpByFirmware(
  oracle: Oracle,
  request: FadumpRequest,
): Promise<Reply> {
  const spec = onRelease(fadumpCase(request), oracle.built.release);
  const inquiry = inquireFadump(spec);
  if (inquiry === undefined) {
    return { unsupported: "firmware decides, or the configuration does" };
  }
  const [{ error, bytes }] = await oracle.ask(inquiry.questions);
  return error === 0 ? { bytes } : { refused: `errno ${error}` };
}

async function makeHead(
  oracle: Oracle,
  { elfcorehdr, memory, ...request }: VmcoreRequest,
): Promise<Reply> {
  const pieces = memory.map(({ paddr, bytes }) => ({
    paddr: BigInt(paddr),
    bytes: Uint8Array.fromBase64(bytes),
  }));
  const header = Uint8Array.fromBase64(elfcorehdr);
  if (isCut(header)) {
    return { unsupported: "a kernel's memory has no end" };
  }
  const [{ error, bytes }] = await oracle.ask([
    askVmcore(header, pieces, {
      ...request,
      device_dumps: request.device_dumps.map(({ name, bytes }) => ({
        name,
        bytes: Uint8Array.fromBase64(bytes),
      })),
    }),
  ]);
  return error === 0 ? { bytes } : { refused: `errno ${error}` };
}

/** Returns true if a file ends before its program headers do. */
function isCut(header: Uint8Array): boolean {
  return header.length < SIZEOF_EHDR ||
    header.length < phdrOffset(readEhdr(viewOf(header)).e_phnum);
}

async function writeHeader(
  oracle: Oracle,
  request: WriterRequest,
): Promise<Reply> {
  const { release } = oracle.built;
  const machine = machineOf(request, release);
  const { crash_notes, cpus } = machine;
  const lacking = cpus.possible.find((cpu) =>
    !(crash_notes as Map<number, bigint>).has(cpu)
  );
  if (lacking !== undefined && request.policy === "present") {
    return {
      unsupported:
        `the request is for kernels before 6.6: it does not say where the notes of CPU ${lacking} are`,
    };
  }
  const answers = await oracle.ask(inquireHeader(machine).questions);
  const { error } = answers.at(-1)!;
  if (error !== 0) return { refused: `errno ${error}` };
  const bytes = headerWritten(machine, answers);
  return bytes
    ? { bytes }
    : { unsupported: `${release} does not write it again at an event` };
}

/** The machine that a request describes. */
function machineOf(request: WriterRequest, release: string): Case {
  const { inputs, notes, va, vmcoreinfo, kernel, backup } = request;
  const range = ([start, end]: readonly string[]): Range => ({
    start: BigInt(start),
    end: BigInt(end),
  });
  const regions = (
    ["crashkernel", "crashkernel_low", "rtas", "opal", "removed"] as const
  ).flatMap((key) => {
    const region = inputs[key];
    return region ? [[key, range(region)] as const] : [];
  });
  return {
    title: request.id,
    why: "A request.",
    rules: [],
    golden_from: "derived",
    arch: request.arch as ArchName,
    page_size: request.page_size,
    release,
    cpus: {
      possible: parseCpulist(inputs.possible),
      present: parseCpulist(inputs.present),
      online: parseCpulist(inputs.online),
    },
    crash_notes: new Map(
      notes.map(({ cpu, paddr }) => [cpu, BigInt(paddr)]),
    ),
    vmcoreinfo: { paddr: BigInt(vmcoreinfo.paddr) },
    ...kernel
      ? {
        kernel: {
          text: BigInt(kernel.vaddr),
          end: BigInt(kernel.vaddr) + BigInt(kernel.size),
          text_paddr: BigInt(kernel.paddr),
        },
      }
      : {},
    address: {
      page_offset: BigInt(va.page_offset),
      phys_offset: BigInt(va.phys_offset),
    },
    memory: {
      ...inputs.system_ram
        ? { system_ram: inputs.system_ram.map(range) }
        : { ranges: request.ranges.map(range) },
      ...Object.fromEntries(regions),
      ...inputs.crashkernel_cma
        ? { crashkernel_cma: inputs.crashkernel_cma.map(range) }
        : {},
    },
    ...backup === null ? {} : { backup: { start: BigInt(backup) } },
  };
}
