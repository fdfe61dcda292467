/**
 * A loaded header beside the ones that known writers make of the machine now.
 *
 * @module
 */

import { type Elf64Phdr, PT_LOAD, PT_NOTE } from "../../lib/elf/elf64.ts";
import { ARCHES } from "../../lib/kernel/arch.ts";
import {
  decodeElfcorehdr,
  type Elfcorehdr,
} from "../../lib/kernel/read_header.ts";
import { encodeElfcorehdr } from "../../lib/kernel/write_header.ts";
import type { Case } from "../../lib/spec/case.ts";
import type { UtilityView } from "../../lib/spec/kexec_tools.ts";
import {
  encodeKexecTools,
  kexecToolsInput,
} from "../../lib/model/kexec_tools.ts";
import { resolveCase } from "../../lib/model/resolve.ts";
import { utilityMemory } from "../../lib/model/utility_memory.ts";
import type { HostFacts } from "./facts.ts";
import type { LoadedImage } from "./loaded.ts";

/** A writer whose bytes are known. */
export type HostWriter = "kernel" | "kexec-tools";

/**
 * Finds the writer that makes this header of the machine now. Fields that
 * depend on values which were not seen are not compared.
 */
export function writerOf(
  header: Elfcorehdr,
  machine: Case,
  facts: HostFacts,
  { call }: LoadedImage,
): HostWriter | undefined {
  const backup = header.phdrs.find(({ p_type, p_offset, p_paddr }) =>
    p_type === PT_LOAD && p_offset !== p_paddr
  );
  const kernel = ["kernel", () => byKernel(machine, backup)] as const;
  const utility = ["kexec-tools", () => byUtility(machine, backup)] as const;
  // If both write the same, the one that was called; at kexec_load both may.
  const candidates = call === "kexec_file_load"
    ? [kernel]
    : call === "kexec_load"
    ? [utility, kernel]
    : [kernel, utility];
  return candidates.find(([, write]) => {
    try {
      return isSame(decodeElfcorehdr(write()), header, facts);
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
  })?.[0];
}

function byKernel(machine: Case, backup: Elf64Phdr | undefined): Uint8Array {
  const start = machine.backup && backup ? backup.p_offset : 0n;
  const written = machine.backup ? { ...machine, backup: { start } } : machine;
  return encodeElfcorehdr(resolveCase(written));
}

/** The utility chooses the place of the copy when it loads; the header has it. */
function byUtility(machine: Case, backup: Elf64Phdr | undefined): Uint8Array {
  const { backup_src: src } = utilityMemory(machine);
  // A header without a copy is not the utility's, where there is low memory.
  const view: UtilityView = src
    ? { backup: { src, start: backup?.p_offset ?? 0n } }
    : {};
  return encodeKexecTools(kexecToolsInput(machine, view));
}

function isSame(
  expected: Elfcorehdr,
  got: Elfcorehdr,
  facts: HostFacts,
): boolean {
  const ehdr = Object.entries(expected.ehdr).every(([name, value]) => {
    const other = got.ehdr[name as keyof Elfcorehdr["ehdr"]];
    return String(other) === String(value);
  });
  if (!ehdr || expected.phdrs.length !== got.phdrs.length) return false;
  const kernel = ARCHES[facts.arch].kernel_map
    ? expected.phdrs.findIndex(({ p_type }) => p_type === PT_LOAD)
    : -1;
  return expected.phdrs.every((phdr, i) => {
    const hidden = hiddenFields(phdr, i === kernel, facts);
    return (Object.keys(phdr) as (keyof Elf64Phdr)[]).every((name) =>
      hidden.includes(name) || phdr[name] === got.phdrs[i][name]
    );
  });
}

/** Fields of a program header that depend on what was not seen. */
function hiddenFields(
  { p_type, p_paddr }: Elf64Phdr,
  isKernel: boolean,
  { kernel, page_offset, arch }: HostFacts,
): (keyof Elf64Phdr)[] {
  if (p_type === PT_NOTE) return p_paddr === 0n ? ["p_paddr", "p_offset"] : [];
  if (!isKernel) {
    return page_offset === undefined && arch !== "ppc64le" ? ["p_vaddr"] : [];
  }
  const { text, end, text_paddr } = kernel;
  return [
    ...text === undefined ? ["p_vaddr" as const] : [],
    ...text_paddr === undefined
      ? ["p_paddr" as const, "p_offset" as const]
      : [],
    ...end === undefined || text === undefined
      ? ["p_filesz" as const, "p_memsz" as const]
      : [],
  ];
}
